/* A BAG extract read whole, all fields and geometry, by riskmap and by a plain loop over GDAL's
 * features. use: lvbag riskmap|gdal EXTRACT.zip. Prints what was seen and the seconds; what was
 * seen must be the same either way. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include "riskmap/riskmap.h"

#include <gdal.h>
#include <ogr_api.h>

#include <inttypes.h>
#include <string.h>

typedef struct bench_seen {
    int64_t features; /* in force */
    double years;     /* the sum of those that are known */
} bench_seen;

enum { UNKNOWN_YEAR = 9999, ALSO_UNKNOWN_YEAR = 1005 };

static bench_seen read_riskmap(const char *zip)
{
    bench_seen seen = {0};
    rm_error err;
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.column_count = -1;
    options.repair = 0;
    if (rm_layer_read(&layer, zip, &options, &err) != RM_OK)
        bench_fail(zip, err.message);
    int32_t year = -1;
    for (int32_t f = 0; f < rm_layer_field_count(layer); f++)
        year = strcmp(rm_layer_field_name(layer, f), "oorspronkelijkBouwjaar") == 0 ? f : year;
    seen.features = rm_layer_feature_count(layer);
    for (int64_t i = 0; i < seen.features; i++) {
        double built = rm_layer_number(layer, i, year);
        seen.years += built == built ? built : 0;
    }
    rm_layer_free(layer);
    return seen;
}

/* No date of an end, nothing withdrawn, and neither demolished nor never built. */
static int in_force(OGRFeatureH feature, const int ends[4], int status)
{
    static const char *const gone[] = {"Pand gesloopt", "Niet gerealiseerd pand",
                                       "Pand ten onrechte opgevoerd"};
    for (int e = 0; e < 4; e++)
        if (OGR_F_IsFieldSetAndNotNull(feature, ends[e]))
            return 0;
    for (int g = 0; g < 3; g++)
        if (strcmp(OGR_F_GetFieldAsString(feature, status), gone[g]) == 0)
            return 0;
    return 1;
}

static bench_seen read_gdal(const char *zip)
{
    char path[1024];
    bench_seen seen = {0};
    OGRFeatureH feature;
    snprintf(path, sizeof path, "/vsizip/%s", zip);
    GDALDatasetH data = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = data ? GDALDatasetGetLayer(data, 0) : NULL;
    if (!layer)
        bench_fail(zip, "GDAL does not open it");
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    static const char *const names[] = {"eindGeldigheid", "tijdstipInactief", "tijdstipInactiefLV",
                                        "tijdstipNietBagLV"};
    int ends[4], status = OGR_FD_GetFieldIndex(fields, "status");
    int year = OGR_FD_GetFieldIndex(fields, "oorspronkelijkBouwjaar");
    for (int e = 0; e < 4; e++)
        ends[e] = OGR_FD_GetFieldIndex(fields, names[e]);
    while ((feature = OGR_L_GetNextFeature(layer))) {
        int built = OGR_F_GetFieldAsInteger(feature, year);
        if (in_force(feature, ends, status)) {
            seen.features++;
            seen.years += built == UNKNOWN_YEAR || built == ALSO_UNKNOWN_YEAR ? 0 : built;
        }
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    return seen;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        bench_fail("use", "lvbag riskmap|gdal EXTRACT.zip");
    GDALAllRegister();
    bench_clock start = bench_start();
    bench_seen seen = strcmp(argv[1], "gdal") == 0 ? read_gdal(argv[2]) : read_riskmap(argv[2]);
    bench_clock took = bench_since(start);
    printf("how=%s features=%" PRId64 " years=%.0f wall=%.4f cpu=%.4f peak_mb=%.0f\n", argv[1],
           seen.features, seen.years, took.wall, took.cpu, bench_peak_mb());
    return 0;
}
