import Foundation

/// Errors of the system, as Foundation wraps them.
public enum SystemError {
  /// Whether an error is the system's, such as a full disk, and none of ours.
  public static func isOne(_ error: any Error) -> Bool {
    [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains((error as NSError).domain)
  }

  /// The system's word for why a file could not be written: Foundation's own sentences leave it out.
  public static func reason(_ error: any Error) -> String {
    var current: (any Error)? = error
    while let known = current as NSError? {
      if known.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(known.code))) }
      current = known.userInfo[NSUnderlyingErrorKey] as? any Error
    }
    switch (error as NSError).code {
    case CocoaError.Code.fileWriteOutOfSpace.rawValue: return "No space left on device"
    case CocoaError.Code.fileWriteFileExists.rawValue: return "a file of that name is there"
    default: return error.localizedDescription
    }
  }
}
