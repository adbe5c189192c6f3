/// Why a tensor, or a file of tensors, was refused.
public struct TensorDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A stable, greppable name of the kind of fault, such as `npy-truncated`.
  public let id: String
  /// What is wrong and, where it is known, what to do about it.
  public let message: String
  /// The file at fault, as the caller named it.
  public let file: String?

  public init(id: String, message: String, file: String? = nil) {
    self.id = id
    self.message = message
    self.file = file
  }

  /// `FILE: error: MESSAGE [ID]`.
  public var description: String {
    let place = file.map { "\($0): " } ?? ""
    return "\(place)error: \(message) [\(id)]"
  }

  /// The same error, told of `file` unless it names one already.
  public func naming(file: String) -> TensorDataError {
    TensorDataError(id: id, message: message, file: self.file ?? file)
  }
}

/// Runs `body`, and makes the errors it throws name `file`.
func naming<Result>(file: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as TensorDataError {
    throw error.naming(file: file)
  }
}
