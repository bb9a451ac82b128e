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
