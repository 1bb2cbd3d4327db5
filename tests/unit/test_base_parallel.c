/* Loops over chunks and over workers, progress and cancelling. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { COUNT = 1003, CHUNK = 10, CHUNKS = 101, WORKERS = 8 };

static const int thread_counts[] = {0, 1, 2, 4, 8};
enum { THREAD_COUNTS = 5 };

static void nap(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

static void the_number_of_threads_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(rm_threads(1), 1);
    assert_int_equal(rm_threads(3), 3);
    assert_int_equal(rm_threads(64), 64);
    assert_int_equal(rm_threads(65), 64);
    assert_int_equal(rm_threads(-1), 1);
    assert_in_range(rm_threads(0), 1, 64);
}

typedef struct loop {
    atomic_int visits[COUNT];
    atomic_int busy[WORKERS];
    pthread_t caller;
    atomic_int wrong;     /* borders, workers or threads that are not as promised */
    atomic_int elsewhere; /* chunks done by another thread than the caller's */
    atomic_int started;
    int64_t fail_from, slow_until;
} loop;

static rm_status visit(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    loop *l = context;
    bool here = pthread_equal(pthread_self(), l->caller) != 0;
    atomic_fetch_add(&l->started, 1);
    if (begin % CHUNK != 0 || end != (begin + CHUNK < COUNT ? begin + CHUNK : COUNT) ||
        worker < 0 || worker >= WORKERS || here != (worker == 0) || err == NULL ||
        atomic_fetch_add(&l->busy[worker], 1) != 0)
        atomic_fetch_add(&l->wrong, 1);
    atomic_fetch_add(&l->elsewhere, !here);
    for (int64_t i = begin; i < end; i++)
        atomic_fetch_add(&l->visits[i], 1);
    if (begin < l->slow_until)
        nap(20);
    atomic_fetch_sub(&l->busy[worker], 1);
    if (begin >= l->fail_from)
        return rm_fail_row(err, RM_EDATA, begin, "chunk at %d", (int)begin);
    return RM_OK;
}

static void prepare(loop *l)
{
    memset(l, 0, sizeof *l);
    l->caller = pthread_self();
    l->fail_from = INT64_MAX;
}

static void every_index_is_visited_once(void **state)
{
    (void)state;
    static loop l;
    for (int t = 0; t < THREAD_COUNTS; t++) {
        rm_error err;
        prepare(&l);
        l.slow_until = 40;
        assert_int_equal(rm_parallel(COUNT, CHUNK, thread_counts[t], visit, &l, NULL, NULL, &err),
                         RM_OK);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(l.visits[i], 1);
        assert_int_equal(l.wrong, 0);
        assert_int_equal(l.started, CHUNKS);
        assert_int_equal(l.elsewhere > 0, thread_counts[t] > 1);
    }
}

static void the_error_of_the_lowest_failed_chunk(void **state)
{
    (void)state;
    static loop l;
    for (int t = 0; t < THREAD_COUNTS; t++) {
        for (int repeat = 0; repeat < 50; repeat++) {
            rm_error err;
            prepare(&l);
            l.fail_from = 200;
            assert_int_equal(
                rm_parallel(COUNT, CHUNK, thread_counts[t], visit, &l, NULL, NULL, &err), RM_EDATA);
            assert_int_equal(err.row, 200);
            assert_string_equal(err.message, "chunk at 200");
            assert_in_range(l.started, 21, 20 + WORKERS);
        }
        assert_int_equal(rm_parallel(COUNT, CHUNK, thread_counts[t], visit, &l, NULL, NULL, NULL),
                         RM_EDATA);
    }
}

/* The lowest chunk fails last: the ones above it failed while it slept. */
static void a_late_failure_lower_down_wins(void **state)
{
    (void)state;
    static loop l;
    rm_error err;
    prepare(&l);
    l.fail_from = 0;
    l.slow_until = 10;
    assert_int_equal(rm_parallel(COUNT, CHUNK, 4, visit, &l, NULL, NULL, &err), RM_EDATA);
    assert_int_equal(err.row, 0);
}

static rm_status fail_in_order(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    (void)context;
    (void)end;
    (void)worker;
    nap(begin == 0 ? 20 : 60);
    return rm_fail_row(err, RM_EDATA, begin, "chunk");
}

static void a_late_failure_higher_up_does_not(void **state)
{
    (void)state;
    rm_error err;
    assert_int_equal(rm_parallel(4, 1, 2, fail_in_order, NULL, NULL, NULL, &err), RM_EDATA);
    assert_int_equal(err.row, 0);
}

static void no_work_is_no_failure(void **state)
{
    (void)state;
    static loop l;
    prepare(&l);
    assert_int_equal(rm_parallel(0, CHUNK, 4, visit, &l, NULL, NULL, NULL), RM_OK);
    assert_int_equal(rm_parallel(-5, CHUNK, 4, visit, &l, NULL, NULL, NULL), RM_OK);
    assert_int_equal(l.started, 0);
}

static rm_status add_up(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    (void)worker;
    (void)err;
    atomic_fetch_add((_Atomic int64_t *)context, end - begin);
    return RM_OK;
}

static void extreme_counts_do_not_run_over(void **state)
{
    (void)state;
    _Atomic int64_t sum = 0;
    assert_int_equal(rm_parallel(INT64_MAX, INT64_MAX - 1, 2, add_up, &sum, NULL, NULL, NULL),
                     RM_OK);
    assert_true(sum == INT64_MAX);
    sum = 0;
    assert_int_equal(rm_parallel(INT64_MAX, INT64_MAX / 7, 2, add_up, &sum, NULL, NULL, NULL),
                     RM_OK);
    assert_true(sum == INT64_MAX);
    sum = 0;
    assert_int_equal(rm_parallel(5, 0, 2, add_up, &sum, NULL, NULL, NULL), RM_OK);
    assert_true(sum == 5);
}

typedef struct listener {
    pthread_t caller;
    int calls, wrong, stop_after;
    double first, last, longest_silence, heard;
    char message[32];
} listener;

static int listen_to(double fraction, const char *message, void *user)
{
    listener *l = user;
    double now = rm_seconds();
    if (!pthread_equal(pthread_self(), l->caller) || fraction < 0 || fraction > 1 ||
        (l->calls > 0 && fraction < l->last))
        l->wrong++;
    if (l->calls == 0)
        l->first = fraction;
    else if (now - l->heard > l->longest_silence)
        l->longest_silence = now - l->heard;
    l->heard = now;
    l->last = fraction;
    strncpy(l->message, message != NULL ? message : "", sizeof l->message - 1);
    return ++l->calls == l->stop_after;
}

static listener new_listener(void)
{
    return (listener){.caller = pthread_self()};
}

static void progress_is_told_by_the_calling_thread(void **state)
{
    (void)state;
    static loop l;
    for (int t = 1; t < THREAD_COUNTS; t++) {
        listener ear = new_listener();
        rm_progress progress;
        rm_progress_start(&progress, listen_to, &ear);
        prepare(&l);
        l.slow_until = 200;
        assert_int_equal(
            rm_parallel(COUNT, CHUNK, thread_counts[t], visit, &l, &progress, "joining", NULL),
            RM_OK);
        assert_int_equal(ear.wrong, 0);
        assert_true(ear.first == 0);
        assert_true(ear.last == 1);
        assert_string_equal(ear.message, "joining");
        assert_true(ear.calls < 60);
        assert_int_equal(l.wrong, 0);
    }
}

/* The caller's own chunks are done at once and another worker sleeps: the caller
 * must still hear. */
static rm_status sleep_elsewhere(void *context, int64_t begin, int64_t end, int worker,
                                 rm_error *err)
{
    (void)context;
    (void)begin;
    (void)end;
    (void)err;
    nap(worker == 0 ? 1 : 400);
    return RM_OK;
}

static void the_caller_hears_while_it_waits(void **state)
{
    (void)state;
    listener ear = new_listener();
    rm_progress progress;
    rm_progress_start(&progress, listen_to, &ear);
    assert_int_equal(rm_parallel(50, 1, 2, sleep_elsewhere, NULL, &progress, NULL, NULL), RM_OK);
    assert_int_equal(ear.wrong, 0);
    assert_true(ear.calls >= 5);
    assert_true(ear.longest_silence < 0.3);
    assert_true(ear.last == 1);
}

static void cancelling_stops_all_workers(void **state)
{
    (void)state;
    static loop l;
    for (int t = 0; t < THREAD_COUNTS; t++) {
        listener ear = new_listener();
        ear.stop_after = 2;
        rm_error err;
        rm_progress progress;
        rm_progress_start(&progress, listen_to, &ear);
        prepare(&l);
        l.slow_until = INT64_MAX;
        assert_int_equal(
            rm_parallel(COUNT, CHUNK, thread_counts[t], visit, &l, &progress, NULL, &err),
            RM_ECANCELLED);
        assert_int_equal(err.code, RM_ECANCELLED);
        assert_non_null(strstr(err.message, "cancelled"));
        assert_int_equal(ear.calls, 2);
        assert_true(l.started < CHUNKS);
        assert_true(rm_progress_cancelled(&progress));
        int started = l.started;
        assert_int_equal(rm_parallel(COUNT, CHUNK, 2, visit, &l, &progress, NULL, &err),
                         RM_ECANCELLED);
        assert_int_equal(l.started, started);
        assert_int_equal(ear.calls, 2);
    }
}

static void a_stage_covers_its_part_of_the_whole(void **state)
{
    (void)state;
    listener ear = new_listener();
    rm_progress progress;
    rm_progress_start(&progress, listen_to, &ear);
    rm_progress_stage(&progress, 0.25, 0.75);
    assert_int_equal(rm_progress_report(&progress, 0, NULL, NULL), RM_OK);
    assert_true(ear.last == 0.25);
    assert_int_equal(rm_progress_report(&progress, 0.5, NULL, NULL), RM_OK);
    assert_true(ear.last == 0.25);
    nap(60);
    assert_int_equal(rm_progress_report(&progress, 0.5, "halfway", NULL), RM_OK);
    assert_true(ear.last == 0.5);
    assert_string_equal(ear.message, "halfway");
    assert_int_equal(rm_progress_report(&progress, 7, NULL, NULL), RM_OK);
    assert_true(ear.last == 0.75);
    assert_int_equal(ear.calls, 3);
}

static void parts_divide_a_stage(void **state)
{
    (void)state;
    listener ear = new_listener();
    rm_progress progress;
    rm_progress_start(&progress, listen_to, &ear);
    rm_progress_stage(&progress, 0.25, 0.75);
    rm_stage whole = rm_progress_present(&progress);
    rm_progress_part(&progress, whole, 0.0, 0.5);
    assert_int_equal(rm_progress_report(&progress, 1, NULL, NULL), RM_OK);
    assert_true(ear.last == 0.5);
    rm_progress_part(&progress, whole, 0.5, 1.0);
    assert_int_equal(rm_progress_report(&progress, 1, NULL, NULL), RM_OK);
    assert_true(ear.last == 0.75);
    whole = rm_progress_present(NULL);
    assert_true(whole.from == 0 && whole.to == 1);
    rm_progress_part(NULL, whole, 0, 1);
}

/* What was reported last, and not too often. */
static void a_tick_repeats(void **state)
{
    (void)state;
    listener ear = new_listener();
    rm_progress progress;
    rm_error err = {0};
    rm_progress_start(&progress, listen_to, &ear);
    assert_int_equal(rm_progress_tick(&progress, NULL, NULL), RM_OK);
    assert_true(ear.calls == 1 && ear.last == 0);
    assert_int_equal(rm_progress_report(&progress, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_progress_tick(&progress, NULL, NULL), RM_OK);
    assert_int_equal(ear.calls, 2);
    progress.last -= 0.06;
    assert_int_equal(rm_progress_tick(&progress, "index", NULL), RM_OK);
    assert_true(ear.calls == 3 && ear.last == 1);
    rm_progress_stage(&progress, 0.5, 1);
    progress.last -= 0.06;
    assert_int_equal(rm_progress_tick(&progress, NULL, NULL), RM_OK);
    assert_true(ear.calls == 4 && ear.last == 0.5);
    ear.stop_after = 5;
    progress.last -= 0.06;
    assert_int_equal(rm_progress_tick(&progress, NULL, &err), RM_ECANCELLED);
    assert_int_equal(rm_progress_tick(&progress, NULL, &err), RM_ECANCELLED);
    assert_int_equal(ear.calls, 5);
    assert_int_equal(rm_progress_tick(NULL, NULL, NULL), RM_OK);
    rm_progress_start(&progress, NULL, NULL);
    assert_int_equal(rm_progress_tick(&progress, NULL, NULL), RM_OK);
}

static void without_a_listener_nothing_happens(void **state)
{
    (void)state;
    rm_progress progress;
    rm_progress_start(&progress, NULL, NULL);
    assert_int_equal(rm_progress_report(&progress, 0.5, NULL, NULL), RM_OK);
    assert_int_equal(rm_progress_report(NULL, 0.5, NULL, NULL), RM_OK);
    assert_false(rm_progress_cancelled(&progress));
    assert_false(rm_progress_cancelled(NULL));
    rm_progress_stage(NULL, 0, 1);
}

typedef struct crew {
    atomic_int runs[WORKERS];
    atomic_int signals_open;
    pthread_t caller;
    int fail_from;
    atomic_int wrong;
} crew;

static rm_status work(void *context, int worker, rm_error *err)
{
    crew *c = context;
    sigset_t mask;
    atomic_fetch_add(&c->runs[worker], 1);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (worker > 0 && !sigismember(&mask, SIGINT))
        atomic_fetch_add(&c->signals_open, 1);
    if (worker == 0 && !pthread_equal(pthread_self(), c->caller))
        atomic_fetch_add(&c->wrong, 1);
    if (worker >= c->fail_from) {
        nap(20 * (WORKERS - worker));
        return rm_fail(err, RM_EIO, "worker %d", worker);
    }
    return RM_OK;
}

static void every_worker_runs_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= WORKERS; threads++) {
        crew c = {.caller = pthread_self(), .fail_from = WORKERS};
        rm_error err;
        sigset_t before, after;
        pthread_sigmask(SIG_SETMASK, NULL, &before);
        assert_int_equal(rm_workers(threads, work, &c, &err), RM_OK);
        pthread_sigmask(SIG_SETMASK, NULL, &after);
        assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
        for (int i = 0; i < WORKERS; i++)
            assert_int_equal(c.runs[i], i < threads);
        assert_int_equal(c.wrong, 0);
        assert_int_equal(c.signals_open, 0);
    }
}

static void the_error_of_the_lowest_failed_worker(void **state)
{
    (void)state;
    crew c = {.caller = pthread_self(), .fail_from = 2};
    rm_error err;
    assert_int_equal(rm_workers(6, work, &c, &err), RM_EIO);
    assert_string_equal(err.message, "worker 2");
    assert_int_equal(err.row, -1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(c.runs[i], 1);
    assert_int_equal(rm_workers(6, work, &c, NULL), RM_EIO);
}

/* A default stack larger than the address space makes every pthread_create fail. */
static void without_threads_the_work_is_done_all_the_same(void **state)
{
    (void)state;
    static loop l;
    crew c = {.caller = pthread_self(), .fail_from = WORKERS};
    pthread_attr_t before, huge;
    pthread_attr_init(&before);
    pthread_attr_init(&huge);
    pthread_getattr_default_np(&before);
    pthread_attr_setstacksize(&huge, (size_t)1 << 60);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    prepare(&l);
    rm_status loop_status = rm_parallel(COUNT, CHUNK, 4, visit, &l, NULL, NULL, NULL);
    rm_status crew_status = rm_workers(4, work, &c, NULL);
    pthread_setattr_default_np(&before);
    pthread_attr_destroy(&before);
    pthread_attr_destroy(&huge);
    assert_int_equal(loop_status, RM_OK);
    assert_int_equal(crew_status, RM_OK);
    assert_int_equal(l.elsewhere, 0);
    assert_int_equal(l.started, CHUNKS);
    for (int i = 0; i < 4; i++)
        assert_int_equal(c.runs[i], 1);
}

typedef struct guarded {
    rm_mutex *mutex;
    int64_t value;
} guarded;

static rm_status add_guarded(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    guarded *g = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        rm_mutex_lock(g->mutex);
        g->value += i;
        rm_mutex_unlock(g->mutex);
    }
    return RM_OK;
}

static void a_mutex_guards(void **state)
{
    (void)state;
    guarded g = {NULL, 0};
    assert_int_equal(rm_mutex_new(&g.mutex, NULL), RM_OK);
    assert_int_equal(rm_parallel(100000, 100, 4, add_guarded, &g, NULL, NULL, NULL), RM_OK);
    assert_true(g.value == (int64_t)99999 * 100000 / 2);
    rm_mutex_free(g.mutex);
    rm_mutex_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_of_threads_is_bounded),
        cmocka_unit_test(every_index_is_visited_once),
        cmocka_unit_test(the_error_of_the_lowest_failed_chunk),
        cmocka_unit_test(a_late_failure_lower_down_wins),
        cmocka_unit_test(a_late_failure_higher_up_does_not),
        cmocka_unit_test(no_work_is_no_failure),
        cmocka_unit_test(extreme_counts_do_not_run_over),
        cmocka_unit_test(progress_is_told_by_the_calling_thread),
        cmocka_unit_test(the_caller_hears_while_it_waits),
        cmocka_unit_test(cancelling_stops_all_workers),
        cmocka_unit_test(a_stage_covers_its_part_of_the_whole),
        cmocka_unit_test(parts_divide_a_stage),
        cmocka_unit_test(a_tick_repeats),
        cmocka_unit_test(without_a_listener_nothing_happens),
        cmocka_unit_test(every_worker_runs_once),
        cmocka_unit_test(the_error_of_the_lowest_failed_worker),
        cmocka_unit_test(without_threads_the_work_is_done_all_the_same),
        cmocka_unit_test(a_mutex_guards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
