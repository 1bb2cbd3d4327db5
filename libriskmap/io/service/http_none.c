/* Without libcurl. */
#include "io/service/http.h"

static rm_status not_built(rm_error *err)
{
    return rm_fail(err, RM_EUNSUPPORTED,
                   "this riskmap was built without libcurl, and reads nothing over the network");
}

rm_status rm_http_new(rm_http **out, const char *url, rm_error *err)
{
    (void)out;
    (void)url;
    return not_built(err);
}

rm_status rm_http_get(rm_http *http, const char *url, const char *accept, rm_http_answer *out,
                      rm_error *err)
{
    (void)http;
    (void)url;
    (void)accept;
    (void)out;
    return not_built(err);
}

const char *rm_http_shown(const rm_http *http)
{
    (void)http;
    return "";
}

void rm_http_free(rm_http *http)
{
    (void)http;
}

void rm_http_answer_clear(rm_http_answer *answer)
{
    rm_release(answer->data);
    rm_release(answer->type);
    *answer = (rm_http_answer){0};
}
