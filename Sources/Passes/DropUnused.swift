import TensorIR

/// Takes out operations none of whose results is used.
enum DropUnused {
  static func run(_ function: Function) -> Function {
    let graph = RewriteGraph(function)
    graph.dropUnused()
    return graph.makeFunction()
  }
}
