/// The text that every emitted `NAME.h` begins with, so that it needs no other file: Sources/ABI/include/tensorc.h,
/// copied, and held to it by a test. The prototypes for NAME follow it.
public enum ABIHeader {
  /// The version that a library compiled with this text reports, `TENSORC_ABI_VERSION`.
  public static let version = 1

  /// The header of a library, `NAME.h`: the ABI and the prototypes.
  /// - Parameter name: a C identifier, the prefix of the library's functions.
  public static func library(named name: String) -> String {
    let guardName = "TENSORC_LIBRARY_\(name)"
    return text + """

      #ifndef \(guardName)
      #define \(guardName)
      #ifdef __cplusplus
      extern "C" {
      #endif

      TENSORC_API const tensorc_description *\(name)_describe(void);
      TENSORC_API const tensorc_model *\(name)_create(const tensorc_options *options, tensorc_error *error);
      TENSORC_API int32_t \(name)_output_bounds(const tensorc_model *model, const tensorc_call *call,
                                            tensorc_error *error);
      TENSORC_API int32_t \(name)_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                             tensorc_error *error);
      TENSORC_API int32_t \(name)_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
      TENSORC_API void \(name)_destroy(const tensorc_model *model);
      TENSORC_API const tensorc_library *\(name)_library(void);

      #ifdef __cplusplus
      }
      #endif
      #endif

      """
  }

  /// The whole ABI header; ends with a line feed.
  public static let text = #"""
    /* The C ABI of a compiled tensor library, version 1.
     *
     * A library compiled from a model NAME offers six functions:
     *
     *   const tensorc_description *NAME_describe(void);
     *   const tensorc_model *NAME_create(const tensorc_options *options, tensorc_error *error);
     *   int32_t NAME_output_bounds(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
     *   int32_t NAME_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
     *                               tensorc_error *error);
     *   int32_t NAME_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
     *   void NAME_destroy(const tensorc_model *model);
     *
     * and NAME_library, which returns a table of them. A shared library (built with -DTENSORC_SHARED) gives the same table
     * under the name tensorc_library_v1.
     *
     * A call, from beginning to end:
     *
     *   1. Fill a tensorc_tensor for each input and output, in the order of the description, and point a tensorc_call at
     *      them. An output needs a dimensions array with room for its rank; the library fills it.
     *   2. NAME_output_bounds writes the largest size each output can have; allocate the outputs.
     *   3. NAME_workspace_size tells the scratch memory needed; allocate it.
     *   4. NAME_run computes, and writes the exact sizes. Repeat it as often as you like with the same memory.
     *
     * Rules that hold throughout:
     *
     *   - All memory is the caller's. The library allocates nothing, except through the callback in the call, and keeps no
     *     pointer after it returns. No alignment is assumed; buffers aligned to 64 bytes are the fastest.
     *   - Functions return TENSORC_OK or a code from tensorc_code, and describe the mistake in *error, which may be null.
     *   - A model never changes after NAME_create: any number of threads may use it at once, each with its own call,
     *     outputs and workspace.
     *   - Structs that begin with `size` may grow at their end in later releases of this version: set `size` to sizeof
     *     the struct you compiled against. The library treats what lies beyond as zero. The others never change.
     *   - Two buffers that the library may write must not overlap with each other or with an input, save for a donation
     *     (see tensorc_donation).
     *   - After a run with OpenMP, a forked child must not run again: OpenMP's threads do not survive fork.
     */
    #ifndef TENSORC_ABI_1
    #define TENSORC_ABI_1

    #if defined(TENSORC_ABI_VERSION)
    #error "Headers for two versions of the tensorc ABI are included in one file: compile the models with one tensorc."
    #endif
    #define TENSORC_ABI_VERSION 1

    #include <stdint.h>

    /* Marks what a shared library exports; everything else can be compiled with -fvisibility=hidden. */
    #if defined(__GNUC__)
    #define TENSORC_API __attribute__((visibility("default")))
    #else
    #define TENSORC_API
    #endif

    #ifdef __cplusplus
    extern "C" {
    #endif

    /* What an element is. Structs hold it as int32_t, so that the size of a C enum does not matter. */
    typedef enum tensorc_element_type {
      TENSORC_F64 = 1,
      TENSORC_F32 = 2,
      TENSORC_F16 = 3,  /* IEEE binary16 */
      TENSORC_BF16 = 4, /* the upper half of an f32 */
      TENSORC_I8 = 5,
      TENSORC_I16 = 6,
      TENSORC_I32 = 7,
      TENSORC_I64 = 8,
      TENSORC_U8 = 9,
      TENSORC_U16 = 10,
      TENSORC_U32 = 11,
      TENSORC_U64 = 12,
      TENSORC_BOOL = 13, /* one byte, 0 or 1 */
      TENSORC_I4 = 14,   /* two to a byte, the earlier one in the lower half; dense, in ceil(elements / 2) bytes */
      TENSORC_U4 = 15    /* as i4, unsigned */
    } tensorc_element_type;

    /* What a function returns. Numbers keep their meaning; later releases may add some, so treat others as errors too. */
    typedef enum tensorc_code {
      TENSORC_OK = 0,
      TENSORC_BAD_CALL = 1,            /* a null pointer, a wrong `size`, or the wrong number of tensors */
      TENSORC_BAD_ELEMENT_TYPE = 2,    /* a tensor is not of the described element type */
      TENSORC_BAD_SHAPE = 3,           /* a rank or a dimension is not as described, or contradicts another input */
      TENSORC_BAD_STRIDES = 4,         /* strides are negative, or not dense where the value is not TENSORC_STRIDED */
      TENSORC_BUFFER_TOO_SMALL = 5,    /* error->argument names the tensor, error->needed its size in bytes */
      TENSORC_WORKSPACE_TOO_SMALL = 6, /* error->needed is the size in bytes */
      TENSORC_OVERLAP = 7,             /* buffers overlap in a way that no donation allows */
      TENSORC_BAD_INDEX = 8,           /* the data holds an index out of range; it was clamped, and the results stand */
      TENSORC_GUARD_FAILED = 9,        /* the data or the sizes break a condition of the model, which error->text tells */
      TENSORC_NO_ALLOCATOR = 10,       /* a size is known only during the run, and call->allocate is null */
      TENSORC_OUT_OF_MEMORY = 11,      /* call->allocate returned null; error->needed is the size in bytes */
      TENSORC_UNSUPPORTED_CPU = 12,    /* the library was compiled for instructions that this processor lacks */
      TENSORC_BAD_OPTIONS = 13,        /* the options hold a flag that this library does not know */
      TENSORC_CHECK_FAILED = 14,       /* compiled with --checks: a kernel wrote outside its memory, a bug of tensorc */
      TENSORC_RANKS_FAILED = 15        /* the ranks could not do something together; error->text tells */
    } tensorc_code;

    /* One tensor: where it is and what it looks like.
     *
     * An input is only read. For an output, element type and rank are the described ones, `dimensions` has room for `rank`
     * sizes, which the library writes, and `capacity` may be more than is needed. Memory outside the elements themselves
     * is never written. `data` may be null where there are no elements, and in NAME_output_bounds and NAME_workspace_size,
     * which do not look at it. */
    typedef struct tensorc_tensor {
      void *data;             /* the element whose indices are all zero */
      uint64_t capacity;      /* bytes that may be used, counted from data */
      int32_t element_type;   /* a tensorc_element_type */
      int32_t rank;           /* 0 is a scalar */
      int64_t *dimensions;    /* rank sizes; may be null for a scalar */
      const int64_t *strides; /* rank steps, in elements, 0 or more; null means dense, the last dimension the fastest */
    } tensorc_tensor;

    /* The mistake in a call, in the caller's memory. Strings are UTF-8, end with a zero and are cut to fit. A function that
     * succeeds sets `code` to TENSORC_OK and leaves the rest. */
    typedef struct tensorc_error {
      uint64_t size;    /* sizeof(tensorc_error), set by the caller */
      int32_t code;     /* the tensorc_code that the function returned */
      int32_t argument; /* position among the inputs, or among the outputs plus the number of inputs; -1 for none */
      uint64_t needed;  /* bytes, for the codes that say so; otherwise 0 */
      char id[64];      /* stable and short, "buffer-too-small": look it up in the documentation */
      char node[256];   /* the place in the user's model, or empty */
      char text[1024];  /* what is wrong and what to do */
    } tensorc_error;

    /* Memory for sizes that become known during a run. With `block` null: returns `new_size` bytes. Otherwise `block` came
     * from here with `old_size` bytes: with `new_size` 0 takes it back and returns null, else returns `new_size` bytes
     * that begin with the old contents. Returns null when it cannot. Called by one thread at a time, not always the one
     * that called NAME_run, which gives back all it took before it returns. */
    typedef void *(*tensorc_allocate)(void *context, void *block, uint64_t old_size, uint64_t new_size);

    /* What ranks, processes that run the same library each on its own data, do together. */
    typedef enum tensorc_collective_kind {
      TENSORC_ALL_REDUCE = 1,     /* all receive the parts of all, combined */
      TENSORC_ALL_GATHER = 2,     /* all receive the parts of all, one behind the other */
      TENSORC_REDUCE_SCATTER = 3, /* all send a part for each rank; each receives those for it, combined */
      TENSORC_BROADCAST = 4,      /* all receive what the root sends */
      TENSORC_REDUCE_TO_ROOT = 5  /* the root receives the parts of all, combined; the others receive zeros */
    } tensorc_collective_kind;

    /* How the elements x0, x1, … of the ranks are combined: always in the order of the ranks, so that the same ranks give the
     * same bits. */
    typedef enum tensorc_rank_reduction {
      TENSORC_RANK_SUM = 1,    /* ((x0 + x1) + x2) … */
      TENSORC_RANK_MEAN = 2,   /* that divided by the number of ranks; floats only */
      TENSORC_RANK_MAXIMUM = 3 /* NaN if one is NaN */
    } tensorc_rank_reduction;

    /* Elements to send, and where to put what is received. Of `count` elements each, but that all_gather receives, and
     * reduce_scatter sends, `count` elements for each rank. No alignment is assumed. */
    typedef struct tensorc_part {
      const void *send;
      void *receive;
      uint64_t count;
    } tensorc_part;

    /* One thing that ranks do together, with several tensors of one element type at once. */
    typedef struct tensorc_collective {
      int32_t kind;         /* a tensorc_collective_kind */
      int32_t reduction;    /* a tensorc_rank_reduction */
      int32_t element_type; /* a tensorc_element_type; f64, f32 or an integer of whole bytes where elements are combined */
      int32_t root;         /* a rank */
      uint32_t part_count;
      uint32_t reserved;
      const tensorc_part *parts;
      const char *node; /* the place in the user's model, or empty */
    } tensorc_collective;

    /* How a library reaches the other ranks: the caller's functions, called by one thread of a call at a time, in the same
     * order on all ranks. They return 0, or another number and what is wrong in error->text; after that no function of the
     * table touches memory of an earlier `start` any more, and the run ends with TENSORC_RANKS_FAILED.
     *
     * `start` gives a request, and may return before anything has been sent: what `parts` points at lasts until `start`
     * returns, the memory to send and to receive until `wait` has returned for the request. Every request is waited for once,
     * in the order of their starts or in another. */
    typedef struct tensorc_ranks {
      uint64_t size;  /* sizeof(tensorc_ranks) */
      int32_t rank;   /* of the caller, from 0 */
      int32_t count;  /* how many ranks there are, 1 or more */
      void *context;  /* handed to the functions */
      int32_t (*start)(void *context, const tensorc_collective *what, void **request, tensorc_error *error);
      int32_t (*wait)(void *context, void *request, tensorc_error *error);
    } tensorc_ranks;

    /* One call of the model. The library does not change it, except for the outputs' dimensions and contents. */
    typedef struct tensorc_call {
      uint64_t size;                /* sizeof(tensorc_call) */
      const tensorc_tensor *inputs; /* in the order of the description */
      tensorc_tensor *outputs;
      uint32_t input_count;
      uint32_t output_count;
      void *workspace; /* scratch, its contents of no meaning before and after */
      uint64_t workspace_size;
      int32_t threads;           /* at most so many; 0: as many processors as this process may use */
      uint32_t flags;            /* 0 */
      tensorc_allocate allocate; /* may be null */
      void *allocator_context;   /* handed to allocate */
      const tensorc_ranks *ranks; /* may be null: then the caller is the only rank, as with a count of 1 */
    } tensorc_call;

    /* How a model is created; null stands for all zeros. */
    typedef struct tensorc_options {
      uint64_t size;  /* sizeof(tensorc_options) */
      uint64_t flags; /* 0 */
    } tensorc_options;

    /* A dimension of an input or output. */
    typedef struct tensorc_dimension {
      int64_t size;        /* the size, or -1 where it depends on symbols */
      const char *formula; /* always there: "784", "n", "2*n + 1" */
      int32_t symbol;      /* the symbol's index where the formula is one symbol, otherwise -1 */
      int32_t reserved;
    } tensorc_dimension;

    /* Flags of a value. */
    enum {
      TENSORC_STRIDED = 1 /* any strides are taken; without it, only dense ones */
    };

    /* An input or output. */
    typedef struct tensorc_value {
      const char *name;
      int32_t element_type; /* a tensorc_element_type */
      int32_t rank;
      const tensorc_dimension *dimensions;
      uint32_t flags;
      uint32_t reserved;
    } tensorc_value;

    /* Flags of a symbol. */
    enum {
      TENSORC_COMPUTED = 1 /* not a size of an input: it becomes known during the run */
    };

    /* A size that the calls choose. Each call may choose another one. */
    typedef struct tensorc_symbol {
      const char *name;
      int64_t minimum; /* 0 or more */
      int64_t maximum; /* INT64_MAX where there is none */
      int64_t divisor; /* every value is a multiple of it; 1 or more */
      uint32_t flags;
      uint32_t reserved;
    } tensorc_symbol;

    /* An input whose buffer an output may share: pass the same `data` for both, and the output replaces the input. The
     * sharing must be exact: the same address, both dense, and the same size. */
    typedef struct tensorc_donation {
      uint32_t input;
      uint32_t output;
    } tensorc_donation;

    /* How a library runs in parallel. */
    typedef enum tensorc_thread_mode {
      TENSORC_SERIAL = 0, /* one thread, whatever a call asks for; fork is safe */
      TENSORC_OPENMP = 1
    } tensorc_thread_mode;

    /* What a library computes. It lives as long as the library. */
    typedef struct tensorc_description {
      uint64_t size;        /* sizeof(tensorc_description) when the library was compiled */
      uint32_t abi_version; /* TENSORC_ABI_VERSION when the library was compiled */
      int32_t thread_mode;  /* a tensorc_thread_mode */
      const char *tool_version;
      const char *model_name;
      const char *target; /* the processor it was compiled for: "generic", "x86-64-v3" */
      const tensorc_value *inputs;
      const tensorc_value *outputs;
      const tensorc_symbol *symbols;
      const tensorc_donation *donations;
      uint32_t input_count;
      uint32_t output_count;
      uint32_t symbol_count;
      uint32_t donation_count;
    } tensorc_description;

    /* A created model. */
    typedef struct tensorc_model tensorc_model;

    /* The functions of a library, for those who load it while running. */
    typedef struct tensorc_library {
      uint64_t size; /* sizeof(tensorc_library) when the library was compiled */
      uint32_t abi_version;
      uint32_t reserved;

      /* Never fails. */
      const tensorc_description *(*describe)(void);

      /* Checks that this processor can run the code. Returns null on a mistake. Allocates nothing: the model is part of
       * the library. */
      const tensorc_model *(*create)(const tensorc_options *options, tensorc_error *error);

      /* Writes into call->outputs[i].dimensions the largest sizes that the inputs' dimensions allow, -1 where they set no
       * limit. Looks at element types, ranks, dimensions and strides; not at data, capacity or workspace. */
      int32_t (*output_bounds)(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);

      /* Writes the bytes of workspace that a run needs, from the inputs' dimensions and call->threads. More does not
       * help, and fewer threads never need more. */
      int32_t (*workspace_size)(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                tensorc_error *error);

      /* Computes the outputs and writes their exact dimensions. Everything that can be checked from the dimensions is
       * checked before the first write. With TENSORC_BUFFER_TOO_SMALL the dimensions known so far are written, too. After
       * any other code the contents of the outputs mean nothing, nor do those of the inputs donated to them; with
       * TENSORC_BAD_INDEX they are complete, computed with the clamped index. */
      int32_t (*run)(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);

      /* Ends the use of a model; null is allowed. No call may be under way. */
      void (*destroy)(const tensorc_model *model);
    } tensorc_library;

    /* The one name that every shared library exports. It is left out of objects meant for static linking (those compiled
     * without -DTENSORC_SHARED), so that two models can be linked into one program. */
    TENSORC_API const tensorc_library *tensorc_library_v1(void);

    #ifdef __cplusplus
    }
    #endif

    #endif /* TENSORC_ABI_1 */

    """#
}
