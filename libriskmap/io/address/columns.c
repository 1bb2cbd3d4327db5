#include "io/address/columns.h"

#include "base/text.h"
#include "io/open.h"
#include "io/reader.h"
#include "io/roles.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a layer without the columns is told. */
static const char hint[] = "an address layer has points with postcode and huisnummer, such as "
                           "verblijfsobject of the BAG light GeoPackage";

static const rm_role roles_of[RM_PARTS] = {RM_ROLE_POSTCODE, RM_ROLE_NUMBER, RM_ROLE_LETTER,
                                           RM_ROLE_ADDITION, RM_ROLE_LINE,   RM_ROLE_STREET,
                                           RM_ROLE_PLACE};

void rm_address_columns_clear(rm_address_columns *columns)
{
    for (int part = 0; part < RM_PARTS; part++)
        rm_release(columns->names[part]);
    *columns = (rm_address_columns){.points = false};
}

static void given_names(const rm_address_fields *fields, const char *names[RM_PARTS])
{
    names[RM_PART_POSTCODE] = fields->postcode;
    names[RM_PART_NUMBER] = fields->number;
    names[RM_PART_LETTER] = fields->letter;
    names[RM_PART_ADDITION] = fields->addition;
    names[RM_PART_LINE] = fields->line;
    names[RM_PART_STREET] = fields->street;
    names[RM_PART_PLACE] = fields->place;
}

static rm_status guess_names(rm_address_columns *out, const rm_table *sample, rm_error *err)
{
    rm_roles roles;
    RM_TRY(rm_roles_guess(&roles, sample, err));
    for (int part = 0; part < RM_PARTS; part++) {
        int32_t column = roles.of[roles_of[part]].column;
        if (column >= 0)
            RM_TRY(rm_copy_text(&out->names[part], sample->columns[column].name, err));
    }
    return RM_OK;
}

static bool enough(const rm_address_columns *columns, bool layer)
{
    char *const *has = columns->names;
    if (has[RM_PART_LINE] && (!layer || has[RM_PART_POSTCODE] || has[RM_PART_PLACE]))
        return true;
    if (!has[RM_PART_NUMBER])
        return !layer && has[RM_PART_STREET]; /* "Dorpsstraat 12a" in a column of streets */
    return has[RM_PART_POSTCODE] || (has[RM_PART_STREET] && (!layer || has[RM_PART_PLACE]));
}

static void list_columns(rm_text *text, const rm_table *columns)
{
    int32_t shown = 0;
    for (; shown < columns->count && text->length < 300; shown++)
        rm_text_addf(text, "%s\"%.40s\"", shown == 0 ? "" : ", ", columns->columns[shown].name);
    if (shown < columns->count)
        rm_text_addf(text, " and %d more", columns->count - shown);
    if (columns->count == 0)
        rm_text_add(text, "none");
}

static rm_status fail_missing(const rm_table *sample, const char *shown, bool layer, rm_error *err)
{
    rm_text there = {0};
    list_columns(&there, sample);
    rm_status status = rm_text_status(&there, err);
    if (status == RM_OK && layer)
        status = rm_fail(err, RM_ENOTFOUND,
                         "%s has no columns with a house number and a postcode (or street and "
                         "place): looked for huisnummer, postcode, straatnaam, woonplaats; it has "
                         "%s; %s",
                         shown, there.data, hint);
    else if (status == RM_OK)
        status = rm_fail(err, RM_ENOTFOUND,
                         "%s has no columns with an address: looked for postcode and huisnummer, "
                         "adres, or straat and huisnummer; it has %s; name them with \"address\"",
                         shown, there.data);
    rm_text_clear(&there);
    return status;
}

/* The layer that is meant. What lies in an archive has a name of its own. */
static rm_status find_listed(const rm_listed_layer **out, const rm_listing *listing,
                             const rm_request *request, const char *layer, const char *shown,
                             rm_error *err)
{
    int at = 0;
    rm_layer_choice *choices = NULL;
    rm_request wanted = {.layer = layer, .geometry = request->geometry};
    RM_TRY(RM_NEW(&choices, listing->count, err));
    for (int32_t i = 0; i < listing->count; i++)
        choices[i] = (rm_layer_choice){listing->layers[i].name,
                                       strcmp(listing->layers[i].geometry_type, "None") != 0};
    rm_status status = listing->count == 1
                           ? RM_OK
                           : rm_find_layer(&at, &wanted, choices, listing->count, shown, err);
    rm_release(choices);
    if (status == RM_OK)
        *out = &listing->layers[at];
    return status;
}

static void clear_names(rm_address_columns *columns)
{
    for (int part = 0; part < RM_PARTS; part++) {
        rm_release(columns->names[part]);
        columns->names[part] = NULL;
    }
}

static rm_status guess_from(rm_address_columns *out, const rm_table *sample, bool layer,
                            const char *shown, rm_error *err)
{
    RM_TRY(guess_names(out, sample, err));
    return enough(out, layer) ? RM_OK : fail_missing(sample, shown, layer, err);
}

/* What stands in the columns is only looked at when their names are not enough: it may be about
 * persons, and nobody has asked for it. source: NULL for a layer in memory. */
static rm_status guess(rm_address_columns *out, const rm_table *heads, const char *source,
                       const char *name, const rm_layer *memory, bool layer, const char *shown,
                       rm_error *err)
{
    enum { SAMPLE = 2000 };
    rm_table sample = {0};
    RM_TRY(guess_names(out, heads, err));
    if (enough(out, layer))
        return RM_OK;
    clear_names(out);
    if (memory)
        RM_TRY(rm_roles_sample_memory(&sample, memory, SAMPLE, err));
    else
        RM_TRY(rm_roles_sample(&sample, source, name, SAMPLE, err));
    rm_status status = guess_from(out, &sample, layer, shown, err);
    rm_table_clear(&sample);
    return status;
}

static bool has_names(const rm_address_columns *columns)
{
    for (int part = 0; part < RM_PARTS; part++)
        if (columns->names[part])
            return true;
    return false;
}

static rm_status look_in_memory(rm_address_columns *out, const rm_layer *memory, bool layer,
                                const char *shown, rm_error *err)
{
    rm_table heads = memory->rows.table;
    heads.rows = 0;
    out->points = memory->rows.geometry.features > 0;
    return has_names(out) ? RM_OK : guess(out, &heads, NULL, NULL, memory, layer, shown, err);
}

static rm_status look_inside(rm_address_columns *out, const rm_request *request, bool layer,
                             const char *source, const char *name, const char *shown, rm_error *err)
{
    const rm_listed_layer *listed = NULL;
    rm_listing listing = {0};
    RM_TRY(rm_list(&listing, source, err));
    rm_status status = find_listed(&listed, &listing, request, name, shown, err);
    if (status == RM_OK) {
        out->points = request->x || strcmp(listed->geometry_type, "None") != 0;
        if (!has_names(out))
            status = guess(out, &listed->columns, source, listed->name, NULL, layer, shown, err);
    }
    rm_listing_clear(&listing);
    return status;
}

static rm_status look(rm_address_columns *out, const rm_request *request, bool layer,
                      const char *path, const char *name, const char *shown, rm_error *err)
{
    const char *given[RM_PARTS];
    bool any = false;
    rm_text source = {0};
    given_names(&request->address, given);
    for (int part = 0; part < RM_PARTS; part++) {
        any |= given[part] != NULL;
        RM_TRY(rm_copy_text(&out->names[part], given[part], err));
    }
    if (any && !enough(out, layer))
        return rm_fail(err, RM_EINVAL,
                       "%s: \"address\" must name a line, or the number with a postcode or street",
                       shown);
    if (request->memory)
        return look_in_memory(out, request->memory, layer, shown, err);
    rm_text_add(&source, path);
    if (name)
        rm_text_addf(&source, "|layername=%s", name);
    rm_status status = rm_text_status(&source, err);
    if (status == RM_OK)
        status = look_inside(out, request, layer, source.data, name, shown, err);
    rm_text_clear(&source);
    return status;
}

rm_status rm_address_columns_find(rm_address_columns *out, const rm_request *request, bool layer,
                                  rm_error *err)
{
    rm_address_columns columns = {.points = false};
    char *path = NULL, *inside = NULL, *shown = NULL;
    rm_status status = rm_split_source(request->source, &path, &inside, err);
    if (status == RM_OK)
        status = rm_shown(&shown, path, err);
    const char *name = request->layer ? request->layer : inside;
    if (status == RM_OK)
        status = look(&columns, request, layer, path, name, shown, err);
    if (status == RM_OK && layer && !columns.points)
        status = rm_fail(err, RM_EINVAL, "%s%s%s has no points: %s", shown, name ? ", layer " : "",
                         name ? name : "", hint);
    rm_release(path);
    rm_release(inside);
    rm_release(shown);
    if (status == RM_OK)
        *out = columns;
    else
        rm_address_columns_clear(&columns);
    return status;
}

static int32_t position(const rm_address_request *request, const char *name)
{
    for (int32_t i = 0; i < request->count; i++)
        if (rm_text_equal_nocase(request->columns[i], name))
            return i;
    return -1;
}

rm_status rm_address_request_make(rm_address_request *out, const rm_request *request,
                                  const rm_address_columns *columns, rm_error *err)
{
    rm_address_request made = {.count = request->column_count};
    RM_TRY(RM_NEW(&made.columns, (int64_t)request->column_count + RM_PARTS, err));
    for (int32_t i = 0; i < request->column_count; i++)
        made.columns[i] = request->columns[i];
    for (int part = 0; part < RM_PARTS; part++) {
        const char *name = columns->names[part];
        made.at[part] = name ? position(&made, name) : -1;
        if (!name || made.at[part] >= 0)
            continue;
        made.at[part] = made.count;
        made.columns[made.count++] = name;
    }
    *out = made;
    return RM_OK;
}

void rm_address_request_clear(rm_address_request *request)
{
    rm_release(request->columns);
    request->columns = NULL;
    request->count = 0;
}

/* Numbers as they would be written. */
static rm_address_cell cell_of(const rm_column *column, int64_t row, char room[24])
{
    int64_t length = 0;
    double value;
    if (rm_column_missing(column, row))
        return (rm_address_cell){NULL, 0};
    switch (column->type) {
    case RM_TEXT: {
        const char *text = rm_column_text(column, row, &length);
        return (rm_address_cell){text, length};
    }
    case RM_INT64:
        return (rm_address_cell){room, snprintf(room, 24, "%" PRId64, column->data.i64[row])};
    case RM_FLOAT64:
        value = column->data.f64[row];
        if (value != floor(value) || fabs(value) > 1e9)
            return (rm_address_cell){NULL, 0};
        return (rm_address_cell){room, snprintf(room, 24, "%" PRId64, (int64_t)value)};
    default:
        return (rm_address_cell){NULL, 0};
    }
}

void rm_address_cells_of(rm_address_cells *out, const rm_table *table, const int32_t at[RM_PARTS],
                         int64_t row, rm_address_room room)
{
    rm_address_cell *const cells[RM_PARTS] = {&out->postcode, &out->number, &out->letter,
                                              &out->addition, &out->line,   &out->street,
                                              &out->place};
    for (int part = 0; part < RM_PARTS; part++)
        *cells[part] = at[part] < 0 ? (rm_address_cell){NULL, 0}
                                    : cell_of(&table->columns[at[part]], row, room[part]);
}
