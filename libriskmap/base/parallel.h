/* Loops over chunks on a few threads. */
#ifndef RM_BASE_PARALLEL_H
#define RM_BASE_PARALLEL_H

#include "base/progress.h"

#include <stdint.h>

/* 0 asks for as many threads as the machine has cores; the answer lies between 1 and 64. */
int rm_threads(int wanted);

/* Does begin..end (end exclusive) of a loop. worker counts from 0, the calling thread, and no two
 * calls with the same worker run at once. */
typedef rm_status (*rm_chunk_fn)(void *context, int64_t begin, int64_t end, int worker,
                                 rm_error *err);

/* Runs 0..count in chunks of `chunk`, whose borders do not depend on the number of threads, so a
 * result made per chunk does not either. threads = 1 starts no thread. When chunks fail, the error
 * of the lowest failed chunk that ran is returned and no further chunk is started; it is the same
 * for any number of threads. Progress (may be NULL) is reported by the calling thread, between its
 * own chunks and while it waits for others, so a chunk should take less than 0.1 s. */
rm_status rm_parallel(int64_t count, int64_t chunk, int threads, rm_chunk_fn function,
                      void *context, rm_progress *progress, const char *message, rm_error *err);

/* Runs function once per worker 0..threads-1, each on its own thread (worker 0 on the calling one),
 * and returns the error of the lowest worker that failed. For loops that pull work themselves.
 * Workers for which the system gives no thread run on the calling one after worker 0, so no worker
 * may wait for what another has yet to do. */
typedef rm_status (*rm_worker_fn)(void *context, int worker, rm_error *err);
rm_status rm_workers(int threads, rm_worker_fn function, void *context, rm_error *err);

/* A plain mutex, so that POSIX calls stay in base. */
typedef struct rm_mutex rm_mutex;
rm_status rm_mutex_new(rm_mutex **out, rm_error *err);
void rm_mutex_lock(rm_mutex *mutex);
void rm_mutex_unlock(rm_mutex *mutex);
void rm_mutex_free(rm_mutex *mutex);

#endif
