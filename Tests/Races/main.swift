import Foundation

// Eight tasks at once use all that tasks may share: see scripts/acceptance/races.sh, which runs this under ThreadSanitizer.
//
//     races [--rounds N] [--times yes] [--plant swift]
//
// With --times, how long each chore takes is told. With --plant there is a race in the library's Swift, which must be seen.

func value(of option: String) -> String? {
  CommandLine.arguments.firstIndex(of: option).flatMap { CommandLine.arguments.dropFirst($0 + 1).first }
}

let isTimed = value(of: "--times") != nil

@Sendable func note(_ what: String, _ start: Date) {
  FileHandle.standardError.write(Data(String(format: "%@: %.1f s\n", what, -start.timeIntervalSinceNow).utf8))
}

let tasks = 8
let threads = Threads(tasks)
let begin = Date()
if let kind = value(of: "--plant") {
  try await plantRace(kind)
} else {
  let shared = try Shared()
  if isTimed { note("what all share", begin) }
  let rounds = value(of: "--rounds").flatMap { Int($0) } ?? 4
  for round in 0..<rounds {
    let moment = Moment(round)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<tasks {
        group.addTask(executorPreference: threads) {
          // Each begins with another chore, so that all kinds meet.
          for step in chores.indices {
            let (name, chore) = chores[(step + 3 * index + round) % chores.count]
            let start = Date()
            do { try await chore(shared, moment, index) } catch { throw Wrong("task \(index), \(name): \(error)") }
            if isTimed { note("round \(round), task \(index), \(name)", start) }
          }
        }
      }
      try await group.waitForAll()
    }
  }
  print("\(rounds) rounds of \(chores.count) chores in \(tasks) tasks")
}
