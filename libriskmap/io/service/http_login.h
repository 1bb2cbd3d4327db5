/* Logins for web services, from the environment alone. */
#ifndef RM_IO_SERVICE_HTTP_LOGIN_H
#define RM_IO_SERVICE_HTTP_LOGIN_H

#include "base/text.h"

#include <curl/curl.h>

/* A part of a URL, owned; NULL when it has none. */
rm_status rm_url_part(char **out, CURLU *url, CURLUPart part, rm_error *err);
/* Sets the login that the environment has for the host of url, and puts a key behind its query.
 * *given: there was one, and *name is its variable. */
rm_status rm_http_log_in(CURL *curl, CURLU *url, rm_text *name, bool *given, rm_error *err);
/* For an answer of 401 or 403; used: the variable whose login was sent, NULL: none. */
rm_status rm_http_fail_login(const char *shown, CURLU *url, long code, const char *used,
                             rm_error *err);
/* RM_EINVAL when an address holds a login or a key. */
rm_status rm_http_refuse_secrets(const char *text, CURLU *url, rm_error *err);

#endif
