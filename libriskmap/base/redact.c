#include "base/redact.h"

#include "base/text.h"

#include <string.h>

/* Words whose value nobody else may see, whatever letters stand before them ("sslpassword"). */
static const char *const strong[] = {"password", "passwd", "passwort",   "wachtwoord", "pwd",
                                     "secret",   "token",  "apikey",     "api_key",    "api-key",
                                     "authkey",  "geheim", "credential", NULL};
/* Words that are parts of other words too. */
static const char *const weak[] = {"key", "sig", "signature", "pass", "auth", NULL};

typedef struct scanner {
    const char *in;
    char *out;
    char before; /* the byte of the input before `in`; NUL at the start */
    bool query;  /* within the parameters of a URL */
} scanner;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of text, percent encoding undone; *length: how many bytes it took. */
static char decoded(const char *text, size_t *length)
{
    *length = 1;
    if (text[0] != '%' || hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0)
        return text[0];
    *length = 3;
    return (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
}

/* The length of `word` at the start of text, any case, percent encoded or not; 0: not there. */
static size_t match(const char *text, const char *word)
{
    size_t at = 0, length;
    for (; *word; word++, at += length) {
        char c = decoded(text + at, &length);
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != *word)
            return 0;
    }
    return at;
}

static size_t match_any(const char *text, const char *const *words)
{
    size_t longest = 0;
    for (; *words; words++) {
        size_t length = match(text, *words);
        longest = length > longest ? length : longest;
    }
    return longest;
}

static void copy(scanner *scan, size_t length)
{
    for (; length > 0; length--) {
        scan->before = *scan->in;
        if (strchr("?&;", scan->before))
            scan->query = true;
        else if (is_blank(scan->before) || strchr("\"'<>", scan->before))
            scan->query = false;
        *scan->out++ = *scan->in++;
    }
}

static void cover(scanner *scan, size_t length)
{
    for (size_t star = 0; star < 3 && star < length; star++)
        *scan->out++ = '*';
    if (length > 0)
        scan->before = '*';
    scan->in += length;
}

/* Up to the next blank that no backslash takes its meaning from. */
static size_t bare_length(const char *value)
{
    size_t at = 0;
    while (value[at] && !is_blank(value[at]))
        at += value[at] == '\\' && value[at + 1] ? 2 : 1;
    return at;
}

/* What stands between quotes, for which the opening one was passed: a backslash escapes as in
 * libpq, a doubled quote as in SQL. What sticks to the closing quote belongs to it. */
static size_t quoted_length(const char *value, char quote)
{
    size_t at = 0;
    while (value[at]) {
        if (value[at] == '\\' && value[at + 1]) {
            at += 2;
        } else if (value[at] != quote) {
            at++;
        } else if (value[at + 1] == quote) {
            at += 2;
        } else {
            char behind = value[at + 1];
            bool ends = !behind || is_blank(behind) || strchr(",;:&)]}>\"'", behind);
            return ends ? at : at + 1 + bare_length(value + at + 1);
        }
    }
    return at;
}

/* The value behind a word: within a query up to the next parameter. */
static void cover_value(scanner *scan, bool query)
{
    char quote = *scan->in;
    if (quote == '\'' || quote == '"') {
        copy(scan, 1);
        cover(scan, quoted_length(scan->in, quote));
    } else if (query) {
        size_t at = 0;
        while (scan->in[at] && !is_blank(scan->in[at]) && !strchr("&#\"'<>", scan->in[at]))
            at += scan->in[at] == '\\' && scan->in[at + 1] ? 2 : 1;
        cover(scan, at);
    } else {
        cover(scan, bare_length(scan->in));
    }
}

/* What comes between a word and its value: "=", " = ", "%3D", for strong words also ":" and nothing
 * but a quote. 0: nothing of the kind, and so no value. */
static size_t separator(const char *text, bool is_strong)
{
    size_t at = 0, length;
    if (is_strong && (text[0] == '"' || text[0] == '\''))
        at++; /* the end of a key in JSON */
    while (is_strong && is_blank(text[at]))
        at++;
    char sign = decoded(text + at, &length);
    if (sign != '=' && !(is_strong && sign == ':')) {
        bool value = at > 0 && is_blank(text[at - 1]) && (sign == '\'' || sign == '"');
        return value && length == 1 ? at : 0;
    }
    at += length;
    while (is_blank(text[at]))
        at++;
    return at;
}

static bool secret_word(scanner *scan)
{
    bool query = scan->query; /* the blanks around a = end it */
    size_t length = match_any(scan->in, strong);
    bool is_strong = length > 0;
    if (!is_strong && !is_letter(scan->before))
        length = match_any(scan->in, weak);
    size_t between = length > 0 ? separator(scan->in + length, is_strong) : 0;
    if (between == 0)
        return false;
    copy(scan, length + between);
    cover_value(scan, query);
    return true;
}

/* "Authorization: Basic ...", "Bearer ..." */
static bool secret_header(scanner *scan)
{
    size_t length = match(scan->in, "authorization");
    if (length > 0 && (scan->in[length] == ':' || scan->in[length] == '=')) {
        copy(scan, length + 1);
        while (*scan->in == ' ')
            copy(scan, 1);
        cover(scan, strcspn(scan->in, "\r\n"));
        return true;
    }
    length = match(scan->in, "bearer");
    if (length == 0 || !is_blank(scan->in[length]))
        return false;
    copy(scan, length + 1);
    cover(scan, strcspn(scan->in, "\"', \t\r\n"));
    return true;
}

/* Behind "://": what stands between user and host. The last @ counts, as a password may hold one; a
 * port and a path with an @ in it look like a password, unless the port is a number. */
static void user_and_host(scanner *scan)
{
    const char *text = scan->in;
    size_t all = strcspn(text, " \t\r\n\"'<>"), host = strcspn(text, "/?# \t\r\n\"'<>");
    size_t at = host;
    while (at > 0 && text[at - 1] != '@')
        at--;
    if (at == 0) {
        const char *colon = memchr(text, ':', host);
        size_t port = colon ? strspn(colon + 1, "0123456789") : 0;
        if (!colon || colon + 1 + port == text + host)
            return;
        at = all;
        while (at > 0 && text[at - 1] != '@')
            at--;
        if (at == 0)
            return;
    }
    for (size_t user = 0, length; user + 1 < at; user += length) {
        char c = decoded(text + user, &length);
        if (c == ':' && user + length <= at - 1) {
            copy(scan, user + length);
            cover(scan, at - 1 - user - length);
            return;
        }
    }
}

void rm_redact(char *text)
{
    scanner scan = {text, text, '\0', false};
    while (*scan.in) {
        if (strncmp(scan.in, "://", 3) == 0) {
            copy(&scan, 3);
            user_and_host(&scan);
        } else if (!secret_header(&scan) && !secret_word(&scan)) {
            copy(&scan, 1);
        }
    }
    *scan.out = '\0';
}

rm_status rm_holds_secret(bool *out, const char *text, rm_error *err)
{
    char *covered = NULL;
    RM_TRY(rm_copy_text(&covered, text, err));
    rm_redact(covered);
    *out = strcmp(covered, text) != 0;
    rm_release(covered);
    return RM_OK;
}
