import Foundation
import Testing

/// What runs leave behind, and what several do to each other.
@Suite struct LeftoverTests {
  /// Killed in the middle of its work, a run leaves folders beside its output, among the temporary files and in the cache;
  /// the next one clears them away.
  @Test func whatAKilledRunLeftIsCleared() throws {
    let place = try Workplace.withAddition()
    // A compiler that takes its time over what is no probe.
    let script = """
      #!/bin/sh
      case "$*" in *-fvisibility=hidden*) if [ -e wait-here ] || [ -e "$SLOW" ]; then exec sleep 60; fi;; esac
      exec ${REAL:-cc} "$@"
      """
    try place.write(script, "slow-cc")
    let outcome = try place.shell(
      """
      chmod +x slow-cc; mkdir tmp out; export TMPDIR=$PWD/tmp XDG_CACHE_HOME=$PWD/cache TENSORC_CC=$PWD/slow-cc SLOW=$PWD/slow
      touch slow
      $TENSORC compile add.tir -o out/x.so & run=$!
      tries=0
      until ls -d tmp/.tensorc-*/*.c >/dev/null 2>&1; do
        sleep 0.1; tries=$((tries + 1)); [ $tries -lt 600 ] || { echo 'it does not begin'; exit 1; }
      done
      kill -9 $run; wait $run 2>/dev/null
      echo "left: $(ls -d tmp/.tensorc-* out/.tensorc-* | wc -l)"
      rm slow
      $TENSORC compile add.tir -o out/x.so || exit 1
      echo "still: $(ls -A out tmp cache/tensorc | grep -c '^.tensorc-')"
      """)
    #expect(outcome.output.contains("left: 2\n"), "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.contains("still: 0\n"), "\(outcome.output) \(outcome.errors)")
  }

  /// Runs that make one entry of the cache at once all succeed, and what they leave is whole.
  @Test func severalRunsMakeOneEntry() throws {
    let place = try Workplace.withAddition()
    let outcome = try place.shell(
      """
      export XDG_CACHE_HOME=$PWD/cache
      for i in 1 2 3 4; do $TENSORC compile --quiet add.tir -o $i/x.so & runs="$runs $!"; done
      for run in $runs; do wait $run || echo failed; done
      $TENSORC compile add.tir -o 5/x.so && cmp 1/x.so 5/x.so && cmp 4/x.so 5/x.so && echo same
      ls -A cache/tensorc | grep -c '^library-'; ls -A cache/tensorc | grep -c '^\\.'
      """)
    #expect(outcome.output.hasSuffix("same\n1\n0\n"), "\(outcome.output) \(outcome.errors)")
    #expect(!outcome.output.contains("failed"), "\(outcome.output) \(outcome.errors)")
  }

  /// Messages about temporary files name the folder and the variable.
  @Test func aBadFolderForTemporaryFilesIsNamed() throws {
    let place = try Workplace.withAddition()
    for folder in ["/nonexistent/folder", place.url.appendingPathComponent("add.tir").path] {
      for command in [["compile", "add.tir", "-o", "x.so"], ["doctor"]] {
        let outcome = try place.execute(
          Workplace.binary, command, ["TMPDIR": folder, "XDG_CACHE_HOME": place.url.appendingPathComponent("c").path])
        expect(outcome, fails: 1, "temporary-unwritable", "'\(folder)'", "TMPDIR")
      }
      // C is written without a compiler, hence without temporary files.
      let outcome = try place.execute(
        Workplace.binary, ["compile", "add.tir", "-o", "x.c", "--target", "generic"], ["TMPDIR": folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }
}
