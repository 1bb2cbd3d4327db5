/* What an Arrow schema says: the type of each column, metadata, where the geometry is. */
#include "data/arrow_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *rm_arrow_name(const struct ArrowSchema *schema)
{
    return schema->name && schema->name[0] ? schema->name : "(without a name)";
}

bool rm_arrow_is_text(const char *format)
{
    return strcmp(format, "u") == 0 || strcmp(format, "U") == 0 || strcmp(format, "vu") == 0;
}

bool rm_arrow_is_binary(const char *format)
{
    return strcmp(format, "z") == 0 || strcmp(format, "Z") == 0 || strcmp(format, "vz") == 0;
}

bool rm_arrow_is_view(const char *format)
{
    return strcmp(format, "vu") == 0 || strcmp(format, "vz") == 0;
}

bool rm_arrow_is_integer(const char *format)
{
    return format[0] != '\0' && format[1] == '\0' && strchr("cCsSiIlL", format[0]) != NULL;
}

bool rm_arrow_is_list(const char *format)
{
    return strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0;
}

bool rm_arrow_is_decimal(const char *format, int *scale, int *bits)
{
    int precision, used = 0;
    *bits = 128;
    if (sscanf(format, "d:%3d,%4d%n", &precision, scale, &used) != 2)
        return false;
    if (format[used] == ',')
        *bits = atoi(format + used + 1);
    else if (format[used] != '\0')
        return false;
    return *bits == 32 || *bits == 64 || *bits == 128 || *bits == 256;
}

bool rm_arrow_is_time(const char *format)
{
    return strncmp(format, "tt", 2) == 0 && format[2] != '\0' && strchr("smun", format[2]) &&
           format[3] == '\0';
}

const char *rm_arrow_zone(const char *format)
{
    bool timestamp = strncmp(format, "ts", 2) == 0 && format[2] != '\0' &&
                     strchr("smun", format[2]) && format[3] == ':';
    return timestamp ? format + 4 : NULL;
}

/* The words for types that people meet; others are named by their format alone. */
static const char *type_words(const char *format)
{
    static const char *const words[][2] = {
        {"z", "binary"},    {"Z", "binary"},
        {"vz", "binary"},   {"w:", "fixed-size binary"},
        {"tD", "duration"}, {"ti", "interval"},
        {"+s", "struct"},   {"+w", "list"},
        {"+v", "list"},     {"+l", "list"},
        {"+L", "list"},     {"+m", "map"},
        {"+u", "union"},    {"+r", "run-end encoded"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(format, words[i][0], strlen(words[i][0])) == 0)
            return words[i][1];
    return "this";
}

static rm_status refuse(const struct ArrowSchema *column, const char *format, rm_error *err)
{
    return rm_fail(err, RM_EUNSUPPORTED, "column %.80s: %s type (Arrow \"%.40s\") is not read",
                   rm_arrow_name(column), type_words(format), format);
}

static rm_status check_zone(const struct ArrowSchema *column, const char *name, rm_error *err)
{
    rm_zone *zone = NULL;
    rm_error why;
    rm_status status = rm_zone_open(&zone, name, &why);
    rm_zone_free(zone);
    if (status == RM_OK || status == RM_ENOMEM)
        return status == RM_OK ? RM_OK : rm_fail_memory(err);
    return rm_fail(
        err, RM_EUNSUPPORTED,
        "column %.80s: this machine does not know the time zone \"%.60s\"; convert it to "
        "local time without a zone",
        rm_arrow_name(column), name);
}

/* Of what is neither dictionary nor list; *known = false for other types. */
static rm_status plain_type(const struct ArrowSchema *column, const char *format, rm_type *out,
                            bool *known, rm_error *err)
{
    int scale, bits;
    *known = true;
    if (rm_arrow_is_integer(format) || strcmp(format, "b") == 0)
        *out = RM_INT64;
    else if (strcmp(format, "e") == 0 || strcmp(format, "f") == 0 || strcmp(format, "g") == 0 ||
             rm_arrow_is_decimal(format, &scale, &bits))
        *out = RM_FLOAT64;
    else if (rm_arrow_is_text(format) || rm_arrow_is_time(format) || strcmp(format, "n") == 0)
        *out = RM_TEXT;
    else if (strcmp(format, "tdD") == 0 || strcmp(format, "tdm") == 0)
        *out = RM_DATE;
    else if (rm_arrow_zone(format)) {
        *out = RM_DATETIME;
        return check_zone(column, rm_arrow_zone(format), err);
    } else
        *known = false;
    return RM_OK;
}

/* Lists of texts and of numbers, whose items are joined. */
static bool is_joined(const struct ArrowSchema *schema)
{
    if (!rm_arrow_is_list(schema->format) || schema->n_children != 1 ||
        schema->children[0]->dictionary)
        return false;
    const char *item = schema->children[0]->format;
    return rm_arrow_is_text(item) || rm_arrow_is_integer(item) || strcmp(item, "f") == 0 ||
           strcmp(item, "g") == 0;
}

rm_status rm_arrow_type(const struct ArrowSchema *schema, rm_type *out, rm_error *err)
{
    const struct ArrowSchema *values = schema->dictionary ? schema->dictionary : schema;
    bool known = false;
    if (schema->dictionary &&
        (!rm_arrow_is_integer(schema->format) || schema->dictionary->dictionary))
        return refuse(schema, schema->format, err);
    RM_TRY(plain_type(schema, values->format, out, &known, err));
    if (known && schema->dictionary && strcmp(values->format, "n") == 0)
        return refuse(schema, values->format, err);
    if (known)
        return RM_OK;
    if (schema->dictionary || !is_joined(schema))
        return refuse(schema, values->format, err);
    *out = RM_TEXT;
    return RM_OK;
}

static int64_t metadata_number(const char **at)
{
    int32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

const char *rm_arrow_metadata(const char *metadata, const char *key, int64_t *length)
{
    int64_t pairs = metadata ? metadata_number(&metadata) : 0;
    for (int64_t i = 0; i < pairs; i++) {
        int64_t key_size = metadata_number(&metadata);
        const char *this_key = metadata;
        metadata += key_size;
        *length = metadata_number(&metadata);
        if (key_size == (int64_t)strlen(key) && memcmp(this_key, key, strlen(key)) == 0)
            return metadata;
        metadata += *length;
    }
    return NULL;
}

const char *rm_arrow_extension(const struct ArrowSchema *column, int64_t *length)
{
    return rm_arrow_metadata(column->metadata, "ARROW:extension:name", length);
}

static bool is_extension(const struct ArrowSchema *column, const char *name)
{
    int64_t size = 0;
    const char *own = rm_arrow_extension(column, &size);
    return own && size == (int64_t)strlen(name) && memcmp(own, name, strlen(name)) == 0;
}

const rm_arrow_encoding *rm_arrow_encoding_of(const struct ArrowSchema *column)
{
    static const rm_arrow_encoding encodings[] = {
        {"geoarrow.wkb", RM_KIND_NONE, 0, false},
        {"ogc.wkb", RM_KIND_NONE, 0, false},
        {"geoarrow.point", RM_KIND_POINT, 0, false},
        {"geoarrow.linestring", RM_KIND_LINE, 1, false},
        {"geoarrow.polygon", RM_KIND_POLYGON, 2, false},
        {"geoarrow.multipoint", RM_KIND_POINT, 1, true},
        {"geoarrow.multilinestring", RM_KIND_LINE, 2, true},
        {"geoarrow.multipolygon", RM_KIND_POLYGON, 3, true},
    };
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        const rm_arrow_encoding *encoding = &encodings[i];
        const struct ArrowSchema *at = column;
        if (!is_extension(column, encoding->name))
            continue;
        if (encoding->kind == RM_KIND_NONE)
            return rm_arrow_is_binary(column->format) ? encoding : NULL;
        for (int l = 0; l < encoding->lists && at; l++)
            at = rm_arrow_is_list(at->format) && at->n_children == 1 ? at->children[0] : NULL;
        return at && rm_arrow_holds_xy(at) ? encoding : NULL;
    }
    return NULL;
}

bool rm_arrow_is_geometry(const struct ArrowSchema *column)
{
    return rm_arrow_encoding_of(column) != NULL;
}

int rm_arrow_geometry_column(const struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (rm_arrow_is_geometry(schema->children[i]))
            return (int)i;
    return -1;
}
