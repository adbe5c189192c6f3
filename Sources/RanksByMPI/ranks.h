/* What the files of this module share. */
#ifndef RANKS_H
#define RANKS_H

#include <mpi.h>
#include <pthread.h>
#include <stdint.h>

#include "ranks_by_mpi.h"
#include "tensorc.h"

/* Something that was begun: a copy of what the caller described, and how it came out. */
typedef struct ranks_request {
  struct ranks_request *next;
  tensorc_collective what;
  int is_done;
  char trouble[512]; /* empty where all went well */
  tensorc_part parts[];
} ranks_request;

/* One to a process. What stands below the lock is read and written under it. */
typedef struct {
  int rank, count, local_count;
  double patience;  /* seconds that ranks may take to come to what one has begun */
  MPI_Comm data, beats;
  pthread_t thread;
  tensorc_ranks table;

  pthread_mutex_t lock;
  pthread_cond_t changed;
  ranks_request *first, *last;
  int is_open, is_closing, is_aborting, exit_code;
  char trouble[512]; /* why nothing goes any more, or empty */
} ranks_state;

extern ranks_state ranks_by_mpi;

double ranks_now(void);

/* Whether the thread is asked to end all ranks. */
int ranks_is_aborting(void);

/* Waits for requests of MPI while the ranks hear of each other. Returns 0, or 1 with what is wrong. */
int ranks_complete(MPI_Request *requests, int count, char *trouble, size_t size);

/* Does what was begun. Returns 0, or 1 with what is wrong. */
int ranks_exchange(const tensorc_collective *what, char *trouble, size_t size);

/* Signs of life, sent to the next rank and expected from the one before. */
void ranks_begin_beats(void);
void ranks_beat(void);
void ranks_end_beats(void);

#endif
