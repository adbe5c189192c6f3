extension Prelude {
  static let integers: [PreludeSnippet] = []
  static let memory: [PreludeSnippet] = []
  static let reductions: [PreludeSnippet] = []
  static let conversions: [PreludeSnippet] = []
  static let narrow: [PreludeSnippet] = []
  static let circular: [PreludeSnippet] = []
  static let powers: [PreludeSnippet] = []
  static let library: [PreludeSnippet] = []
}
