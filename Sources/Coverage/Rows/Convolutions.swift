import TensorIR
import Tensors

extension Coverage {
  /// Where the filters of a row's cases go.
  private struct Placement: Sendable {
    var strides: [Int]
    var padding: [Int]
    var dilations: [Int]
    var groups: Int
    var swift: String

    init(_ rank: Int, stride: Int, padding: Int, dilation: Int, groups: Int) {
      strides = Array(repeating: stride, count: rank)
      self.padding = Array(repeating: padding, count: rank)
      dilations = Array(repeating: dilation, count: rank)
      self.groups = groups
      swift = "strides: \(strides), before: \(self.padding), dilations: \(dilations), groups: \(groups)"
    }
  }

  static func convolutions(_ list: inout RowList) {
    for rank in 1...3 {
      plain(&list, rank)
      transposed(&list, rank)
    }
    list.row("deform_conv2d", "x.deformableConvolution(filters, offsets: offsets, mask: mask, bias: bias)") { x in
      x[0].deformableConvolution(x[2], offsets: x[1], mask: x[3], bias: x[4])
    }
    list.rows(
      "deform_conv2d_backward",
      "x.deformableConvolutionGradients(filters, offsets: offsets, mask: mask, bias: bias, cotangent: cotangent)",
      gradient: .none
    ) { x in
      let found = x[0].deformableConvolutionGradients(x[2], offsets: x[1], mask: x[3], bias: x[4], cotangent: x[5])
      return [found.input, found.offsets, found.filters, found.mask, found.bias]
    }
  }

  private static func plain(_ list: inout RowList, _ rank: Int) {
    let place =
      rank < 3
      ? Placement(rank, stride: 2, padding: 1, dilation: 1, groups: 2)
      : Placement(rank, stride: 1, padding: 1, dilation: 2, groups: 1)
    list.row("conv\(rank)d", "x.convolution(filters, bias: bias, \(place.swift))") { x in
      x[0].convolution(
        x[1], bias: x[2], strides: place.strides, before: place.padding, dilations: place.dilations,
        groups: place.groups)
    }
    let parts: [(String, String, @Sendable (GradientsOfThree) -> Tensor)] = [
      ("x", "input", { $0.input }), ("weight", "filters", { $0.filters }), ("bias", "bias", { $0.bias }),
    ]
    for (burn, name, part) in parts {
      list.row(
        "conv\(rank)d_\(burn)_backward",
        "x.convolutionGradients(filters, cotangent: cotangent, \(place.swift)).\(name)", gradient: .none
      ) { x in
        part(
          x[0].convolutionGradients(
            x[1], cotangent: x[3], strides: place.strides, before: place.padding, dilations: place.dilations,
            groups: place.groups))
      }
    }
  }

  private typealias GradientsOfThree = (input: Tensor, filters: Tensor, bias: Tensor)

  private static func transposed(_ list: inout RowList, _ rank: Int) {
    let place = Placement(rank, stride: 2, padding: 1, dilation: 1, groups: rank < 3 ? 2 : 1)
    let extra = Array(repeating: 1, count: rank)
    let swift = "\(place.swift), outputPadding: \(extra)"
    list.row("conv_transpose\(rank)d", "x.transposedConvolution(filters, bias: bias, \(swift))") { x in
      x[0].transposedConvolution(
        x[1], bias: x[2], strides: place.strides, before: place.padding, dilations: place.dilations,
        outputPadding: extra, groups: place.groups)
    }
    let parts: [(String, String, @Sendable (GradientsOfThree) -> Tensor)] = [
      ("x", "input", { $0.input }), ("weight", "filters", { $0.filters }), ("bias", "bias", { $0.bias }),
    ]
    for (burn, name, part) in parts {
      list.row(
        "conv_transpose\(rank)d_\(burn)_backward",
        "x.transposedConvolutionGradients(filters, cotangent: cotangent, \(swift)).\(name)", gradient: .none
      ) { x in
        part(
          x[0].transposedConvolutionGradients(
            x[1], cotangent: x[3], strides: place.strides, before: place.padding, dilations: place.dilations,
            outputPadding: extra, groups: place.groups))
      }
    }
  }
}
