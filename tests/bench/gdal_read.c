/* What GDAL alone needs to read the columns that buitengebied.json asks for: the measure that
 * riskmap is held against. Nothing is filtered, transformed or kept; the first coordinate of every
 * geometry and every wanted cell is looked at. use: gdal_read arrow|next DATADIR arrow: the Arrow
 * stream; next: feature after feature. Prints a line of key=value pairs for each layer; what was
 * seen must be the same either way. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct bench_layer {
    const char *file, *layer;
    const char *columns[5]; /* ends with NULL */
} bench_layer;

static const bench_layer LAYERS[] = {
    {"brk.gpkg", "perceel", {"identificatie_lokaal_id", "sectie", "status_historie_waarde"}},
    {"bag-light.gpkg", "pand", {"status", "aantal_verblijfsobjecten", "bouwjaar"}},
    {"bag-light.gpkg", "verblijfsobject", {"gebruiksdoel"}},
    {"wegen.gpkg", "wegdeel", {"typeweg"}},
    {"rijksgrens.geojson", NULL, {NULL}},
    {"natura2000.geojson", NULL, {NULL}},
    {"bebouwde-kom.gpkg", "bebouwde_kom", {"bebouwdekom"}},
    {"no-fly-zones.geojson", NULL, {NULL}},
    {"meldingen.csv", NULL, {"datum", "categorie", "x", "y"}},
};

/* What was seen, so that no reading can be left out. */
typedef struct bench_seen {
    int64_t features, cells, bytes;
    double sum;
} bench_seen;

static bool wanted(const bench_layer *layer, const char *name)
{
    for (int c = 0; layer->columns[c]; c++)
        if (strcmp(layer->columns[c], name) == 0)
            return true;
    return false;
}

static void ignore_others(OGRLayerH handle, const bench_layer *layer)
{
    const char *ignored[256];
    int count = 0;
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(handle);
    for (int f = 0; f < OGR_FD_GetFieldCount(defn) && count < 254; f++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, f));
        if (!wanted(layer, name))
            ignored[count++] = name;
    }
    ignored[count] = NULL;
    OGR_L_SetIgnoredFields(handle, ignored);
}

static void see_geometry(bench_seen *seen, OGRGeometryH geometry)
{
    if (!geometry)
        return;
    while (OGR_G_GetGeometryCount(geometry) > 0)
        geometry = OGR_G_GetGeometryRef(geometry, 0);
    seen->sum += OGR_G_GetX(geometry, 0);
}

static void see_cell(bench_seen *seen, OGRFeatureH feature, OGRFeatureDefnH defn, int field)
{
    if (!OGR_F_IsFieldSetAndNotNull(feature, field))
        return;
    seen->cells++;
    if (OGR_Fld_GetType(OGR_FD_GetFieldDefn(defn, field)) == OFTString)
        seen->bytes += (int64_t)strlen(OGR_F_GetFieldAsString(feature, field));
    else
        seen->sum += (double)OGR_F_GetFieldAsInteger64(feature, field);
}

static void read_next(OGRLayerH handle, const bench_layer *layer, bench_seen *seen)
{
    int fields[8], count = 0;
    OGRFeatureH feature;
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(handle);
    for (int c = 0; layer->columns[c]; c++)
        fields[count++] = OGR_FD_GetFieldIndex(defn, layer->columns[c]);
    while ((feature = OGR_L_GetNextFeature(handle))) {
        see_geometry(seen, OGR_F_GetGeometryRef(feature));
        for (int f = 0; f < count; f++)
            see_cell(seen, feature, defn, fields[f]);
        OGR_F_Destroy(feature);
        seen->features++;
    }
}

/* The first coordinate in a WKB of either of the types that the data have. */
static double first_x(const uint8_t *wkb)
{
    uint32_t type;
    double x;
    size_t at = 5;
    memcpy(&type, wkb + 1, 4);
    while (type % 1000 >= 4 && type % 1000 <= 7) { /* multi: count, then the first part */
        memcpy(&type, wkb + at + 5, 4);
        at += 9;
    }
    at += type % 1000 == 3 ? 8 : type % 1000 == 2 ? 4 : 0;
    memcpy(&x, wkb + at, 8);
    return x;
}

static int64_t offset_at(const struct ArrowArray *array, bool large, int64_t row)
{
    return large ? ((const int64_t *)array->buffers[1])[row]
                 : ((const int32_t *)array->buffers[1])[row];
}

static void see_column(bench_seen *seen, const struct ArrowSchema *schema,
                       const struct ArrowArray *array, int64_t rows)
{
    char format = schema->format[0];
    bool large = format == 'U' || format == 'Z';
    const uint8_t *valid = array->buffers[0];
    for (int64_t r = 0; r < rows; r++) {
        if (array->null_count != 0 && valid && !(valid[r >> 3] >> (r & 7) & 1))
            continue;
        if (format == 'z' || format == 'Z')
            seen->sum += first_x((const uint8_t *)array->buffers[2] + offset_at(array, large, r));
        else if (format == 'u' || format == 'U')
            seen->bytes += offset_at(array, large, r + 1) - offset_at(array, large, r);
        else if (format == 'i')
            seen->sum += (double)((const int32_t *)array->buffers[1])[r];
        else if (format == 'l')
            seen->sum += (double)((const int64_t *)array->buffers[1])[r];
        seen->cells += format != 'z' && format != 'Z';
    }
}

static void read_arrow(OGRLayerH handle, const char *file, bench_seen *seen)
{
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    const char *const options[] = {"INCLUDE_FID=NO", NULL};
    if (!OGR_L_GetArrowStream(handle, &stream, (char **)options) ||
        stream.get_schema(&stream, &schema))
        bench_fail(file, "no Arrow stream");
    while (stream.get_next(&stream, &batch) == 0 && batch.release) {
        for (int64_t c = 0; c < schema.n_children; c++)
            see_column(seen, schema.children[c], batch.children[c], batch.length);
        seen->features += batch.length;
        batch.release(&batch);
    }
    schema.release(&schema);
    stream.release(&stream);
}

static void read_layer(const char *data, const bench_layer *layer, bool arrow)
{
    char path[4096];
    bench_seen seen = {0};
    snprintf(path, sizeof path, "%s/%s", data, layer->file);
    bench_clock start = bench_start();
    GDALDatasetH file = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!file)
        bench_fail(path, "cannot be opened");
    OGRLayerH handle =
        layer->layer ? GDALDatasetGetLayerByName(file, layer->layer) : GDALDatasetGetLayer(file, 0);
    if (!handle)
        bench_fail(path, "the layer is missing");
    ignore_others(handle, layer);
    if (arrow)
        read_arrow(handle, layer->file, &seen);
    else
        read_next(handle, layer, &seen);
    GDALClose(file);
    bench_clock took = bench_since(start);
    printf("layer=%s/%s way=%s features=%" PRId64 " cells=%" PRId64 " bytes=%" PRId64
           " sum=%.3f total=%.4f cpu=%.4f\n",
           layer->file, layer->layer ? layer->layer : "", arrow ? "arrow" : "next", seen.features,
           seen.cells, seen.bytes, seen.sum, took.wall, took.cpu);
}

int main(int count, char **word)
{
    if (count != 3 || (strcmp(word[1], "arrow") != 0 && strcmp(word[1], "next") != 0)) {
        fprintf(stderr, "use: gdal_read arrow|next DATADIR\n");
        return 2;
    }
    GDALAllRegister();
    bench_clock start = bench_start();
    for (size_t l = 0; l < sizeof LAYERS / sizeof *LAYERS; l++)
        read_layer(word[2], &LAYERS[l], strcmp(word[1], "arrow") == 0);
    bench_clock all = bench_since(start);
    printf("layer=all way=%s total=%.4f cpu=%.4f rss_mb=%.1f\n", word[1], all.wall, all.cpu,
           bench_peak_mb());
    return 0;
}
