#include "io/service/http.h"

#include "io/service/answer.h"
#include "io/service/http_login.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_multiproc.h>
#include <stdlib.h>

enum {
    TIMEOUT = 60,
    CONNECT_TIMEOUT = 15,
    REQUESTS = 10000,
    RETRIES = 3,
    REDIRECTS = 5,
    HOSTS = 8,
    SAME_URL = 3,      /* drivers ask a page twice at most; more is a circle of links */
    LARGEST = 1 << 29, /* bytes of one answer */
};
static const double first_wait = 0.5; /* seconds, doubled at every retry */

struct rm_http {
    CURL *curl;
    char *shown;
    bool secure;        /* the service was named by https */
    char *hosts[HOSTS]; /* where requests may go */
    int host_count;
    int timeout, requests, asked;
    uint64_t *seen; /* hashes of the URLs asked for, each as often as it was */
    int64_t seen_count, seen_capacity;
};

/* One try of one request. */
typedef struct trying {
    rm_text body;
    bool too_large;
    char why[CURL_ERROR_SIZE];
} trying;

static int setting(const char *name, int usual, int most)
{
    const char *text = getenv(name);
    int64_t value;
    if (!text || !rm_parse_int64(text, (int64_t)strlen(text), &value) || value < 1 || value > most)
        return usual;
    return (int)value;
}

/* ---- URLs ---- */

static rm_status parse_url(CURLU **out, const char *text, rm_error *err)
{
    CURLU *url = curl_url();
    if (!url)
        return rm_fail_memory(err);
    if (curl_url_set(url, CURLUPART_URL, text, CURLU_URLENCODE) != CURLUE_OK) {
        curl_url_cleanup(url);
        return rm_fail(err, RM_EINVAL,
                       "this is no address of a web service: it must be written as "
                       "https://host/path");
    }
    *out = url;
    return RM_OK;
}

static bool known_host(const rm_http *http, const char *host)
{
    for (int h = 0; h < http->host_count; h++)
        if (rm_text_equal_nocase(http->hosts[h], host))
            return true;
    return false;
}

static rm_status add_host(rm_http *http, const char *host, rm_error *err)
{
    if (known_host(http, host) || http->host_count == HOSTS)
        return RM_OK;
    RM_TRY(rm_copy_text(&http->hosts[http->host_count], host, err));
    http->host_count++;
    return RM_OK;
}

/* Links may lead elsewhere: only to the hosts of this service, and never from https to http. */
static rm_status check_target(const rm_http *http, CURLU *url, rm_error *err)
{
    char *host = NULL, *scheme = NULL, *port = NULL;
    rm_status status = rm_url_part(&scheme, url, CURLUPART_SCHEME, err);
    if (status == RM_OK)
        status = rm_url_part(&host, url, CURLUPART_HOST, err);
    if (status == RM_OK)
        status = rm_url_part(&port, url, CURLUPART_PORT, err);
    if (status == RM_OK &&
        (!scheme || !host || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)))
        status = rm_fail(err, RM_EUNSUPPORTED,
                         "%s leads to an address that is neither http nor "
                         "https, which is not followed",
                         http->shown);
    else if (status == RM_OK && !known_host(http, host))
        status =
            rm_fail(err, RM_EUNSUPPORTED,
                    "%s leads to another host, %.80s, which is not followed: name that address "
                    "itself if it is to be trusted",
                    http->shown, host);
    /* behind a proxy servers often do not know that they are asked by https */
    else if (status == RM_OK && http->secure && strcmp(scheme, "http") == 0) {
        if (port || curl_url_set(url, CURLUPART_SCHEME, "https", 0) != CURLUE_OK)
            status = rm_fail(err, RM_EUNSUPPORTED,
                             "%s leads from https to http, which is not followed", http->shown);
    }
    rm_release(host);
    rm_release(scheme);
    rm_release(port);
    return status;
}

/* ---- one request ---- */

static size_t take(char *data, size_t one, size_t count, void *context)
{
    trying *now = context;
    int64_t more = (int64_t)(one * count);
    if (now->body.length + more > LARGEST) {
        now->too_large = true;
        return 0;
    }
    rm_text_add_n(&now->body, data, more);
    return now->body.failed ? 0 : one * count;
}

static rm_status prepare(rm_http *http, trying *now, rm_error *err)
{
    CURL *curl = http->curl;
    CURLcode code = CURLE_OK;
    code |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)http->timeout);
    code |=
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                         (long)(http->timeout < CONNECT_TIMEOUT ? http->timeout : CONNECT_TIMEOUT));
    code |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    code |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    code |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    code |= curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
    code |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    code |= curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
#if LIBCURL_VERSION_NUM >= 0x075500
    code |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    code |=
        curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, http->secure ? "https" : "http,https");
#else
    code |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    code |=
        curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS,
                         (long)(http->secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    code |= curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    code |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    code |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, now);
    code |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, now->why);
    return code == CURLE_OK ? RM_OK
                            : rm_fail(err, RM_EUNSUPPORTED, "this libcurl cannot ask web services");
}

static bool helps_to_retry(CURLcode code, long answer)
{
    switch (code) {
    case CURLE_OK:
        return answer == 429 || answer == 500 || (answer >= 502 && answer <= 504);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return true;
    default:
        return false;
    }
}

/* What a server asks for by Retry-After, within reason. */
static double pause_before(rm_http *http, int retry)
{
    double usual = first_wait * (double)(1 << retry);
    curl_off_t asked = 0;
    curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &asked);
    double most = http->timeout < 30 ? http->timeout : 30;
    double wait = asked > 0 ? (double)asked : usual;
    return wait < most ? wait : most;
}

static rm_status fail_transfer(const rm_http *http, const trying *now, CURLcode code, rm_error *err)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return rm_fail(err, RM_ENOTFOUND,
                       "%s: its host is not known; check the address, and whether this machine has "
                       "a network",
                       http->shown);
    case CURLE_COULDNT_CONNECT:
        return rm_fail(err, RM_EIO, "%s: no connection, nothing answers there (%.120s)",
                       http->shown, now->why);
    case CURLE_OPERATION_TIMEDOUT:
        return rm_fail(err, RM_EIO,
                       "%s: no whole answer within %d s; RISKMAP_HTTP_TIMEOUT in the environment "
                       "gives another limit, in seconds",
                       http->shown, http->timeout);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return rm_fail(err, RM_EIO,
                       "%s: its certificate or encryption cannot be trusted (%.160s); nothing was "
                       "asked",
                       http->shown, now->why);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return rm_fail(err, RM_EIO, "%s: the answer broke off after %lld bytes, %d times",
                       http->shown, (long long)now->body.length, RETRIES + 1);
    case CURLE_TOO_MANY_REDIRECTS:
        return rm_fail(err, RM_EIO, "%s redirects more than %d times", http->shown, REDIRECTS);
    case CURLE_UNSUPPORTED_PROTOCOL:
        return rm_fail(err, RM_EUNSUPPORTED,
                       "%s redirects to an address that is not followed: only to %s", http->shown,
                       http->secure ? "https" : "http and https");
    default:
        return rm_fail(err, RM_EIO, "%s: %.160s", http->shown,
                       now->why[0] ? now->why : curl_easy_strerror(code));
    }
}

static rm_status fail_code(const rm_http *http, const trying *now, long code, rm_error *err)
{
    char words[320];
    rm_answer_words(words, now->body.data ? now->body.data : "", now->body.length);
    const char *tries = helps_to_retry(CURLE_OK, code) ? ", also when asked again" : "";
    if (code == 404 && !words[0])
        return rm_fail(err, RM_ENOTFOUND, "%s: there is nothing at that address (HTTP 404)",
                       http->shown);
    return rm_fail(err, code == 404 ? RM_ENOTFOUND : RM_EIO, "%s answers with HTTP %ld%s%s%.300s",
                   http->shown, code, tries, words[0] ? ": " : "", words);
}

/* The request itself, again where that may help. */
static rm_status perform(rm_http *http, trying *now, CURLcode *code, long *answer, rm_error *err)
{
    for (int retry = 0;; retry++) {
        rm_text_clear(&now->body);
        now->why[0] = '\0';
        *code = curl_easy_perform(http->curl);
        *answer = 0;
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, answer);
        if (now->body.failed)
            return rm_fail_memory(err);
        if (now->too_large)
            return rm_fail(err, RM_ELIMIT,
                           "%s gives an answer of more than %d MB at once, which is not read",
                           http->shown, LARGEST >> 20);
        if (retry == RETRIES || !helps_to_retry(*code, *answer))
            return RM_OK;
        CPLSleep(pause_before(http, retry));
    }
}

/* Where redirects led is part of the service from then on. */
static rm_status note_redirect(rm_http *http, rm_error *err)
{
    char *last = NULL, *host = NULL;
    CURLU *url = NULL;
    curl_easy_getinfo(http->curl, CURLINFO_EFFECTIVE_URL, &last);
    if (!last)
        return RM_OK;
    RM_TRY(parse_url(&url, last, err));
    rm_status status = rm_url_part(&host, url, CURLUPART_HOST, err);
    if (status == RM_OK && host)
        status = add_host(http, host, err);
    rm_release(host);
    curl_url_cleanup(url);
    return status;
}

static rm_status take_answer(rm_http *http, trying *now, long code, rm_http_answer *out,
                             rm_error *err)
{
    const char *type = NULL;
    char *copy = NULL;
    rm_text_add(&now->body, ""); /* a text even when there is none */
    RM_TRY(rm_text_status(&now->body, err));
    RM_TRY(note_redirect(http, err));
    curl_easy_getinfo(http->curl, CURLINFO_CONTENT_TYPE, &type);
    RM_TRY(rm_copy_text(&copy, type ? type : "", err));
    *out = (rm_http_answer){now->body.data, now->body.length, copy, code};
    now->body = (rm_text){0};
    return RM_OK;
}

static rm_status ask(rm_http *http, CURLU *url, const char *accept, rm_http_answer *out,
                     rm_error *err)
{
    trying now = {.why = ""};
    rm_text name = {0}, header = {0};
    struct curl_slist *headers = NULL;
    bool given = false;
    CURLcode code = CURLE_OK;
    long answer = 0;
    rm_status status = prepare(http, &now, err);
    if (status == RM_OK)
        status = rm_http_log_in(http->curl, url, &name, &given, err);
    if (status == RM_OK && accept) {
        rm_text_addf(&header, "Accept: %s", accept);
        status = rm_text_status(&header, err);
        headers = status == RM_OK ? curl_slist_append(NULL, header.data) : NULL;
        if (status == RM_OK && !headers)
            status = rm_fail_memory(err);
    }
    if (status == RM_OK) {
        curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(http->curl, CURLOPT_CURLU, url);
        status = perform(http, &now, &code, &answer, err);
    }
    if (status == RM_OK && code != CURLE_OK)
        status = fail_transfer(http, &now, code, err);
    else if (status == RM_OK && (answer == 401 || answer == 403))
        status = rm_http_fail_login(http->shown, url, answer, given ? name.data : NULL, err);
    else if (status == RM_OK && answer >= 400)
        status = fail_code(http, &now, answer, err);
    else if (status == RM_OK)
        status = take_answer(http, &now, answer, out, err);
    curl_easy_setopt(http->curl, CURLOPT_CURLU, NULL);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    rm_text_clear(&now.body);
    rm_text_clear(&header);
    rm_text_clear(&name);
    return status;
}

/* ---- the conversation ---- */

/* FNV-1a */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* Links that lead in a circle, and pages without end. */
static rm_status count_request(rm_http *http, const char *url, rm_error *err)
{
    uint64_t hash = hash_of(url);
    int same = 0;
    for (int64_t s = 0; s < http->seen_count; s++)
        same += http->seen[s] == hash;
    if (same >= SAME_URL)
        return rm_fail(err, RM_EIO,
                       "%s leads in a circle: its pages come back to one that was read before",
                       http->shown);
    if (++http->asked > http->requests)
        return rm_fail(err, RM_ELIMIT,
                       "%s goes on after %d requests, and was left; RISKMAP_HTTP_REQUESTS in the "
                       "environment gives another limit",
                       http->shown, http->requests);
    RM_TRY(RM_GROW(&http->seen, &http->seen_capacity, http->seen_count + 1, err));
    http->seen[http->seen_count++] = hash;
    return RM_OK;
}

rm_status rm_http_get(rm_http *http, const char *url, const char *accept, rm_http_answer *out,
                      rm_error *err)
{
    CURLU *parsed = NULL;
    RM_TRY(count_request(http, url, err));
    rm_status status = parse_url(&parsed, url, err);
    if (status != RM_OK)
        return rm_fail(err, RM_EUNSUPPORTED, "%s leads to what is no address", http->shown);
    status = check_target(http, parsed, err);
    if (status == RM_OK)
        status = ask(http, parsed, accept, out, err);
    curl_url_cleanup(parsed);
    return status;
}

static rm_status start(rm_http *http, const char *text, CURLU *url, rm_error *err)
{
    char *host = NULL, *scheme = NULL;
    RM_TRY(rm_http_refuse_secrets(text, url, err));
    RM_TRY(rm_copy_text(&http->shown, text, err));
    http->shown[strcspn(http->shown, "?#")] = '\0';
    RM_TRY(rm_url_part(&host, url, CURLUPART_HOST, err));
    rm_status status = host ? add_host(http, host, err) : RM_OK;
    rm_release(host);
    if (status == RM_OK)
        status = rm_url_part(&scheme, url, CURLUPART_SCHEME, err);
    http->secure = scheme && strcmp(scheme, "https") == 0;
    rm_release(scheme);
    RM_TRY(status);
    http->timeout = setting("RISKMAP_HTTP_TIMEOUT", TIMEOUT, 3600);
    http->requests = setting("RISKMAP_HTTP_REQUESTS", REQUESTS, 100000000);
    http->curl = curl_easy_init();
    if (!http->curl)
        return rm_fail_memory(err);
    rm_text agent = {0};
    rm_text_addf(&agent, "riskmap/%s", rm_version());
    status = rm_text_status(&agent, err);
    if (status == RM_OK)
        curl_easy_setopt(http->curl, CURLOPT_USERAGENT, agent.data);
    rm_text_clear(&agent);
    return status;
}

rm_status rm_http_new(rm_http **out, const char *url, rm_error *err)
{
    rm_http *http = NULL;
    CURLU *parsed = NULL;
    RM_TRY(parse_url(&parsed, url, err));
    rm_status status = RM_NEW_ZERO(&http, 1, err);
    if (status == RM_OK)
        status = start(http, url, parsed, err);
    curl_url_cleanup(parsed);
    if (status != RM_OK)
        rm_http_free(http);
    else
        *out = http;
    return status;
}

void rm_http_free(rm_http *http)
{
    if (!http)
        return;
    if (http->curl)
        curl_easy_cleanup(http->curl);
    for (int h = 0; h < http->host_count; h++)
        rm_release(http->hosts[h]);
    rm_release(http->seen);
    rm_release(http->shown);
    rm_release(http);
}

const char *rm_http_shown(const rm_http *http)
{
    return http->shown;
}

void rm_http_answer_clear(rm_http_answer *answer)
{
    rm_release(answer->data);
    rm_release(answer->type);
    *answer = (rm_http_answer){0};
}
