
#ifndef TENSORC_MODEL_weighted_sum
#define TENSORC_MODEL_weighted_sum

/* weighted sum
 *
 *   input  0  x: f32[rows, 20]
 *   output 0  total: f32[]
 *   rows is 1 or more
 */

#ifdef __cplusplus
extern "C" {
#endif

TENSORC_API const tensorc_description *weighted_sum_describe(void);
TENSORC_API const tensorc_model *weighted_sum_create(const tensorc_options *options, tensorc_error *error);
TENSORC_API int32_t weighted_sum_output_bounds(const tensorc_model *model, const tensorc_call *call,
                                            tensorc_error *error);
TENSORC_API int32_t weighted_sum_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                             tensorc_error *error);
TENSORC_API int32_t weighted_sum_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
TENSORC_API void weighted_sum_destroy(const tensorc_model *model);
TENSORC_API const tensorc_library *weighted_sum_library(void);

#ifdef __cplusplus
}
#endif

#endif /* TENSORC_MODEL_weighted_sum */
