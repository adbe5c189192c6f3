/// What users of Burn call: the functions of its tensors and of the modules beside them, in the groups in which Burn has them.
/// A word is a function, or `function=row` where the row that stands for it has another name: one of docs/op-coverage.md, or
/// one of Api.
enum ApiNames {
  /// Release 0.16.
  static let first = """
    activation/base:
      relu leaky_relu gelu prelu softmax softmin softplus quiet_softmax log_softmax sigmoid hard_sigmoid
      log_sigmoid silu mish tanh=float_tanh
    Tensor<Float>:
      backward grad grad_remove grad_replace inplace exp=float_exp log=float_log log1p=float_log1p
      erf=float_erf recip=float_recip sqrt=float_sqrt cos=float_cos sin=float_sin tanh=float_tanh
      round=float_round floor=float_floor ceil=float_ceil from_floats=float_from_data int=float_into_int
      random_like=float_random one_hot matmul=float_matmul var var_bias var_mean var_mean_bias
      cast=float_cast detach=float_detach require_grad=float_set_require_grad
      is_require_grad=float_is_require_grad set_require_grad=float_set_require_grad cov
      quantize=no_quantised quantize_dynamic=no_quantised dequantize=no_quantised
    Tensor<Autodiff>:
      inner=no_wrapper from_inner=no_wrapper
    Tensor<Basic>:
      into_primitive from_primitive dtype empty=float_empty dims=shape shape reshape=float_reshape
      transpose=float_transpose swap_dims=float_swap_dims permute=float_permute movedim flip=float_flip
      flatten squeeze=squeeze_dim squeeze_dims unsqueeze unsqueeze_dim unsqueeze_dims slice=float_slice
      slice_assign=float_slice_assign device=no_devices to_device=no_devices into_data=float_into_data
      to_data=float_into_data into_data_async=no_futures to_data_async=no_futures from_data=float_from_data
      repeat_dim=float_repeat_dim repeat equal=float_equal not_equal=float_not_equal cat=float_cat stack
      iter_dim narrow=float_narrow chunk=float_chunk split=float_split
      split_with_sizes=float_split_with_sizes any=float_any any_dim=float_any_dim all=float_all
      all_dim=float_all_dim into_scalar into_scalar_async=no_futures expand=float_expand
    api/base:
      set_print_options
    Tensor<Bool>:
      from_bool=bool_from_data int=bool_into_int float=bool_into_float bool_not nonzero=bool_nonzero
      nonzero_async=no_futures argwhere=bool_argwhere argwhere_async=no_futures triu_mask tril_mask
      diag_mask
    api/cartesian_grid:
      cartesian_grid
    Tensor<Int[1D]>:
      arange=int_arange arange_step=int_arange_step one_hot
    Tensor<Int>:
      from_ints=int_from_data float=int_into_float cartesian_grid
    Tensor<Numeric>:
      add=float_add add_scalar=float_add_scalar sub=float_sub sub_scalar=float_sub_scalar div=float_div
      div_scalar=float_div_scalar remainder=float_remainder remainder_scalar=float_remainder_scalar
      mul=float_mul mul_scalar=float_mul_scalar neg=float_neg sign=float_sign zeros=float_zeros zeros_like
      ones=float_ones ones_like full=float_full full_like mean=float_mean sum=float_sum
      mean_dim=float_mean_dim sum_dim=float_sum_dim prod=float_prod prod_dim=float_prod_dim
      equal_elem=float_equal_elem not_equal_elem=float_not_equal_elem greater=float_greater
      greater_equal=float_greater_equal lower=float_lower lower_equal=float_lower_equal
      greater_elem=float_greater_elem greater_equal_elem=float_greater_equal_elem
      lower_elem=float_lower_elem lower_equal_elem=float_lower_equal_elem mask_where=float_mask_where
      mask_fill=float_mask_fill gather=float_gather scatter=float_scatter select=float_select
      select_assign=float_select_assign argmax=float_argmax max=float_max max_dim=float_max_dim
      max_dim_with_indices=float_max_dim_with_indices max_pair argmin=float_argmin min=float_min
      min_dim=float_min_dim min_dim_with_indices=float_min_dim_with_indices min_pair clamp=float_clamp
      clamp_min=float_clamp_min clamp_max=float_clamp_max abs=float_abs triu tril powf=float_powf
      powf_scalar=float_powf_scalar powi=float_powi powi_scalar=float_powi_scalar is_close all_close bool
      random=float_random sort=float_sort sort_descending=float_sort
      sort_with_indices=float_sort_with_indices sort_descending_with_indices argsort=float_argsort
      argsort_descending=float_argsort topk=float_topk topk_with_indices=float_topk_with_indices pad
      is_nan=float_is_nan contains_nan
    Tensor<Numeric[2D]>:
      eye
    Transaction:
      register=tr_execute execute=tr_execute execute_async=no_futures
    loss/mod:
      cross_entropy_with_logits
    module:
      embedding conv1d conv2d conv3d deform_conv2d conv_transpose1d conv_transpose2d conv_transpose3d
      unfold4d max_pool1d max_pool2d avg_pool2d avg_pool1d max_pool1d_with_indices max_pool2d_with_indices
      adaptive_avg_pool2d adaptive_avg_pool1d interpolate
    stats/mod:
      var var_with_mean var_bias var_with_mean_bias var_with_mean_n
    Tensor<Numeric>_operator:
      operator+=float_add operator-=float_sub operator*=float_mul operator/=float_div
      operator%=float_remainder unary-=float_neg
    """

  /// Added later.
  static let later = """
    Tensor<Basic>:
      from_data_dtype=float_from_data roll_dim roll slice_fill slice_dim rank t=float_transpose squeeze_dim
      unfold=float_unfold take try_into_data=float_into_data try_into_scalar=into_scalar
      scatter_nd=float_scatter_nd gather_nd=float_gather_nd extract can_mut empty_like select_dim
      mask_select=float_mask_select mask_select_async=no_futures equal_scalar=float_equal_elem
      not_equal_scalar=float_not_equal_elem try_to_data=float_into_data to_data_as=as_type
      try_to_data_as=as_type try_to_vec_as=as_type to_data_dtype=as_type try_to_data_dtype=as_type
      into_data_as=as_type try_into_data_as=as_type try_into_vec_as=as_type into_data_dtype=as_type
      try_into_data_dtype=as_type try_into_scalar_async=no_futures
    Tensor<Bool>:
      bool_and bool_or bool_xor cast=bool_into_int
    Tensor<Float>:
      tan=float_tan cosh=float_cosh sinh=float_sinh is_inf=float_is_inf is_finite square=int_square
      grid_sample_2d=float_grid_sample_2d cross=float_cross fmod fmod_scalar trunc=float_trunc
      asin=float_asin asinh=float_asinh acos=float_acos acosh=float_acosh atan=float_atan atanh=float_atanh
      atan2=float_atan2 deg2rad rad2deg median median_with_indices categorical
      is_distributed=no_distribution set_distributed=no_distribution hypot=float_hypot
    Tensor<Int>:
      bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_and_scalar bitwise_or_scalar bitwise_xor_scalar
      bitwise_left_shift bitwise_right_shift bitwise_left_shift_scalar bitwise_right_shift_scalar
      cast=int_cast
    Tensor<Numeric>:
      max_abs=float_max_abs max_abs_dim=float_max_abs_dim one_hot one_hot_fill mean_dims sum_dims
      sum_dims_squeeze prod_dims cumsum=float_cumsum cumprod=float_cumprod cummin=float_cummin
      cummax=float_cummax max_dims max_abs_dims min_dims
    grid/meshgrid:
      meshgrid meshgrid_stack
    linalg/cosine_similarity:
      cosine_similarity
    linalg/vector_norm:
      vector_norm vector_normalize l0_norm l1_norm l2_norm lp_norm max_abs_norm min_abs_norm
    module:
      linear attention naive_attention=attention ctc_loss attention_fallback=attention fold4d
      adaptive_avg_pool3d conv2d_weight_backward avg_pool2d_backward max_pool2d_with_indices_backward
      layer_norm batch_norm
    activation/base:
      glu hard_swish gelu_approximate elu celu selu thresholded_relu softsign hard_shrink soft_shrink shrink
      hardtanh tanhshrink relu6 threshold
    Tensor<Numeric[1D]>:
      dot
    grid/affine_grid:
      affine_grid_2d
    linalg/diag:
      diag
    linalg/lu_decomposition:
      lu_decomposition
    linalg/outer:
      outer outer_dim
    linalg/trace:
      trace
    api/pad:
      pad_constant=pad pad_reflect pad_edge
    Transaction:
      try_execute=tr_execute
    linalg/matvec:
      matvec
    Tensor<Ordered>:
      argtopk=float_argtopk greater_scalar=float_greater_elem greater_equal_scalar=float_greater_equal_elem
      lower_scalar=float_lower_elem lower_equal_scalar=float_lower_equal_elem
    linalg/det:
      det
    linalg/lu:
      lu
    signal/blackman_window:
      blackman_window
    signal/fft:
      rfft irfft cfft
    signal/hamming_window:
      hamming_window
    signal/hann_window:
      hann_window
    signal/stft:
      stft istft
    stats/mod:
      median median_with_indices
    Tensor<Autodiff>:
      no_grad=no_wrapper with_gradient_checkpointing_strategy
    linalg/qr:
      qr
    """
}
