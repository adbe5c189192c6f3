/// An optimiser that changes each element of a parameter by that element's gradient and what it remembers of it, so that parts of
/// a parameter may be updated apart, to the same bits: `Trainer.sharesOptimizerState`. What it remembers has the parameter's shape, or
/// is the same for all its elements. ``Muon`` is none, for it looks at whole matrices.
public protocol ElementwiseOptimizer: RatedOptimizer {}

extension SGD: ElementwiseOptimizer {}
extension Adam: ElementwiseOptimizer {}
extension AdamW: ElementwiseOptimizer {}
extension Momentum: ElementwiseOptimizer {}
extension AdaGrad: ElementwiseOptimizer {}
extension RMSProp: ElementwiseOptimizer {}
extension Adan: ElementwiseOptimizer {}
