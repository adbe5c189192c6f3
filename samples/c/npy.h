/* Reads the arrays that numpy.save writes: little-endian, C order, versions 1 to 3. Just enough for the samples. */
#ifndef NPY_H
#define NPY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NPY_MAX_RANK = 8 };

typedef struct npy_array {
  void *data; /* from malloc; the caller frees it */
  uint64_t bytes;
  char type[8]; /* as in the file: "<f4", "|u1" */
  int32_t rank;
  int64_t shape[NPY_MAX_RANK];
} npy_array;

/* Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }". Returns 0 when it cannot. */
static inline int npy_parse(const char *header, npy_array *array) {
  const char *type = strstr(header, "'descr': '"), *shape = strstr(header, "'shape': (");
  if (!type || !shape || !strstr(header, "'fortran_order': False")) return 0;
  if (sscanf(type, "'descr': '%7[^']'", array->type) != 1 || array->type[0] == '>') return 0;
  uint64_t count = 1;
  for (const char *next = strchr(shape, '(') + 1; *next && *next != ')'; next += strspn(next, " ,")) {
    char *end;
    if (array->rank == NPY_MAX_RANK) return 0;
    array->shape[array->rank] = strtoll(next, &end, 10);
    if (end == next || array->shape[array->rank] < 0) return 0;
    count *= (uint64_t)array->shape[array->rank++];
    next = end;
  }
  array->bytes = count * strtoull(array->type + 2, 0, 10);
  return 1;
}

/* Reads a file. Returns 0, having said why on standard error, when it cannot. */
static inline int npy_read(const char *path, npy_array *array) {
  unsigned char start[12] = {0};
  FILE *file = fopen(path, "rb");
  int ok = 0;
  char *header = 0;
  memset(array, 0, sizeof *array);
  if (file && fread(start, 1, 10, file) == 10 && !memcmp(start, "\x93NUMPY", 6)) {
    size_t length = start[8] | (size_t)start[9] << 8;
    if (start[6] > 1 && fread(start + 10, 1, 2, file) == 2) length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    header = (char *)calloc(length + 1, 1);
    if (header && fread(header, 1, length, file) == length && npy_parse(header, array)) {
      array->data = malloc(array->bytes ? array->bytes : 1);
      ok = array->data && fread(array->data, 1, array->bytes, file) == array->bytes;
    }
  }
  if (!ok) fprintf(stderr, "%s: error: this is not an array that numpy.save wrote in C order\n", path);
  free(header);
  if (file) fclose(file);
  return ok;
}

#endif
