/* A compiled library with collectives, called from C by two threads that are its ranks: a table of functions as a program of
 * one's own would have it. See scripts/acceptance/mpi.py, which compiles it with sanitizers. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "step.h"

enum { RANKS = 2, ROWS = 3 };

typedef struct {
  pthread_barrier_t meeting;
  tensorc_collective of[RANKS]; /* what each rank came to */
  int open[RANKS], most;        /* requests that are not waited for yet */
  int fails;
} world;

typedef struct {
  world *all;
  int rank;
} member;

static int32_t start(void *context, const tensorc_collective *what, void **request, tensorc_error *error) {
  member *own = context;
  if (own->all->fails) {
    snprintf(error->text, sizeof error->text, "the network is gone");
    return 1;
  }
  /* What `what` points at lasts until we return. */
  tensorc_collective *copy = malloc(sizeof *copy);
  tensorc_part *parts = malloc(sizeof *parts * what->part_count);
  memcpy(parts, what->parts, sizeof *parts * what->part_count);
  *copy = *what;
  copy->parts = parts;
  *request = copy;
  own->all->open[own->rank]++;
  if (own->rank == 0 && own->all->open[0] > own->all->most) own->all->most = own->all->open[0];
  return 0;
}

static float element(const void *data, uint64_t place) {
  float value;
  memcpy(&value, (const char *)data + place * sizeof value, sizeof value);
  return value;
}

/* All ranks are here: each adds up for itself, in the order of the ranks. */
static int32_t wait_for(void *context, void *request, tensorc_error *error) {
  (void)error;
  member *own = context;
  tensorc_collective *what = request;
  own->all->of[own->rank] = *what;
  pthread_barrier_wait(&own->all->meeting);
  for (uint32_t part = 0; part < what->part_count; part++)
    for (uint64_t i = 0; i < what->parts[part].count; i++) {
      float sum = element(own->all->of[0].parts[part].send, i);
      for (int rank = 1; rank < RANKS; rank++) sum += element(own->all->of[rank].parts[part].send, i);
      if (what->reduction == TENSORC_RANK_MEAN) sum /= RANKS;
      memcpy((char *)what->parts[part].receive + i * sizeof sum, &sum, sizeof sum);
    }
  pthread_barrier_wait(&own->all->meeting);
  own->all->open[own->rank]--;
  free((void *)what->parts);
  free(what);
  return 0;
}

/* The weights of a step on rows of ones, or a code. */
static int32_t run(const tensorc_ranks *ranks, uint64_t size, float scale, float *weights, tensorc_error *error) {
  float x[ROWS * 2], w[4] = {0}, b[2] = {0};
  int64_t x_size[] = {ROWS, 2}, w_size[] = {2, 2}, b_size[] = {2}, out_sizes[2][2];
  for (int i = 0; i < ROWS * 2; i++) x[i] = scale * (float)(i + 1);
  tensorc_tensor inputs[] = {{x, sizeof x, TENSORC_F32, 2, x_size, NULL},
                             {w, sizeof w, TENSORC_F32, 2, w_size, NULL},
                             {b, sizeof b, TENSORC_F32, 1, b_size, NULL}};
  tensorc_tensor outputs[] = {{weights, 4 * sizeof(float), TENSORC_F32, 2, out_sizes[0], NULL},
                              {weights + 4, 2 * sizeof(float), TENSORC_F32, 1, out_sizes[1], NULL}};
  tensorc_call call = {.size = size, .inputs = inputs, .outputs = outputs, .input_count = 3, .output_count = 2, .threads = 2};
  if (size == sizeof call) call.ranks = ranks;
  uint64_t bytes = 0;
  const tensorc_model *model = step_create(NULL, error);
  int32_t code = step_workspace_size(model, &call, &bytes, error);
  if (code) return code;
  call.workspace = malloc(bytes + 1);
  call.workspace_size = bytes;
  code = step_run(model, &call, error);
  free(call.workspace);
  return code;
}

typedef struct {
  member own;
  tensorc_ranks table;
  float weights[6];
  int32_t code;
  tensorc_error error;
} rank_thread;

static void *rank(void *argument) {
  rank_thread *own = argument;
  own->error.size = sizeof own->error;
  own->code = run(&own->table, sizeof(tensorc_call), (float)(own->own.rank + 1), own->weights, &own->error);
  return NULL;
}

static void run_all(world *all, rank_thread *ranks) {
  pthread_t threads[RANKS];
  memset(ranks, 0, sizeof *ranks * RANKS);
  for (int i = 0; i < RANKS; i++) {
    ranks[i].own = (member){all, i};
    ranks[i].table = (tensorc_ranks){sizeof(tensorc_ranks), i, RANKS, &ranks[i].own, start, wait_for};
    pthread_create(&threads[i], NULL, rank, &ranks[i]);
  }
  for (int i = 0; i < RANKS; i++) pthread_join(threads[i], NULL);
}

static int fail(const char *text) {
  fprintf(stderr, "ranks.c: %s\n", text);
  return 1;
}

int main(void) {
  world all = {.fails = 0};
  rank_thread ranks[RANKS];
  float alone[2][6];
  tensorc_error error = {.size = sizeof error};
  pthread_barrier_init(&all.meeting, NULL, RANKS);
  /* By themselves: without a table, and with the struct of a caller that knows of none. */
  if (run(NULL, sizeof(tensorc_call), 1, alone[0], &error)) return fail(error.text);
  if (run(NULL, sizeof(tensorc_call) - sizeof(void *), 2, alone[1], &error)) return fail(error.text);
  run_all(&all, ranks);
  for (int i = 0; i < RANKS; i++) {
    if (ranks[i].code) return fail(ranks[i].error.text);
    for (int j = 0; j < 6; j++)
      if (ranks[i].weights[j] != (j < 4 ? alone[0][j] + alone[1][j] : (alone[0][j] + alone[1][j]) / RANKS))
        return fail("the ranks did not get the sum and the mean");
    if (all.open[i]) return fail("a request was not waited for");
  }
  if (all.most < 2) return fail("no two requests were under way at once");
  all.fails = 1;
  run_all(&all, ranks);
  for (int i = 0; i < RANKS; i++)
    if (ranks[i].code != TENSORC_RANKS_FAILED || !strstr(ranks[i].error.text, "the network is gone"))
      return fail("the failure of a table was not told");
  return 0;
}
