#define _POSIX_C_SOURCE 200809L
#include "base/progress.h"

#include "base/status.h"

#include <stddef.h>
#include <time.h>

double rm_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void rm_progress_start(rm_progress *progress, rm_progress_fn call, void *user)
{
    progress->call = call;
    progress->user = user;
    progress->from = 0;
    progress->to = 1;
    progress->last = -1;
    progress->fraction = 0;
    atomic_init(&progress->cancelled, false);
}

void rm_progress_stage(rm_progress *progress, double from, double to)
{
    if (progress != NULL) {
        progress->from = from;
        progress->to = to;
        progress->fraction = 0;
    }
}

rm_stage rm_progress_present(const rm_progress *progress)
{
    return progress != NULL ? (rm_stage){progress->from, progress->to} : (rm_stage){0, 1};
}

void rm_progress_part(rm_progress *progress, rm_stage whole, double from, double to)
{
    double size = whole.to - whole.from;
    rm_progress_stage(progress, whole.from + from * size, whole.from + to * size);
}

static void say(rm_progress *progress, bool always, const char *message)
{
    double now = rm_seconds();
    if (!always && progress->last >= 0 && now - progress->last < 0.05)
        return;
    progress->last = now;
    double whole = progress->from + progress->fraction * (progress->to - progress->from);
    if (progress->call(whole, message, progress->user) != 0)
        atomic_store(&progress->cancelled, true);
}

static rm_status stop_if_cancelled(const rm_progress *progress, rm_error *err)
{
    if (rm_progress_cancelled(progress))
        return rm_fail(err, RM_ECANCELLED, "cancelled: the progress callback asked to stop");
    return RM_OK;
}

rm_status rm_progress_report(rm_progress *progress, double fraction, const char *message,
                             rm_error *err)
{
    if (progress == NULL)
        return RM_OK;
    if (progress->call != NULL && !rm_progress_cancelled(progress)) {
        if (!(fraction > 0))
            fraction = 0;
        if (fraction > 1)
            fraction = 1;
        progress->fraction = fraction;
        say(progress, fraction == 0 || fraction == 1, message);
    }
    return stop_if_cancelled(progress, err);
}

rm_status rm_progress_tick(rm_progress *progress, const char *message, rm_error *err)
{
    if (progress == NULL)
        return RM_OK;
    if (progress->call != NULL && !rm_progress_cancelled(progress))
        say(progress, false, message);
    return stop_if_cancelled(progress, err);
}

rm_status rm_progress_check(rm_progress *progress, int worker, const char *message, rm_error *err)
{
    return worker == 0 ? rm_progress_tick(progress, message, err)
                       : stop_if_cancelled(progress, err);
}

bool rm_progress_cancelled(const rm_progress *progress)
{
    return progress != NULL && atomic_load_explicit(&progress->cancelled, memory_order_relaxed);
}
