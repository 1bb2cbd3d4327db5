#include "io/postgis/conninfo.h"

#include <stdio.h>
#include <string.h>

static const char *const taken[] = {
    "host",      "hostaddr",        "port",        "dbname",           "user",
    "service",   "sslmode",         "sslrootcert", "sslcert",          "sslkey",
    "sslcrl",    "connect_timeout", "gssencmode",  "application_name", "target_session_attrs",
    "krbsrvname"};
enum { TAKEN = sizeof taken / sizeof *taken };

typedef struct reading {
    rm_text *out;
    bool seen[TAKEN];
    rm_error *err;
} reading;

bool rm_is_postgres(const char *source)
{
    return strncmp(source, "PG:", 3) == 0 || strncmp(source, "postgresql://", 13) == 0 ||
           strncmp(source, "postgres://", 11) == 0;
}

static rm_status refuse_password(rm_error *err)
{
    return rm_fail(err, RM_EINVAL,
                   "a password does not belong in the name of a database: take it out, and give it "
                   "in the environment as PGPASSWORD, or in the file ~/.pgpass");
}

static rm_status fail_form(rm_error *err)
{
    return rm_fail(err, RM_EINVAL,
                   "the name of a database is written as \"PG:host=... dbname=... user=...\" or "
                   "\"postgresql://user@host:port/database\"");
}

/* GDAL looks for settings of its own anywhere in the text, inside values too. */
static bool misleads_gdal(const char *value)
{
    static const char *const own[] = {"schema=", "schemas=", "tables="};
    for (const char *at = value; *at; at++)
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
            char word[16] = "";
            strncpy(word, at, strlen(own[i]));
            if (rm_text_equal_nocase(word, own[i]))
                return true;
        }
    return false;
}

static rm_status add_setting(reading *read, const char *key, const char *value)
{
    int k = 0;
    if (rm_text_equal_nocase(key, "password") || rm_text_equal_nocase(key, "sslpassword"))
        return refuse_password(read->err);
    while (k < TAKEN && strcmp(key, taken[k]) != 0)
        k++;
    if (k == TAKEN)
        return rm_fail(read->err, RM_EINVAL,
                       "the name of a database takes host, hostaddr, port, dbname, user, service, "
                       "connect_timeout and the settings for TLS, and nothing else; a layer is "
                       "named as \"schema.table\"");
    if (read->seen[k])
        return rm_fail(read->err, RM_EINVAL, "the name of a database states \"%s\" twice", key);
    if (misleads_gdal(value))
        return fail_form(read->err);
    read->seen[k] = true;
    rm_text_addf(read->out, "%s%s='", read->out->length > 0 ? " " : "", key);
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < ' ')
            return fail_form(read->err);
        if (*c == '\'' || *c == '\\')
            rm_text_add_n(read->out, "\\", 1);
        rm_text_add_n(read->out, c, 1);
    }
    rm_text_add_n(read->out, "'", 1);
    return RM_OK;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* libpq's rules: a value ends at a blank, or stands in single quotes; a backslash takes the meaning
 * from what follows. False: a quote stays open. */
static bool take_value(const char **at, rm_text *value)
{
    const char *p = *at;
    bool quoted = *p == '\'';
    p += quoted;
    while (*p && (quoted ? *p != '\'' : !is_space(*p))) {
        if (*p == '\\' && p[1])
            p++;
        rm_text_add_n(value, p++, 1);
    }
    if (quoted && *p++ != '\'')
        return false;
    *at = p;
    return true;
}

static rm_status read_words(reading *read, const char *text)
{
    rm_status status = RM_OK;
    while (status == RM_OK) {
        char key[32] = "";
        size_t length;
        while (is_space(*text))
            text++;
        if (!*text)
            break;
        length = strcspn(text, "= \t\r\n\v\f");
        if (length == 0 || length >= sizeof key)
            return fail_form(read->err);
        memcpy(key, text, length);
        text += length;
        while (is_space(*text))
            text++;
        if (*text++ != '=')
            return fail_form(read->err);
        while (is_space(*text))
            text++;
        rm_text value = {0};
        rm_text_add(&value, "");
        bool whole = take_value(&text, &value);
        status = rm_text_status(&value, read->err);
        if (status == RM_OK)
            status = whole ? add_setting(read, key, value.data) : fail_form(read->err);
        rm_text_clear(&value);
    }
    return status;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Adds one setting whose value is percent encoded; nothing when it is empty. */
static rm_status add_encoded(reading *read, const char *key, const char *text, size_t length)
{
    rm_text value = {0};
    if (length == 0)
        return RM_OK;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%' && i + 2 < length && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        if (c == '\0') {
            rm_text_clear(&value);
            return fail_form(read->err);
        }
        rm_text_add_n(&value, &c, 1);
    }
    rm_status status = rm_text_status(&value, read->err);
    if (status == RM_OK)
        status = add_setting(read, key, value.data);
    rm_text_clear(&value);
    return status;
}

static rm_status read_hosts(reading *read, const char *text, size_t length)
{
    const char *colon = NULL;
    if (memchr(text, ',', length))
        return rm_fail(read->err, RM_EINVAL, "name one host of the database, not several");
    if (length > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', length);
        if (!close)
            return fail_form(read->err);
        RM_TRY(add_encoded(read, "host", text + 1, (size_t)(close - text - 1)));
        if (close + 1 == text + length)
            return RM_OK;
        if (close[1] != ':')
            return fail_form(read->err);
        colon = close + 1;
    } else {
        colon = memchr(text, ':', length);
        RM_TRY(add_encoded(read, "host", text, colon ? (size_t)(colon - text) : length));
    }
    return colon ? add_encoded(read, "port", colon + 1, (size_t)(text + length - colon - 1))
                 : RM_OK;
}

static rm_status read_parameters(reading *read, const char *text)
{
    while (*text) {
        char key[32] = "";
        size_t length = strcspn(text, "&"), name = strcspn(text, "=&");
        if (name >= length || name >= sizeof key)
            return fail_form(read->err);
        memcpy(key, text, name);
        RM_TRY(add_encoded(read, key, text + name + 1, length - name - 1));
        text += length + (text[length] == '&');
    }
    return RM_OK;
}

/* user@host:port/database?setting=value */
static rm_status read_uri(reading *read, const char *text)
{
    size_t all = strlen(text), length = strcspn(text, "/?");
    const char *host = text;
    for (const char *p = text; p < text + length; p++)
        if (*p == '@')
            host = p + 1;
    /* an @ further on is the end of a password with a slash in it */
    if (host == text && memchr(text, '@', all))
        return refuse_password(read->err);
    if (host > text) {
        size_t user = (size_t)(host - text - 1);
        if (memchr(text, ':', user))
            return refuse_password(read->err);
        RM_TRY(add_encoded(read, "user", text, user));
    }
    RM_TRY(read_hosts(read, host, (size_t)(text + length - host)));
    const char *rest = text + length;
    if (*rest == '/') {
        size_t name = strcspn(rest + 1, "?");
        RM_TRY(add_encoded(read, "dbname", rest + 1, name));
        rest += 1 + name;
    }
    return *rest == '?' ? read_parameters(read, rest + 1) : RM_OK;
}

rm_status rm_conninfo_read(rm_text *out, const char *source, rm_error *err)
{
    reading read = {.out = out, .err = err};
    const char *scheme = strstr(source, "://");
    bool uri = strncmp(source, "postgres", 8) == 0 && scheme;
    if (!uri && strncmp(source + 3, "postgres", 8) == 0 && scheme) /* PG:postgresql://... */
        uri = true;
    RM_TRY(uri ? read_uri(&read, scheme + 3) : read_words(&read, source + 3));
    if (!strstr(out->data ? out->data : "", "connect_timeout='"))
        rm_text_add(out, " connect_timeout='15'");
    if (!strstr(out->data ? out->data : "", "application_name='"))
        rm_text_add(out, " application_name='riskmap'");
    /* a server that is gone is noticed within a minute */
    rm_text_add(out, " keepalives_idle='20' keepalives_interval='10' keepalives_count='3'");
    return rm_text_status(out, err);
}
