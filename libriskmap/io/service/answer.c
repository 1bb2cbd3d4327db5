#include "io/service/answer.h"

#include "base/redact.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool starts(const char *text, const char *end, const char *word)
{
    for (; *word; word++, text++)
        if (text >= end || lower(*text) != *word)
            return false;
    return true;
}

static const char *find(const char *text, const char *end, const char *word)
{
    for (; text < end; text++)
        if (starts(text, end, word))
            return text;
    return NULL;
}

/* Past blanks, the byte order mark, processing instructions and comments. */
static const char *to_content(const char *text, const char *end)
{
    for (;;) {
        const char *closing = NULL;
        if (text < end && is_space(*text)) {
            text++;
            continue;
        }
        if (starts(text, end, "\xEF\xBB\xBF"))
            closing = text + 3;
        else if (starts(text, end, "<?"))
            closing = find(text, end, "?>") ? find(text, end, "?>") + 2 : NULL;
        else if (starts(text, end, "<!--"))
            closing = find(text, end, "-->") ? find(text, end, "-->") + 3 : NULL;
        if (!closing)
            return text;
        text = closing;
    }
}

/* The local name of the element that starts at text, its length in *length. */
static const char *element_name(const char *text, const char *end, size_t *length)
{
    const char *name = text + 1, *p = name;
    while (p < end && !is_space(*p) && *p != '>' && *p != '/') {
        if (*p == ':')
            name = p + 1;
        p++;
    }
    *length = (size_t)(p - name);
    return name;
}

static bool is_named(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && starts(name, name + length, wanted);
}

/* Whether the root element, or the empty root, ends where the text does. */
static bool is_closed(const char *name, size_t length, const char *root, const char *end)
{
    const char *p = end;
    while (p > root && (is_space(p[-1]) || p[-1] == '\0'))
        p--;
    if (p <= root || p[-1] != '>')
        return false;
    const char *tag = p - 1;
    while (tag > root && *tag != '<')
        tag--;
    if (tag == root)
        return p - root >= 2 && p[-2] == '/';
    if (starts(tag, end, "<!--"))
        return true; /* a comment behind the end, as some servers write; the parser will tell */
    size_t closing;
    const char *last = element_name(tag + 1, p, &closing);
    return tag[1] == '/' && closing == length && memcmp(last, name, length) == 0;
}

static rm_answer_kind judge_xml(const char *root, const char *end)
{
    static const char *const features[] = {"featurecollection", "schema", "member"};
    size_t length;
    const char *name = element_name(root, end, &length);
    rm_answer_kind kind = RM_ANSWER_OTHER;
    if (is_named(name, length, "html"))
        return RM_ANSWER_HTML;
    if (is_named(name, length, "exceptionreport") ||
        is_named(name, length, "serviceexceptionreport"))
        return RM_ANSWER_EXCEPTION;
    if (is_named(name, length, "wfs_capabilities"))
        kind = RM_ANSWER_CAPABILITIES;
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (is_named(name, length, features[i]))
            kind = RM_ANSWER_XML;
    if (kind != RM_ANSWER_OTHER && !is_closed(name, length, root, end))
        return RM_ANSWER_CUT;
    return kind;
}

rm_answer_kind rm_answer_judge(const char *data, int64_t size)
{
    const char *end = data + size, *text = to_content(data, end);
    if (text == end)
        return RM_ANSWER_EMPTY;
    if (*text == '{') {
        const char *last = end;
        while (last > text && (is_space(last[-1]) || last[-1] == '\0'))
            last--;
        return last[-1] == '}' && last - text > 1 ? RM_ANSWER_JSON : RM_ANSWER_CUT;
    }
    if (starts(text, end, "<!doctype")) {
        const char *name = text + 9;
        while (name < end && is_space(*name))
            name++;
        return starts(name, end, "html") ? RM_ANSWER_HTML : RM_ANSWER_DTD;
    }
    return *text == '<' ? judge_xml(text, end) : RM_ANSWER_OTHER;
}

/* Adds the text between two places: tags left out, the usual entities undone, blanks folded. */
static void add_plain(rm_text *out, const char *text, const char *end)
{
    static const char *const entities[][2] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&apos;", "'"}};
    while (text < end && out->length < 600) {
        if (*text == '<' && !starts(text, end, "<![cdata[")) {
            const char *close = memchr(text, '>', (size_t)(end - text));
            text = close ? close + 1 : end;
            continue;
        }
        if (starts(text, end, "<![cdata[")) {
            text += 9;
            continue;
        }
        if (starts(text, end, "]]>")) {
            text += 3;
            continue;
        }
        size_t entity = 0;
        for (; entity < 5 && !starts(text, end, entities[entity][0]); entity++)
            continue;
        if (entity < 5) {
            rm_text_add(out, entities[entity][1]);
            text += strlen(entities[entity][0]);
        } else if (is_space(*text) || (unsigned char)*text < ' ') {
            if (out->length > 0 && out->data[out->length - 1] != ' ')
                rm_text_add(out, " ");
            text++;
        } else {
            rm_text_add_n(out, text++, 1);
        }
    }
}

/* The content of every element of this local name. */
static void add_elements(rm_text *out, const char *text, const char *end, const char *wanted)
{
    for (const char *at = text; at < end && out->length < 600; at++) {
        size_t length;
        if (*at != '<' || at + 1 == end || at[1] == '/')
            continue;
        const char *name = element_name(at, end, &length);
        if (!is_named(name, length, wanted))
            continue;
        const char *from = memchr(at, '>', (size_t)(end - at)), *to = from;
        if (!from || from[-1] == '/')
            continue;
        while (to && to < end) {
            const char *closing;
            to = find(to, end, "</");
            if (!to)
                break;
            closing = element_name(to + 1, end, &length);
            if (is_named(closing, length, wanted))
                break;
            to += 2;
        }
        to = to ? to : end;
        if (out->length > 0)
            rm_text_add(out, "; ");
        add_plain(out, from + 1, to);
        at = to - 1;
    }
}

/* The first string member of this name, wherever it stands; escapes stay as they are. */
static void add_member(rm_text *out, const char *text, const char *end, const char *key)
{
    for (const char *at = text; out->length == 0 && (at = find(at, end, key)); at++) {
        const char *value = at + strlen(key);
        while (value < end && (is_space(*value) || *value == ':'))
            value++;
        if (value == end || *value != '"')
            continue;
        const char *close = ++value;
        while (close < end && *close != '"')
            close += *close == '\\' && close + 1 < end ? 2 : 1;
        add_plain(out, value, close);
    }
}

void rm_answer_words(char out[320], const char *data, int64_t size)
{
    const int64_t enough = 65536;
    const char *end = data + (size < enough ? size : enough);
    rm_text words = {0};
    rm_answer_kind kind = rm_answer_judge(data, size);
    if (kind == RM_ANSWER_EXCEPTION) {
        add_elements(&words, data, end, "exceptiontext");
        if (words.length == 0)
            add_elements(&words, data, end, "serviceexception");
    } else if (kind == RM_ANSWER_HTML) {
        add_elements(&words, data, end, "title");
    } else if (kind == RM_ANSWER_JSON) {
        static const char *const keys[] = {"\"detail\"", "\"description\"", "\"message\"",
                                           "\"title\""};
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            add_member(&words, data, end, keys[k]);
    }
    out[0] = '\0';
    if (!words.failed && words.data) {
        rm_redact(words.data);
        size_t length = strlen(words.data) < 300 ? strlen(words.data) : 300;
        memcpy(out, words.data, length);
        length = (size_t)rm_utf8_valid(out, (int64_t)length);
        while (length > 0 && out[length - 1] == ' ')
            length--;
        out[length] = '\0';
    }
    rm_text_clear(&words);
}

/* The opening quote of an attribute of the element that starts at root; NULL: it is not there. */
static const char *find_attribute(const char *root, const char *end, const char *name)
{
    const char *close = memchr(root, '>', (size_t)(end - root));
    const char *at = root;
    while (close && (at = find(at + 1, close, name))) {
        const char *p = at + strlen(name);
        if (is_space(at[-1]) && p + 1 < close && p[0] == '=' && (p[1] == '"' || p[1] == '\''))
            return p + 1;
    }
    return NULL;
}

/* As a whole number; -1: not there, or no number. */
static int64_t attribute(const char *root, const char *end, const char *name)
{
    int64_t value;
    const char *open = find_attribute(root, end, name);
    const char *close = open ? memchr(open + 1, *open, (size_t)(end - open - 1)) : NULL;
    return close && rm_parse_int64(open + 1, close - open - 1, &value) && value >= 0 ? value : -1;
}

/* <Constraint name="CountDefault">...<DefaultValue>7</DefaultValue>, wherever it stands. */
static int64_t count_default(const char *data, const char *end)
{
    int64_t value;
    const char *at = find(data, end, "\"countdefault\"");
    at = at ? find(at, end, "defaultvalue>") : NULL;
    if (!at)
        return 0;
    at += strlen("defaultvalue>");
    const char *close = memchr(at, '<', (size_t)(end - at));
    return close && rm_parse_int64(at, close - at, &value) && value > 0 ? value : 0;
}

void rm_answer_look(rm_answer_pages *out, const char *data, int64_t size)
{
    const char *end = data + size, *root = to_content(data, end);
    rm_answer_kind kind = rm_answer_judge(data, size);
    *out = (rm_answer_pages){0, -1, -1, false};
    if (kind == RM_ANSWER_CAPABILITIES) {
        out->page = count_default(data, end);
    } else if (kind == RM_ANSWER_XML) {
        out->matched = attribute(root, end, "numbermatched");
        out->returned = attribute(root, end, "numberreturned");
        out->next = find_attribute(root, end, "next") != NULL;
    }
}

void rm_answer_hide_matched(char *data, int64_t size)
{
    const char *end = data + size;
    const char *open = find_attribute(to_content(data, end), end, "numbermatched");
    for (char *p = open ? data + (open + 1 - data) : data + size; p < end && *p >= '0' && *p <= '9';
         p++)
        *p = ' ';
}
