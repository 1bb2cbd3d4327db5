/* Heat maps and hot spots, from points to files, with their first, second, third, ... allocation
 * failing: RM_ENOMEM with a message or the whole map, nothing leaked, no file left behind. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "torture.h"

#include "base/date.h"
#include "fonts.h"
#include "heatmaps.h"

static char points[512], area[512], cells[512];
static const char *const INPUTS[] = {"points.csv", "area.geojson", "cells.geojson"};

enum { SIDE = 4 };

/* Cells of 400 m, with a number each; one of them without. */
static void write_cells(void)
{
    FILE *file = fopen(cells, "w");
    assert_non_null(file);
    fprintf(file, "{\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": "
                  "{\"name\": \"urn:ogc:def:crs:EPSG::28992\"}}, \"features\": [\n");
    for (int k = 0; k < SIDE * SIDE; k++) {
        double x = ORIGIN_X + 400 * (k % SIDE), y = ORIGIN_Y + 400 * (k / SIDE);
        char number[16] = "null";
        if (k != 5)
            snprintf(number, sizeof number, "%d", (k * 7) % 11);
        fprintf(file,
                "%s{\"type\": \"Feature\", \"properties\": {\"code\": \"C%d\", \"n\": %s}, "
                "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[%.0f, %.0f], "
                "[%.0f, %.0f], [%.0f, %.0f], [%.0f, %.0f], [%.0f, %.0f]]]}}\n",
                k ? ", " : "", k, number, x, y, x + 400, y, x + 400, y + 400, x, y + 400, x, y);
    }
    fprintf(file, "]}\n");
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    heat_points made = some_points();
    if (scratch_setup(state) != 0)
        return -1;
    inputs = INPUTS;
    input_count = sizeof INPUTS / sizeof *INPUTS;
    snprintf(points, sizeof points, "%s", scratch_path("points.csv"));
    snprintf(area, sizeof area, "%s", scratch_path("area.geojson"));
    snprintf(cells, sizeof cells, "%s", scratch_path("cells.geojson"));
    write_points("points.csv", &made);
    write_area("area.geojson");
    write_cells();
    return 0;
}

static int threads = 1;

/* ---- heat maps ---- */

static rm_heatmap_options coarse(void)
{
    rm_heatmap_options options = some_options();
    options.threads = threads;
    options.cell = 200;
    options.bandwidth = 400;
    return options;
}

static rm_status make(rm_heatmap **out, const rm_heatmap_options *options, rm_error *err)
{
    rm_status status = rm_heatmap_make(out, points, options, err);
    assert_true((*out != NULL) == (status == RM_OK));
    return status;
}

/* With all that is asked of the points. */
static rm_status make_weighted(rm_error *err)
{
    rm_heatmap *map = NULL;
    rm_heatmap_options options = coarse();
    options.crs = NULL; /* guessed */
    options.where = "weight < 5";
    options.weight = "weight";
    options.half_life_days = 20;
    options.leave_out_duplicates = 1;
    options.distinct = RM_COUNT_ONE_A_DAY;
    options.bandwidth_by = RM_BANDWIDTH_CROSS_VALIDATION;
    options.per = points;
    options.compare_until = FIRST_DAY + 30;
    rm_status status = make(&map, &options, err);
    rm_heatmap_free(map);
    return status;
}

static int32_t edge;

static rm_status make_within(rm_error *err)
{
    rm_heatmap *map = NULL;
    rm_heatmap_options options = coarse();
    options.boundaries = area;
    options.within = "west";
    options.edge = edge;
    options.adaptive = edge == RM_EDGE_DIGGLE;
    options.kernel = edge == RM_EDGE_DIGGLE ? RM_KERNEL_QUARTIC : RM_KERNEL_GAUSSIAN;
    rm_status status = make(&map, &options, err);
    rm_heatmap_free(map);
    return status;
}

/* ---- their files ---- */

typedef rm_status (*write_fn)(const rm_heatmap *, int32_t, const char *,
                              const rm_heatmap_write_options *, rm_error *);

/* Made before, so that only what writes it fails. */
static rm_heatmap *written;

/* Removes what it wrote: both or neither, where a style comes beside. */
static rm_status write_with(write_fn function, const char *name, const char *beside, rm_error *err)
{
    rm_heatmap_write_options options = RM_HEATMAP_WRITE_INIT;
    const char *const context[] = {area, cells};
    options.threads = threads;
    options.width = 400;
    options.height = 300;
    options.title = "Kaart";
    options.source = "Bron";
    options.context_sources = context;
    options.context_count = function == rm_heatmap_write_picture ? 2 : 0;
    rm_status status = function(written, 1, scratch_path(name), &options, err);
    assert_true((unlink(scratch_path(name)) == 0) == (status == RM_OK));
    if (beside)
        assert_true((unlink(scratch_path(beside)) == 0) == (status == RM_OK));
    return status;
}

static rm_status write_raster(rm_error *err)
{
    return write_with(rm_heatmap_write_raster, "a.tif", "a.qml", err);
}

static rm_status write_classes(rm_error *err)
{
    return write_with(rm_heatmap_write_classes, "a.tif", "a.qml", err);
}

static rm_status write_contours(rm_error *err)
{
    return write_with(rm_heatmap_write_contours, "a.gpkg", NULL, err);
}

static rm_status take_contours(rm_error *err)
{
    rm_layer *layer = NULL;
    rm_status status = rm_heatmap_contours(&layer, written, 1, NULL, NULL, err);
    assert_true((layer != NULL) == (status == RM_OK));
    rm_layer_free(layer);
    return status;
}

static rm_status write_picture(rm_error *err)
{
    return write_with(rm_heatmap_write_picture, "a.png", NULL, err);
}

/* ---- hot spots ---- */

static rm_status hotspots_with(const rm_hotspots_options *options, rm_error *err)
{
    rm_hotspots *hotspots = NULL;
    rm_status status = rm_hotspots_make(&hotspots, cells, options, err);
    assert_true((hotspots != NULL) == (status == RM_OK));
    if (status == RM_OK) {
        status = rm_hotspots_write(hotspots, scratch_path("a.gpkg"), 0, NULL, err);
        assert_true((unlink(scratch_path("a.gpkg")) == 0) == (status == RM_OK));
    }
    rm_hotspots_free(hotspots);
    return status;
}

static rm_hotspots_options few_permutations(void)
{
    rm_hotspots_options options = RM_HOTSPOTS_OPTIONS_INIT;
    options.threads = threads;
    options.id = "code";
    options.p_by = RM_P_OWN;
    options.permutations = 99;
    return options;
}

static rm_status hotspots_of_field(rm_error *err)
{
    rm_hotspots_options options = few_permutations();
    options.field = "n";
    options.where = "code <> 'C7'";
    options.neighbours = RM_NEIGHBOURS_NEAREST;
    options.nearest = 3;
    options.statistic = RM_HOTSPOTS_LOCAL_MORAN;
    return hotspots_with(&options, err);
}

static rm_status hotspots_of_points(rm_error *err)
{
    rm_hotspots_options options = few_permutations();
    options.count = points;
    options.count_where = "weight > 0.5";
    options.per = cells; /* one point each */
    return hotspots_with(&options, err);
}

static rm_status hotspots_shared(rm_error *err)
{
    rm_hotspots_options options = few_permutations();
    options.field = "n";
    options.p_by = RM_P_SHARED;
    options.permutations = 0;
    return hotspots_with(&options, err);
}

/* ---- tests ---- */

static void test_making(void **state)
{
    (void)state;
    torture(make_weighted, NULL, 7);
    for (edge = RM_EDGE_NONE; edge <= RM_EDGE_DIGGLE; edge++)
        torture(make_within, NULL, edge == RM_EDGE_NONE ? 1 : 5);
}

static void test_two_threads(void **state)
{
    (void)state;
    threads = 2;
    edge = RM_EDGE_UNIFORM;
    torture(make_weighted, NULL, 13);
    torture(make_within, NULL, 11);
    torture(hotspots_of_points, NULL, 13);
    threads = 1;
}

static void test_writing(void **state)
{
    rm_heatmap_options options = coarse();
    rm_error err = {0};
    (void)state;
    options.compare_until = FIRST_DAY + 30;
    assert_int_equal(make(&written, &options, &err), RM_OK);
    torture(write_raster, NULL, 1);
    torture(write_classes, NULL, 1);
    torture(write_contours, NULL, 1);
    torture(take_contours, NULL, 1);
    if (write_picture(&err) != RM_EUNSUPPORTED) /* built without cairo */
        torture(write_picture, NULL, 5);
    rm_heatmap_free(written);
}

static void test_hotspots(void **state)
{
    (void)state;
    torture(hotspots_of_field, NULL, 3);
    torture(hotspots_of_points, NULL, 5);
    torture(hotspots_shared, NULL, 7);
}

static int teardown(void **state)
{
    forget_fonts();
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_making),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_hotspots),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests_name("heat_faults", tests, setup, teardown);
}
