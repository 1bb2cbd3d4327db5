#include "model/model_fields.h"

#include "base/date.h"
#include "data/quote.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAME 48

/* ---- messages ---- */

rm_status rm_model_fail(const rm_model_file *file, const rm_json *node, const char *format, ...)
{
    char path[300], message[900];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    message[rm_utf8_valid(message, (int64_t)strlen(message))] = '\0';
    rm_json_path(node, path, sizeof path);
    return rm_fail(file->err, RM_EMODEL, "%s, line %d%s%s: %s", file->name, node->line,
                   path[0] ? ", " : "", path, message);
}

static rm_status join(char **out, const char *const *names, int32_t count, rm_error *err)
{
    enum { SHOWN = 40 };
    rm_text text = {0};
    for (int32_t i = 0; i < count && i < SHOWN; i++)
        rm_text_addf(&text, "%s%s", i ? ", " : "", names[i]);
    if (count > SHOWN)
        rm_text_add(&text, ", ...");
    rm_status status = rm_text_status(&text, err);
    if (status == RM_OK)
        *out = text.data;
    else
        rm_text_clear(&text);
    return status;
}

/* '"minmx" is no scale; did you mean "minmax"? (minmax, zscore, ...)'. */
static rm_status fail_choice(const rm_model_file *file, const rm_json *node, const char *what,
                             const char *const *names, int32_t count)
{
    char *list;
    RM_TRY(join(&list, names, count, file->err));
    const char *near = rm_text_nearest(node->text, names, count);
    rm_status status =
        rm_model_fail(file, node, "%s is no %s%s%s%s (%s)", rm_quoted_text(node->text).text, what,
                      near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", list);
    rm_release(list);
    return status;
}

static rm_status fail_unknown_key(const rm_model_file *file, const rm_json *node,
                                  const rm_model_field *fields, int32_t count)
{
    const char **names;
    char *list = NULL;
    RM_TRY(RM_NEW(&names, count, file->err));
    for (int32_t i = 0; i < count; i++)
        names[i] = fields[i].name;
    const char *near = rm_text_nearest(node->key, names, count);
    rm_status status = join(&list, names, count, file->err);
    if (status == RM_OK && near)
        status = rm_model_fail(file, node, "there is no such key here; did you mean \"%s\"?", near);
    else if (status == RM_OK)
        status = rm_model_fail(file, node, "there is no such key here; there is %s", list);
    rm_release(list);
    rm_release(names);
    return status;
}

/* ---- values ---- */

static const char *const kind_names[] = {"null",   "true or false", "a number",
                                         "a text", "a list [ ]",    "an object { }"};

rm_status rm_model_kind(const rm_model_file *file, const rm_json *node, rm_json_kind kind)
{
    if (node->kind == kind)
        return RM_OK;
    return rm_model_fail(file, node, "must be %s, not %s", kind_names[kind],
                         kind_names[node->kind]);
}

static rm_status read_words(const rm_model_file *file, const rm_json *node, char **out)
{
    RM_TRY(rm_model_kind(file, node, RM_JSON_TEXT));
    if (node->text[strspn(node->text, " \t\n\v\f\r")] == '\0')
        return rm_model_fail(file, node, "is blank; say what belongs here");
    return rm_copy_text(out, node->text, file->err);
}

rm_status rm_model_choice(const rm_model_file *file, const rm_json *node, const char *what,
                          const char *const *names, int32_t count, int32_t *out)
{
    RM_TRY(rm_model_kind(file, node, RM_JSON_TEXT));
    for (int32_t i = 0; i < count; i++)
        if (strcmp(node->text, names[i]) == 0) {
            *out = i;
            return RM_OK;
        }
    return fail_choice(file, node, what, names, count);
}

static rm_status read_name(const rm_model_file *file, const rm_json *node, char **out)
{
    RM_TRY(rm_model_kind(file, node, RM_JSON_TEXT));
    size_t length = strspn(node->text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (node->text[0] < 'a' || node->text[0] > 'z' || node->text[length] || length > MAX_NAME)
        return rm_model_fail(
            file, node,
            "%s becomes part of a column's name: a to z, 0 to 9 and _, a letter first, "
            "%d characters at most",
            rm_quoted_text(node->text).text, MAX_NAME);
    return rm_copy_text(out, node->text, file->err);
}

static rm_status read_day(const rm_model_file *file, const rm_json *node, int32_t *out)
{
    RM_TRY(rm_model_kind(file, node, RM_JSON_TEXT));
    bool iso = strlen(node->text) == 10 && node->text[4] == '-' && node->text[7] == '-';
    *out = iso ? rm_date_parse(node->text, 10) : RM_NO_DATE;
    if (*out == RM_NO_DATE)
        return rm_model_fail(file, node, "%s is no date; write it as 2026-01-31",
                             rm_quoted_text(node->text).text);
    return RM_OK;
}

static rm_status read_number(const rm_model_file *file, const rm_json *node,
                             rm_model_field_kind kind, double *out)
{
    RM_TRY(rm_model_kind(file, node, RM_JSON_NUMBER));
    double x = node->number;
    const char *range = kind == RM_FIELD_ABOVE_0 && !(x > 0)            ? "above 0"
                        : kind == RM_FIELD_FROM_0 && !(x >= 0)          ? "0 or more"
                        : kind == RM_FIELD_SHARE && !(x >= 0 && x <= 1) ? "from 0 to 1"
                        : kind == RM_FIELD_BETWEEN && !(x > 0 && x < 1) ? "above 0 and below 1"
                                                                        : NULL;
    if (range)
        return rm_model_fail(file, node, "must be %s", range);
    *out = x;
    return RM_OK;
}

static rm_status read_field(const rm_model_file *file, const rm_json *node,
                            const rm_model_field *field, void *into)
{
    void *place = (char *)into + field->offset;
    int32_t day;
    switch (field->kind) {
    case RM_FIELD_WORDS:
        return read_words(file, node, place);
    case RM_FIELD_NAME:
        return read_name(file, node, place);
    case RM_FIELD_DAY:
        return read_day(file, node, place);
    case RM_FIELD_DAY_TEXT:
        RM_TRY(read_day(file, node, &day));
        return rm_copy_text(place, node->text, file->err);
    case RM_FIELD_OTHER:
        return RM_OK;
    default:
        return read_number(file, node, field->kind, place);
    }
}

rm_status rm_model_fields(const rm_model_file *file, const rm_json *object,
                          const rm_model_field *fields, int32_t count, void *into)
{
    RM_TRY(rm_model_kind(file, object, RM_JSON_OBJECT));
    for (const rm_json *m = object->first; m; m = m->next) {
        int32_t i = 0;
        while (i < count && strcmp(fields[i].name, m->key) != 0)
            i++;
        if (i == count)
            return fail_unknown_key(file, m, fields, count);
    }
    for (int32_t i = 0; i < count; i++) {
        const rm_json *node = rm_json_member(object, fields[i].name);
        if (node)
            RM_TRY(read_field(file, node, &fields[i], into));
        else if (fields[i].needed)
            return rm_model_fail(file, object, "\"%s\" is missing: %s", fields[i].name,
                                 fields[i].needed);
    }
    return RM_OK;
}
