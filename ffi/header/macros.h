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

/** quell_kmeans_uniforms_len() as a constant. */
#define QUELL_KMEANS_UNIFORMS_LEN(clusters, restarts, trials) \
    ((size_t)(restarts) * (((size_t)(clusters) - 1) * (size_t)(trials) + 1))

/** quell_kmeans_scratch_len() as a constant. */
#define QUELL_KMEANS_SCRATCH_LEN(points, dimension, clusters, restarts, trials)                      \
    ((size_t)(points) + (size_t)(dimension) + (size_t)(clusters) * (size_t)(dimension)               \
     + ((restarts) > 1 && (points) <= 1024 ? (size_t)(points) * (size_t)(points) : 0)                \
     + ((size_t)(points) * 3 + (size_t)(clusters) * 5 + (size_t)(dimension)                          \
                > (size_t)(trials) * ((size_t)(points) + (size_t)(dimension) + 2) + (size_t)(points) \
            ? (size_t)(points) * 3 + (size_t)(clusters) * 5 + (size_t)(dimension)                    \
            : (size_t)(trials) * ((size_t)(points) + (size_t)(dimension) + 2) + (size_t)(points)))

/** quell_kmeans_singles_len() as a constant. */
#define QUELL_KMEANS_SINGLES_LEN(points, dimension, clusters)     \
    (((size_t)(clusters) + 1) / 2 * 2 * (((size_t)(dimension) + 3) / 4 * 4) + (size_t)(points) * (size_t)(clusters))

/**
 * quell_readout_state_len() as a constant, for a filter of the same radius in both directions that is applied to the
 * norm, with any boundary but QUELL_BOUNDARY_WRAP and QUELL_BOUNDARY_ZERO.
 */
#define QUELL_READOUT_STATE_LEN(height, width, radius)                                                    \
    ((size_t)(radius) * 2 + 2 + ((size_t)(radius) * 2 + (size_t)(width)) * ((height) < 16 ? (size_t)(height) : 16) \
     + (size_t)(width) + (size_t)(width) * ((radius) * 2 + 1 < (height) ? (size_t)(radius) * 2 + 1 : (size_t)(height)))

/** quell_mix_scratch_len() as a constant. */
#define QUELL_MIX_SCRATCH_LEN(pixels, cells) ((size_t)(pixels) + (size_t)(cells))

/** quell_remove_small_scratch_len() as a constant. */
#define QUELL_REMOVE_SMALL_SCRATCH_LEN(height, width) ((size_t)(height) * (size_t)(width) * 4)

/** quell_assignment_scratch_len() as a constant. */
#define QUELL_ASSIGNMENT_SCRATCH_LEN(rows, columns) \
    ((rows) < (columns) ? (size_t)(columns) * 2 + (size_t)(rows) : (size_t)(rows) * 2 + (size_t)(columns))

/** quell_assignment_index_scratch_len() as a constant. */
#define QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(rows, columns) \
    ((rows) < (columns) ? (size_t)(columns) * 3 + (size_t)(rows) : (size_t)(rows) * 3 + (size_t)(columns))

/** quell_boundaries_scratch_len() as a constant. */
#define QUELL_BOUNDARIES_SCRATCH_LEN(height, width) ((size_t)(height) * (size_t)(width))
