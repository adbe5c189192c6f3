/* What the hand-written libraries share: errors, and the checks that a compiled library makes of its call. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "tensorc.h"
#include <stdio.h>

/* A test asks for another version to see it refused. */
#ifndef FIXTURE_VERSION
#define FIXTURE_VERSION TENSORC_ABI_VERSION
#endif

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Fills the error and returns its code. */
static int32_t fail(tensorc_error *error, int32_t code, const char *id, const char *node, int32_t argument,
                    uint64_t needed, const char *text) {
  if (error) {
    error->code = code;
    error->argument = argument;
    error->needed = needed;
    snprintf(error->id, sizeof error->id, "%s", id);
    snprintf(error->node, sizeof error->node, "%s", node);
    snprintf(error->text, sizeof error->text, "%s", text);
  }
  return code;
}

/* Element types, ranks and fixed sizes of the inputs. */
static int32_t check_inputs(const tensorc_description *described, const tensorc_call *call, tensorc_error *error) {
  if (!call || call->input_count != described->input_count || call->output_count != described->output_count)
    return fail(error, TENSORC_BAD_CALL, "bad-call", "", -1, 0, "Pass every input and output.");
  for (uint32_t i = 0; i < call->input_count; i++) {
    const tensorc_tensor *tensor = &call->inputs[i];
    const tensorc_value *value = &described->inputs[i];
    if (tensor->element_type != value->element_type)
      return fail(error, TENSORC_BAD_ELEMENT_TYPE, "element-type", "", (int32_t)i, 0, "Convert the elements.");
    if (tensor->rank != value->rank)
      return fail(error, TENSORC_BAD_SHAPE, "shape", "", (int32_t)i, 0, "Pass the described rank.");
    if (tensor->strides && !(value->flags & TENSORC_STRIDED))
      return fail(error, TENSORC_BAD_STRIDES, "strides", "", (int32_t)i, 0, "Pass a dense tensor.");
  }
  return TENSORC_OK;
}

/* Room for an output. */
static int32_t check_capacity(const tensorc_call *call, uint32_t output, uint64_t needed, tensorc_error *error) {
  if (call->outputs[output].capacity >= needed) return TENSORC_OK;
  return fail(error, TENSORC_BUFFER_TOO_SMALL, "buffer-too-small", "", (int32_t)(call->input_count + output), needed,
              "Pass a larger buffer.");
}

#endif
