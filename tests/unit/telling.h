/* A progress callback that keeps what it hears, and stops a call when it is told to. */
#ifndef RM_TESTS_TELLING_H
#define RM_TESTS_TELLING_H

#include "riskmap/status.h"

typedef struct telling {
    int calls;
    int stop_at; /* the call that asks to stop; 0: none */
    double first, last;
} telling;

static int tell(double fraction, const char *message, void *user)
{
    telling *t = user;
    (void)message;
    if (t->calls == 0)
        t->first = fraction;
    else if (fraction < t->last)
        fail_msg("from %g back to %g", t->last, fraction);
    t->last = fraction;
    return ++t->calls == t->stop_at;
}

/* call(tell, &telling, err) ends well and tells so from its beginning to its end; when it is
 * stopped at the first word or at a later one it is cancelled, and hears nothing more. */
static void assert_can_be_stopped(rm_status (*call)(telling *told, rm_error *err))
{
    rm_error why;
    telling all = {0};
    assert_int_equal(call(&all, &why), RM_OK);
    assert_true(all.calls > 1 && all.first == 0.0 && all.last == 1.0);
    for (int at = 1; at <= 2; at++) {
        telling some = {.stop_at = at};
        assert_int_equal(call(&some, &why), RM_ECANCELLED);
        assert_int_equal(some.calls, at);
    }
}

#endif
