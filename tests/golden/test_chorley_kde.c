/* Kernel density against spatstat.explore, GRASS v.kernel, sparr and closed forms: every column of
 * golden/chorley-kde, by its README. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "csv.h"

#include "riskmap/density.h"

static const char *const folder = "chorley-kde";
static const double radius = 2.05;
static const double no_relative = 1e-300;

/* The points with their weights, the places asked for and the window, read once. */
static csv_table expected, quadrature, grass, adaptive;
static double *x, *y, *larynx, *gx, *gy, *qx, *qy;
static int64_t points, places, inner;
static double wx[256], wy[256], rx[4], ry[4];
static int64_t window_starts[2], rect_starts[] = {0, 4};
static int present;

static double *column(const csv_table *table, const char *name)
{
    double *out = malloc((size_t)(table->rows + 1) * sizeof *out);
    int c = csv_column(table, name);
    if (!out || c < 0)
        abort();
    for (int r = 0; r < table->rows; r++)
        out[r] = csv_number(table, r, c);
    return out;
}

static csv_table table_of(const char *name)
{
    csv_table table;
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!csv_read(&table, path))
        memset(&table, 0, sizeof table);
    return table;
}

static void read_window(void)
{
    csv_table table = table_of("window.csv");
    assert_true(table.rows > 2 && table.rows <= 256);
    rx[0] = ry[0] = INFINITY;
    rx[2] = ry[2] = -INFINITY;
    for (int r = 0; r < table.rows; r++) {
        wx[r] = csv_number(&table, r, 0);
        wy[r] = csv_number(&table, r, 1);
        rx[0] = fmin(rx[0], wx[r]);
        ry[0] = fmin(ry[0], wy[r]);
        rx[2] = fmax(rx[2], wx[r]);
        ry[2] = fmax(ry[2], wy[r]);
    }
    rx[1] = rx[2], ry[1] = ry[0];
    rx[3] = rx[0], ry[3] = ry[2];
    window_starts[1] = table.rows;
    csv_free(&table);
}

static int read_all(void **state)
{
    csv_table input = table_of("input.csv");
    (void)state;
    if (input.rows < 1)
        return 0;
    expected = table_of("expected.csv");
    quadrature = table_of("expected_edge_quadrature.csv");
    grass = table_of("expected_grass.csv");
    adaptive = table_of("expected_adaptive_bandwidths.csv");
    x = column(&input, "x");
    y = column(&input, "y");
    larynx = malloc((size_t)input.rows * sizeof *larynx);
    for (int r = 0; larynx && r < input.rows; r++)
        larynx[r] = strcmp(csv_text(&input, r, csv_column(&input, "type")), "larynx") == 0 ? 3 : 1;
    points = input.rows;
    gx = column(&expected, "gx");
    gy = column(&expected, "gy");
    places = expected.rows;
    qx = column(&quadrature, "gx");
    qy = column(&quadrature, "gy");
    inner = quadrature.rows;
    csv_free(&input);
    read_window();
    present = 1;
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    csv_free(&expected);
    csv_free(&quadrature);
    csv_free(&grass);
    csv_free(&adaptive);
    double *all[] = {x, y, larynx, gx, gy, qx, qy};
    for (int i = 0; i < 7; i++)
        free(all[i]);
    return 0;
}

static rm_density_options options_of(int32_t kernel)
{
    rm_density_options o = RM_DENSITY_OPTIONS_INIT;
    if (!present)
        skip();
    o.kernel = kernel;
    o.bandwidth = kernel == RM_KERNEL_GAUSSIAN ? 1 : radius;
    o.threads = 2;
    return o;
}

static rm_density_options within(rm_density_options o, int32_t edge, int rectangle)
{
    o.edge = edge;
    o.ring_x = rectangle ? rx : wx;
    o.ring_y = rectangle ? ry : wy;
    o.ring_starts = rectangle ? rect_starts : window_starts;
    o.ring_count = 1;
    return o;
}

/* The largest |got - want| as a share of want, `least` being as good as nothing; a place that is NA
 * in one must be so in the other when both_missing. */
static double worst(const double *got, const csv_table *table, const char *name, double least,
                    int both_missing)
{
    int c = csv_column(table, name), compared = 0;
    double most = 0;
    assert_true(c >= 0);
    for (int r = 0; r < table->rows; r++) {
        double want = csv_number(table, r, c);
        if (both_missing)
            assert_int_equal(isnan(want), isnan(got[r]));
        if (isnan(want) || isnan(got[r]))
            continue;
        compared++;
        most = fmax(most, fabs(got[r] - want) / fmax(fabs(want), least));
    }
    assert_true(compared > 300);
    printf("    %s: %.2g over %d places\n", name, most, compared);
    return most;
}

static double *density(const rm_density_options *o, const double *px, const double *py,
                       int64_t count)
{
    rm_error err = {0};
    double *out = malloc((size_t)count * sizeof *out);
    assert_non_null(out);
    rm_status status = rm_density_places(out, px, py, count, x, y, points, o, &err);
    if (status != RM_OK)
        fail_msg("%s", err.message);
    return out;
}

static void compare(rm_density_options o, const csv_table *table, const char *name,
                    double tolerance, double least, int both_missing)
{
    double *got =
        density(&o, table == &quadrature ? qx : gx, table == &quadrature ? qy : gy, table->rows);
    assert_true(worst(got, table, name, least, both_missing) <= tolerance);
    free(got);
}

static void test_gaussian(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_GAUSSIAN), &expected, "gaussian_sigma", 1e-9, no_relative, 1);
}

static void test_quartic(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_QUARTIC), &expected, "quartic_R", 1e-9, no_relative, 1);
}

static void test_epanechnikov(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_EPANECHNIKOV), &expected, "epanechnikov_R", 1e-9, no_relative, 1);
}

static void test_uniform(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_UNIFORM), &expected, "uniform_R", 1e-9, no_relative, 1);
}

static void test_triweight(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_TRIWEIGHT), &expected, "triweight_R", 1e-9, no_relative, 1);
}

static void test_weighted(void **state)
{
    (void)state;
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    o.weights = larynx;
    compare(o, &expected, "gaussian_sigma_weighted", 1e-9, no_relative, 1);
    o = options_of(RM_KERNEL_QUARTIC);
    o.weights = larynx;
    compare(o, &expected, "quartic_R_weighted", 1e-9, no_relative, 1);
}

/* The raster itself: its cells are the places, from the north. */
static void test_raster(void **state)
{
    static const char *const names[] = {"quartic_R", "gaussian_sigma", "epanechnikov_R",
                                        "triweight_R", "uniform_R"};
    rm_error err = {0};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        rm_density_options o = options_of(kernel);
        double top = gy[places - 1] + 0.5;
        int64_t columns = 1;
        while (gy[columns] == gy[0])
            columns++;
        rm_grid grid = {gx[0] - 0.5, top, 1, columns, places / columns};
        double *out = malloc((size_t)places * sizeof *out);
        double *got = malloc((size_t)places * sizeof *got);
        assert_true(out && got && places % columns == 0);
        assert_int_equal(rm_density_grid(out, &grid, x, y, points, &o, &err), RM_OK);
        for (int64_t i = 0; i < places; i++)
            got[i] = out[(grid.rows - 1 - i / columns) * columns + i % columns];
        /* The raster's gaussian is cut off at 1e-12 of its peak of 0.16. */
        double least = kernel == RM_KERNEL_GAUSSIAN ? 1e-2 : no_relative;
        assert_true(worst(got, &expected, names[kernel], least, 1) <= 1e-9);
        free(out);
        free(got);
    }
}

/* The table's own midpoint quadrature is off by 0.51 % at one place (347.5, 414.5) and by less at
 * all others: test_edge_integral has the proof. */
static const double quadrature_error = 5.2e-3;

static void test_edge_quadrature(void **state)
{
    (void)state;
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    compare(within(o, RM_EDGE_UNIFORM, 0), &quadrature, "gaussian_edge_uniform", quadrature_error,
            1e-6, 0);
    compare(within(o, RM_EDGE_DIGGLE, 0), &quadrature, "gaussian_edge_diggle", quadrature_error,
            1e-6, 0);
    o = options_of(RM_KERNEL_QUARTIC);
    compare(within(o, RM_EDGE_UNIFORM, 0), &quadrature, "quartic_edge_uniform", quadrature_error,
            1e-6, 0);
}

/* The mass itself, by one point at each place: its density there without and with the edge. */
static void compare_mass(int32_t kernel, int rectangle, const csv_table *table, const char *name,
                         double tolerance)
{
    rm_density_options o = options_of(kernel), e = within(o, RM_EDGE_DIGGLE, rectangle);
    const double *px = table == &quadrature ? qx : gx, *py = table == &quadrature ? qy : gy;
    double *mass = malloc((size_t)table->rows * sizeof *mass), f, corrected;
    int64_t outside = 0;
    assert_non_null(mass);
    e.outside = &outside;
    for (int r = 0; r < table->rows; r++) {
        rm_error err = {0};
        assert_int_equal(rm_density_places(&f, &px[r], &py[r], 1, &px[r], &py[r], 1, &o, &err),
                         RM_OK);
        assert_int_equal(
            rm_density_places(&corrected, &px[r], &py[r], 1, &px[r], &py[r], 1, &e, &err), RM_OK);
        mass[r] = outside ? NAN : f / corrected;
    }
    assert_true(worst(mass, table, name, no_relative, 0) <= tolerance);
    free(mass);
}

static void test_edge_mass(void **state)
{
    (void)state;
    compare_mass(RM_KERNEL_GAUSSIAN, 0, &quadrature, "edge_mass_gaussian", quadrature_error);
    compare_mass(RM_KERNEL_QUARTIC, 0, &quadrature, "edge_mass_quartic", 7e-3);
}

/* The gaussian between the crossings of a line, exact along x, by the middle of strips in y. */
static double integral_of_line(double px, double py, double line)
{
    double crossing[16], sum = 0;
    int count = 0, corners = (int)window_starts[1];
    for (int i = 0, k = corners - 1; i < corners; k = i++) {
        if ((wy[i] > line) == (wy[k] > line))
            continue;
        double at = (wx[k] - wx[i]) * (line - wy[i]) / (wy[k] - wy[i]) + wx[i];
        int place = count++;
        assert_true(count <= 16);
        for (; place > 0 && crossing[place - 1] > at; place--)
            crossing[place] = crossing[place - 1];
        crossing[place] = at;
    }
    for (int i = 0; i + 1 < count; i += 2)
        sum += erf((crossing[i + 1] - px) / sqrt(2)) - erf((crossing[i] - px) / sqrt(2));
    return sum / 2 * exp(-(line - py) * (line - py) / 2) / sqrt(2 * 3.14159265358979);
}

static void test_edge_integral(void **state)
{
    const double step = 0.005;
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN), e = within(o, RM_EDGE_UNIFORM, 0);
    double *f = density(&o, qx, qy, inner), *corrected = density(&e, qx, qy, inner), most = 0;
    (void)state;
    for (int64_t q = 0; q < inner; q++) {
        double mass = 0;
        for (double line = qy[q] - 6 + step / 2; line < qy[q] + 6; line += step)
            mass += step * integral_of_line(qx[q], qy[q], line);
        most = fmax(most, fabs(f[q] / corrected[q] / mass - 1));
    }
    printf("    against an integral by lines: %.2g\n", most);
    assert_true(most <= 1e-5);
    free(f);
    free(corrected);
}

/* spatstat's own columns go by pixels of 0.02 km. */
static void test_edge_spatstat(void **state)
{
    (void)state;
    rm_density_options g = options_of(RM_KERNEL_GAUSSIAN), q = options_of(RM_KERNEL_QUARTIC);
    compare(within(g, RM_EDGE_UNIFORM, 0), &expected, "spatstat_gaussian_edge_uniform", 5e-3, 1e-2,
            0);
    compare(within(g, RM_EDGE_DIGGLE, 0), &expected, "spatstat_gaussian_edge_diggle", 5e-3, 1e-2,
            0);
    compare(within(q, RM_EDGE_UNIFORM, 0), &expected, "spatstat_quartic_edge_uniform", 5e-3, 1e-2,
            0);
    compare(within(q, RM_EDGE_DIGGLE, 0), &expected, "spatstat_quartic_edge_diggle", 5e-3, 1e-2, 0);
}

static void test_edge_rectangle(void **state)
{
    (void)state;
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    compare(within(o, RM_EDGE_UNIFORM, 1), &expected, "gaussian_rect_edge_uniform", 1e-9,
            no_relative, 0);
    compare(within(o, RM_EDGE_DIGGLE, 1), &expected, "gaussian_rect_edge_diggle", 1e-9, no_relative,
            0);
    compare_mass(RM_KERNEL_GAUSSIAN, 1, &expected, "rect_edge_mass_gaussian", 1e-9);
}

/* The bandwidths by themselves, and the density from those that the table has. */
static void test_adaptive(void **state)
{
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    rm_adaptive_options a = RM_ADAPTIVE_OPTIONS_INIT;
    rm_error err = {0};
    double *h = malloc((size_t)points * sizeof *h), *pilot = density(&o, x, y, points);
    (void)state;
    a.pilot = 1;
    assert_non_null(h);
    assert_int_equal(rm_bandwidth_adaptive(h, x, y, points, 1, &a, &err), RM_OK);
    assert_true(worst(h, &adaptive, "h_exact", no_relative, 1) <= 1e-9);
    assert_true(worst(h, &adaptive, "h_spatstat_bw_abram", no_relative, 1) <= 1e-9);
    assert_true(worst(h, &adaptive, "h_sparr", no_relative, 1) <= 0.02);
    for (int64_t i = 0; i < points; i++)
        pilot[i] /= (double)points;
    assert_true(worst(pilot, &adaptive, "pilot_f", no_relative, 1) <= 1e-9);
    o.bandwidths = h;
    compare(o, &expected, "gaussian_adaptive", 1e-9, no_relative, 1);
    free(pilot);
    free(h);
}

/* sparr makes its map add up to 1 within the window: a constant factor. */
static void test_adaptive_sparr(void **state)
{
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    double *h = column(&adaptive, "h_sparr"), ratio = 0;
    int c = csv_column(&expected, "sparr_adaptive"), count = 0;
    (void)state;
    o.bandwidths = h;
    double *got = density(&o, gx, gy, places);
    for (int r = 0; r < places; r++) {
        double want = csv_number(&expected, r, c);
        if (!isnan(want)) {
            ratio += want / got[r];
            count++;
        }
    }
    ratio /= count;
    printf("    sparr's constant: %.4f\n", ratio);
    assert_true(fabs(ratio - 1.057) < 0.02 * 1.057);
    for (int r = 0; r < places; r++)
        got[r] *= ratio;
    assert_true(worst(got, &expected, "sparr_adaptive", 1e-2, 0) <= 0.02);
    free(got);
    free(h);
}

static void test_grass(void **state)
{
    (void)state;
    compare(options_of(RM_KERNEL_QUARTIC), &grass, "grass_quartic_R", 1e-9, 1e-12, 1);
    compare(options_of(RM_KERNEL_EPANECHNIKOV), &grass, "grass_epanechnikov_R", 1e-9, 1e-12, 1);
    compare(options_of(RM_KERNEL_UNIFORM), &grass, "grass_uniform_R", 1e-9, 1e-12, 1);
    compare(options_of(RM_KERNEL_TRIWEIGHT), &grass, "grass_triweight_R", 1e-9, 1e-12, 1);
}

/* GRASS takes sigma = R / 4 and cuts off at R, so that each point may lack exp(-8) of its peak. */
static void test_grass_gaussian(void **state)
{
    rm_density_options o = options_of(RM_KERNEL_GAUSSIAN);
    double sigma = radius / 4, peak = 1 / (2 * 3.14159265358979 * sigma * sigma);
    int c = csv_column(&grass, "grass_gaussian_R_truncated_sigma_R4");
    (void)state;
    o.bandwidth = sigma;
    double *got = density(&o, gx, gy, places), most = 0;
    for (int64_t q = 0; q < places; q++) {
        double far = 0, want = csv_number(&grass, (int)q, c);
        for (int64_t i = 0; i < points; i++) {
            double d2 = (x[i] - gx[q]) * (x[i] - gx[q]) + (y[i] - gy[q]) * (y[i] - gy[q]);
            if (d2 >= radius * radius)
                far += peak * exp(-d2 / (2 * sigma * sigma));
        }
        most = fmax(most, fabs(got[q] - far - want));
        assert_true(got[q] + 1e-12 >= want);
    }
    printf("    without what lies beyond R: %.2g\n", most);
    assert_true(most <= 1e-9);
    free(got);
}

/* One point: what GRASS gives at its centre, QGIS's raw quartic times 3 / (pi R^2), and that the
 * plane adds up to 1 where QGIS's scaled quartic adds up to 7.25. */
static void test_single_point(void **state)
{
    static const struct {
        const char *name;
        int32_t kernel;
        double per_radius;
    } kernels[] = {{"uniform", RM_KERNEL_UNIFORM, 1},
                   {"epanechnikov", RM_KERNEL_EPANECHNIKOV, 1},
                   {"quartic", RM_KERNEL_QUARTIC, 1},
                   {"triweight", RM_KERNEL_TRIWEIGHT, 1},
                   {"gaussian", RM_KERNEL_GAUSSIAN, 0.25}};
    csv_table table = table_of("qgis_grass_single_point.csv");
    const double px = 1000, py = 2000;
    (void)state;
    if (!present)
        skip();
    int software = csv_column(&table, "software"), name = csv_column(&table, "kernel");
    int output = csv_column(&table, "output"),
        value = csv_column(&table, "value_at_centre_or_near");
    int compared = 0;
    for (int k = 0; k < 5; k++) {
        rm_density_options o = RM_DENSITY_OPTIONS_INIT;
        rm_error err = {0};
        rm_grid grid = {0, 3000, 2, 1000, 1000};
        double *out = malloc(1000000 * sizeof *out), centre, sum = 0;
        o.kernel = kernels[k].kernel;
        o.bandwidth = 100 * kernels[k].per_radius;
        assert_non_null(out);
        assert_int_equal(rm_density_places(&centre, &px, &py, 1, &px, &py, 1, &o, &err), RM_OK);
        assert_int_equal(rm_density_grid(out, &grid, &px, &py, 1, &o, &err), RM_OK);
        for (int i = 0; i < 1000000; i++)
            sum += 4 * out[i];
        assert_true(fabs(sum - 1) < (k == 0 ? 2e-3 : 1e-4));
        for (int r = 0; r < table.rows; r++) {
            if (strcmp(csv_text(&table, r, name), kernels[k].name) != 0)
                continue;
            int of_grass = strncmp(csv_text(&table, r, software), "GRASS", 5) == 0;
            int raw = strcmp(csv_text(&table, r, output), "raw") == 0;
            double want = csv_number(&table, r, value);
            if (of_grass)
                assert_true(fabs(centre - want) <= 1e-12 * want);
            else if (raw) /* near the centre, not at it */
                assert_true(fabs(centre - want * 3 / (3.14159265358979 * 1e4)) <= 1e-3 * centre);
            else if (k == 2)
                assert_true(fabs(want / centre - 7.25) < 0.01);
            else
                assert_true(fabs(want - centre) <= 0.01 * centre);
            compared++;
        }
        free(out);
    }
    assert_int_equal(compared, 10);
    csv_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaussian),      cmocka_unit_test(test_quartic),
        cmocka_unit_test(test_epanechnikov),  cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_triweight),     cmocka_unit_test(test_weighted),
        cmocka_unit_test(test_raster),        cmocka_unit_test(test_edge_quadrature),
        cmocka_unit_test(test_edge_mass),     cmocka_unit_test(test_edge_integral),
        cmocka_unit_test(test_edge_spatstat), cmocka_unit_test(test_edge_rectangle),
        cmocka_unit_test(test_adaptive),      cmocka_unit_test(test_adaptive_sparr),
        cmocka_unit_test(test_grass),         cmocka_unit_test(test_grass_gaussian),
        cmocka_unit_test(test_single_point),
    };
    return cmocka_run_group_tests_name("chorley_kde", tests, read_all, free_all);
}
