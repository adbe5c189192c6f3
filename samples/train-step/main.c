/* Trains the head of a picture network from C, with a library that `tensorc train-step` made of an ONNX model:
 *
 *   tune FOLDER STEPS BATCH RATE OUT.safetensors
 *
 * FOLDER holds Fashion-MNIST or pictures like it, 28 by 28 pixels in grey in ten kinds, as four idx files. */
#include "tuned.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIXELS = 28 * 28, KINDS = 10 };

typedef struct {
  int64_t count;
  float *pictures; /* [count, 1, 28, 28], from 0 to 1 */
  int64_t *labels;
} Examples;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "tune: %s: %s\n", what, why);
  exit(1);
}

static void *allocated(size_t size) {
  void *memory = malloc(size ? size : 1);
  if (!memory) fail("memory", "there is none");
  return memory;
}

/* The bytes of an idx file behind its header, and how many entries it has. */
static unsigned char *idx(const char *folder, const char *name, int axes, size_t entry, int64_t *count) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path, "cannot be read");
  unsigned char header[16];
  const size_t length = 4 + 4 * (size_t)axes;
  if (fread(header, 1, length, file) != length) fail(path, "is no idx file");
  *count = (int64_t)header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
  unsigned char *bytes = allocated((size_t)*count * entry);
  if (fread(bytes, entry, (size_t)*count, file) != (size_t)*count) fail(path, "is cut off");
  fclose(file);
  return bytes;
}

static Examples examples(const char *folder, const char *name) {
  char file[64];
  Examples read;
  int64_t labels = 0;
  snprintf(file, sizeof file, "%s-images-idx3-ubyte", name);
  unsigned char *pixels = idx(folder, file, 3, PIXELS, &read.count);
  snprintf(file, sizeof file, "%s-labels-idx1-ubyte", name);
  unsigned char *kinds = idx(folder, file, 1, 1, &labels);
  if (labels != read.count) fail(folder, "labels and pictures differ in number");
  read.pictures = allocated((size_t)read.count * PIXELS * sizeof(float));
  read.labels = allocated((size_t)read.count * sizeof(int64_t));
  for (int64_t i = 0; i < read.count * PIXELS; i++) read.pictures[i] = (float)pixels[i] / 255;
  for (int64_t i = 0; i < read.count; i++) read.labels[i] = kinds[i];
  free(pixels);
  free(kinds);
  return read;
}

static void check(int32_t code, const tensorc_error *error) {
  if (code != TENSORC_OK) fail(error->id, error->text);
}

/* `count` examples from `first` on as a batch, without a copy. */
static void batch(const Examples *all, int64_t first, int64_t dimensions[4], tensorc_tensor *pictures,
                  tensorc_tensor *labels) {
  const uint64_t count = (uint64_t)dimensions[0];
  *pictures = (tensorc_tensor){all->pictures + first * PIXELS, count * PIXELS * sizeof(float), TENSORC_F32, 4, dimensions,
                               NULL};
  *labels = (tensorc_tensor){all->labels + first, count * sizeof(int64_t), TENSORC_I64, 1, dimensions, NULL};
}

/* The mean loss of all examples, and the share of those that are named rightly. */
static void evaluate(tuned_state *state, const Examples *all, int64_t size, tensorc_error *error) {
  double sum = 0;
  int64_t right = 0;
  float *logits = allocated((size_t)(size * KINDS) * sizeof(float));
  for (int64_t first = 0; first < all->count; first += size) {
    const int64_t count = all->count - first < size ? all->count - first : size;
    int64_t dimensions[4] = {count, 1, 28, 28}, found[2];
    tensorc_tensor pictures, labels;
    batch(all, first, dimensions, &pictures, &labels);
    tensorc_tensor output = {logits, (uint64_t)(size * KINDS) * sizeof(float), TENSORC_F32, 2, found, NULL};
    float loss = 0;
    check(tuned_evaluate(state, &pictures, &labels, &loss, NULL, error), error);
    check(tuned_infer(state, &pictures, &output, error), error);
    sum += (double)loss * (double)count;
    for (int64_t row = 0; row < count; row++) {
      int best = 0;
      for (int kind = 1; kind < KINDS; kind++)
        if (logits[row * KINDS + kind] > logits[row * KINDS + best]) best = kind;
      right += best == all->labels[first + row];
    }
  }
  free(logits);
  printf("test loss %.6f, %.2f %% right\n", sum / (double)all->count, 100 * (double)right / (double)all->count);
}

int main(int argc, char **argv) {
  if (argc != 6) fail("usage", "tune FOLDER STEPS BATCH RATE OUT.safetensors");
  Examples training = examples(argv[1], "train"), test = examples(argv[1], "t10k");
  const long steps = atol(argv[2]), size = atol(argv[3]);
  const float rate = (float)atof(argv[4]);
  if (steps < 0 || size < 1 || size > training.count) fail(argv[3], "is no size for a batch");

  tensorc_error error = {.size = sizeof error};
  tuned_state *state = tuned_create(&error);
  if (!state) fail(error.id, error.text);
  for (uint32_t i = 0; i < tuned_WEIGHTS; i++) {
    const tensorc_value *weight = tuned_weight(state, i, NULL);
    printf("trains %s, of %d axes\n", weight->name, weight->rank);
  }
  evaluate(state, &test, size, &error);
  for (long step = 0, first = 0; step < steps; step++) {
    /* The last batch of a pass may be smaller. */
    int64_t dimensions[4] = {training.count - first < size ? training.count - first : size, 1, 28, 28};
    tensorc_tensor pictures, labels;
    batch(&training, first, dimensions, &pictures, &labels);
    float loss = 0;
    check(tuned_step(state, &pictures, &labels, rate, &loss, &error), &error);
    if (steps <= 20 || step % (steps / 10) == 0) printf("step %ld loss %.6f\n", step + 1, loss);
    first = first + dimensions[0] >= training.count ? 0 : first + dimensions[0];
  }
  evaluate(state, &test, size, &error);
  check(tuned_save(state, argv[5], &error), &error);

  /* What was saved is what another state loads. */
  tuned_state *other = tuned_create(&error);
  if (!other) fail(error.id, error.text);
  check(tuned_load(other, argv[5], &error), &error);
  evaluate(other, &test, size, &error);
  tuned_destroy(other);
  tuned_destroy(state);
  free(training.pictures);
  free(training.labels);
  free(test.pictures);
  free(test.labels);
  return 0;
}
