#include "io/service/http_login.h"

#include "base/redact.h"

#include <stdlib.h>
#include <string.h>

rm_status rm_url_part(char **out, CURLU *url, CURLUPart part, rm_error *err)
{
    char *text = NULL;
    *out = NULL;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return RM_OK;
    rm_status status = rm_copy_text(out, text, err);
    curl_free(text);
    return status;
}

/* This machine, by name or number: what goes there passes no network. */
static bool is_local(const char *host)
{
    bool number = strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0';
    return number || rm_text_equal_nocase(host, "localhost") || strcmp(host, "[::1]") == 0;
}

/* RISKMAP_LOGIN_GEO_EXAMPLE_ORG; with a port in the URL first with _8443 behind it. */
static rm_status variable(rm_text *name, const char *kind, const char *host, const char *port,
                          rm_error *err)
{
    rm_text_clear(name);
    rm_text_addf(name, "RISKMAP_%s_%s%s%s", kind, host, port ? "_" : "", port ? port : "");
    RM_TRY(rm_text_status(name, err));
    for (char *c = name->data; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        if (!((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    }
    return RM_OK;
}

/* What the environment holds for a host; NULL: nothing. *name: the variable. */
static rm_status look_up(const char **out, rm_text *name, const char *kind, CURLU *url,
                         rm_error *err)
{
    char *host = NULL, *port = NULL;
    const char *value = NULL;
    RM_TRY(rm_url_part(&host, url, CURLUPART_HOST, err));
    rm_status status = rm_url_part(&port, url, CURLUPART_PORT, err);
    if (status == RM_OK && port) {
        status = variable(name, kind, host, port, err);
        value = status == RM_OK ? getenv(name->data) : NULL;
    }
    if (status == RM_OK && !value) {
        status = variable(name, kind, host, NULL, err);
        value = status == RM_OK ? getenv(name->data) : NULL;
    }
    rm_release(host);
    rm_release(port);
    for (const char *c = value; status == RM_OK && c && *c; c++)
        if ((unsigned char)*c < ' ')
            status = rm_fail(err, RM_EINVAL, "%s holds a character that no login has", name->data);
    if (status == RM_OK)
        *out = value && *value ? value : NULL;
    return status;
}

static rm_status check_secure(CURLU *url, const char *variable_name, rm_error *err)
{
    char *scheme = NULL, *host = NULL;
    RM_TRY(rm_url_part(&scheme, url, CURLUPART_SCHEME, err));
    rm_status status = rm_url_part(&host, url, CURLUPART_HOST, err);
    if (status == RM_OK && strcmp(scheme, "https") != 0 && !is_local(host))
        status = rm_fail(err, RM_EINVAL,
                         "%s is for a service that is asked by http, where anyone can read it on "
                         "the way: use https",
                         variable_name);
    rm_release(scheme);
    rm_release(host);
    return status;
}

/* Sets the login that the environment has for this host; *given: a variable was used, its name is
 * in `name`. */
rm_status rm_http_log_in(CURL *curl, CURLU *url, rm_text *name, bool *given, rm_error *err)
{
    const char *value = NULL;
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, NULL);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, NULL);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, NULL);
    *given = true;
    RM_TRY(look_up(&value, name, "KEY", url, err));
    if (value) {
        if (!strchr(value, '='))
            return rm_fail(err, RM_EINVAL, "%s must be written as name=value", name->data);
        RM_TRY(check_secure(url, name->data, err));
        curl_url_set(url, CURLUPART_QUERY, value, CURLU_APPENDQUERY);
    }
    bool key = value != NULL;
    RM_TRY(look_up(&value, name, "TOKEN", url, err));
    if (value) {
        RM_TRY(check_secure(url, name->data, err));
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, value);
        return RM_OK;
    }
    RM_TRY(look_up(&value, name, "LOGIN", url, err));
    if (value) {
        const char *colon = strchr(value, ':');
        rm_text user = {0};
        if (!colon)
            return rm_fail(err, RM_EINVAL, "%s must be written as user:password", name->data);
        RM_TRY(check_secure(url, name->data, err));
        rm_text_add_n(&user, value, colon - value);
        RM_TRY(rm_text_status(&user, err));
        curl_easy_setopt(curl, CURLOPT_USERNAME, user.data);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, colon + 1);
        rm_text_clear(&user);
    }
    *given = key || value;
    return key && !value ? look_up(&value, name, "KEY", url, err) : RM_OK;
}

rm_status rm_http_fail_login(const char *shown, CURLU *url, long code, const char *used,
                             rm_error *err)
{
    rm_text name = {0};
    char *host = NULL;
    if (used)
        return rm_fail(err, RM_EIO, "%s refuses the login of %s (HTTP %ld)", shown, used, code);
    RM_TRY(rm_url_part(&host, url, CURLUPART_HOST, err));
    rm_status status = variable(&name, "LOGIN", host ? host : "", NULL, err);
    if (status == RM_OK)
        status = rm_fail(err, RM_EIO,
                         "%s asks for a login (HTTP %ld): set %s=user:password in the environment, "
                         "or RISKMAP_TOKEN_%s, or RISKMAP_KEY_%s=name=value",
                         shown, code, name.data, name.data + strlen("RISKMAP_LOGIN_"),
                         name.data + strlen("RISKMAP_LOGIN_"));
    rm_text_clear(&name);
    rm_release(host);
    return status;
}

rm_status rm_http_refuse_secrets(const char *text, CURLU *url, rm_error *err)
{
    char *user = NULL, *host = NULL;
    bool secret = false;
    rm_text name = {0};
    rm_status status = rm_url_part(&user, url, CURLUPART_USER, err);
    if (status == RM_OK)
        status = rm_url_part(&host, url, CURLUPART_HOST, err);
    if (status == RM_OK)
        status = rm_holds_secret(&secret, text, err);
    if (status == RM_OK && (secret || user))
        status = variable(&name, "LOGIN", host ? host : "", NULL, err);
    if (status == RM_OK && name.data)
        status = rm_fail(err, RM_EINVAL,
                         "a login or key does not belong in an address: take it out, and set "
                         "%s=user:password in the environment, or RISKMAP_TOKEN_%s, or "
                         "RISKMAP_KEY_%s=name=value for a key in the query",
                         name.data, name.data + strlen("RISKMAP_LOGIN_"),
                         name.data + strlen("RISKMAP_LOGIN_"));
    rm_text_clear(&name);
    rm_release(user);
    rm_release(host);
    return status;
}
