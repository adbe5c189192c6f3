/* The ranks of MPI_COMM_WORLD as compiled libraries take them (tensorc_ranks in tensorc.h).
 *
 * One thread of each process makes all calls of MPI, in the order in which things were begun, so that the ranks exchange
 * tensors while they compute, and so that they hear of each other when nothing is exchanged: a rank that is not heard of
 * for some seconds ends the run. */
#ifndef RANKS_BY_MPI_H
#define RANKS_BY_MPI_H

#include <stddef.h>

/* Whether a launcher, such as mpirun, started this process as one of several. */
int ranks_by_mpi_are_launched(void);

/* Starts MPI and the thread; once in a process. Returns 0, or 1 and what is wrong. */
int ranks_by_mpi_open(char *text, size_t size);

/* What calls take, a tensorc_ranks; there from opening to closing. */
const void *ranks_by_mpi_table(void);

/* How many ranks share this machine. */
int ranks_by_mpi_local_count(void);

/* Waits until all ranks are here and ends MPI. */
void ranks_by_mpi_close(void);

/* Ends all ranks, this one with an exit code. Does not return. */
void ranks_by_mpi_abort(int code);

#endif
