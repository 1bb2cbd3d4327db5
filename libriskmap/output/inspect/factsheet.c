#include "output/inspect/factsheet.h"

#include "base/date.h"
#include "data/person.h"
#include "io/profile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what may be shown ---- */

rm_box rm_factsheet_extent(const rm_factsheet *sheet, int32_t number)
{
    const rm_found_layer *layer = &sheet->inspection->layers[number];
    rm_box box = layer->extent;
    if (sheet->open[number] || rm_box_is_empty(box))
        return box;
    if (layer->crs_problem)
        return RM_BOX_EMPTY; /* in which unit is anybody's guess, so it cannot be rounded */
    return (rm_box){
        floor(box.xmin / RM_COARSE_M) * RM_COARSE_M, floor(box.ymin / RM_COARSE_M) * RM_COARSE_M,
        ceil(box.xmax / RM_COARSE_M) * RM_COARSE_M, ceil(box.ymax / RM_COARSE_M) * RM_COARSE_M};
}

static bool is_person(const rm_found_field *field)
{
    return field->counts.person != RM_PERSON_KINDS;
}

/* Text counts as dates or numbers where at least half of it can be read so. */
static bool mostly(const rm_found_layer *layer, const rm_found_field *field, int64_t count)
{
    int64_t present = layer->features - field->counts.missing - field->counts.sentinels;
    return count > 0 && (field->type != RM_TEXT || count * 2 >= present);
}

int32_t rm_factsheet_newest(const rm_factsheet *sheet, int32_t number, int32_t *date)
{
    const rm_found_layer *layer = &sheet->inspection->layers[number];
    int32_t newest = -1;
    *date = RM_NO_DATE;
    for (int32_t f = 0; f < layer->field_count; f++) {
        const rm_found_field *field = &layer->fields[f];
        if (is_person(field) || !mostly(layer, field, field->counts.dates) ||
            field->counts.newest <= *date)
            continue;
        *date = field->counts.newest;
        newest = f;
    }
    return newest;
}

bool rm_factsheet_shows(const rm_factsheet *sheet, int32_t number, int32_t f, bool *dates)
{
    const rm_found_layer *layer = &sheet->inspection->layers[number];
    const rm_found_field *field = &layer->fields[f];
    *dates = mostly(layer, field, field->counts.dates);
    bool numbers = mostly(layer, field, field->counts.numbers) && field->counts.highest < 1e9;
    return sheet->open[number] && !is_person(field) && f != layer->id_field && (*dates || numbers);
}

rm_status rm_factsheet_columns(rm_table *out, const rm_found_layer *layer, rm_error *err)
{
    for (int32_t f = 0; f < layer->field_count; f++)
        RM_TRY(rm_table_add_column(out, layer->fields[f].name, layer->fields[f].type, err));
    return RM_OK;
}

/* ---- Markdown ---- */

typedef struct page {
    rm_text *out;
    const rm_factsheet *sheet;
    rm_language language;
} page;

static const char *say(const page *to, const char *dutch, const char *english)
{
    return to->language == RM_ENGLISH ? english : dutch;
}

/* Text from outside, so that it stays text: no markup, no new cell, no new line. */
static void add_plain(rm_text *out, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            rm_text_add(out, " ");
        else if (strchr("\\`*[]<>|#&~", *text))
            rm_text_addf(out, "\\%c", *text);
        else
            rm_text_add_n(out, text, 1);
    }
}

/* The name of a field or layer, as code. */
static void add_name(rm_text *out, const char *name)
{
    rm_text_add(out, "`");
    for (; *name; name++) {
        if ((unsigned char)*name < ' ' || *name == 0x7f)
            rm_text_add(out, " ");
        else if (*name == '`')
            rm_text_add(out, "'");
        else if (*name == '|')
            rm_text_add(out, "\\|");
        else
            rm_text_add_n(out, name, 1);
    }
    rm_text_add(out, "`");
}

/* 583.365 */
static void add_count(const page *to, int64_t count)
{
    char digits[24];
    rm_text number = {0};
    rm_text_addf(&number, "%lld", (long long)count);
    snprintf(digits, sizeof digits, "%s", number.data ? number.data : "");
    to->out->failed |= number.failed;
    rm_text_clear(&number);
    size_t length = strlen(digits);
    for (size_t d = 0; d < length; d++) {
        if (d > 0 && digits[d - 1] != '-' && (length - d) % 3 == 0)
            rm_text_add(to->out, say(to, ".", ","));
        rm_text_add_n(to->out, &digits[d], 1);
    }
}

/* 100% is said of all and 0% of none alone. */
static void add_share(const page *to, int64_t part, int64_t whole)
{
    if (whole == 0) {
        rm_text_add(to->out, "-");
        return;
    }
    double percent = floor(1000.0 * (double)part / (double)whole) / 10;
    if (part > 0 && percent < 0.1) {
        rm_text_add(to->out, say(to, "< 0,1%", "< 0.1%"));
        return;
    }
    rm_words_number(to->out, percent, percent == floor(percent) ? 0 : 1, to->language);
    rm_text_add(to->out, "%");
}

static void add_date(const page *to, int32_t date, bool by_month)
{
    char text[16];
    rm_date_format(date, text);
    text[by_month ? 7 : 10] = '\0';
    rm_text_add(to->out, text);
}

static void begin_row(const page *to, const char *dutch, const char *english)
{
    rm_text_add(to->out, "| ");
    rm_text_add(to->out, say(to, dutch, english));
    rm_text_add(to->out, " | ");
}

static void end_row(const page *to)
{
    rm_text_add(to->out, " |\n");
}

static void begin_table(const page *to)
{
    rm_text_add(to->out, "\n| | |\n|---|---|\n");
}

static void text_row(const page *to, const char *dutch, const char *english, const char *text)
{
    begin_row(to, dutch, english);
    if (text && *text)
        add_plain(to->out, text);
    else
        rm_text_add(to->out, say(to, "niet vermeld", "not stated"));
    end_row(to);
}

static bool all_open(const rm_factsheet *sheet)
{
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        if (!sheet->open[l])
            return false;
    return true;
}

static void add_classification(const page *to, bool open)
{
    rm_text_add(to->out,
                open ? say(to, "open", "open")
                     : say(to,
                           "**AFGESCHERMD**: niet open verklaard; hier staan geen waarden in, de "
                           "ligging op 10 km en data per maand",
                           "**AFGESCHERMD** (shielded): not declared open; no values are shown "
                           "here, the place to 10 km and dates by the month"));
}

static void date_row(const page *to)
{
    const rm_factsheet *sheet = to->sheet;
    begin_row(to, "Datum van de gegevens", "Date of the data");
    if (sheet->about.date != RM_NO_DATE) {
        add_date(to, sheet->about.date, false);
        rm_text_add(to->out, say(to, " (vermeld)", " (stated)"));
    } else {
        rm_text_add(to->out, say(to, "niet vermeld", "not stated"));
    }
    if (sheet->file_date != RM_NO_DATE) {
        rm_text_add(to->out, say(to, "; bestand van ", "; file of "));
        add_date(to, sheet->file_date, false);
    }
    end_row(to);
}

static void add_head(const page *to)
{
    const rm_factsheet *sheet = to->sheet;
    rm_text_add(to->out, "# Factsheet: ");
    add_plain(to->out, sheet->source);
    rm_text_add(to->out, "\n");
    begin_table(to);
    text_row(to, "Naam", "Name", sheet->about.title);
    text_row(to, "Eigenaar", "Owner", sheet->about.owner);
    text_row(to, "Licentie", "Licence", sheet->about.licence);
    if (sheet->about.from)
        text_row(to, "Vermeld in", "Stated in", sheet->about.from);
    date_row(to);
    begin_row(to, "Bestand", "File");
    add_plain(to->out, sheet->inspection->driver);
    if (sheet->bytes >= 0) {
        rm_text_add(to->out, ", ");
        bool small = sheet->bytes < 1000000;
        rm_words_number(to->out, (double)sheet->bytes / (small ? 1e3 : 1e6), 1, to->language);
        rm_text_add(to->out, small ? " kB" : " MB");
    }
    end_row(to);
    begin_row(to, "Classificatie", "Classification");
    add_classification(to, all_open(sheet));
    end_row(to);
    begin_row(to, "Opgesteld", "Made on");
    add_date(to, sheet->today, false);
    end_row(to);
}

static void add_fault(const page *to, int64_t count, const char *dutch, const char *english,
                      int *said)
{
    if (count <= 0)
        return;
    rm_text_add(to->out, (*said)++ ? ", " : "");
    add_count(to, count);
    rm_text_add(to->out, " ");
    rm_text_add(to->out, say(to, dutch, english));
}

static void geometry_row(const page *to, const rm_found_layer *layer)
{
    int said = 0;
    if (strcmp(layer->geometry_type, "None") == 0)
        return;
    begin_row(to, "Geometrie", "Geometry");
    add_fault(to, layer->without_geometry, "zonder bruikbare geometrie", "without usable geometry",
              &said);
    add_fault(to, layer->invalid, "ongeldig", "invalid", &said);
    add_fault(to, layer->outside, "buiten het gebied van het CRS",
              "outside the area of use of the CRS", &said);
    if (!said)
        rm_text_add(to->out, say(to, "alles in orde", "all in order"));
    end_row(to);
}

static void crs_rows(const page *to, int32_t number)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    if (strcmp(layer->geometry_type, "None") == 0)
        return;
    text_row(to, "CRS", "CRS", layer->crs);
    if (layer->crs_problem)
        text_row(to, "Probleem met het CRS", "Problem with the CRS",
                 layer->crs ? layer->crs_problem
                            : say(to,
                                  "noem het in het model als \"crs\" van de laag, zoals "
                                  "\"EPSG:28992\" (RD) of \"EPSG:4258\" (lengte/breedte)",
                                  layer->crs_problem));
    if (layer->missing_grid)
        text_row(to, "Grid dat ontbreekt", "Grid that is missing", layer->missing_grid);
    rm_box box = rm_factsheet_extent(to->sheet, number);
    begin_row(to, "Omvang", "Extent");
    if (rm_box_is_empty(box)) {
        rm_text_add(to->out, rm_box_is_empty(layer->extent) ? say(to, "geen", "none")
                                                            : say(to, "afgeschermd", "shielded"));
    } else {
        double values[] = {box.xmin, box.xmax, box.ymin, box.ymax};
        const char *between[] = {"x ", say(to, " t/m ", " to "), ", y ", say(to, " t/m ", " to ")};
        bool degrees = fabs(box.xmin) <= 360 && fabs(box.xmax) <= 360;
        for (int i = 0; i < 4; i++) {
            rm_text_add(to->out, between[i]);
            rm_words_number(to->out, values[i], degrees ? 5 : 0, to->language);
        }
        if (!to->sheet->open[number])
            rm_text_add(to->out, say(to, " (op 10 km)", " (to 10 km)"));
    }
    end_row(to);
}

static void duplicate_rows(const page *to, const rm_found_layer *layer)
{
    if (layer->duplicate_rows >= 0) {
        begin_row(to, "Dubbele rijen", "Duplicate rows");
        add_count(to, layer->duplicate_rows);
        end_row(to);
    }
    if (layer->duplicate_ids >= 0) {
        begin_row(to, "Dubbele kenmerken", "Duplicate ids");
        add_count(to, layer->duplicate_ids);
        rm_text_add(to->out, say(to, " in ", " in "));
        add_name(to->out, layer->fields[layer->id_field].name);
        end_row(to);
    }
}

static void count_rows(const page *to, int32_t number)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    int32_t date, newest = rm_factsheet_newest(to->sheet, number, &date);
    begin_row(to, "Objecten", "Features");
    add_count(to, layer->features);
    rm_text_addf(to->out, " (%s)",
                 strcmp(layer->geometry_type, "None") == 0
                     ? say(to, "geen geometrie", "no geometry")
                     : layer->geometry_type);
    end_row(to);
    begin_row(to, "Van kracht", "In force");
    add_share(to, layer->features, layer->features + layer->ended);
    if (layer->ended > 0) {
        rm_text_add(to->out, "; ");
        add_count(to, layer->ended);
        rm_text_add(to->out,
                    say(to, " vervallen, en buiten beschouwing", " ended, and left aside"));
    }
    end_row(to);
    if (newest >= 0) {
        begin_row(to, "Nieuwste datum", "Newest date");
        add_date(to, date, !to->sheet->open[number]);
        rm_text_add(to->out, say(to, " in ", " in "));
        add_name(to->out, layer->fields[newest].name);
        end_row(to);
    }
    if (layer->bad_rows > 0) {
        begin_row(to, "Regels met te veel cellen", "Rows with too many cells");
        add_count(to, layer->bad_rows);
        end_row(to);
    }
}

/* ---- what it is used for ---- */

static rm_status profile_rows(const page *to, const rm_found_layer *layer, rm_error *err)
{
    bool english = to->language == RM_ENGLISH;
    rm_table columns = {0};
    rm_text why = {0};
    rm_status status = rm_factsheet_columns(&columns, layer, err);
    const rm_profile *profile = status == RM_OK ? rm_profile_match(layer->name, &columns) : NULL;
    begin_row(to, "Herkend als", "Taken for");
    if (!profile) {
        rm_text_add(to->out, say(to, "niets bekends: velden onder hun eigen naam",
                                 "nothing known: fields under their own names"));
        end_row(to);
        rm_table_clear(&columns);
        return status;
    }
    rm_profile_why(&why, profile, &columns, english);
    add_plain(to->out, english && profile->title_en ? profile->title_en : profile->title);
    rm_text_add(to->out, " (");
    add_plain(to->out, why.data ? why.data : "");
    rm_text_add(to->out, ")");
    to->out->failed |= why.failed;
    end_row(to);
    rm_text_clear(&why);
    int said = 0;
    for (const rm_profile_field *field = profile->fields; field && field->name; field++) {
        const rm_profile_field *ignored;
        int32_t column = rm_profile_resolve(profile, field->name, &columns, &ignored);
        if (column < 0)
            continue;
        if (!said++)
            begin_row(to, "Velden die riskmap kent", "Fields that riskmap knows");
        else
            rm_text_add(to->out, ", ");
        add_name(to->out, field->name);
    }
    if (said)
        end_row(to);
    rm_table_clear(&columns);
    return status;
}

static void use_row(const page *to, int32_t number)
{
    const rm_model *model = to->sheet->model;
    const rm_model_layer *layer = &model->layers[number];
    int said = 0;
    rm_text_add(to->out, say(to, "| In het model als ", "| In the model as "));
    add_name(to->out, layer->name);
    rm_text_add(to->out, " | ");
    if (number == model->areas_layer) {
        rm_text_add(to->out, say(to, "de gebieden", "the areas"));
        said++;
    }
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        bool own = indicator->of < 0 && number == model->areas_layer;
        if (!own && indicator->of != number && indicator->per != number)
            continue;
        rm_text_add(to->out, said++ ? "; " : "");
        add_plain(to->out, rm_indicator_label(indicator, to->language));
    }
    for (int32_t l = 0; l < model->layer_count; l++)
        if (model->layers[l].locate == number) {
            rm_text_add(to->out, said++ ? "; " : "");
            rm_text_add(to->out, say(to, "de adressen voor ", "the addresses for "));
            add_name(to->out, model->layers[l].name);
        }
    if (!said)
        rm_text_add(to->out, say(to, "niet gebruikt", "not used"));
    end_row(to);
}

static void use_rows(const page *to, int32_t found)
{
    bool used = false;
    for (int32_t u = 0; u < to->sheet->use_count; u++)
        if (to->sheet->uses[u].found == found) {
            use_row(to, to->sheet->uses[u].layer);
            used = true;
        }
    if (to->sheet->model && !used) {
        begin_row(to, "In het model", "In the model");
        rm_text_add(to->out, say(to, "niet gebruikt", "not used"));
        end_row(to);
    }
}

/* ---- the fields ---- */

static const char *type_word(const page *to, rm_type type)
{
    switch (type) {
    case RM_INT64:
        return say(to, "geheel", "integer");
    case RM_FLOAT64:
        return say(to, "getal", "real");
    case RM_DATE:
        return say(to, "datum", "date");
    case RM_DATETIME:
        return say(to, "tijdstip", "datetime");
    case RM_TEXT:
        break;
    }
    return say(to, "tekst", "text");
}

static void add_number(const page *to, double value)
{
    bool whole = value == floor(value) && fabs(value) < 1e15;
    rm_words_number(to->out, value, whole ? 0 : 3, to->language);
}

static void add_range(const page *to, const rm_found_field *field, bool dates)
{
    const rm_field_counts *counts = &field->counts;
    if (dates)
        add_date(to, counts->first_date, false);
    else
        add_number(to, counts->lowest);
    rm_text_add(to->out, say(to, " t/m ", " to "));
    if (dates)
        add_date(to, counts->last_date, false);
    else
        add_number(to, counts->highest);
}

static void field_row(const page *to, int32_t number, int32_t f)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    const rm_found_field *field = &layer->fields[f];
    bool dates;
    int64_t empty = field->counts.missing + field->counts.sentinels;
    rm_text_add(to->out, "| ");
    add_name(to->out, field->name);
    rm_text_add(to->out, " | ");
    rm_text_add(to->out, type_word(to, field->type));
    rm_text_add(to->out, " | ");
    add_share(to, layer->features - empty, layer->features);
    rm_text_add(to->out, " | ");
    add_count(to, empty);
    rm_text_add(to->out, " | ");
    if (is_person(field))
        rm_text_add(to->out, say(to, "persoonsgegeven: nooit gelezen voor een score",
                                 "personal data: never read for a score"));
    else if (rm_factsheet_shows(to->sheet, number, f, &dates))
        add_range(to, field, dates);
    end_row(to);
}

static void add_fields(const page *to, int32_t number)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    if (layer->field_count == 0)
        return;
    rm_text_add(to->out, say(to,
                             "\n| Veld | Soort | Gevuld | Ontbreekt | Waarden |\n"
                             "|---|---|---:|---:|---|\n",
                             "\n| Field | Type | Filled | Missing | Values |\n"
                             "|---|---|---:|---:|---|\n"));
    for (int32_t f = 0; f < layer->field_count; f++)
        field_row(to, number, f);
}

static rm_status add_layer(const page *to, int32_t number, rm_error *err)
{
    const rm_found_layer *layer = &to->sheet->inspection->layers[number];
    rm_text_add(to->out, "\n## ");
    add_plain(to->out, layer->name);
    rm_text_add(to->out, "\n");
    begin_table(to);
    if (layer->problem) {
        text_row(to, "Niet leesbaar", "Unreadable", layer->problem);
        return RM_OK;
    }
    if (!all_open(to->sheet)) {
        begin_row(to, "Classificatie", "Classification");
        rm_text_add(to->out, to->sheet->open[number] ? "open" : "AFGESCHERMD");
        end_row(to);
    }
    RM_TRY(profile_rows(to, layer, err));
    use_rows(to, number);
    count_rows(to, number);
    duplicate_rows(to, layer);
    geometry_row(to, layer);
    crs_rows(to, number);
    add_fields(to, number);
    return RM_OK;
}

rm_status rm_factsheet_markdown(rm_text *out, const rm_factsheet *sheet, rm_language language,
                                rm_error *err)
{
    page to = {.out = out, .sheet = sheet, .language = language};
    add_head(&to);
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        RM_TRY(add_layer(&to, l, err));
    rm_text_add(out, say(&to,
                         "\nGevuld telt waarden die voor \"ontbreekt\" staan (-99997, GM0000, "
                         "bouwjaar 1005 en 9999) als leeg.\n",
                         "\nFilled counts values that stand for \"missing\" (-99997, GM0000, "
                         "building years 1005 and 9999) as empty.\n"));
    return rm_text_status(out, err);
}
