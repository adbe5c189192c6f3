// Tells the types of files with a compiled library:  magika-demo MODEL_FOLDER LIBRARY FILE...

import FileTypes
import Foundation

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 3, let folder = arguments.first, let library = arguments.dropFirst().first else {
  fail("usage: magika-demo MODEL_FOLDER LIBRARY FILE...", code: 2)
}

do {
  let detector = Detector(
    catalogue: try Catalogue(folder: URL(fileURLWithPath: folder)),
    classifier: try CompiledClassifier(library: library))
  var found: [Detection] = []
  var failures = 0
  for path in arguments.dropFirst(2) {
    do {
      found.append(try detector.detect(path: path))
    } catch let error as DetectionError {
      complain("\(error)")
      failures += 1
    }
  }
  for line in table(of: found) { print(line) }
  exit(failures == 0 ? 0 : 1)
} catch {
  fail("\(error)", code: 1)
}

func complain(_ text: String) { FileHandle.standardError.write(Data("magika-demo: \(text)\n".utf8)) }

func fail(_ text: String, code: Int32) -> Never {
  complain(text)
  exit(code)
}
