/* What ranks do together, on the thread that makes all calls of MPI. Long tensors go in blocks, so that little memory is
 * taken beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "combine.h"
#include "ranks.h"

enum {
  BLOCK = 4 << 20, /* bytes of a rank's tensors that go at once */
  SMALL = 16 << 10 /* bytes that all ranks send to all, which takes one exchange instead of two */
};

/* Memory that is kept from one exchange to the next. */
static char *memory[3];
static size_t sizes[3];

static char *room(int which, size_t bytes) {
  if (sizes[which] < bytes) {
    free(memory[which]);
    memory[which] = malloc(bytes);
    sizes[which] = memory[which] ? bytes : 0;
  }
  return memory[which];
}

static int no_memory(char *trouble, size_t size) {
  snprintf(trouble, size, "there is no memory for what the ranks exchange");
  return 1;
}

/* Copies elements `from` to `from + count` of all parts, one behind the other, to or from a block. */
static void move_parts(const tensorc_collective *what, size_t width, uint64_t from, uint64_t count, char *block,
                       int is_sent) {
  for (uint32_t i = 0; i < what->part_count && count > 0; i++) {
    const tensorc_part *part = &what->parts[i];
    if (from >= part->count) {
      from -= part->count;
      continue;
    }
    uint64_t here = part->count - from < count ? part->count - from : count;
    if (is_sent) memcpy(block, (const char *)part->send + from * width, here * width);
    else if (part->receive) memcpy((char *)part->receive + from * width, block, here * width);
    block += here * width;
    count -= here;
    from = 0;
  }
}

/* What each rank is about to do; all must be about to do the same. */
typedef struct {
  int64_t kind, reduction, element_type, root, count;
} intent;

static const char *kind_name(int64_t kind) {
  static const char *const names[] = {"", "all_reduce", "all_gather", "reduce_scatter", "broadcast", "reduce_to_root"};
  return kind >= 1 && kind <= 5 ? names[kind] : "something else";
}

static int agree(const tensorc_collective *what, uint64_t count, char *trouble, size_t size) {
  ranks_state *state = &ranks_by_mpi;
  const intent own = {what->kind, what->reduction, what->element_type, what->root, (int64_t)count};
  intent *all = (intent *)room(0, sizeof own * (size_t)state->count);
  MPI_Request request;
  if (!all) return no_memory(trouble, size);
  MPI_Iallgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, state->data, &request);
  if (ranks_complete(&request, 1, trouble, size)) return 1;
  for (int rank = 0; rank < state->count; rank++)
    if (memcmp(&all[rank], &own, sizeof own)) {
      snprintf(trouble, size,
               "rank %d came to '%s' of %lld elements when this one came to '%s' of %lld: all ranks must call the same "
               "functions, with the same sizes, in the same order",
               rank, kind_name(all[rank].kind), (long long)all[rank].count, kind_name(own.kind), (long long)own.count);
      return 1;
    }
  return 0;
}

/* All ranks get the elements of a block combined: each combines a share of them and hands it to the others. */
static int reduce_block(const tensorc_collective *what, size_t width, size_t count, const char *own, char *result,
                        char *trouble, size_t size) {
  ranks_state *state = &ranks_by_mpi;
  const int ranks = state->count;
  MPI_Request request;
  char *all;
  if (count * width <= SMALL) {
    if (!(all = room(2, (size_t)ranks * count * width))) return no_memory(trouble, size);
    MPI_Iallgather(own, (int)(count * width), MPI_BYTE, all, (int)(count * width), MPI_BYTE, state->data, &request);
    if (ranks_complete(&request, 1, trouble, size)) return 1;
    return !combine(what->element_type, what->reduction, ranks, count, all, result);
  }
  const size_t share = (count + (size_t)ranks - 1) / (size_t)ranks;
  int lengths[4 * ranks];
  int *const sent = lengths, *const places = lengths + ranks, *const received = places + ranks, *const ends = received + ranks;
  for (int rank = 0; rank < ranks; rank++) {
    size_t from = share * (size_t)rank < count ? share * (size_t)rank : count;
    size_t to = from + share < count ? from + share : count;
    places[rank] = (int)(from * width);
    sent[rank] = (int)((to - from) * width);
  }
  const int mine = sent[state->rank];
  for (int rank = 0; rank < ranks; rank++) received[rank] = mine, ends[rank] = rank * mine;
  if (!(all = room(2, (size_t)ranks * (size_t)mine + 1))) return no_memory(trouble, size);
  MPI_Ialltoallv(own, sent, places, MPI_BYTE, all, received, ends, MPI_BYTE, state->data, &request);
  if (ranks_complete(&request, 1, trouble, size)) return 1;
  char *const part = result + places[state->rank];
  if (!combine(what->element_type, what->reduction, ranks, (size_t)mine / width, all, part)) return 1;
  MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, result, sent, places, MPI_BYTE, state->data, &request);
  return ranks_complete(&request, 1, trouble, size);
}

static int all_reduce(const tensorc_collective *what, size_t width, uint64_t count, char *trouble, size_t size) {
  const int keeps = what->kind != TENSORC_REDUCE_TO_ROOT || what->root == ranks_by_mpi.rank;
  for (uint64_t from = 0; from < count; from += BLOCK / width) {
    uint64_t here = count - from < BLOCK / width ? count - from : BLOCK / width;
    char *const own = room(0, here * width), *const result = room(1, here * width);
    if (!own || !result) return no_memory(trouble, size);
    move_parts(what, width, from, here, own, 1);
    if (reduce_block(what, width, here, own, result, trouble, size)) return 1;
    if (!keeps) memset(result, 0, here * width);
    move_parts(what, width, from, here, result, 0);
  }
  return 0;
}

/* Of all ranks' parts for this rank, combined, or one behind the other. */
static int gather_or_scatter(const tensorc_collective *what, size_t width, char *trouble, size_t size) {
  ranks_state *state = &ranks_by_mpi;
  const size_t ranks = (size_t)state->count, scatters = what->kind == TENSORC_REDUCE_SCATTER;
  for (uint32_t i = 0; i < what->part_count; i++) {
    const tensorc_part *part = &what->parts[i];
    const size_t step = BLOCK / width / ranks > 0 ? BLOCK / width / ranks : 1;
    for (uint64_t from = 0; from < part->count; from += step) {
      const size_t here = part->count - from < step ? part->count - from : step, bytes = here * width;
      char *const own = room(0, bytes * ranks), *const all = room(1, bytes * ranks);
      MPI_Request request;
      if (!own || !all) return no_memory(trouble, size);
      for (size_t rank = 0; rank < (scatters ? ranks : 1); rank++)
        memcpy(own + rank * bytes, (const char *)part->send + (rank * part->count + from) * width, bytes);
      if (scatters) MPI_Ialltoall(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, state->data, &request);
      else MPI_Iallgather(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, state->data, &request);
      if (ranks_complete(&request, 1, trouble, size)) return 1;
      if (scatters) {
        if (!combine(what->element_type, what->reduction, state->count, here, all, own)) return 1;
        memcpy((char *)part->receive + from * width, own, bytes);
        continue;
      }
      for (size_t rank = 0; rank < ranks; rank++)
        memcpy((char *)part->receive + (rank * part->count + from) * width, all + rank * bytes, bytes);
    }
  }
  return 0;
}

static int broadcast(const tensorc_collective *what, size_t width, uint64_t count, char *trouble, size_t size) {
  const int is_root = what->root == ranks_by_mpi.rank;
  for (uint64_t from = 0; from < count; from += BLOCK / width) {
    uint64_t here = count - from < BLOCK / width ? count - from : BLOCK / width;
    char *const block = room(0, here * width);
    MPI_Request request;
    if (!block) return no_memory(trouble, size);
    if (is_root) move_parts(what, width, from, here, block, 1);
    MPI_Ibcast(block, (int)(here * width), MPI_BYTE, what->root, ranks_by_mpi.data, &request);
    if (ranks_complete(&request, 1, trouble, size)) return 1;
    move_parts(what, width, from, here, block, 0);
  }
  return 0;
}

int ranks_exchange(const tensorc_collective *what, char *trouble, size_t size) {
  const size_t width = combine_element_bytes(what->element_type);
  uint64_t count = 0;
  for (uint32_t i = 0; i < what->part_count; i++) count += what->parts[i].count;
  int failed = 1;
  trouble[0] = 0;
  if (width && !agree(what, count, trouble, size)) {
    switch (what->kind) {
    case TENSORC_ALL_REDUCE:
    case TENSORC_REDUCE_TO_ROOT: failed = all_reduce(what, width, count, trouble, size); break;
    case TENSORC_ALL_GATHER:
    case TENSORC_REDUCE_SCATTER: failed = gather_or_scatter(what, width, trouble, size); break;
    case TENSORC_BROADCAST: failed = broadcast(what, width, count, trouble, size); break;
    default: break;
    }
  }
  if (failed && !trouble[0])
    snprintf(trouble, size, "'%s' with reduction %d of element type %d is not known here", kind_name(what->kind),
             (int)what->reduction, (int)what->element_type);
  return failed;
}
