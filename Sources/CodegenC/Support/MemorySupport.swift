extension CallSupport {
  /// Memory: large enough, and apart.
  static let memory = #"""

    TC_FN int32_t tc_check_memory(const tensorc_call *call, const tensorc_description *model, uint64_t workspace,
                                  tensorc_error *error) {
      for (uint32_t i = 0; i < model->input_count + model->output_count; i++) {
        int is_input = i < model->input_count;
        const tensorc_tensor *tensor = is_input ? &call->inputs[i] : &call->outputs[i - model->input_count];
        const tensorc_value *value = is_input ? &model->inputs[i] : &model->outputs[i - model->input_count];
        const char *kind = is_input ? "input" : "output";
        uint64_t needed = tc_tensor_bytes(tensor);
        if (!is_input && !tc_is_dense(tensor))
          return tc_fail(error, TENSORC_BAD_STRIDES, (int32_t)i, 0, "bad-strides", "",
                         "output '%s' has strides that are not dense", value->name);
        if (tensor->capacity < needed)
          return tc_fail(error, TENSORC_BUFFER_TOO_SMALL, (int32_t)i, needed, "buffer-too-small", "",
                         "%s '%s' needs %llu bytes, its buffer has %llu", kind, value->name, (unsigned long long)needed,
                         (unsigned long long)tensor->capacity);
        if (needed > 0 && !tensor->data)
          return tc_fail(error, TENSORC_BAD_CALL, (int32_t)i, needed, "no-data", "", "%s '%s' has no data", kind,
                         value->name);
      }
      if (workspace > 0 && (call->workspace_size < workspace || !call->workspace))
        return tc_fail(error, TENSORC_WORKSPACE_TOO_SMALL, -1, workspace, "workspace-too-small", "",
                       "the workspace needs %llu bytes", (unsigned long long)workspace);
      return TENSORC_OK;
    }

    /* A stretch of memory that a call uses. */
    typedef struct {
      uintptr_t from, to;
      int32_t argument; /* -1 is the workspace */
      int32_t is_written;
    } tc_stretch;

    /* Heap sort by address: calls of a training step have thousands of buffers. */
    TC_FN void tc_sort_stretches(tc_stretch *list, int64_t count) {
      for (int64_t start = count / 2 - 1, end = count; end > 1;) {
        tc_stretch moving;
        int64_t hole;
        if (start >= 0) {
          hole = start--;
          moving = list[hole];
        } else {
          moving = list[--end];
          list[end] = list[0];
          hole = 0;
        }
        for (int64_t child; (child = 2 * hole + 1) < end; hole = child) {
          if (child + 1 < end && list[child].from < list[child + 1].from) child++;
          if (list[child].from <= moving.from) break;
          list[hole] = list[child];
        }
        list[hole] = moving;
      }
    }

    /* What is written must not overlap with anything else, except for an output that takes over its donated input. `list`
     * has room for all tensors and the workspace. */
    TC_FN int32_t tc_check_overlap(const tensorc_call *call, const tensorc_description *model, uint64_t workspace,
                                   tc_stretch *list, tensorc_error *error) {
      int64_t count = 0;
      for (uint32_t i = 0; i < model->input_count + model->output_count; i++) {
        int is_input = i < model->input_count;
        const tensorc_tensor *tensor = is_input ? &call->inputs[i] : &call->outputs[i - model->input_count];
        uintptr_t from = (uintptr_t)tensor->data;
        tc_stretch stretch = {from, from + tc_tensor_bytes(tensor), (int32_t)i, !is_input};
        list[count++] = stretch;
      }
      for (uint32_t i = 0; i < model->donation_count; i++) {
        tc_stretch *input = &list[model->donations[i].input];
        tc_stretch *output = &list[model->input_count + model->donations[i].output];
        if (input->from == output->from && input->to == output->to) input->to = input->from;
      }
      if (workspace > 0) {
        uintptr_t from = (uintptr_t)call->workspace;
        tc_stretch stretch = {from, from + workspace, -1, 1};
        list[count++] = stretch;
      }
      int64_t kept = 0;
      for (int64_t i = 0; i < count; i++) if (list[i].from != list[i].to) list[kept++] = list[i];
      tc_sort_stretches(list, kept);
      tc_stretch last = {0, 0, -1, 0}, last_written = last;
      for (int64_t i = 0; i < kept; i++) {
        const tc_stretch *before = list[i].is_written ? &last : &last_written;
        if (list[i].from < before->to)
          return tc_fail(error, TENSORC_OVERLAP, list[i].argument < 0 ? before->argument : list[i].argument, 0, "overlap",
                         "", "two buffers overlap, numbers %d and %d among inputs then outputs (-1: the workspace)",
                         (int)before->argument, (int)list[i].argument);
        if (list[i].to > last.to) last = list[i];
        if (list[i].is_written && list[i].to > last_written.to) last_written = list[i];
      }
      return TENSORC_OK;
    }
    """#
}
