/// The backend methods of Burn that this package has counterparts of: the 272 of release 0.16 in six traits, and those
/// that later releases added to these traits. Those of quantised tensors are not among them.
enum RowNames {
  /// Release 0.16.
  static let first = """
    FloatTensorOps:
      float_from_data float_random float_zeros float_ones float_full float_into_data float_device
      float_to_device float_into_int float_empty float_repeat_dim float_add float_add_scalar float_clamp_min
      float_clamp_max float_clamp float_sub float_sub_scalar float_mul float_mul_scalar float_div
      float_div_scalar float_remainder float_remainder_scalar float_matmul float_neg float_recip
      float_transpose float_swap_dims float_permute float_flip float_reshape float_gather float_scatter
      float_select float_select_assign float_slice float_slice_assign float_mask_where float_mask_fill
      float_equal float_not_equal float_equal_elem float_not_equal_elem float_greater float_greater_elem
      float_greater_equal float_greater_equal_elem float_lower float_lower_elem float_lower_equal
      float_lower_equal_elem float_detach float_set_require_grad float_is_require_grad float_sum float_sum_dim
      float_prod float_prod_dim float_mean float_mean_dim float_cast float_exp float_log float_log1p
      float_powf float_powi float_powi_scalar float_powf_scalar float_sqrt float_abs float_cos float_sin
      float_tanh float_round float_floor float_ceil float_erf float_cat float_argmax float_argmin float_max
      float_max_dim float_max_dim_with_indices float_min float_min_dim float_min_dim_with_indices float_narrow
      float_chunk float_split float_split_with_sizes float_any float_any_dim float_all float_all_dim
      float_sign float_expand float_sort float_sort_with_indices float_argsort
    IntTensorOps:
      int_empty int_into_data int_from_data int_device int_to_device int_reshape int_slice int_slice_assign
      int_into_float int_mask_where int_mask_fill int_gather int_scatter int_select int_select_assign
      int_repeat_dim int_cat int_equal int_not_equal int_equal_elem int_not_equal_elem int_greater
      int_greater_elem int_greater_equal int_greater_equal_elem int_lower int_lower_elem int_lower_equal
      int_lower_equal_elem int_add int_add_scalar int_powi int_powf int_powi_scalar int_powf_scalar
      int_clamp_min int_clamp_max int_clamp int_sub int_sub_scalar int_mul int_mul_scalar int_div
      int_div_scalar int_remainder int_remainder_scalar int_neg int_zeros int_ones int_full int_sum
      int_sum_dim int_prod int_prod_dim int_mean int_mean_dim int_argmax int_argmin int_max int_max_dim
      int_max_dim_with_indices int_min int_min_dim int_min_dim_with_indices int_abs int_transpose
      int_swap_dims int_permute int_flip int_narrow int_chunk int_split int_split_with_sizes int_random
      int_arange_step int_arange int_any int_any_dim int_all int_all_dim int_sign int_expand int_sort
      int_sort_with_indices int_argsort
    BoolTensorOps:
      bool_empty bool_into_data bool_from_data bool_into_int bool_into_float bool_device bool_to_device
      bool_reshape bool_slice bool_slice_assign bool_repeat_dim bool_cat bool_equal bool_not_equal bool_not
      bool_transpose bool_swap_dims bool_permute bool_flip bool_narrow bool_chunk bool_split
      bool_split_with_sizes bool_any bool_any_dim bool_all bool_all_dim bool_argwhere bool_nonzero bool_expand
    ModuleOps:
      embedding embedding_backward conv1d conv1d_x_backward conv1d_weight_backward conv1d_bias_backward conv2d
      conv2d_x_backward conv2d_weight_backward conv2d_bias_backward deform_conv2d deform_conv2d_backward
      conv3d conv3d_x_backward conv3d_weight_backward conv3d_bias_backward conv_transpose1d
      conv_transpose1d_x_backward conv_transpose1d_weight_backward conv_transpose1d_bias_backward
      conv_transpose2d conv_transpose2d_x_backward conv_transpose2d_weight_backward
      conv_transpose2d_bias_backward conv_transpose3d conv_transpose3d_x_backward
      conv_transpose3d_weight_backward conv_transpose3d_bias_backward unfold4d avg_pool1d avg_pool1d_backward
      avg_pool2d avg_pool2d_backward adaptive_avg_pool2d adaptive_avg_pool2d_backward adaptive_avg_pool1d
      adaptive_avg_pool1d_backward max_pool1d max_pool1d_with_indices max_pool1d_with_indices_backward
      max_pool2d max_pool2d_with_indices max_pool2d_with_indices_backward interpolate interpolate_backward
    ActivationOps:
      leaky_relu relu relu_backward gelu prelu gelu_backward sigmoid sigmoid_backward hard_sigmoid log_sigmoid
      log_sigmoid_backward
    TransactionOps:
      tr_execute
    """

  /// Added later.
  static let later = """
    FloatTensorOps:
      float_tan float_cosh float_sinh float_max_abs float_max_abs_dim float_cross float_cumsum float_cumprod
      float_cummin float_cummax float_powi_scalar_impl float_powf_scalar_impl float_trunc float_grid_sample_2d
      float_unfold float_is_nan float_is_inf float_scatter_add float_select_add float_acos float_acosh
      float_asin float_asinh float_atan float_atanh float_atan2 float_scatter_nd float_gather_nd float_argtopk
      float_topk float_mask_select float_hypot float_topk_with_indices
    IntTensorOps:
      int_max_abs int_max_abs_dim bitwise_and bitwise_and_scalar bitwise_or bitwise_or_scalar bitwise_xor
      bitwise_xor_scalar bitwise_not bitwise_left_shift bitwise_left_shift_scalar bitwise_right_shift
      bitwise_right_shift_scalar int_powi_scalar_impl int_powf_scalar_impl int_matmul int_cumsum int_cumprod
      int_cummin int_cummax int_cast int_unfold int_scatter_add int_select_add int_scatter_nd int_gather_nd
      int_argtopk int_topk int_mask_select int_square int_topk_with_indices
    BoolTensorOps:
      bool_and bool_or bool_zeros bool_ones bool_select bool_select_assign bool_xor bool_unfold
      bool_mask_where bool_mask_fill bool_gather bool_scatter_or bool_select_or bool_equal_elem
      bool_not_equal_elem bool_mask_select
    ModuleOps:
      linear attention linear_x_backward linear_weight_backward linear_bias_backward layer_norm ctc_loss
      has_ctc_loss_backward ctc_loss_backward rfft irfft fold4d adaptive_avg_pool3d
      adaptive_avg_pool3d_backward batch_norm
    ActivationOps:
      softmax log_softmax softmin
    """
}
