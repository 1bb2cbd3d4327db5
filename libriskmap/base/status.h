/* Filling the caller's error. */
#ifndef RM_BASE_STATUS_H
#define RM_BASE_STATUS_H

#include "riskmap/status.h"

#if defined(__GNUC__)
#define RM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define RM_PRINTF(fmt, args)
#endif

/* Writes code, row and message (cut on a UTF-8 boundary) into err, which may be NULL, and returns
 * code, so that a function can end with `return rm_fail(...)`. */
rm_status rm_fail(rm_error *err, rm_status code, const char *format, ...) RM_PRINTF(3, 4);
rm_status rm_fail_row(rm_error *err, rm_status code, int64_t row, const char *format, ...)
    RM_PRINTF(4, 5);
rm_status rm_fail_memory(rm_error *err);

/* Puts "prefix: " before the message that err holds already: what was being done when it failed. */
rm_status rm_fail_within(rm_error *err, rm_status code, const char *format, ...) RM_PRINTF(3, 4);

/* Makes a status the return value of the caller when it is not RM_OK. */
#define RM_TRY(call)                                                                               \
    do {                                                                                           \
        rm_status rm_try_status_ = (call);                                                         \
        if (rm_try_status_ != RM_OK)                                                               \
            return rm_try_status_;                                                                 \
    } while (0)

#endif
