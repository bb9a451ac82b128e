/** The version of this header; quell_version() gives that of the library. */
#define QUELL_VERSION "@VERSION@"
#define QUELL_VERSION_MAJOR @MAJOR@
#define QUELL_VERSION_MINOR @MINOR@
#define QUELL_VERSION_PATCH @PATCH@

/** The three in one number that grows from release to release, for #if. */
#define QUELL_VERSION_NUMBER (QUELL_VERSION_MAJOR * 1000000L + QUELL_VERSION_MINOR * 1000L + QUELL_VERSION_PATCH)

/** Warns where a result is dropped: a status that nobody looks at is an error that nobody sees. */
#if (defined(__cplusplus) && __cplusplus >= 201703L) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define QUELL_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define QUELL_MUST_USE __attribute__((warn_unused_result))
#else
#define QUELL_MUST_USE
#endif

/**
 * quell_history_len() as a constant, for arrays of static length. For 0 slots there is no array: pass NULL and 0.
 */
#define QUELL_HISTORY_LEN(slots, n) ((size_t)(slots) * (size_t)(n))

/** quell_pairs_len() as a constant. */
#define QUELL_PAIRS_LEN(levels) ((size_t)(levels) * ((size_t)(levels) + 1) / 2)

/** quell_monotone_scratch_len() as a constant. */
#define QUELL_MONOTONE_SCRATCH_LEN(levels) ((size_t)(levels) * 2)

/** quell_parents_len() as a constant. */
#define QUELL_PARENTS_LEN(steps, points) ((size_t)(steps) * (size_t)(points))

/** quell_shortest_paths_scratch_len() as a constant. */
#define QUELL_SHORTEST_PATHS_SCRATCH_LEN(steps, points) ((size_t)(steps) * ((size_t)(points) + 1))

/** quell_displacement_scratch_len() as a constant. */
#define QUELL_DISPLACEMENT_SCRATCH_LEN(levels) ((size_t)(levels) * 2)

/** quell_table_encoded_len() as a constant, from the numbers of levels and of moments. */
#define QUELL_TABLE_ENCODED_LEN(levels, moments_len) ((size_t)28 + (size_t)(levels) * 8 + (size_t)(moments_len) * 24)
