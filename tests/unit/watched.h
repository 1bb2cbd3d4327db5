/* Long calls that are watched: what they report rises, each of their phases is heard of, and
 * stopping at any report stops them. Include it behind cmocka. */
#ifndef RM_TESTS_WATCHED_H
#define RM_TESTS_WATCHED_H

#include "base/progress.h"

#include <string.h>

enum { PHASES = 4 };

typedef struct phase {
    const char *message;
    int least; /* reports */
} phase;

typedef struct watch {
    rm_progress progress;
    const phase *phases;
    int seen[PHASES];
    int calls, stop_at; /* -1: never */
    double last;
} watch;

static inline int note(double fraction, const char *message, void *user)
{
    watch *w = user;
    assert_true(fraction >= w->last && fraction <= 1);
    w->last = fraction;
    w->progress.last = -1; /* as if long ago, so that every tick is heard of */
    for (int p = 0; p < PHASES && w->phases[p].message; p++)
        w->seen[p] += strcmp(message, w->phases[p].message) == 0;
    return w->calls++ == w->stop_at;
}

typedef rm_status (*run_fn)(int threads, rm_progress *progress, rm_error *err);

static inline int run_watched(run_fn run, const phase *phases, int threads, int stop_at)
{
    watch w = {.phases = phases, .stop_at = stop_at};
    rm_error err = {0};
    rm_progress_start(&w.progress, note, &w);
    rm_status status = run(threads, &w.progress, &err);
    assert_int_equal(status, w.calls > stop_at && stop_at >= 0 ? RM_ECANCELLED : RM_OK);
    if (status == RM_ECANCELLED) {
        assert_int_equal(w.calls, stop_at + 1);
        assert_non_null(strstr(err.message, "cancelled"));
    }
    for (int p = 0; p < PHASES && phases[p].message && stop_at < 0; p++)
        if (w.seen[p] < phases[p].least)
            fail_msg("%s: %d reports", phases[p].message, w.seen[p]);
    return w.calls;
}

static inline void check(run_fn run, const phase *phases)
{
    int calls = run_watched(run, phases, 1, -1);
    for (int at = 0; at < calls; at += 1 + calls / 30)
        run_watched(run, phases, 1, at);
    run_watched(run, phases, 1, calls - 1);
    run_watched(run, phases, 3, 1);
    run_watched(run, phases, 3, 4);
}

#endif
