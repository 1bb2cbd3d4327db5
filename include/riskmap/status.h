/* Status codes and the error that a caller owns. Part of riskmap.h. */
#ifndef RISKMAP_STATUS_H
#define RISKMAP_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RM_API __attribute__((visibility("default")))
#else
#define RM_API
#endif

/** What a function came to. 0 is success; the values are fixed for good. */
typedef int32_t rm_status;
enum {
    RM_OK = 0,
    RM_ENOMEM = 1,       /**< no memory */
    RM_EINVAL = 2,       /**< an argument is out of its range */
    RM_EIO = 3,          /**< a file could not be read or written */
    RM_EFORMAT = 4,      /**< a file is not what its name or header says */
    RM_EMODEL = 5,       /**< the model file says something it may not */
    RM_EDATA = 6,        /**< the data cannot carry what the model asks */
    RM_ECRS = 7,         /**< a coordinate reference system is missing, unknown or not reachable */
    RM_ELIMIT = 8,       /**< more than this library or machine can hold */
    RM_EEXISTS = 9,      /**< the output exists already */
    RM_ENOTFOUND = 10,   /**< no such file, layer, field or name */
    RM_ECANCELLED = 11,  /**< the progress callback asked to stop */
    RM_EUNSUPPORTED = 12 /**< known, but not offered */
};

/**
 * Why a call failed. Owned by the caller, filled only on failure, frozen in layout.
 * The message is one line of UTF-8: what was wrong, where, and what to do. It never quotes a
 * cell of a shielded layer.
 */
typedef struct rm_error {
    int32_t code;     /**< an rm_status */
    int32_t reserved; /**< 0 */
    int64_t row;      /**< the feature or data row at fault, or -1 */
    char message[1008];
} rm_error;

/** The name of a status, such as "RM_EINVAL"; "RM_?" for a code that does
 * not exist. Thread-safe. */
RM_API const char *rm_status_name(rm_status status);

/** The library's version, such as "0.1.0". Thread-safe. */
RM_API const char *rm_version(void);

/**
 * Called during long work, on the thread that made the call and on no other.
 * fraction is 0 to 1, message a short line or NULL. Return 0 to go on, anything else to stop: the
 * call then returns RM_ECANCELLED and leaves nothing half-written behind.
 */
typedef int (*rm_progress_fn)(double fraction, const char *message, void *user);

#ifdef __cplusplus
}
#endif
#endif
