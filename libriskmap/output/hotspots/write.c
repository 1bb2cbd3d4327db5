#include "io/memory_sink.h"
#include "output/hotspots/hotspots.h"
#include "output/result/style.h"

#include <math.h>
#include <string.h>

enum {
    ID,
    NAME,
    VALUE,
    EVENTS,
    EXPOSURE,
    CLASS,
    WORDS,
    STATISTIC,
    Z,
    P,
    CORRECTED,
    NEIGHBOURS,
    COLUMNS
};

/* ---- table ---- */

static const char TABLE[] = "hotspots";

typedef struct rm_hotspot_table {
    const rm_hotspots *hotspots;
    rm_language language;
} rm_hotspot_table;

static rm_status hotspot_row(void *context, int64_t area, rm_cell *cells, rm_error *err)
{
    const rm_hotspot_table *table = context;
    const rm_hotspots *from = table->hotspots;
    int32_t class_ = from->class_[area];
    (void)err;
    cells[ID].text = from->ids.text + from->ids.at[area];
    cells[NAME].text = from->names.text + from->names.at[area];
    cells[VALUE].f64 = from->value[area];
    cells[EVENTS].f64 = from->events[area];
    cells[EXPOSURE].f64 = from->exposure ? from->exposure[area] : NAN;
    cells[CLASS].i64 = class_;
    cells[CLASS].missing = class_ == RM_NO_BIN;
    cells[WORDS].text = rm_hotspots_class_words(from, class_, table->language);
    cells[STATISTIC].f64 = from->statistic[area];
    cells[Z].f64 = from->z[area];
    cells[P].f64 = from->p[area];
    cells[CORRECTED].f64 = from->corrected[area];
    cells[NEIGHBOURS].i64 = from->weights.start[area + 1] - from->weights.start[area];
    return RM_OK;
}

/* ---- style ---- */

typedef struct rm_hotspot_class {
    int32_t class_;
    const char *colour;
} rm_hotspot_class;

/* Red for high and blue for low, as GIS people know them. */
static const rm_hotspot_class bins[] = {
    {3, "179,24,43"},    {2, "239,138,98"},   {1, "253,219,199"}, {0, "240,240,240"},
    {-1, "209,229,240"}, {-2, "103,169,207"}, {-3, "33,102,172"}};
static const rm_hotspot_class lisa[] = {{RM_LISA_HIGH_HIGH, "179,24,43"},
                                        {RM_LISA_HIGH_LOW, "239,138,98"},
                                        {RM_LISA_LOW_HIGH, "103,169,207"},
                                        {RM_LISA_LOW_LOW, "33,102,172"},
                                        {RM_LISA_NOT_SIGNIFICANT, "240,240,240"}};

static void add_symbol(rm_text *out, int number, const char *colour)
{
    rm_text_addf(out,
                 "<symbol type=\"fill\" name=\"%d\" alpha=\"0.85\"><layer class=\"SimpleFill\" "
                 "enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">"
                 "<Option type=\"QString\" name=\"color\" value=\"%s,255\"/>"
                 "<Option type=\"QString\" name=\"outline_color\" value=\"150,150,150,255\"/>"
                 "<Option type=\"QString\" name=\"outline_width\" value=\"0.06\"/>"
                 "<Option type=\"QString\" name=\"style\" value=\"solid\"/>"
                 "</Option></layer></symbol>\n",
                 number, colour);
}

static void style_qml(rm_text *out, const rm_hotspots *hotspots, const rm_field *fields,
                      rm_language language)
{
    bool gi = hotspots->as.statistic == RM_HOTSPOTS_GI_STAR;
    const rm_hotspot_class *classes = gi ? bins : lisa;
    int count = gi ? 7 : 5;
    rm_text_add(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                     "<qgis version=\"3.22\" styleCategories=\"Symbology|Fields\">\n"
                     "<renderer-v2 type=\"categorizedSymbol\" attr=\"class\" symbollevels=\"0\" "
                     "enableorderby=\"0\" forceraster=\"0\">\n<categories>\n");
    for (int c = 0; c < count; c++)
        rm_text_addf(out,
                     "<category type=\"long\" value=\"%d\" symbol=\"%d\" render=\"true\" "
                     "label=\"%s\"/>\n",
                     classes[c].class_, c,
                     rm_hotspots_class_words(hotspots, classes[c].class_, language));
    rm_text_addf(out, "<category value=\"\" symbol=\"%d\" render=\"true\" label=\"%s\"/>\n", count,
                 language == RM_ENGLISH ? "no value or no neighbours"
                                        : "geen waarde of geen buren");
    rm_text_add(out, "</categories>\n<symbols>\n");
    for (int c = 0; c < count; c++)
        add_symbol(out, c, classes[c].colour);
    add_symbol(out, count, "200,200,200");
    rm_text_add(out, "</symbols>\n</renderer-v2>\n<aliases>\n");
    for (int c = 0; c < COLUMNS; c++)
        rm_text_addf(out, "<alias index=\"%d\" field=\"%s\" name=\"%s\"/>\n", c, fields[c].name,
                     fields[c].title);
    rm_text_add(out, "</aliases>\n<layerGeometryType>2</layerGeometryType>\n</qgis>\n");
}

/* ---- words ---- */

static void add_description(rm_text *out, const rm_hotspots *hotspots, rm_language language)
{
    const rm_hotspots_options *as = &hotspots->as;
    bool english = language == RM_ENGLISH, gi = as->statistic == RM_HOTSPOTS_GI_STAR;
    if (hotspots->facts.shielded)
        rm_text_addf(out, "%s ", rm_words_shielded(language));
    rm_text_addf(out, "%s, %s", gi ? "Getis-Ord Gi*" : "local Moran (LISA)",
                 english ? hotspots->what_en : hotspots->what);
    if (hotspots->per) {
        rm_text_add(out, " per ");
        rm_text_add_double(out, as->per_units);
        rm_text_add(out, english ? ", shrunk by empirical Bayes" : ", gekrompen (empirical Bayes)");
    }
    if (as->p_by == RM_P_ANALYTIC)
        rm_text_add(out, english ? "; p by the normal distribution"
                                 : "; p volgens de normale verdeling");
    else
        rm_text_addf(out,
                     english ? "; p by permutation, seed %llu" : "; p door permutatie, seed %llu",
                     (unsigned long long)as->seed);
    rm_text_add(out, as->uncorrected ? (english ? ", not corrected for the number of areas. "
                                                : ", niet gecorrigeerd voor het aantal gebieden. ")
                     : english       ? ", corrected after Benjamini and Hochberg. "
                                     : ", gecorrigeerd volgens Benjamini-Hochberg. ");
    rm_text_add(out, rm_hotspots_disclaimer(language));
}

const char *rm_hotspots_disclaimer(rm_language language)
{
    return language == RM_ENGLISH
               ? "Shows where values lie together, not why; no suspicion, and by itself no ground "
                 "for an inspection."
               : "Toont waar waarden bij elkaar liggen, niet waarom; geen verdenking en op "
                 "zichzelf "
                 "geen grond voor een controle.";
}

/* ---- file ---- */

/* All that is written; the sink takes of it what it can keep. */
static rm_status fill_sink(const rm_sink *sink, const rm_hotspots *hotspots,
                           const char *description, rm_language language, rm_error *err)
{
    static const struct {
        const char *name;
        rm_type type;
        const char *title, *title_en;
    } columns[COLUMNS] = {{"id", RM_TEXT, "Kenmerk", "Id"},
                          {"name", RM_TEXT, "Naam", "Name"},
                          {"value", RM_FLOAT64, "Waarde", "Value"},
                          {"events", RM_FLOAT64, "Aantal", "Events"},
                          {"exposure", RM_FLOAT64, "Per hoeveel", "Exposure"},
                          {"class", RM_INT64, "Klasse", "Class"},
                          {"class_text", RM_TEXT, "Klasse in woorden", "Class in words"},
                          {"statistic", RM_FLOAT64, "Statistiek", "Statistic"},
                          {"z", RM_FLOAT64, "z-score", "z-score"},
                          {"p", RM_FLOAT64, "p (tweezijdig)", "p (two-sided)"},
                          {"p_corrected", RM_FLOAT64, "p, gecorrigeerd", "p, corrected"},
                          {"neighbours", RM_INT64, "Aantal buren", "Neighbours"}};
    bool english = language == RM_ENGLISH;
    rm_hotspot_table table = {hotspots, language};
    rm_field fields[COLUMNS];
    rm_text qml = {0};
    for (int c = 0; c < COLUMNS; c++)
        fields[c] = (rm_field){columns[c].name, columns[c].type,
                               english ? columns[c].title_en : columns[c].title,
                               english ? columns[c].title : columns[c].title_en};
    style_qml(&qml, hotspots, fields, language);
    const rm_rows *rows = &hotspots->areas->rows;
    rm_status status = rm_text_status(&qml, err);
    if (status == RM_OK)
        status = sink->features(sink->target, TABLE, "Hotspots", description, &rows->geometry,
                                rows->ids, true, fields, COLUMNS, hotspot_row, &table, NULL, err);
    if (status == RM_OK)
        status = sink->style(sink->target, TABLE, "riskmap", qml.data, description, err);
    if (status == RM_OK)
        status = sink->metadata(sink->target, "text/plain", description, err);
    rm_text_clear(&qml);
    return status == RM_OK ? sink->finish(sink->target, err) : status;
}

static rm_status write_to(const rm_sink *sink, const rm_hotspots *hotspots, rm_language language,
                          rm_error *err)
{
    rm_text description = {0};
    add_description(&description, hotspots, language);
    rm_status status = rm_text_status(&description, err);
    if (status == RM_OK)
        status = fill_sink(sink, hotspots, description.data, language, err);
    rm_text_clear(&description);
    return status;
}

rm_status rm_hotspots_write_file(const rm_hotspots *hotspots, const char *path, bool overwrite,
                                 rm_language language, rm_error *err)
{
    rm_gpkg *gpkg = NULL;
    RM_TRY(rm_inputs_refuse(&hotspots->inputs, path, err));
    RM_TRY(rm_gpkg_create(&gpkg, path, hotspots->areas->crs, overwrite,
                          hotspots->facts.shielded != 0, err));
    rm_sink sink = rm_gpkg_sink(gpkg);
    rm_status status = write_to(&sink, hotspots, language, err);
    sink.free(sink.target);
    return status;
}

rm_status rm_hotspots_take_layer(rm_layer **out, const rm_hotspots *hotspots, rm_language language,
                                 rm_error *err)
{
    rm_memory_sink memory = {.wanted = TABLE, .crs = hotspots->areas->crs};
    rm_sink sink = rm_memory_sink_of(&memory);
    rm_status status = write_to(&sink, hotspots, language, err);
    if (status == RM_OK)
        *out = memory.layer;
    else
        rm_layer_free(memory.layer);
    return status;
}
