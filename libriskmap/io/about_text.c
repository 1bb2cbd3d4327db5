/* Metadata as text: XML, the head of a GeoJSON, lines of a readme. */
#include "base/date.h"
#include "base/text.h"
#include "io/about.h"
#include "io/gdal/env.h"
#include "io/text/csv_parse.h"

#include <cpl_minixml.h>
#include <string.h>

enum { MOST_LEVELS = 100, MOST_BYTES = 300 };

/* Text files of agencies are UTF-8 or Windows-1252. */
static rm_status as_utf8(char **out, const rm_text *line, bool cut, rm_error *err)
{
    rm_text text = {0};
    int64_t length = line->length, valid = rm_utf8_valid(line->data, length);
    if (cut && length - valid < 4)
        length = valid;
    (void)rm_csv_decode(&text, line->data, length);
    if (rm_text_status(&text, err) != RM_OK) {
        rm_text_clear(&text);
        return RM_ENOMEM;
    }
    *out = text.data;
    return RM_OK;
}

/* One line, cut where it is long; what stands there already stays. */
static rm_status take(char **out, const char *text, int64_t length, rm_error *err)
{
    rm_text line = {0};
    if (*out)
        return RM_OK;
    for (int64_t i = 0; i < length && line.length < MOST_BYTES; i++) {
        bool blank = (unsigned char)text[i] <= ' ';
        if (blank && (line.length == 0 || line.data[line.length - 1] == ' '))
            continue;
        rm_text_add_n(&line, blank ? " " : &text[i], 1);
    }
    bool cut = line.length == MOST_BYTES; /* perhaps in the midst of a character */
    while (line.length > 0 && line.data[line.length - 1] == ' ')
        line.data[--line.length] = '\0';
    if (rm_text_status(&line, err) != RM_OK) {
        rm_text_clear(&line);
        return RM_ENOMEM;
    }
    rm_status status = line.length > 0 ? as_utf8(out, &line, cut, err) : RM_OK;
    rm_text_clear(&line);
    return status;
}

static void take_date(rm_about *about, const char *text, int64_t length)
{
    while (length > 0 && (unsigned char)*text <= ' ') {
        text++;
        length--;
    }
    while (length > 0 && (unsigned char)text[length - 1] <= ' ')
        length--;
    int32_t date = rm_date_parse(text, length);
    if (date == RM_NO_DATE && length > 10)
        date = rm_date_parse(text, 10); /* with a time that says more than we need */
    if (about->date == RM_NO_DATE)
        about->date = date;
}

typedef enum about_part { TITLE, OWNER, LICENCE, DATE, NOTHING } about_part;

static about_part part_of(const char *key)
{
    static const struct {
        const char *key;
        about_part part;
    } KEYS[] = {{"title", TITLE},       {"titel", TITLE},
                {"naam", TITLE},        {"name", TITLE},
                {"owner", OWNER},       {"eigenaar", OWNER},
                {"bronhouder", OWNER},  {"publisher", OWNER},
                {"uitgever", OWNER},    {"bron", OWNER},
                {"attribution", OWNER}, {"licence", LICENCE},
                {"license", LICENCE},   {"licentie", LICENCE},
                {"rights", LICENCE},    {"gebruiksvoorwaarden", LICENCE},
                {"date", DATE},         {"datum", DATE},
                {"peildatum", DATE},    {"modified", DATE}};
    for (size_t k = 0; k < sizeof KEYS / sizeof *KEYS; k++)
        if (rm_text_equal_nocase(key, KEYS[k].key))
            return KEYS[k].part;
    return NOTHING;
}

static rm_status take_part(rm_about *about, about_part part, const char *text, int64_t length,
                           rm_error *err)
{
    switch (part) {
    case TITLE:
        return take(&about->title, text, length, err);
    case OWNER:
        return take(&about->owner, text, length, err);
    case LICENCE:
        return take(&about->licence, text, length, err);
    case DATE:
        take_date(about, text, length);
        return RM_OK;
    case NOTHING:
        break;
    }
    return RM_OK;
}

/* ---- XML ---- */

/* CPL's reader goes down a level of the stack for every level of the text. */
static bool is_too_deep(const char *text)
{
    int depth = 0;
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        if (!end || at[1] == '!' || at[1] == '?')
            continue;
        depth += at[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
        if (depth > MOST_LEVELS)
            return true;
    }
    return false;
}

/* The text of a node: its own, or of the only element in it (CharacterString, Anchor, Date). */
static const char *text_of(const CPLXMLNode *node)
{
    for (const CPLXMLNode *child = node->psChild; child; child = child->psNext) {
        if (child->eType == CXT_Text)
            return child->pszValue;
        if (child->eType == CXT_Element && child->psChild) {
            const char *inner = text_of(child);
            if (inner)
                return inner;
        }
    }
    return NULL;
}

static about_part xml_part(const char *name)
{
    static const struct {
        const char *name;
        about_part part;
    } NAMES[] = {{"title", TITLE},
                 {"organisationName", OWNER},
                 {"publisher", OWNER},
                 {"Company", OWNER},
                 {"otherConstraints", LICENCE},
                 {"useLimitation", LICENCE},
                 {"license", LICENCE},
                 {"rights", LICENCE},
                 {"dateStamp", DATE},
                 {"modified", DATE},
                 {"date", DATE}};
    for (size_t n = 0; n < sizeof NAMES / sizeof *NAMES; n++)
        if (strcmp(name, NAMES[n].name) == 0)
            return NAMES[n].part;
    return NOTHING;
}

/* In the order of the text; what comes first stands. */
static rm_status walk_xml(rm_about *about, const CPLXMLNode *node, rm_error *err)
{
    for (; node; node = node->psNext) {
        if (node->eType != CXT_Element)
            continue;
        about_part part = xml_part(node->pszValue);
        const char *text = part == NOTHING ? NULL : text_of(node);
        if (text)
            RM_TRY(take_part(about, part, text, (int64_t)strlen(text), err));
        RM_TRY(walk_xml(about, node->psChild, err));
    }
    return RM_OK;
}

rm_status rm_about_from_xml(rm_about *about, const char *text, int64_t length, rm_error *err)
{
    rm_gdal_ears ears;
    rm_status status = RM_OK;
    if ((int64_t)strlen(text) < length || is_too_deep(text))
        return RM_OK;
    rm_gdal_enter(&ears);
    CPLXMLNode *root = CPLParseXMLString(text);
    if (root) {
        CPLStripXMLNamespace(root, NULL, TRUE);
        status = walk_xml(about, root, err);
        CPLDestroyXMLNode(root);
    }
    rm_gdal_leave(&ears);
    return status;
}

/* ---- lines ---- */

/* "licentie: CC0", also as "- **Licentie:** CC0". */
static rm_status take_line(rm_about *about, const char *line, int64_t length, rm_error *err)
{
    static const char MARKS[] = " \t*-#_";
    char key[32];
    int64_t from = 0, colon = 0;
    while (from < length && strchr(MARKS, line[from]))
        from++;
    while (colon < length && line[colon] != ':')
        colon++;
    int64_t to = colon;
    while (to > from && strchr(MARKS, line[to - 1]))
        to--;
    if (colon == length || to <= from || to - from >= (int64_t)sizeof key)
        return RM_OK;
    memcpy(key, line + from, (size_t)(to - from));
    key[to - from] = '\0';
    int64_t begin = colon + 1;
    while (begin < length && strchr(" \t*_", line[begin]))
        begin++;
    return take_part(about, part_of(key), line + begin, length - begin, err);
}

rm_status rm_about_from_lines(rm_about *about, const char *text, int64_t length, rm_error *err)
{
    for (int64_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', (size_t)(length - at));
        int64_t size = end ? end - (text + at) : length - at;
        if (size > 0)
            RM_TRY(take_line(about, text + at, size, err));
        at += size + 1;
    }
    return RM_OK;
}

/* ---- the head of a GeoJSON ---- */

/* Behind the text that begins at text[at], a quote; length where it does not end. */
static int64_t behind_text(const char *text, int64_t length, int64_t at)
{
    for (at++; at < length && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < length ? at + 1 : length;
}

static int64_t skip_blanks(const char *text, int64_t length, int64_t at)
{
    while (at < length && (unsigned char)text[at] <= ' ')
        at++;
    return at;
}

static rm_status take_member(rm_about *about, const char *text, int64_t key, int64_t key_end,
                             int64_t value, int64_t value_end, rm_error *err)
{
    char name[32];
    int64_t size = key_end - key - 2;
    if (size <= 0 || size >= (int64_t)sizeof name || text[value] != '"' ||
        memchr(text + value, '\\', (size_t)(value_end - value)))
        return RM_OK;
    memcpy(name, text + key + 1, (size_t)size);
    name[size] = '\0';
    if (strcmp(name, "name") == 0)
        return RM_OK; /* of the layer */
    return take_part(about, part_of(name), text + value + 1, value_end - value - 2, err);
}

rm_status rm_about_from_json(rm_about *about, const char *text, int64_t length, rm_error *err)
{
    int depth = 0;
    for (int64_t at = 0; at < length;) {
        if (text[at] != '"') {
            depth += text[at] == '{' || text[at] == '[';
            depth -= text[at] == '}' || text[at] == ']';
            at++;
            continue;
        }
        int64_t end = behind_text(text, length, at), colon = skip_blanks(text, length, end);
        if (depth == 1 && colon < length && text[colon] == ':') {
            int64_t value = skip_blanks(text, length, colon + 1);
            if (end - at == 10 && memcmp(text + at, "\"features\"", 10) == 0)
                return RM_OK;
            if (value < length && text[value] == '"') {
                int64_t value_end = behind_text(text, length, value);
                RM_TRY(take_member(about, text, at, end, value, value_end, err));
                end = value_end;
            }
        }
        at = end;
    }
    return RM_OK;
}

void rm_about_clear(rm_about *about)
{
    rm_release(about->title);
    rm_release(about->owner);
    rm_release(about->licence);
    rm_release(about->from);
    *about = (rm_about){.date = RM_NO_DATE};
}
