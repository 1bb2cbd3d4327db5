#include "model/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LEVELS 64
/* A node is ten times as large as the shortest value, so 16 MiB of zeros would fill the memory. */
#define MAX_VALUES 1000000

typedef struct parser {
    const char *start, *at, *end;
    int32_t line, levels, values;
    rm_error *err;
} parser;

/* ---- errors ---- */

static rm_status fail(const parser *p, const char *problem)
{
    return rm_fail(p->err, RM_EMODEL, "line %d: %s", p->line, problem);
}

static int64_t word_length(const parser *p)
{
    const char *c = p->at;
    while (c < p->end && c - p->at < 40 &&
           ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            *c == '_' || *c == '-' || *c == '+' || *c == '.'))
        c++;
    return c - p->at;
}

static bool is_word(const parser *p, int64_t length, const char *word)
{
    return length == (int64_t)strlen(word) && memcmp(p->at, word, (size_t)length) == 0;
}

/* What people write instead of JSON deserves its own answer. */
static rm_status fail_expected(const parser *p, const char *expected)
{
    if (p->at == p->end)
        return rm_fail(p->err, RM_EMODEL, "line %d: the file ends where %s should come", p->line,
                       expected);
    int64_t length = word_length(p);
    if (*p->at == '/' || *p->at == '#')
        return fail(p, "JSON has no comments; take it out");
    if (*p->at == '\'')
        return fail(p, "texts and keys stand in \"double quotes\"");
    if (is_word(p, length, "NaN") || is_word(p, length, "Infinity") ||
        is_word(p, length, "-Infinity") || is_word(p, length, "inf"))
        return fail(p, "a number must be finite; JSON has no NaN and no Infinity");
    if (is_word(p, length, "True") || is_word(p, length, "False") || is_word(p, length, "None"))
        return fail(p, "write true, false and null, in lower case");
    if (length > 0)
        return rm_fail(p->err, RM_EMODEL, "line %d: expected %s, found \"%.*s\"", p->line, expected,
                       (int)length, p->at);
    if ((unsigned char)*p->at < 0x20 || (unsigned char)*p->at >= 0x7f)
        return rm_fail(p->err, RM_EMODEL, "line %d: expected %s", p->line, expected);
    return rm_fail(p->err, RM_EMODEL, "line %d: expected %s, found %c", p->line, expected, *p->at);
}

/* ---- white space, texts, numbers ---- */

static void skip_space(parser *p)
{
    for (; p->at < p->end; p->at++) {
        if (*p->at == '\n')
            p->line++;
        else if (*p->at != ' ' && *p->at != '\t' && *p->at != '\r')
            return;
    }
}

static bool next_is(const parser *p, char c)
{
    return p->at < p->end && *p->at == c;
}

static bool take_hex(parser *p, uint32_t *out)
{
    if (p->end - p->at < 4)
        return false;
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p->at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return false;
        value = value * 16 + digit;
    }
    p->at += 4;
    *out = value;
    return true;
}

static char *add_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    }
    return to;
}

static rm_status take_unicode(parser *p, char **to)
{
    uint32_t code, low;
    if (!take_hex(p, &code))
        return fail(p, "\\u takes four hexadecimal digits");
    if (code == 0)
        return fail(p, "\\u0000 cannot stand in a text");
    if (code >= 0xD800 && code <= 0xDFFF) {
        bool pair = code < 0xDC00 && p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == 'u';
        if (pair)
            p->at += 2;
        if (!pair || !take_hex(p, &low) || low < 0xDC00 || low > 0xDFFF)
            return fail(p, "\\ud800 to \\udfff come in pairs, a high one and a low one");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    *to = add_utf8(*to, code);
    return RM_OK;
}

static rm_status take_escape(parser *p, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (p->at == p->end)
        return fail(p, "this text has no closing quote");
    char c = *p->at++;
    if (c == 'u')
        return take_unicode(p, to);
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return fail(p, "after \\ comes one of \" \\ / b f n r t u; a backslash itself is \\\\");
    *(*to)++ = into[found - from];
    return RM_OK;
}

/* Escapes only shrink, so the text between the quotes is room enough. */
static rm_status decode(parser *p, char *to)
{
    while (p->at < p->end && *p->at != '"') {
        char c = *p->at++;
        if (c == '\n')
            return fail(p, "this text has no closing quote on its line");
        if ((unsigned char)c < 0x20)
            return fail(p, "a control character in a text; write \\t for a tab");
        if (c == '\\')
            RM_TRY(take_escape(p, &to));
        else
            *to++ = c;
    }
    if (p->at == p->end)
        return fail(p, "this text has no closing quote");
    p->at++;
    *to = '\0';
    return RM_OK;
}

static rm_status take_text(parser *p, char **out)
{
    const char *end = ++p->at;
    while (end < p->end && *end != '"' && *end != '\n')
        end += *end == '\\' && end + 1 < p->end ? 2 : 1;
    char *text;
    RM_TRY(RM_NEW(&text, end - p->at + 1, p->err));
    rm_status status = decode(p, text);
    if (status == RM_OK)
        *out = text;
    else
        rm_release(text);
    return status;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static rm_status take_number(parser *p, double *out)
{
    const char *begin = p->at + (*p->at == '-'), *whole = skip_digits(begin, p->end), *end = whole;
    bool good = whole > begin && (*begin != '0' || whole == begin + 1);
    if (good && end < p->end && *end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction, p->end);
        good = end > fraction;
    }
    if (good && end < p->end && (*end == 'e' || *end == 'E')) {
        const char *exponent = end + 1;
        exponent += exponent < p->end && (*exponent == '+' || *exponent == '-');
        end = skip_digits(exponent, p->end);
        good = end > exponent;
    }
    int64_t length = word_length(p);
    if (!good || (length < 40 && end - p->at != length))
        return rm_fail(p->err, RM_EMODEL,
                       "line %d: \"%.*s\" is no number as JSON writes it, such as 12, -0.5 or 1e6",
                       p->line, (int)length, p->at);
    if (!rm_parse_double(p->at, end - p->at, false, out) || !isfinite(*out))
        return fail(p, "this number is too large");
    p->at = end;
    return RM_OK;
}

/* ---- values ---- */

static rm_status take_value(parser *p, rm_json *node);

/* A new last child. */
static rm_status add_child(parser *p, rm_json *parent, rm_json **last, char *key)
{
    rm_json *node = NULL;
    rm_status status =
        p->values++ < MAX_VALUES
            ? RM_NEW_ZERO(&node, 1, p->err)
            : rm_fail(p->err, RM_ELIMIT, "line %d: more than %d values", p->line, MAX_VALUES);
    if (status != RM_OK) {
        rm_release(key);
        return status;
    }
    node->key = key;
    node->parent = parent;
    if (*last)
        (*last)->next = node;
    else
        parent->first = node;
    *last = node;
    parent->count++;
    RM_TRY(take_value(p, node));
    node->end = p->at - p->start;
    return RM_OK;
}

static rm_status take_list(parser *p, rm_json *list)
{
    rm_json *last = NULL;
    skip_space(p);
    while (!next_is(p, ']')) {
        RM_TRY(add_child(p, list, &last, NULL));
        skip_space(p);
        if (!next_is(p, ','))
            break;
        p->at++;
        skip_space(p);
        if (next_is(p, ']'))
            return fail(p, "a comma with nothing behind it before ]; take it out");
    }
    if (!next_is(p, ']'))
        return fail_expected(p, "a comma or ]");
    p->at++;
    return RM_OK;
}

static int order_keys(const void *left, const void *right)
{
    const rm_json *a = *(const rm_json *const *)left, *b = *(const rm_json *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Sorted, because a hostile file may have a million keys in one object. */
static rm_status refuse_duplicates(const parser *p, const rm_json *object)
{
    if (object->count < 2)
        return RM_OK;
    const rm_json **members;
    RM_TRY(RM_NEW(&members, object->count, p->err));
    int32_t n = 0;
    for (const rm_json *m = object->first; m; m = m->next)
        members[n++] = m;
    qsort(members, (size_t)n, sizeof *members, order_keys);
    rm_status status = RM_OK;
    for (int32_t i = 1; i < n && status == RM_OK; i++)
        if (strcmp(members[i - 1]->key, members[i]->key) == 0) {
            char path[300];
            rm_json_path(members[i], path, sizeof path);
            status = rm_fail(p->err, RM_EMODEL,
                             "line %d: %s stands here for the second time, after line %d",
                             members[i]->line, path, members[i - 1]->line);
        }
    rm_release(members);
    return status;
}

static rm_status take_object(parser *p, rm_json *object)
{
    rm_json *last = NULL;
    skip_space(p);
    while (!next_is(p, '}')) {
        char *key;
        if (!next_is(p, '"'))
            return fail_expected(p, "a key in \"double quotes\"");
        RM_TRY(take_text(p, &key));
        skip_space(p);
        if (!next_is(p, ':')) {
            rm_release(key);
            return fail_expected(p, "a colon after the key");
        }
        p->at++;
        RM_TRY(add_child(p, object, &last, key));
        skip_space(p);
        if (!next_is(p, ','))
            break;
        p->at++;
        skip_space(p);
        if (next_is(p, '}'))
            return fail(p, "a comma with nothing behind it before }; take it out");
    }
    if (!next_is(p, '}'))
        return fail_expected(p, "a comma or }");
    p->at++;
    return refuse_duplicates(p, object);
}

static rm_status take_word(parser *p, rm_json *node)
{
    int64_t length = word_length(p);
    if (is_word(p, length, "true") || is_word(p, length, "false")) {
        node->kind = RM_JSON_BOOL;
        node->number = length == 4;
    } else if (is_word(p, length, "null")) {
        node->kind = RM_JSON_NULL;
    } else {
        return fail_expected(p, "a value");
    }
    p->at += length;
    return RM_OK;
}

static rm_status take_value(parser *p, rm_json *node)
{
    skip_space(p);
    node->line = p->line;
    node->begin = p->at - p->start;
    if (next_is(p, '{') || next_is(p, '[')) {
        bool object = *p->at++ == '{';
        node->kind = object ? RM_JSON_OBJECT : RM_JSON_LIST;
        if (++p->levels > MAX_LEVELS)
            return rm_fail(p->err, RM_EMODEL, "line %d: more than %d levels inside one another",
                           p->line, MAX_LEVELS);
        RM_TRY(object ? take_object(p, node) : take_list(p, node));
        p->levels--;
        return RM_OK;
    }
    if (next_is(p, '"')) {
        node->kind = RM_JSON_TEXT;
        return take_text(p, &node->text);
    }
    if (p->at < p->end && ((*p->at >= '0' && *p->at <= '9') ||
                           (*p->at == '-' && p->end - p->at > 1 && p->at[1] != 'I'))) {
        node->kind = RM_JSON_NUMBER;
        return take_number(p, &node->number);
    }
    return take_word(p, node);
}

static rm_status refuse_other_encodings(parser *p)
{
    int64_t length = p->end - p->at, valid = rm_utf8_valid(p->at, length);
    if (valid == length && !memchr(p->at, 0, (size_t)length))
        return RM_OK;
    for (int64_t i = 0; i < valid; i++)
        p->line += p->at[i] == '\n';
    return fail(p, "not UTF-8 text; save the file as UTF-8");
}

static rm_status take_all(parser *p, rm_json *root)
{
    if (p->at == p->end)
        return fail(p, "the file is empty");
    RM_TRY(refuse_other_encodings(p));
    if (p->end - p->at >= 3 && memcmp(p->at, "\xEF\xBB\xBF", 3) == 0)
        p->at += 3; /* Notepad's mark of UTF-8, which RFC 8259 lets a reader skip */
    RM_TRY(take_value(p, root));
    root->end = p->at - p->start;
    skip_space(p);
    return p->at == p->end ? RM_OK : fail_expected(p, "the end of the file");
}

rm_status rm_json_parse(rm_json **out, const char *text, int64_t length, rm_error *err)
{
    rm_json *root;
    RM_TRY(RM_NEW_ZERO(&root, 1, err));
    parser p = {.start = text, .at = text, .end = text + length, .line = 1, .err = err};
    rm_status status = take_all(&p, root);
    if (status == RM_OK)
        *out = root;
    else
        rm_json_free(root);
    return status;
}

/* ---- the tree ---- */

const rm_json *rm_json_member(const rm_json *object, const char *key)
{
    for (const rm_json *m = object->kind == RM_JSON_OBJECT ? object->first : NULL; m; m = m->next)
        if (strcmp(m->key, key) == 0)
            return m;
    return NULL;
}

static void add_path(rm_text *path, const rm_json *node)
{
    if (!node->parent)
        return;
    add_path(path, node->parent);
    if (node->key) {
        if (path->length > 0)
            rm_text_add(path, ".");
        rm_text_add(path, node->key);
        return;
    }
    int32_t index = 0;
    for (const rm_json *m = node->parent->first; m != node; m = m->next)
        index++;
    rm_text_addf(path, "[%d]", index);
}

void rm_json_path(const rm_json *node, char *out, size_t size)
{
    rm_text path = {0};
    add_path(&path, node);
    int64_t length = path.length < (int64_t)size - 1 ? path.length : (int64_t)size - 1;
    length = length > 0 && !path.failed ? rm_utf8_valid(path.data, length) : 0;
    for (int64_t i = 0; i < length; i++) /* keys may hold line breaks, messages may not */
        out[i] = (unsigned char)path.data[i] < 0x20 ? '?' : path.data[i];
    out[length] = '\0';
    rm_text_clear(&path);
}

void rm_json_free(rm_json *json)
{
    if (!json)
        return;
    for (rm_json *child = json->first, *next; child; child = next) {
        next = child->next;
        rm_json_free(child);
    }
    rm_release(json->key);
    rm_release(json->text);
    rm_release(json);
}
