#define _GNU_SOURCE
#include "base/parallel.h"

#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { MOST_THREADS = 64 };

/* The cores this process may use, which a container or taskset can make fewer than there are. */
static long usable_cores(void)
{
#if defined(__linux__) && defined(CPU_COUNT)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    return sysconf(_SC_NPROCESSORS_ONLN);
}

int rm_threads(int wanted)
{
    long threads = wanted == 0 ? usable_cores() : wanted;
    if (threads < 1)
        return 1;
    return threads > MOST_THREADS ? MOST_THREADS : (int)threads;
}

typedef struct worker_state {
    rm_worker_fn function;
    void *context;
    int number;
    bool started;
    pthread_t thread;
    rm_status status;
    rm_error error;
} worker_state;

static void run_worker(worker_state *w)
{
    w->error = (rm_error){.row = -1};
    w->status = w->function(w->context, w->number, &w->error);
}

static void *thread_main(void *argument)
{
    run_worker(argument);
    return NULL;
}

/* Signals stay with the threads of the caller, whose handlers may count on them. */
static void start_threads(worker_state *workers, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    bool masked = pthread_sigmask(SIG_BLOCK, &all, &before) == 0;
    for (int i = 1; i < threads; i++)
        workers[i].started =
            pthread_create(&workers[i].thread, NULL, thread_main, &workers[i]) == 0;
    if (masked)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
}

rm_status rm_workers(int threads, rm_worker_fn function, void *context, rm_error *err)
{
    if (threads <= 1)
        return function(context, 0, err);
    worker_state *workers = NULL;
    RM_TRY(RM_NEW_ZERO(&workers, threads, err));
    for (int i = 0; i < threads; i++) {
        workers[i].function = function;
        workers[i].context = context;
        workers[i].number = i;
    }
    start_threads(workers, threads);
    run_worker(&workers[0]);
    /* What no thread could be had for is done here, so that every worker has run. */
    for (int i = 1; i < threads; i++) {
        if (!workers[i].started)
            run_worker(&workers[i]);
    }
    rm_status status = RM_OK;
    for (int i = threads - 1; i >= 0; i--) {
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
        if (workers[i].status != RM_OK) {
            status = workers[i].status;
            if (err != NULL)
                *err = workers[i].error;
        }
    }
    rm_release(workers);
    return status;
}

typedef struct job {
    int64_t count, chunk, chunks;
    rm_chunk_fn function;
    void *context;
    rm_progress *progress;
    const char *message;
    _Atomic int64_t next, finished;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards what follows, and the condition */
    pthread_cond_t left;  /* a worker other than 0 has no more chunks to do */
    int64_t failed_chunk; /* the lowest, or INT64_MAX */
    rm_status failed_status;
    rm_error failed_error;
} job;

static void run_chunk(job *j, int64_t k, int worker)
{
    int64_t begin = k * j->chunk;
    int64_t end = j->count - begin < j->chunk ? j->count : begin + j->chunk;
    rm_error error = {.row = -1};
    rm_status status = j->function(j->context, begin, end, worker, &error);
    if (status != RM_OK) {
        atomic_store(&j->stop, true);
        pthread_mutex_lock(&j->lock);
        if (k < j->failed_chunk) {
            j->failed_chunk = k;
            j->failed_status = status;
            j->failed_error = error;
        }
        pthread_mutex_unlock(&j->lock);
    }
    atomic_fetch_add(&j->finished, 1);
}

static rm_status report(job *j, rm_error *err)
{
    double fraction = (double)atomic_load(&j->finished) / (double)j->chunks;
    rm_status status = rm_progress_report(j->progress, fraction, j->message, err);
    if (status != RM_OK)
        atomic_store(&j->stop, true);
    return status;
}

/* Chunks are claimed in order and what is claimed is done, so the lowest chunk that fails runs
 * whatever the number of threads. */
static bool claim(job *j, int64_t *k)
{
    if (atomic_load_explicit(&j->stop, memory_order_relaxed))
        return false;
    *k = atomic_fetch_add(&j->next, 1);
    return *k < j->chunks;
}

static bool others_busy(job *j)
{
    int64_t claimed = atomic_load(&j->next);
    return atomic_load(&j->finished) < (claimed < j->chunks ? claimed : j->chunks);
}

/* The caller hears of progress while the other workers do their last chunks, and once
 * of the end. */
static rm_status finish_reporting(job *j, rm_error *err)
{
    rm_status status = RM_OK;
    pthread_mutex_lock(&j->lock);
    while (status == RM_OK && others_busy(j)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&j->left, &j->lock, &until);
        if (!others_busy(j))
            break;
        pthread_mutex_unlock(&j->lock);
        status = report(j, err);
        pthread_mutex_lock(&j->lock);
    }
    pthread_mutex_unlock(&j->lock);
    if (status == RM_OK && atomic_load(&j->finished) == j->chunks)
        status = report(j, err);
    return status;
}

static rm_status job_worker(void *context, int worker, rm_error *err)
{
    job *j = context;
    int64_t k;
    while (claim(j, &k)) {
        run_chunk(j, k, worker);
        if (worker == 0 && atomic_load(&j->finished) < j->chunks)
            RM_TRY(report(j, err));
    }
    if (worker == 0)
        return j->progress != NULL ? finish_reporting(j, err) : RM_OK;
    pthread_mutex_lock(&j->lock);
    pthread_cond_signal(&j->left);
    pthread_mutex_unlock(&j->lock);
    return RM_OK;
}

static rm_status open_job(job *j, rm_error *err)
{
    pthread_condattr_t attributes;
    if (pthread_mutex_init(&j->lock, NULL) != 0)
        return rm_fail_memory(err);
    if (pthread_condattr_init(&attributes) != 0)
        goto no_attributes;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&j->left, &attributes);
    pthread_condattr_destroy(&attributes);
    if (failed == 0)
        return RM_OK;
no_attributes:
    pthread_mutex_destroy(&j->lock);
    return rm_fail_memory(err);
}

rm_status rm_parallel(int64_t count, int64_t chunk, int threads, rm_chunk_fn function,
                      void *context, rm_progress *progress, const char *message, rm_error *err)
{
    RM_TRY(rm_progress_report(progress, 0, message, err));
    if (chunk < 1)
        chunk = 1;
    if (count < 1)
        return rm_progress_report(progress, 1, message, err);
    job j = {.count = count,
             .chunk = chunk,
             .chunks = count / chunk + (count % chunk != 0),
             .function = function,
             .context = context,
             .progress = progress,
             .message = message,
             .failed_chunk = INT64_MAX};
    RM_TRY(open_job(&j, err));
    if (threads > j.chunks)
        threads = (int)j.chunks;
    rm_status status = rm_workers(threads, job_worker, &j, err);
    if (j.failed_chunk != INT64_MAX) {
        status = j.failed_status;
        if (err != NULL)
            *err = j.failed_error;
    }
    pthread_cond_destroy(&j.left);
    pthread_mutex_destroy(&j.lock);
    return status;
}

struct rm_mutex {
    pthread_mutex_t lock;
};

rm_status rm_mutex_new(rm_mutex **out, rm_error *err)
{
    rm_mutex *mutex = NULL;
    RM_TRY(RM_NEW(&mutex, 1, err));
    if (pthread_mutex_init(&mutex->lock, NULL) != 0) {
        rm_release(mutex);
        return rm_fail_memory(err);
    }
    *out = mutex;
    return RM_OK;
}

void rm_mutex_lock(rm_mutex *mutex)
{
    pthread_mutex_lock(&mutex->lock);
}

void rm_mutex_unlock(rm_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->lock);
}

void rm_mutex_free(rm_mutex *mutex)
{
    if (mutex == NULL)
        return;
    pthread_mutex_destroy(&mutex->lock);
    rm_release(mutex);
}
