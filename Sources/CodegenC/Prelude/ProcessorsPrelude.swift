extension Prelude {
  /// How many threads a call may use.
  static let processors = #"""
    /* The other half of the "threads" piece: how many threads this process may use, found once in `create`. OpenMP
     * runtimes know the affinity mask but not the cgroup's quota, and a team larger than the quota is throttled, usually
     * while the rest of it waits at a barrier. */

    #if !defined(TENSORC_THREADS_NONE) && defined(__linux__)

    /* The text of a small file, or an empty string. */
    TC_FN void tc_read(const char *path, char *text, size_t size)
    {
        size_t length = 0;
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            ssize_t got;
            while (length + 1 < size && (got = read(file, text + length, size - 1 - length)) > 0) length += (size_t)got;
            close(file);
        }
        text[length] = 0;
    }

    /* Whole processors that one cgroup directory grants, or INT32_MAX. Rounded down: a fraction of a processor would be
     * used up before the period ends, and all threads would wait for the one that is stopped. */
    TC_FN int tc_cgroup_quota(const char *directory, int version)
    {
        char path[4352], text[64], *rest = text;
        snprintf(path, sizeof path, "%s/%s", directory, version == 2 ? "cpu.max" : "cpu.cfs_quota_us");
        tc_read(path, text, sizeof text);
        long quota = strtol(text, &rest, 10); /* "max 100000", "-1" and a missing file all give no positive number */
        if (quota <= 0) return INT32_MAX;
        if (version == 1) {
            snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
            tc_read(path, text, sizeof text);
            rest = text;
        }
        long period = strtol(rest, NULL, 10);
        if (period <= 0) return INT32_MAX;
        long whole = quota / period;
        return whole < 1 ? 1 : whole < INT32_MAX ? (int)whole : INT32_MAX;
    }

    /* The smallest quota among the process's cgroup and its ancestors. A container often sees its own cgroup mounted as
     * the root while the membership file names a path of the host: directories that do not exist grant everything, and
     * the walk ends at the root, which is then the container's. */
    TC_FN int tc_cgroup_limit(const char *membership, const char *root)
    {
        char lines[4096], directory[4224];
        int limit = INT32_MAX;
        tc_read(membership, lines, sizeof lines);
        for (char *line = lines, *next; *line; line = next) {
            /* hierarchy:controllers:path */
            next = line + strcspn(line, "\n");
            if (*next) *next++ = 0;
            char *controllers = strchr(line, ':');
            char *path = controllers ? strchr(controllers + 1, ':') : NULL;
            if (!path) continue;
            *path++ = 0;
            int version = 2;
            if (*++controllers) {
                version = 1;
                while (controllers && strncmp(controllers, "cpu,", 4) != 0 && strcmp(controllers, "cpu") != 0)
                    if ((controllers = strchr(controllers, ','))) controllers++;
                if (!controllers) continue;
            }
            size_t base = strlen(root) + (version == 1 ? 4 : 0);
            int length = snprintf(directory, sizeof directory, "%s%s%s", root, version == 1 ? "/cpu" : "", path);
            if (length < 0 || (size_t)length >= sizeof directory) continue;
            for (char *cut = directory + length; cut; cut = strrchr(directory + base, '/')) {
                *cut = 0;
                int quota = tc_cgroup_quota(directory, version);
                if (quota < limit) limit = quota;
            }
        }
        return limit;
    }
    #endif

    /* The most threads a call may use: the processors online, the affinity mask, the cgroup's quota. */
    TC_FN int tc_available_threads(void)
    {
    #ifdef TENSORC_THREADS_NONE
        return 1;
    #elif defined(TC_PROCESSORS)
        return TC_PROCESSORS; /* for tests of more threads than there are processors */
    #else
        long available = sysconf(_SC_NPROCESSORS_ONLN);
        if (available < 1) available = 1;
    #ifdef __linux__
        /* The system call itself: libc's wrapper wants _GNU_SOURCE and stops at 1024 processors. */
        unsigned long mask[128] = {0};
        long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask), allowed = 0;
        for (size_t i = 0; bytes > 0 && i < sizeof mask / sizeof *mask; i++)
            for (unsigned long left = mask[i]; left; left &= left - 1) allowed++;
        if (allowed > 0 && allowed < available) available = allowed;
        long quota = tc_cgroup_limit("/proc/self/cgroup", "/sys/fs/cgroup");
        if (quota < available) available = quota;
    #endif
        return (int)available;
    #endif
    }

    /* The threads of one call: what the caller asked for, at most what there is; 0 asks for all of it. */
    TC_FN int tc_threads(int requested, int available)
    {
        return requested > 0 && requested < available ? requested : available;
    }

    """#
}
