/* A heat map of which less is kept than the whole raster: values, rasters, classes, contours and
 * picture against those of a map that is kept whole. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heatmaps.h"

#include "io/gdal/env.h"
#include "output/heat/grid.h"
#include "output/heat/write.h"
#include "output/picture/picture.h"

#include "fonts.h"

#include <gdal.h>
#include <ogr_api.h>
#include <string.h>

static heat_points points;

static int setup(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    points = some_points();
    write_points("points.csv", &points);
    write_area("area.geojson");
    return 0;
}

static rm_heatmap *keep(const rm_heatmap_options *options, int64_t kept_most)
{
    rm_heatmap *map = NULL;
    rm_error err = {0};
    rm_progress progress;
    rm_heatmap_options checked = *options;
    checked.target_crs = "EPSG:28992";
    rm_progress_start(&progress, NULL, NULL);
    if (rm_heatmap_build(&map, scratch_path("points.csv"), &checked, kept_most, &progress, &err) !=
        RM_OK)
        fail_msg("%s", err.message);
    return map;
}

static bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

/* The mean of what is not blank, cell by cell. */
static void check_kept(const rm_heatmap *coarse, int32_t period, const float *whole)
{
    const rm_grid *grid = &coarse->grid;
    int64_t factor = coarse->factor;
    for (int64_t r = 0; r < coarse->kept.rows; r++)
        for (int64_t c = 0; c < coarse->kept.columns; c++) {
            double sum = 0;
            int64_t count = 0;
            for (int64_t k = r * factor; k < (r + 1) * factor && k < grid->rows; k++)
                for (int64_t l = c * factor; l < (c + 1) * factor && l < grid->columns; l++)
                    if (!isnan(whole[k * grid->columns + l])) {
                        sum += (double)whole[k * grid->columns + l];
                        count++;
                    }
            float expected = count ? (float)(sum / (double)count) : NAN;
            if (!same(coarse->periods[period].values[r * coarse->kept.columns + c], expected))
                fail_msg("kept row %lld column %lld is %g, not %g", (long long)r, (long long)c,
                         coarse->periods[period].values[r * coarse->kept.columns + c], expected);
        }
}

/* Whole and in parts, of one row and of many. */
static void check_rows(const rm_heatmap *coarse, const rm_heatmap *whole, int32_t period)
{
    const rm_grid *grid = &whole->grid;
    int64_t cells = grid->rows * grid->columns, sizes[] = {grid->rows, 1, 7};
    float *rows = malloc((size_t)cells * sizeof *rows);
    rm_error err = {0};
    for (int s = 0; s < 3; s++) {
        int64_t size = sizes[s], step = size == 1 ? 11 : size; /* single rows here and there */
        for (int64_t first = 0; first < grid->rows; first += step) {
            int64_t count = grid->rows - first < size ? grid->rows - first : size;
            assert_int_equal(rm_heatmap_rows(coarse, period, rows, first, count, NULL, &err),
                             RM_OK);
            const float *expected = whole->periods[period].values + first * grid->columns;
            for (int64_t i = 0; i < count * grid->columns; i++)
                assert_true(same(rows[i], expected[i]));
        }
    }
    free(rows);
}

static void check_pair(const rm_heatmap_options *options, int64_t kept_most)
{
    rm_heatmap *whole = keep(options, RM_HEAT_KEPT_MOST), *coarse = keep(options, kept_most);
    int64_t factor = coarse->factor, cells = whole->grid.columns * whole->grid.rows;
    assert_int_equal(whole->factor, 1);
    assert_true(factor > 1 && factor * factor * kept_most >= cells);
    assert_true((factor - 1) * (factor - 1) * kept_most < cells);
    assert_true(coarse->kept.cell == coarse->grid.cell * (double)factor);
    for (int32_t p = 0; p < whole->period_count; p++) {
        assert_true(whole->periods[p].highest == coarse->periods[p].highest);
        check_kept(coarse, p, whole->periods[p].values);
        check_rows(coarse, whole, p);
    }
    rm_heatmap_free(whole);
    rm_heatmap_free(coarse);
}

static rm_heatmap_options with_area(char path[512])
{
    rm_heatmap_options options = some_options();
    snprintf(path, 512, "%s", scratch_path("area.geojson"));
    options.boundaries = path;
    return options;
}

static void test_values(void **state)
{
    char area[512], per[512];
    rm_heatmap_options options = some_options();
    (void)state;
    check_pair(&options, 1000);
    check_pair(&options, 100);
    check_pair(&options, 1); /* all of it in one cell */
    options.kernel = RM_KERNEL_GAUSSIAN;
    check_pair(&options, 1000);
    options = with_area(area);
    check_pair(&options, 300);
    options.edge = RM_EDGE_UNIFORM;
    check_pair(&options, 300);
    options.edge = RM_EDGE_DIGGLE;
    options.adaptive = 1;
    options.threads = 2;
    check_pair(&options, 300);
    options = some_options();
    snprintf(per, sizeof per, "%s", scratch_path("points.csv"));
    options.per = per;
    options.per_floor = 5;
    options.until = FIRST_DAY + 50;
    options.compare_from = FIRST_DAY + 51;
    check_pair(&options, 1000);
}

/* More cells than are computed at once, the last band and the last kept row and column cut off. */
static void test_bands(void **state)
{
    rm_heatmap_options options = some_options();
    (void)state;
    options.extent[0] = ORIGIN_X;
    options.extent[1] = ORIGIN_Y;
    options.extent[2] = ORIGIN_X + 1501;
    options.extent[3] = ORIGIN_Y + 1003;
    options.cell = 1;
    check_pair(&options, 250000);
}

/* ---- files ---- */

static rm_heatmap_write_options to_write;

static void write_to(rm_status (*write)(const rm_heatmap *, int32_t, const char *,
                                        const rm_heatmap_write_options *, rm_error *),
                     const rm_heatmap *map, const char *name)
{
    rm_error err = {0};
    if (write(map, 0, scratch_path(name), &to_write, &err) != RM_OK)
        fail_msg("%s", err.message);
}

/* The caller frees. */
static float *read_raster(const char *name, int *columns, int *rows)
{
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    GDALDatasetH data = GDALOpen(scratch_path(name), GA_ReadOnly);
    assert_non_null(data);
    *columns = GDALGetRasterXSize(data);
    *rows = GDALGetRasterYSize(data);
    float *out = malloc((size_t)*columns * (size_t)*rows * sizeof *out);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(data, 1), GF_Read, 0, 0, *columns, *rows, out,
                                  *columns, *rows, GDT_Float32, 0, 0),
                     CE_None);
    GDALClose(data);
    rm_gdal_leave(&ears);
    return out;
}

static void assert_same_raster(const char *a, const char *b)
{
    int columns[2], rows[2];
    float *p = read_raster(a, &columns[0], &rows[0]), *q = read_raster(b, &columns[1], &rows[1]);
    assert_true(columns[0] == columns[1] && rows[0] == rows[1]);
    for (int64_t i = 0; i < (int64_t)columns[0] * rows[0]; i++)
        assert_true(same(p[i], q[i]));
    free(p);
    free(q);
}

/* The classes come from what is kept; the raster of classes is that of the whole map. */
static void check_classes(const rm_heatmap *coarse, const char *name)
{
    int columns, rows;
    rm_heat_classes classes;
    rm_error err = {0};
    float *drawn = read_raster(name, &columns, &rows), *values = values_of(coarse, 0);
    assert_int_equal(rm_heat_shared_classes(&classes, coarse, 5, &err), RM_OK);
    assert_true(columns == coarse->grid.columns && rows == coarse->grid.rows);
    bool seen[RM_HEAT_CLASSES_MOST + 1] = {false};
    for (int64_t i = 0; i < (int64_t)columns * rows; i++) {
        assert_true(drawn[i] == (float)rm_heat_class(&classes, values[i]));
        seen[(int)drawn[i]] = true;
    }
    for (int32_t c = 0; c <= classes.count; c++)
        assert_true(seen[c]);
    free(drawn);
    free(values);
}

/* In km2 of the densest 20, 10 and 5 per cent. */
static void read_contours(double area[3], const char *name)
{
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    GDALDatasetH data = GDALOpenEx(scratch_path(name), GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(data);
    OGRLayerH layer = GDALDatasetGetLayerByName(data, "contours");
    assert_non_null(layer);
    assert_int_equal(OGR_L_GetFeatureCount(layer, 1), 3);
    OGR_L_ResetReading(layer);
    for (int s = 0; s < 3; s++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        area[s] = OGR_G_Area(OGR_F_GetGeometryRef(feature)) / 1e6;
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    rm_gdal_leave(&ears);
}

static int64_t size_of(const char *name)
{
    struct stat about;
    return stat(scratch_path(name), &about) == 0 ? about.st_size : -1;
}

static void test_files(void **state)
{
    static const char *const made[] = {"a.tif",  "a.qml",  "b.tif",  "b.qml",  "ac.tif",
                                       "ac.qml", "bc.tif", "bc.qml", "a.gpkg", "b.gpkg"};
    rm_heatmap_options options = some_options();
    double from_whole[3], from_coarse[3];
    (void)state;
    options.cell = 8;
    rm_heatmap *whole = keep(&options, RM_HEAT_KEPT_MOST), *coarse = keep(&options, 5000);
    assert_int_equal(coarse->factor, 4);
    rm_heatmap_write_init(&to_write);
    write_to(rm_heatmap_write_raster, whole, "a.tif");
    write_to(rm_heatmap_write_raster, coarse, "b.tif");
    assert_same_raster("a.tif", "b.tif");
    write_to(rm_heatmap_write_classes, whole, "ac.tif");
    write_to(rm_heatmap_write_classes, coarse, "bc.tif");
    check_classes(whole, "ac.tif");
    check_classes(coarse, "bc.tif");
    write_to(rm_heatmap_write_contours, whole, "a.gpkg");
    write_to(rm_heatmap_write_contours, coarse, "b.gpkg");
    read_contours(from_whole, "a.gpkg");
    read_contours(from_coarse, "b.gpkg");
    double area = (double)cells_of(whole) * 64 / 1e6;
    for (int s = 0; s < 3; s++) {
        double share = s == 0 ? 0.2 : s == 1 ? 0.1 : 0.05;
        assert_true(fabs(from_whole[s] / (share * area) - 1) < 0.02);
        assert_true(fabs(from_coarse[s] / from_whole[s] - 1) < 0.05);
    }
    if (rm_picture_possible()) {
        to_write.width = 400;
        to_write.height = 300;
        write_to(rm_heatmap_write_picture, coarse, "b.png");
        assert_true(size_of("b.png") > 5000);
        assert_int_equal(unlink(scratch_path("b.png")), 0);
    }
    for (size_t f = 0; f < sizeof made / sizeof *made; f++)
        assert_int_equal(unlink(scratch_path(made[f])), 0);
    rm_heatmap_free(whole);
    rm_heatmap_free(coarse);
}

static int teardown(void **state)
{
    (void)unlink(scratch_path("points.csv"));
    (void)unlink(scratch_path("area.geojson"));
    assert_int_equal(scratch_count(NULL), 0);
    forget_fonts();
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests_name("output_heatmap", tests, setup, teardown);
}
