/* Points and areas for heat maps, in files of a scratch folder, and the maps made of them. */
#ifndef RM_TESTS_UNIT_HEATMAPS_H
#define RM_TESTS_UNIT_HEATMAPS_H

#include <math.h>
#include <stdbool.h>

#include "base/date.h"
#include "riskmap/heatmap.h"

#include "scratch.h"

enum { POINTS = 48, SPAN = 1600, FIRST_DAY = 19723 /* 2024-01-01 */ };

static const double ORIGIN_X = 200000, ORIGIN_Y = 475008; /* whole cells of 32 m */

typedef struct heat_points {
    double x[POINTS], y[POINTS], weight[POINTS];
    int32_t day[POINTS];
    int count;
} heat_points;

/* Two clusters, points at one place, and points anywhere; coordinates in quarters of a metre, so
 * that they are exact after any turn and shift. */
static inline heat_points some_points(void)
{
    heat_points points = {.count = POINTS};
    uint32_t state = 1;
    for (int i = 0; i < POINTS; i++) {
        double at[2];
        for (int axis = 0; axis < 2; axis++) {
            state = state * 1664525u + 1013904223u;
            double share = (state >> 8) / 16777216.0;
            at[axis] = i % 3 == 0 ? share * SPAN : (i % 3 == 1 ? 400 : 1000) + share * 250;
        }
        points.x[i] = ORIGIN_X + floor(4 * at[0]) / 4;
        points.y[i] = ORIGIN_Y + floor(4 * at[1]) / 4;
        if (i % 8 == 7) {
            points.x[i] = points.x[i - 3];
            points.y[i] = points.y[i - 3];
        }
        points.weight[i] = i % 11 == 5 ? 0 : 0.25 * (1 + i % 7);
        points.day[i] = FIRST_DAY + (i * 5) % 90;
    }
    return points;
}

static inline void write_points(const char *name, const heat_points *points)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fprintf(file, "x,y,weight,day\n");
    for (int i = 0; i < points->count; i++) {
        char day[16];
        rm_date_format(points->day[i], day);
        fprintf(file, "%.2f,%.2f,%.3f,%s\n", points->x[i], points->y[i], points->weight[i], day);
    }
    assert_int_equal(fclose(file), 0);
}

/* A study area of two parts that touch nothing, the first with a hole; named "west" and "east". */
static const double AREA_X[] = {199803.3, 200950.7, 201100.1, 200300.9, 199803.3,
                                200310.4, 200650.6, 200480.2, 200310.4, 201210.3,
                                201850.8, 201700.6, 201210.3};
static const double AREA_Y[] = {474800.1, 474790.3, 476810.2, 476700.7, 474800.1,
                                475310.2, 475300.3, 475590.4, 475310.2, 474900.2,
                                474950.1, 476600.5, 474900.2};
static const int64_t AREA_RINGS[] = {0, 5, 9, 13};

static inline void write_ring(FILE *file, int ring)
{
    fprintf(file, "[");
    for (int64_t i = AREA_RINGS[ring]; i < AREA_RINGS[ring + 1]; i++)
        fprintf(file, "%s[%.1f, %.1f]", i > AREA_RINGS[ring] ? ", " : "", AREA_X[i], AREA_Y[i]);
    fprintf(file, "]");
}

static inline void write_area(const char *name)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fprintf(file, "{\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": "
                  "{\"name\": \"urn:ogc:def:crs:EPSG::28992\"}}, \"features\": [\n"
                  "{\"type\": \"Feature\", \"properties\": {\"naam\": \"west\"}, \"geometry\": "
                  "{\"type\": \"Polygon\", \"coordinates\": [");
    write_ring(file, 0);
    fprintf(file, ", ");
    write_ring(file, 1);
    fprintf(file, "]}},\n{\"type\": \"Feature\", \"properties\": {\"naam\": \"east\"}, "
                  "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [");
    write_ring(file, 2);
    fprintf(file, "]}}]}\n");
    assert_int_equal(fclose(file), 0);
}

/* Every option that a map needs to be the same tomorrow. */
static inline rm_heatmap_options some_options(void)
{
    rm_heatmap_options options = RM_HEATMAP_OPTIONS_INIT;
    options.threads = 1;
    options.crs = "EPSG:28992";
    options.as_of = FIRST_DAY + 100;
    options.bandwidth_by = RM_BANDWIDTH_GIVEN;
    options.bandwidth = 256;
    options.cell = 32;
    return options;
}

static inline rm_heatmap *make_map(const char *name, const rm_heatmap_options *options)
{
    rm_heatmap *map = NULL;
    rm_error err = {0};
    if (rm_heatmap_make(&map, scratch_path(name), options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return map;
}

static inline rm_grid grid_of(const rm_heatmap *map)
{
    rm_heatmap_facts facts;
    rm_heatmap_facts_of(map, &facts);
    return facts.grid;
}

static inline int64_t cells_of(const rm_heatmap *map)
{
    rm_grid grid = grid_of(map);
    return grid.columns * grid.rows;
}

/* The caller frees. */
static inline float *values_of(const rm_heatmap *map, int32_t period)
{
    rm_error err = {0};
    float *values = malloc((size_t)cells_of(map) * sizeof *values);
    assert_int_equal(rm_heatmap_values(values, map, period, &err), RM_OK);
    return values;
}

/* The same raster with the same values to the last bit. */
static inline void assert_same_map(const rm_heatmap *a, const rm_heatmap *b)
{
    rm_grid one = grid_of(a), other = grid_of(b);
    assert_true(one.left == other.left && one.top == other.top && one.cell == other.cell);
    assert_true(one.columns == other.columns && one.rows == other.rows);
    float *p = values_of(a, 0), *q = values_of(b, 0);
    assert_memory_equal(p, q, (size_t)cells_of(a) * sizeof *p);
    free(p);
    free(q);
}

#endif
