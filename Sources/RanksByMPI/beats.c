/* Signs of life: each rank sends one to the next every second, and expects them from the one before. A rank that is not
 * heard of for some seconds has died with its machine, or hangs; the run ends then. (One that dies alone is noticed by
 * mpirun at once, which ends the others.) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ranks.h"

static const double every = 1; /* seconds */
static double longest;

static struct {
  MPI_Request send, receive;
  char sent, received;
  double last_sent, last_heard, last_look;
  int has_ended; /* whether the one before said that it is done */
} beats;

static int next(void) { return (ranks_by_mpi.rank + 1) % ranks_by_mpi.count; }
static int previous(void) { return (ranks_by_mpi.rank + ranks_by_mpi.count - 1) % ranks_by_mpi.count; }

static void listen(void) { MPI_Irecv(&beats.received, 1, MPI_BYTE, previous(), 0, ranks_by_mpi.beats, &beats.receive); }

void ranks_begin_beats(void) {
  const char *const silence = getenv("TENSORC_MPI_SILENCE");
  longest = silence && atof(silence) > 2 ? atof(silence) : 6;
  memset(&beats, 0, sizeof beats);
  beats.send = MPI_REQUEST_NULL;
  beats.last_heard = beats.last_look = ranks_now();
  listen();
}

static void hear(double now) {
  int is_there = 1;
  while (is_there && !beats.has_ended) {
    MPI_Test(&beats.receive, &is_there, MPI_STATUS_IGNORE);
    if (!is_there) return;
    beats.last_heard = now;
    if (beats.received) beats.has_ended = 1;
    else listen();
  }
}

static void say(char what, double now) {
  int is_gone = 1;
  if (beats.send != MPI_REQUEST_NULL) MPI_Test(&beats.send, &is_gone, MPI_STATUS_IGNORE);
  /* While the next one does not listen, one message waits for it. */
  if (!is_gone) return;
  beats.sent = what;
  beats.last_sent = now;
  MPI_Isend(&beats.sent, 1, MPI_BYTE, next(), 0, ranks_by_mpi.beats, &beats.send);
}

void ranks_beat(void) {
  const double now = ranks_now();
  hear(now);
  /* Who was stopped itself has not heard of anybody; it gives the others time first. */
  if (now - beats.last_look > 2) beats.last_heard = now;
  beats.last_look = now;
  if (now - beats.last_sent >= every) say(0, now);
  if (beats.has_ended || now - beats.last_heard < longest) return;
  char text[320];
  snprintf(text, sizeof text,
           "rank %d of %d: rank %d has not been heard of for %.0f seconds: it has died or hangs. The run ends; started "
           "again, it goes on from its last checkpoint\n",
           ranks_by_mpi.rank, ranks_by_mpi.count, previous(), longest);
  fputs(text, stderr);
  fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

/* All ranks are here. The last word of each is waited for, so that nothing is under way when MPI ends. */
void ranks_end_beats(void) {
  MPI_Wait(&beats.send, MPI_STATUS_IGNORE);
  say(1, ranks_now());
  while (!beats.has_ended) {
    MPI_Wait(&beats.receive, MPI_STATUS_IGNORE);
    if (beats.received) beats.has_ended = 1;
    else listen();
  }
  MPI_Wait(&beats.send, MPI_STATUS_IGNORE);
}
