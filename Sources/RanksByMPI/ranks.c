/* The thread that makes all calls of MPI, and the table that hands it work. */
#include "ranks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

ranks_state ranks_by_mpi = {.lock = PTHREAD_MUTEX_INITIALIZER};

double ranks_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- ended from outside ------------------------------------------------------------------------------------------ */

static char ended[320];

static void tell_end(int number) {
  ssize_t written = write(STDERR_FILENO, ended, strlen(ended));
  (void)written;
  _exit(128 + number);
}

/* mpirun ends the other ranks when one has died; each says so. */
static void watch_signals(void) {
  struct sigaction action, old;
  snprintf(ended, sizeof ended,
           "rank %d of %d: ended from outside, as mpirun does when another rank has died; started again, the run goes on "
           "from its last checkpoint\n",
           ranks_by_mpi.rank, ranks_by_mpi.count);
  memset(&action, 0, sizeof action);
  action.sa_handler = tell_end;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTERM, NULL, &old) == 0 && old.sa_handler == SIG_DFL) sigaction(SIGTERM, &action, NULL);
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

int ranks_is_aborting(void) {
  pthread_mutex_lock(&ranks_by_mpi.lock);
  const int is_aborting = ranks_by_mpi.is_aborting;
  pthread_mutex_unlock(&ranks_by_mpi.lock);
  return is_aborting;
}

static void abort_if_asked(void) {
  if (ranks_is_aborting()) MPI_Abort(MPI_COMM_WORLD, ranks_by_mpi.exit_code);
}

/* MPI goes on only when it is called. The pauses become longer, for the processor is wanted by those who compute. */
int ranks_complete(MPI_Request *requests, int count, char *trouble, size_t size) {
  const double start = ranks_now();
  for (long turn = 0;; turn++) {
    int is_done = 0;
    MPI_Testall(count, requests, &is_done, MPI_STATUSES_IGNORE);
    if (is_done) return 0;
    if (turn < 8) continue;
    const double waited = ranks_now() - start;
    ranks_beat();
    abort_if_asked();
    if (waited > ranks_by_mpi.patience) {
      snprintf(trouble, size,
               "the other ranks did not come to it in %.0f seconds (TENSORC_MPI_TIMEOUT): all ranks must call the same "
               "functions, in the same order",
               waited);
      return 1;
    }
    struct timespec pause = {0, waited < 1e-3 ? 20000 : waited < 0.1 ? 50000 : 500000};
    nanosleep(&pause, NULL);
  }
}

static void finish(ranks_request *request) {
  ranks_state *state = &ranks_by_mpi;
  pthread_mutex_lock(&state->lock);
  if (request->trouble[0] && !state->trouble[0]) memcpy(state->trouble, request->trouble, sizeof state->trouble);
  request->is_done = 1;
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
}

/* The next request; null once there is none and the process is closing. */
static ranks_request *take(void) {
  ranks_state *state = &ranks_by_mpi;
  ranks_request *request = NULL;
  pthread_mutex_lock(&state->lock);
  while (!(request = state->first) && !state->is_closing && !state->is_aborting) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 250 * 1000 * 1000;
    if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
    pthread_cond_timedwait(&state->changed, &state->lock, &until);
    if (!state->first) {
      pthread_mutex_unlock(&state->lock);
      ranks_beat();
      pthread_mutex_lock(&state->lock);
    }
  }
  if (request && !(state->first = request->next)) state->last = NULL;
  pthread_mutex_unlock(&state->lock);
  return request;
}

static void close_mpi(void) {
  char trouble[512];
  MPI_Request request;
  MPI_Ibarrier(ranks_by_mpi.data, &request);
  if (ranks_complete(&request, 1, trouble, sizeof trouble)) {
    fprintf(stderr, "rank %d of %d: at the end, %s\n", ranks_by_mpi.rank, ranks_by_mpi.count, trouble);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  ranks_end_beats();
  MPI_Finalize();
}

static void *serve(void *opened) {
  ranks_state *state = &ranks_by_mpi;
  int level = 0;
  MPI_Comm local;
  int failed = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS;
  if (!failed) {
    MPI_Comm_dup(MPI_COMM_WORLD, &state->data);
    MPI_Comm_dup(MPI_COMM_WORLD, &state->beats);
    MPI_Comm_rank(MPI_COMM_WORLD, &state->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &state->count);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local);
    MPI_Comm_size(local, &state->local_count);
    MPI_Comm_free(&local);
    if (state->count > 1) watch_signals();
    ranks_begin_beats();
  }
  pthread_mutex_lock(&state->lock);
  *(int *)opened = failed ? -1 : 1;
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
  if (failed) return NULL;
  for (ranks_request *request; (request = take());) {
    /* What came before has failed here, and perhaps not elsewhere: nothing fits together any more. */
    ranks_beat();
    if (state->trouble[0]) memcpy(request->trouble, state->trouble, sizeof request->trouble);
    else ranks_exchange(&request->what, request->trouble, sizeof request->trouble);
    finish(request);
  }
  abort_if_asked();
  close_mpi();
  return NULL;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static int32_t fail(tensorc_error *error, const char *text) {
  if (error) snprintf(error->text, sizeof error->text, "%s", text);
  return 1;
}

static int32_t start(void *context, const tensorc_collective *what, void **handle, tensorc_error *error) {
  ranks_state *state = context;
  const size_t parts = sizeof(tensorc_part) * what->part_count;
  ranks_request *request = calloc(1, sizeof *request + parts);
  if (!request) return fail(error, "there is no memory for what the ranks exchange");
  request->what = *what;
  if (parts) memcpy(request->parts, what->parts, parts);
  request->what.parts = request->parts;
  pthread_mutex_lock(&state->lock);
  if (state->last) state->last->next = request;
  else state->first = request;
  state->last = request;
  pthread_cond_broadcast(&state->changed);
  pthread_mutex_unlock(&state->lock);
  *handle = request;
  return 0;
}

/* A request that failed ends the table; the thread is done with the memory of all others when it says so. */
static int32_t wait_for(void *context, void *handle, tensorc_error *error) {
  ranks_state *state = context;
  ranks_request *request = handle;
  pthread_mutex_lock(&state->lock);
  while (!request->is_done) pthread_cond_wait(&state->changed, &state->lock);
  while (state->trouble[0] && state->first) pthread_cond_wait(&state->changed, &state->lock);
  pthread_mutex_unlock(&state->lock);
  const int32_t code = request->trouble[0] ? fail(error, request->trouble) : 0;
  free(request);
  return code;
}

/* ---- opening and closing ----------------------------------------------------------------------------------------- */

int ranks_by_mpi_are_launched(void) {
  const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (getenv(names[i])) return 1;
  return 0;
}

int ranks_by_mpi_open(char *text, size_t size) {
  ranks_state *state = &ranks_by_mpi;
  const char *const patience = getenv("TENSORC_MPI_TIMEOUT");
  pthread_condattr_t clock;
  volatile int opened = 0;
  if (state->is_open) return snprintf(text, size, "MPI can be started once in a process"), 1;
  state->is_open = 1;
  state->patience = patience && atof(patience) > 0 ? atof(patience) : 600;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&state->changed, &clock);
  pthread_mutex_lock(&state->lock);
  if (pthread_create(&state->thread, NULL, serve, (void *)&opened)) {
    pthread_mutex_unlock(&state->lock);
    return snprintf(text, size, "there is no thread for MPI"), 1;
  }
  while (!opened) pthread_cond_wait(&state->changed, &state->lock);
  pthread_mutex_unlock(&state->lock);
  if (opened < 0) return snprintf(text, size, "MPI does not start: is the program run by mpirun of the same OpenMPI?"), 1;
  const tensorc_ranks table = {sizeof table, state->rank, state->count, state, start, wait_for};
  state->table = table;
  return 0;
}

const void *ranks_by_mpi_table(void) { return &ranks_by_mpi.table; }

int ranks_by_mpi_local_count(void) { return ranks_by_mpi.local_count; }

static void end(int *flag) {
  pthread_mutex_lock(&ranks_by_mpi.lock);
  *flag = 1;
  pthread_cond_broadcast(&ranks_by_mpi.changed);
  pthread_mutex_unlock(&ranks_by_mpi.lock);
  pthread_join(ranks_by_mpi.thread, NULL);
}

void ranks_by_mpi_close(void) { end(&ranks_by_mpi.is_closing); }

void ranks_by_mpi_abort(int code) {
  ranks_by_mpi.exit_code = code;
  end(&ranks_by_mpi.is_aborting);
  _exit(code);
}
