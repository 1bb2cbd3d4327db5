/* The same facts for programs. */
#include "base/date.h"
#include "data/person.h"
#include "io/profile.h"
#include "output/inspect/factsheet.h"

#include <string.h>

typedef struct page {
    rm_text *out;
    const rm_factsheet *sheet;
    rm_language language;
} page;

/* first: no comma before it */
static void add_key(const page *to, int indent, const char *key, bool first)
{
    rm_text_addf(to->out, "%s%*s\"%s\": ", first ? "" : ",\n", indent, "", key);
}

static void add_text(const page *to, int indent, const char *key, const char *text)
{
    add_key(to, indent, key, false);
    if (text && *text)
        rm_text_add_json(to->out, text);
    else
        rm_text_add(to->out, "null");
}

static void add_integer(const page *to, int indent, const char *key, int64_t value)
{
    add_key(to, indent, key, false);
    if (value >= 0)
        rm_text_addf(to->out, "%lld", (long long)value);
    else
        rm_text_add(to->out, "null");
}

static void add_date(const page *to, int indent, const char *key, int32_t date, bool by_month)
{
    char text[16] = "";
    if (date != RM_NO_DATE)
        rm_date_format(date, text);
    if (by_month && text[0])
        text[7] = '\0';
    add_text(to, indent, key, text);
}

static void add_number(const page *to, int indent, const char *key, double value)
{
    add_key(to, indent, key, false);
    rm_text_add_json_double(to->out, value);
}

static const char *classification(bool open)
{
    return open ? "open" : "shielded";
}

static void add_extent(const page *to, int32_t number)
{
    rm_box box = rm_factsheet_extent(to->sheet, number);
    double values[] = {box.xmin, box.ymin, box.xmax, box.ymax};
    add_key(to, 6, "extent", false);
    if (rm_box_is_empty(box)) {
        rm_text_add(to->out, "null");
        return;
    }
    for (int i = 0; i < 4; i++) {
        rm_text_add(to->out, i ? ", " : "[");
        rm_text_add_json_double(to->out, values[i]);
    }
    rm_text_add(to->out, "]");
    if (!to->sheet->open[number])
        add_integer(to, 6, "extent_rounded_to_m", RM_COARSE_M);
}

static rm_status add_profile(const page *to, const rm_found_layer *layer, rm_error *err)
{
    bool english = to->language == RM_ENGLISH;
    rm_table columns = {0};
    rm_text why = {0};
    rm_status status = rm_factsheet_columns(&columns, layer, err);
    const rm_profile *profile = status == RM_OK ? rm_profile_match(layer->name, &columns) : NULL;
    if (profile)
        rm_profile_why(&why, profile, &columns, english);
    add_text(to, 6, "profile", profile ? profile->name : NULL);
    add_text(to, 6, "taken_for",
             !profile                       ? NULL
             : english && profile->title_en ? profile->title_en
                                            : profile->title);
    add_text(to, 6, "taken_for_why", why.data);
    to->out->failed |= why.failed;
    rm_text_clear(&why);
    add_key(to, 6, "canonical", false);
    rm_text_add(to->out, "{");
    int said = 0;
    for (const rm_profile_field *field = profile ? profile->fields : NULL; field && field->name;
         field++) {
        const rm_profile_field *ignored;
        int32_t column = rm_profile_resolve(profile, field->name, &columns, &ignored);
        if (column < 0)
            continue;
        rm_text_add(to->out, said++ ? ", " : "");
        rm_text_add_json(to->out, field->name);
        rm_text_add(to->out, ": ");
        rm_text_add_json(to->out, columns.columns[column].name);
    }
    rm_text_add(to->out, "}");
    rm_table_clear(&columns);
    return status;
}

static void add_use(const page *to, int32_t number, bool first)
{
    const rm_model *model = to->sheet->model;
    int said = 0;
    rm_text_add(to->out, first ? "{\"layer\": " : ", {\"layer\": ");
    rm_text_add_json(to->out, model->layers[number].name);
    rm_text_addf(to->out, ", \"areas\": %s, \"indicators\": [",
                 number == model->areas_layer ? "true" : "false");
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        bool own = indicator->of < 0 && number == model->areas_layer;
        if (!own && indicator->of != number && indicator->per != number)
            continue;
        rm_text_add(to->out, said++ ? ", " : "");
        rm_text_add_json(to->out, indicator->name);
    }
    rm_text_add(to->out, "]}");
}

static void add_uses(const page *to, int32_t found)
{
    bool first = true;
    add_key(to, 6, "used_by", false);
    if (!to->sheet->model) {
        rm_text_add(to->out, "null");
        return;
    }
    rm_text_add(to->out, "[");
    for (int32_t u = 0; u < to->sheet->use_count; u++)
        if (to->sheet->uses[u].found == found) {
            add_use(to, to->sheet->uses[u].layer, first);
            first = false;
        }
    rm_text_add(to->out, "]");
}

static const char *type_name(rm_type type)
{
    static const char *const NAMES[] = {[RM_INT64] = "integer",
                                        [RM_FLOAT64] = "real",
                                        [RM_TEXT] = "text",
                                        [RM_DATE] = "date",
                                        [RM_DATETIME] = "datetime"};
    return NAMES[type];
}

static void add_field(const page *to, int32_t number, int32_t f)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    const rm_found_field *field = &layer->fields[f];
    const rm_field_counts *counts = &field->counts;
    int64_t filled = layer->features - counts->missing - counts->sentinels;
    bool dates, shown = rm_factsheet_shows(to->sheet, number, f, &dates);
    rm_text_add(to->out, f ? ",\n        {" : "\n        {");
    add_key(to, 0, "name", true);
    rm_text_add_json(to->out, field->name);
    rm_text_addf(to->out,
                 ", \"type\": \"%s\", \"filled\": %lld, \"share\": ", type_name(field->type),
                 (long long)filled);
    rm_text_add_json_double(to->out, (double)filled / (double)layer->features);
    rm_text_addf(to->out, ", \"sentinels\": %lld, \"person\": %s", (long long)counts->sentinels,
                 counts->person == RM_PERSON_KINDS ? "false" : "true");
    if (shown && dates) {
        char first[16], last[16];
        rm_date_format(counts->first_date, first);
        rm_date_format(counts->last_date, last);
        rm_text_addf(to->out, ", \"first_date\": \"%s\", \"last_date\": \"%s\"", first, last);
    } else if (shown) {
        rm_text_add(to->out, ", \"lowest\": ");
        rm_text_add_json_double(to->out, counts->lowest);
        rm_text_add(to->out, ", \"highest\": ");
        rm_text_add_json_double(to->out, counts->highest);
    }
    rm_text_add(to->out, "}");
}

static rm_status add_layer(const page *to, int32_t number, rm_error *err)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    int32_t date, newest = rm_factsheet_newest(to->sheet, number, &date);
    rm_text_add(to->out, number ? ",\n    {\n" : "\n    {\n");
    add_key(to, 6, "name", true);
    rm_text_add_json(to->out, layer->name);
    add_text(to, 6, "problem", layer->problem);
    add_text(to, 6, "classification", classification(to->sheet->open[number]));
    RM_TRY(add_profile(to, layer, err));
    add_uses(to, number);
    add_integer(to, 6, "features", layer->features);
    add_integer(to, 6, "ended", layer->ended);
    add_text(to, 6, "geometry_type", layer->geometry_type);
    add_date(to, 6, "newest_date", date, !to->sheet->open[number]);
    add_text(to, 6, "newest_date_field", newest >= 0 ? layer->fields[newest].name : NULL);
    add_integer(to, 6, "bad_rows", layer->bad_rows);
    add_integer(to, 6, "duplicate_rows", layer->duplicate_rows);
    add_text(to, 6, "id_field",
             layer->id_field >= 0 && layer->id_field < layer->field_count
                 ? layer->fields[layer->id_field].name
                 : NULL);
    add_integer(to, 6, "duplicate_ids", layer->duplicate_ids);
    add_integer(to, 6, "without_geometry", layer->without_geometry);
    add_integer(to, 6, "invalid", layer->invalid);
    add_integer(to, 6, "outside", layer->outside);
    add_text(to, 6, "crs", layer->crs);
    add_number(to, 6, "crs_accuracy_m", layer->crs_accuracy_m);
    add_text(to, 6, "missing_grid", layer->missing_grid);
    add_text(to, 6, "crs_problem", layer->crs_problem);
    add_extent(to, number);
    add_key(to, 6, "fields", false);
    rm_text_add(to->out, "[");
    for (int32_t f = 0; f < layer->field_count; f++)
        add_field(to, number, f);
    rm_text_add(to->out, "]\n    }");
    return RM_OK;
}

rm_status rm_factsheet_json(rm_text *out, const rm_factsheet *sheet, rm_language language,
                            rm_error *err)
{
    page to = {.out = out, .sheet = sheet, .language = language};
    bool open = true;
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        open = open && sheet->open[l];
    rm_text_add(out, "{\n");
    add_key(&to, 2, "factsheet", true);
    rm_text_add(out, "1");
    add_text(&to, 2, "source", sheet->source);
    add_date(&to, 2, "made_on", sheet->today, false);
    add_text(&to, 2, "title", sheet->about.title);
    add_text(&to, 2, "owner", sheet->about.owner);
    add_text(&to, 2, "licence", sheet->about.licence);
    add_text(&to, 2, "stated_in", sheet->about.from);
    add_date(&to, 2, "stated_date", sheet->about.date, false);
    add_date(&to, 2, "file_date", sheet->file_date, false);
    add_integer(&to, 2, "bytes", sheet->bytes);
    add_text(&to, 2, "driver", sheet->inspection->driver);
    add_text(&to, 2, "classification", classification(open));
    add_text(&to, 2, "model", sheet->model ? sheet->model->name : NULL);
    add_key(&to, 2, "layers", false);
    rm_text_add(out, "[");
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        RM_TRY(add_layer(&to, l, err));
    rm_text_add(out, "\n  ]\n}\n");
    return rm_text_status(out, err);
}
