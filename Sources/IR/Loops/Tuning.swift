/// The numbers that decide how kernels are written where several ways are right: they change speed, and the order of sums, but
/// never what is computed. A target has a set of them; the set that stands here serves every machine measured so far.
///
/// A number says why it is what it is and, where it was measured, on which machine; the others were chosen by reasoning alone.
/// "Zen 5" is a machine of 2 cores with AVX-512, L1 48 KB, L2 1 MB and a fast L3 of 32 MB;
/// docs/performance-log.md has the measurements, docs/experiments.md the ones that the rules by number refer to.
public struct Tuning: Hashable, Sendable {
  /// Below this much work of a call, in multiply-adds of a register tile, waking other threads costs more than they save.
  public var serialWork = 1_000_000
  /// A kernel of more operations runs out of registers, and is slow to compile.
  public var largestGroup = 64
  public var elements = Elements()
  public var rows = Rows()
  public var products = Products()
  public var attention = Attention()
  public var depthwise = Depthwise()
  public var windows = Windows()
  public var sorting = Sorting()
  public var scans = Scans()
  public var recurrence = Recurrence()

  public init() {}

  /// Loops over elements, copies and transpositions.
  public struct Elements: Hashable, Sendable {
    /// Elements of the innermost axis that one piece of work covers; a multiple of every vector width.
    public var piece = 4096
    /// What a nearer cache holds needs no fetching; a size that is known only at run time may be larger. In bytes: the L2 of
    /// Sapphire Rapids, twice that of Zen 5.
    public var leastPrefetched = 2 << 20
    /// How far ahead of a loop over neighbouring elements memory is asked for, in bytes. Zen 5, maxima of rows: 6.4 ms, and
    /// 6.8 and 6.7 with 4 and 8 KB.
    public var prefetchDistance = 2048
    /// How much is fetched ahead of loops that copy runs of memory from places that indices name, in bytes: a page, at whose
    /// end the processor's own fetching stops.
    public var prefetchedRun = 4096
    /// Longer runs, in bytes, are left to the processor.
    public var longestPrefetchedRun = 8192
    /// How many vectors wide and high a tile of a transposition is: whole stretches of memory on both sides, and the tile stays
    /// in the nearest cache.
    public var transposedVectors = 4
    /// A result of fewer bytes is stored as usual: what reads it next may find it in a cache. One that the last cache (Zen 5:
    /// 32 MB) cannot hold goes past it, which saves reading what is overwritten. Where the size is not known the emitted C asks, by
    /// TC_STREAM_BYTES, which has the number that stands here.
    public var leastStreamed = 32 << 20
    /// Bytes of a line of a cache.
    public var cacheLine = 64
  }

  /// Reductions and what surrounds them.
  public struct Rows: Hashable, Sendable {
    /// Beyond this many elements a row leaves the nearest caches between two walks (Zen 5: 1 MB of L2), and one thread is too
    /// slow for it.
    public var longestRow = 1 << 18
    /// With fewer rows than this some threads would have nothing to do.
    public var fewestRows = 8
    /// Elements of a chunk where a walk is cut: some microseconds of work.
    public var chunk = 1 << 15
    /// With this many rows, or blocks of columns, all threads have enough to do.
    public var manyRows = 16
    /// A reduction of fewer elements is not worth a second kernel.
    public var leastSplit = 1 << 16
    /// Vectors of neighbouring columns that are walked together. A row of them fills whole cache lines, and their sums stay in
    /// registers.
    public var columnVectors = 4
    /// Rows that are added up in registers before sums in the cache are touched.
    public var rowsAtOnce = 4
    /// The sums of a block of columns take so many bytes: a small part of the nearest cache.
    public var blockBytes = 4096
    /// More reductions at once than this would crowd each other out of the cache.
    public var mostReductions = 4
    /// With fewer rows, sums in memory cost more than short steps save.
    public var fewestWideRows = 16
    /// A reduction of fewer elements lies in the nearest caches, and is walked down in registers.
    public var leastWide = 1 << 14
    /// A chunk has at least so many rows, to be worth its place in memory, and at most so many, to keep its sums exact.
    public var chunkRows = 64...1024
    /// This many pieces suffice for all threads.
    public var manyPieces = 64
  }

  /// Products of matrices and convolutions.
  public struct Products: Hashable, Sendable {
    /// Runs of up to so many steps that follow one another are written out, in tiles of few sums. Zen 3, a first layer with runs of 7 on one
    /// thread: 5.40 ms, and 4.85 so.
    public var longestUnrolled = 12
    /// Loops of at least so many steps are unrolled by four; in shorter ones what is left of four steps takes more than that saves: those
    /// runs of 7 took twice as long.
    public var leastUnrolledByFour = 32
    /// Tiles of at most so many sums are unrolled, by four those only that have three quarters of the largest's. Zen 3 beside a busy
    /// neighbour, a product of 784 by 512 by 128 on one thread: 1.92 ms, and 1.33 so without fetching ahead.
    public var mostUnrolledSums = 16
    /// How many panels a tile covers at once where it has few rows, so that there are sums enough to keep the units busy
    /// (Zen 5: two units of four cycles).
    public var panelsOfFewRows = 2
    /// Elements of the left operand that every panel is to find in a cache again: 2 MB of f32, which Zen 5 has in its fast L3.
    /// Fewer, for the L2 of an Ice Lake, were faster by 0 to 12 points of the peak and slower by 7 ("Blocking of large products").
    public var leftElements = 1 << 19
    /// A right operand of more elements (1 MB of f32) is not read anew for each block of rows: a band of blocks shares each of its
    /// panels. Zen 1, L2 512 KB, filters of 512 by 512 by 3 by 3 on 7 by 7 positions: see "Bands of lines".
    public var leastBanded = 1 << 18
    /// Elements of the left operand that a band reads: half of an L2 of 512 KB.
    public var bandElements = 1 << 16
    /// Steps of a block of long sums over a left operand that is read across its rows. Zen 1, 512 rows of 4096 steps: 40 ms without
    /// blocks.
    public var stepsOfBlock = 256
    /// What the sums of the tiles take that a thread adds to in turns: half of an L2 of 512 KB.
    public var bytesOfSums = 1 << 18
    /// Whether convolutions of 3 by 3 are computed by products of transformed tiles where that takes less.
    public var usesWinograd = true
    /// What transforms of tiles take for a step of a sum, or for a filter, in multiply-adds of vectors.
    public var winogradTransform = 128.0
    /// With fewer tiles, more transformed filters would be read than is won.
    public var fewestWinogradTiles = 8
    /// So many tiles at least are taken for a panel, so that fetching it is worth it.
    public var fewestTiles = 16
    /// So many rows for each thread, and threads divide the rows; with fewer they divide tiles.
    public var rowsOfThread = 16
    /// So many instructions for an element cost next to nothing on the accumulators (rule 9, Zen 5).
    public var mostOnRegisters = 12
    /// Operands behind a product that have so many bytes are fetched a tile ahead: what the L2 of Zen 1 cannot hold beside the
    /// product's own operands. Adam behind a gradient of 784 by 256: 1.62 ms a step without, 1.21 with.
    public var leastFetched = 1 << 17
  }

  /// Attention in one kernel.
  public struct Attention: Hashable, Sendable {
    /// Keys of a block; a multiple of every panel's width. With 64 numbers each, keys and values of a block are 128 KB of f32. Zen 1, 8
    /// heads of 1024 positions: 35.2 ms, and with 128 keys 35.7, with 64 37.
    public var keys = 256
    /// Tiles of queries that share the keys of a block. Zen 1, with 256 keys: 36.8 ms with four.
    public var tiles = 8
  }

  /// Convolutions of one filter for each channel.
  public struct Depthwise: Hashable, Sendable {
    /// Vectors of channels in a block: whole lines of the cache, and the rows a window shares stay in L1.
    public var vectorsPerBlock = 4
    /// More taps than this would not leave their weights in registers.
    public var mostTaps = 9
    /// The most pixels of a tile; with a vector of weights for each tap and the input they fill half the registers, and sums
    /// enough are under way to hide the latency of a multiply-add.
    public var mostPixels = 8
    /// In lines of more pixels nothing is won by looking at each tile.
    public var widest = 1 << 16
  }

  /// Pools and convolutions without a product's form.
  public struct Windows: Hashable, Sendable {
    /// The most taps on an axis that are written out one by one.
    public var longestUnrolled = 16
    /// The most taps of a window that is worth code of its own for where it lies inside.
    public var largestOwn = 32
  }

  /// Sorting and selection.
  public struct Sorting: Hashable, Sendable {
    /// With this many lines, all threads have enough to do.
    public var manyLines = 16
    /// So many lines at once are faster in the lanes of vectors than one after the other, even where most lanes are idle.
    public var fewestInLanes = 4
    /// The longest line for each lane: a network's work grows faster than a radix sort's, and narrow vectors share it between
    /// fewer lines.
    public var longestPerLane = 256
    /// Bytes of what a network compares at once: most of the nearest cache.
    public var networkBytes = 32_768
    /// From this length on, digits of eleven bits; below, clearing and adding up 2048 counts would take longer than sorting.
    public var longLine = 4096
    /// Inserting one after the other is faster up to this length.
    public var shortLine = 32
    /// How many vectors a selection compares before it looks at the outcome.
    public var selectedVectors = 4
  }

  /// Scans along an axis.
  public struct Scans: Hashable, Sendable {
    /// Elements of a chunk: some tens of microseconds.
    public var chunk = 1 << 15
    /// With this many lines, all threads have enough to do.
    public var manyLines = 16
  }

  /// Recurrent layers.
  public struct Recurrence: Hashable, Sendable {
    /// From this many weights on, a step of one row is worth a barrier: reading 256 KB from L2 takes 1.2 µs on one thread of
    /// Zen 5, 0.9 on two.
    public var leastDividedWeights = 128 * 1024
  }
}
