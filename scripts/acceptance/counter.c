/* Preloaded, counts what a process allocates, on any thread: the functions of libc that give memory, and mmap.
 *
 *     cc -O2 -shared -fPIC counter.c -o counter.so -ldl;  LD_PRELOAD=./counter.so driver … */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

static atomic_long count;

long allocations(void) { return atomic_load(&count); }

/* What libc calls itself. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  atomic_fetch_add(&count, 1);
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  atomic_fetch_add(&count, 1);
  return __libc_calloc(items, size);
}

void *realloc(void *block, size_t size) {
  atomic_fetch_add(&count, 1);
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  atomic_fetch_add(&count, 1);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
  static void *(*next)(void *, size_t, int, int, int, off_t);
  atomic_fetch_add(&count, 1);
  if (!next) {
    void *found = dlsym(RTLD_NEXT, "mmap");
    memcpy(&next, &found, sizeof next);
  }
  return next(address, size, protection, flags, file, offset);
}
