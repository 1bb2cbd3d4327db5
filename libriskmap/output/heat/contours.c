#include "io/memory_sink.h"
#include "io/raster/contour.h"
#include "output/heat/write.h"
#include "output/result/style.h"

#include <math.h>
#include <stdlib.h>

enum { SHARES = 3, SAMPLE_MOST = 4000000 };

static const double shares[SHARES] = {0.20, 0.10,
                                      0.05}; /* the widest first, so that it lies below */

/* ---- levels ---- */

static int compare_floats(const void *a, const void *b)
{
    float p = *(const float *)a, q = *(const float *)b;
    return (p > q) - (p < q);
}

/* The values that are not blank, ascending; of a large map every so manieth. */
static rm_status sort_values(float **out, int64_t *count, const float *values, int64_t cells,
                             rm_error *err)
{
    int64_t step = cells / SAMPLE_MOST + 1, n = 0;
    RM_TRY(RM_NEW(out, cells / step + 1, err));
    for (int64_t i = 0; i < cells; i += step)
        if (!isnan(values[i]))
            (*out)[n++] = values[i];
    qsort(*out, (size_t)n, sizeof **out, compare_floats);
    *count = n;
    return RM_OK;
}

static rm_status find_levels(double levels[SHARES], const rm_heatmap *heatmap, int32_t period,
                             rm_error *err)
{
    float *sorted = NULL;
    int64_t count;
    RM_TRY(sort_values(&sorted, &count, heatmap->periods[period].values,
                       heatmap->kept.rows * heatmap->kept.columns, err));
    for (int s = 0; s < SHARES; s++) {
        int64_t above = (int64_t)((double)count * shares[s]);
        levels[s] = count ? sorted[count - 1 - (above < count ? above : count - 1)] : INFINITY;
    }
    rm_release(sorted);
    return RM_OK;
}

static double area_of_map(const rm_heatmap *heatmap, int32_t period)
{
    int64_t cells = heatmap->kept.rows * heatmap->kept.columns, count = 0;
    for (int64_t i = 0; i < cells; i++)
        count += !isnan(heatmap->periods[period].values[i]);
    return (double)count * heatmap->kept.cell * heatmap->kept.cell;
}

/* ---- table ---- */

static const char TABLE[] = "contours";

typedef struct rm_contour_table {
    const rm_geometry *geometry;
    const double *levels;
    double area;
} rm_contour_table;

static rm_status contour_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    const rm_contour_table *table = context;
    double area = rm_geometry_area(table->geometry, row);
    (void)err;
    cells[0].i64 = (int64_t)(100.0 * shares[row] + 0.5);
    cells[1].f64 = table->levels[row];
    cells[2].f64 = area / 1e6;
    cells[3].f64 = table->area > 0 ? 100.0 * area / table->area : NAN;
    return RM_OK;
}

/* ---- style ---- */

static void add_symbol(rm_text *out, int number, const char *colour)
{
    rm_text_addf(out,
                 "<symbol type=\"fill\" name=\"%d\" alpha=\"0.55\"><layer class=\"SimpleFill\" "
                 "enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">"
                 "<Option type=\"QString\" name=\"color\" value=\"%s,255\"/>"
                 "<Option type=\"QString\" name=\"outline_color\" value=\"%s,255\"/>"
                 "<Option type=\"QString\" name=\"outline_width\" value=\"0.4\"/>"
                 "<Option type=\"QString\" name=\"style\" value=\"solid\"/>"
                 "</Option></layer></symbol>\n",
                 number, colour, colour);
}

static void contours_qml(rm_text *out, rm_language language)
{
    static const char *const colours[SHARES] = {"254,204,92", "240,59,32", "128,0,38"};
    bool english = language == RM_ENGLISH;
    rm_text_add(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                     "<qgis version=\"3.22\" styleCategories=\"Symbology\">\n"
                     "<renderer-v2 type=\"categorizedSymbol\" attr=\"top_percent\" "
                     "symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\">\n<categories>\n");
    for (int s = SHARES - 1; s >= 0; s--)
        rm_text_addf(out,
                     "<category type=\"long\" value=\"%d\" symbol=\"%d\" render=\"true\" "
                     "label=\"%s %d%%\"/>\n",
                     (int)(100.0 * shares[s] + 0.5), s, english ? "densest" : "dichtste",
                     (int)(100.0 * shares[s] + 0.5));
    rm_text_add(out, "</categories>\n<symbols>\n");
    for (int s = 0; s < SHARES; s++)
        add_symbol(out, s, colours[s]);
    rm_text_add(out, "</symbols>\n</renderer-v2>\n<layerGeometryType>2</layerGeometryType>\n"
                     "</qgis>\n");
}

/* ---- all of it ---- */

/* All that is written; the sink takes of it what it can keep. */
static rm_status fill_sink(const rm_sink *sink, rm_contour_table *table, const char *description,
                           rm_language language, rm_progress *progress, rm_error *err)
{
    static const rm_field fields[4][2] = {
        {{"top_percent", RM_INT64, "Dichtste procent van het gebied", "Densest per cent"},
         {"top_percent", RM_INT64, "Densest per cent of the area", "Dichtste procent"}},
        {{"value", RM_FLOAT64, "Vanaf deze waarde", "From this value"},
         {"value", RM_FLOAT64, "From this value", "Vanaf deze waarde"}},
        {{"area_km2", RM_FLOAT64, "Oppervlakte (km²)", "Area (km²)"},
         {"area_km2", RM_FLOAT64, "Area (km²)", "Oppervlakte (km²)"}},
        {{"share_percent", RM_FLOAT64, "Deel van het gebied (%)", "Share of the area (%)"},
         {"share_percent", RM_FLOAT64, "Share of the area (%)", "Deel van het gebied (%)"}}};
    bool english = language == RM_ENGLISH;
    rm_field chosen[4];
    rm_text qml = {0};
    for (int f = 0; f < 4; f++)
        chosen[f] = fields[f][english];
    contours_qml(&qml, language);
    rm_status status = rm_text_status(&qml, err);
    if (status == RM_OK)
        status = sink->features(
            sink->target, TABLE, english ? "Densest places" : "Dichtste plekken", description,
            table->geometry, NULL, true, chosen, 4, contour_row, table, progress, err);
    if (status == RM_OK)
        status = sink->style(sink->target, TABLE, "riskmap", qml.data, description, err);
    if (status == RM_OK)
        status = sink->metadata(sink->target, "text/plain", description, err);
    rm_text_clear(&qml);
    return status == RM_OK ? sink->finish(sink->target, err) : status;
}

static rm_status write_table(const rm_sink *sink, const rm_heatmap *heatmap, int32_t period,
                             rm_contour_table *table, rm_language language, rm_progress *progress,
                             rm_error *err)
{
    rm_text description = {0};
    if (heatmap->shielded)
        rm_text_addf(&description, "%s ", rm_words_shielded(language));
    rm_heat_unit(&description, heatmap, language);
    rm_text_add(&description, "; ");
    rm_heat_subtitle(&description, heatmap, period, language);
    rm_text_addf(&description, ". %s", rm_heat_disclaimer(language));
    rm_status status = rm_text_status(&description, err);
    if (status == RM_OK)
        status = fill_sink(sink, table, description.data, language, progress, err);
    rm_text_clear(&description);
    return status;
}

static rm_status write_to(const rm_sink *sink, const rm_heatmap *heatmap, int32_t period,
                          rm_language language, rm_progress *progress, rm_error *err)
{
    double levels[SHARES];
    rm_geometry geometry = {0};
    RM_TRY(find_levels(levels, heatmap, period, err));
    rm_status status = rm_contour(&geometry, heatmap->periods[period].values, &heatmap->kept,
                                  levels, SHARES, progress, err);
    rm_contour_table table = {&geometry, levels, area_of_map(heatmap, period)};
    if (status == RM_OK)
        status = write_table(sink, heatmap, period, &table, language, progress, err);
    rm_geometry_clear(&geometry);
    return status;
}

rm_status rm_heat_write_contours(const rm_heatmap *heatmap, int32_t period, const char *path,
                                 const rm_heat_writing *writing, rm_error *err)
{
    rm_gpkg *gpkg = NULL;
    RM_TRY(rm_gpkg_create(&gpkg, path, heatmap->crs, writing->options->overwrite != 0,
                          heatmap->shielded, err));
    rm_sink sink = rm_gpkg_sink(gpkg);
    rm_status status = write_to(&sink, heatmap, period, writing->language, writing->progress, err);
    sink.free(sink.target);
    return status;
}

rm_status rm_heat_take_contours(rm_layer **out, const rm_heatmap *heatmap, int32_t period,
                                rm_progress *progress, rm_error *err)
{
    rm_memory_sink memory = {.wanted = TABLE, .crs = heatmap->crs};
    rm_sink sink = rm_memory_sink_of(&memory);
    rm_status status = write_to(&sink, heatmap, period, RM_DUTCH, progress, err);
    if (status == RM_OK)
        *out = memory.layer;
    else
        rm_layer_free(memory.layer);
    return status;
}
