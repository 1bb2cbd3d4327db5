/* The neighbours in golden/columbus-moran, columbus-gistar and auckland-eb, which spdep found (and
 * libpysal, the same): equal link for link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "csv.h"

#include "riskmap/weights.h"

#define OK(call)                                                                                   \
    do {                                                                                           \
        rm_error why_ = {0};                                                                       \
        rm_error *err = &why_;                                                                     \
        if ((call) != RM_OK)                                                                       \
            fail_msg("%s", why_.message);                                                          \
    } while (0)

static int32_t is_symmetric(const rm_weights *weights)
{
    int32_t symmetric;
    assert_int_equal(rm_weights_is_symmetric(&symmetric, weights, NULL, NULL, NULL), RM_OK);
    return symmetric;
}

/* Items by the numbers of a table's column `id`, which count from 1. */
static void check_pairs(const rm_weights *weights, const double *id, const char *path)
{
    csv_table pairs;
    int64_t count;

    if (!csv_read(&pairs, path))
        skip();
    int row = 0;
    for (int64_t item = 0; item < rm_weights_count(weights); item++) {
        const int32_t *to = rm_weights_of(weights, item, &count, NULL);
        for (int64_t n = 0; n < count; n++, row++) {
            assert_true(row < pairs.rows);
            assert_true(csv_number(&pairs, row, 0) == id[item]);
            assert_true(csv_number(&pairs, row, 1) == id[to[n]]);
        }
    }
    assert_int_equal(row, pairs.rows);
    assert_int_equal(row, rm_weights_links(weights));
    csv_free(&pairs);
}

static double *numbers_of(const csv_table *table, const char *column)
{
    double *out = malloc((size_t)table->rows * sizeof *out);
    int c = csv_column(table, column);

    assert_true(out && c >= 0);
    for (int row = 0; row < table->rows; row++)
        out[row] = csv_number(table, row, c);
    return out;
}

/* rook_links: spdep 1.2-7, poly2nb(queen = FALSE), which is in no file of the folder. */
static void check_contiguity(const char *folder, int areas, int64_t links, int64_t rook_links)
{
    char path[4096], pairs[256];
    const char *shared = getenv("RISKMAP_SHARED");
    csv_table there;
    rm_layer *layer = NULL;
    rm_weights *weights = NULL;
    rm_read_options all = RM_READ_OPTIONS_INIT;
    rm_contiguity_options options = RM_CONTIGUITY_OPTIONS_INIT;
    double id[256];

    snprintf(pairs, sizeof pairs, "%s/queen_pairs.csv", folder);
    if (!csv_read(&there, pairs))
        skip();
    csv_free(&there);
    snprintf(path, sizeof path, "%s/golden/%s/input.gpkg", shared ? shared : "", folder);
    all.column_count = -1;
    OK(rm_layer_read(&layer, path, &all, err));
    assert_int_equal(rm_layer_feature_count(layer), areas);
    for (int i = 0; i < areas; i++)
        id[i] = rm_layer_number(layer, i, 0);
    assert_string_equal(rm_layer_field_name(layer, 0), "id");
    for (int turn = 0; turn < 2; turn++) {
        options.tolerance_m = turn ? 0 : 1e-6;
        OK(rm_weights_contiguity(&weights, layer, &options, err));
        assert_int_equal(rm_weights_links(weights), links);
        assert_int_equal(is_symmetric(weights), 1);
        check_pairs(weights, id, pairs);
        rm_weights_free(weights);
        options.kind = RM_CONTIGUITY_ROOK;
        OK(rm_weights_contiguity(&weights, layer, &options, err));
        assert_int_equal(rm_weights_links(weights), rook_links);
        options.kind = RM_CONTIGUITY_QUEEN;
        rm_weights_free(weights);
    }
    rm_layer_free(layer);
}

static void columbus_queen_and_rook(void **state)
{
    (void)state;
    check_contiguity("columbus-moran", 49, 236, 200);
    check_contiguity("columbus-gistar", 49, 236, 200);
}

static void auckland_queen_and_rook(void **state)
{
    (void)state;
    check_contiguity("auckland-eb", 167, 772, 752);
}

static void check_distances(const char *folder, const char *pairs, double band)
{
    char path[256];
    csv_table points;
    rm_weights *weights = NULL;

    snprintf(path, sizeof path, "%s/centroids.csv", folder);
    if (!csv_read(&points, path))
        skip();
    double *id = numbers_of(&points, "id"), *x = numbers_of(&points, "cx");
    double *y = numbers_of(&points, "cy");
    if (band > 0)
        OK(rm_weights_band(&weights, x, y, points.rows, band, NULL, err));
    else
        OK(rm_weights_nearest(&weights, x, y, points.rows, 4, NULL, err));
    assert_int_equal(is_symmetric(weights), band > 0);
    snprintf(path, sizeof path, "%s/%s", folder, pairs);
    check_pairs(weights, id, path);
    rm_weights_free(weights);
    free(id);
    free(x);
    free(y);
    csv_free(&points);
}

static void columbus_four_nearest(void **state)
{
    (void)state;
    check_distances("columbus-moran", "knn4_pairs.csv", 0);
    check_distances("columbus-gistar", "knn4_pairs.csv", 0);
}

/* The band is the distance of two points: it is closed. */
static void columbus_band(void **state)
{
    csv_table global;

    (void)state;
    if (!csv_read(&global, "columbus-gistar/expected_global.csv"))
        skip();
    double band = csv_number(&global, 0, csv_column(&global, "band_distance"));
    csv_free(&global);
    check_distances("columbus-gistar", "band_pairs.csv", band);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columbus_queen_and_rook),
        cmocka_unit_test(auckland_queen_and_rook),
        cmocka_unit_test(columbus_four_nearest),
        cmocka_unit_test(columbus_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
