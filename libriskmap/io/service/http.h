/* Asking a web service, within limits: time, size, number of requests, and where they go. */
#ifndef RM_IO_SERVICE_HTTP_H
#define RM_IO_SERVICE_HTTP_H

#include "base/text.h"

typedef struct rm_http rm_http;

/* What came back. The text has a NUL behind it. */
typedef struct rm_http_answer {
    char *data;
    int64_t size;
    char *type; /* the Content-Type, "" when none was stated */
    long code;  /* 200, 404, ... */
} rm_http_answer;

/* Settings come from the environment: RISKMAP_HTTP_TIMEOUT (seconds for one request, 60) and
 * RISKMAP_HTTP_REQUESTS (how many in all, 10000). RM_EINVAL for a URL that holds a login or a key:
 * those come from RISKMAP_LOGIN_<HOST> (user:password), RISKMAP_TOKEN_<HOST> (a bearer token) and
 * RISKMAP_KEY_<HOST> (name=value, put behind the query), and go to that host alone. */
rm_status rm_http_new(rm_http **out, const char *url, rm_error *err);
/* GET, up to four times where that may help, with waits in between. Requests go to the host of the
 * first URL, or to one that it redirects to; TLS is verified, and https never becomes http. An HTTP
 * code of 400 and over is RM_EIO, with what the answer says of it. accept: NULL for anything. */
rm_status rm_http_get(rm_http *http, const char *url, const char *accept, rm_http_answer *out,
                      rm_error *err);
void rm_http_answer_clear(rm_http_answer *answer);
/* The service as messages name it: without query and secrets. */
const char *rm_http_shown(const rm_http *http);
void rm_http_free(rm_http *http);

#endif
