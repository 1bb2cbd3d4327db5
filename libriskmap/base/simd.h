/* One function compiled for several instruction sets, chosen when the library is loaded. */
#ifndef RM_BASE_SIMD_H
#define RM_BASE_SIMD_H

/* Put before a static function whose loops the compiler turns into vectors. clang before 16 has no
 * target_clones, and the sanitizers start before the choice can be made. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define RM_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RM_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(RM_SANITIZED) &&                         \
    (defined(__clang__) ? __clang_major__ >= 16 : defined(__GNUC__))
#define RM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define RM_CLONES
#endif

#endif
