/* Moran, Geary and Getis-Ord through the public API: what is refused and in which words, missing
 * values, and what must not change an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lattices.h"

#include "riskmap/autocorrelation.h"

/* All that a local statistic gives. */
typedef struct local {
    double column[11][MOST_ITEMS];
    uint8_t quadrant[MOST_ITEMS];
    int64_t islands, missing;
} local;

static rm_local_out out_of(local *a)
{
    rm_local_out out = RM_LOCAL_OUT_INIT;
    double **const columns[] = {
        &out.statistic,   &out.expected,      &out.variance,    &out.z,
        &out.p,           &out.p_ge,          &out.p_le,        &out.p_folded,
        &out.p_two_sided, &out.permuted_mean, &out.permuted_sd,
    };
    for (int k = 0; k < 11; k++)
        *columns[k] = a->column[k];
    out.quadrant = a->quadrant;
    out.islands = &a->islands;
    out.missing = &a->missing;
    return out;
}

enum { MORAN, G, G_STAR, STATISTICS };

static rm_status run(local *a, int statistic, const lattice_case *c,
                     const rm_autocorrelation_options *options, rm_error *err)
{
    rm_local_out out = out_of(a);
    if (statistic == MORAN)
        return rm_local_moran(&out, &c->weights, c->x, c->n, options, err);
    return rm_local_g(&out, &c->weights, c->x, c->n, statistic == G_STAR, options, err);
}

static rm_status whole(rm_global *out, int statistic, const lattice_case *c,
                       const rm_autocorrelation_options *options, rm_error *err)
{
    if (statistic == 0)
        return rm_moran(out, &c->weights, c->x, c->n, options, err);
    if (statistic == 1)
        return rm_geary(out, &c->weights, c->x, c->n, options, err);
    return rm_general_g(out, &c->weights, c->x, c->n, options, err);
}

static void refused(const lattice_case *c, const rm_autocorrelation_options *options,
                    rm_status code, int64_t row, const char *message)
{
    local a, before;
    rm_global g, g_before;
    rm_error err;
    memset(&a, 7, sizeof a);
    memset(&g, 7, sizeof g);
    before = a;
    g_before = g;
    for (int s = 0; s < STATISTICS; s++) {
        assert_int_equal(run(&a, s, c, options, &err), code);
        assert_string_equal(err.message, message);
        assert_int_equal(err.row, row);
        assert_int_equal(whole(&g, s, c, options, &err), code);
        assert_string_equal(err.message, message);
        assert_memory_equal(&a, &before, sizeof a);
        assert_memory_equal(&g, &g_before, sizeof g);
    }
}

static lattice_case c;

static void start(int kind)
{
    case_random(&c, 24, kind, 0.3, 31);
}

static void test_bad_values(void **state)
{
    (void)state;
    start(BINARY);
    for (int i = 0; i < c.n; i++)
        c.x[i] = 0.1;
    c.x[3] = NAN;
    refused(&c, NULL, RM_EINVAL, -1, "all values are the same: there is no pattern to look for");
    c.x[5] = INFINITY;
    refused(&c, NULL, RM_EINVAL, 5,
            "the value of row 5 is infinite; give a number, or NaN for missing");
    c.x[5] = 1.7e308;
    c.x[6] = -1.7e308;
    refused(&c, NULL, RM_EINVAL, -1, "the values lie too far apart for a double");
    for (int i = 2; i < c.n; i++)
        c.x[i] = NAN;
    refused(&c, NULL, RM_EINVAL, -1, "there are 2 values; at least 3 are needed");
    c.n = 0;
    c.weights.count = 0;
    refused(&c, NULL, RM_EINVAL, -1, "there are 0 values; at least 3 are needed");
    c.n = 23;
    refused(&c, NULL, RM_EINVAL, -1, "there are 23 values, but the weights are of 0 items");
}

static void test_bad_weights(void **state)
{
    static const struct {
        double weight;
        const char *message;
    } bad[] = {
        {NAN, "a weight of row 1 is not a number; it must be 0 or from 1e-100 to 1e100"},
        {INFINITY, "a weight of row 1 is too large; it must be 0 or from 1e-100 to 1e100"},
        {-INFINITY, "a weight of row 1 is negative; it must be 0 or from 1e-100 to 1e100"},
        {-0.5, "a weight of row 1 is negative; it must be 0 or from 1e-100 to 1e100"},
        {1e101, "a weight of row 1 is too large; it must be 0 or from 1e-100 to 1e100"},
        {1e-101, "a weight of row 1 is too small; it must be 0 or from 1e-100 to 1e100"},
    };
    const char *none = "no item with a value has a neighbour with a value and a weight above 0; "
                       "are the weights made of these items?";
    (void)state;
    for (int k = 0; k < 6; k++) {
        start(ASYMMETRIC);
        c.weight[c.start[1]] = bad[k].weight;
        refused(&c, NULL, RM_EINVAL, 1, bad[k].message);
    }
    memset(c.weight, 0, sizeof c.weight);
    refused(&c, NULL, RM_EINVAL, -1, none);
    memset(c.start, 0, sizeof c.start);
    c.weights.weight = NULL;
    refused(&c, NULL, RM_EINVAL, -1, none);
}

static void test_bad_options(void **state)
{
    rm_autocorrelation_options options;
    (void)state;
    start(BINARY);
#define REFUSED(member, value, message)                                                            \
    rm_autocorrelation_options_init(&options);                                                     \
    options.member = (value);                                                                      \
    refused(&c, &options, RM_EINVAL, -1, (message))
    REFUSED(size, 4,
            "rm_autocorrelation_options.size is 4; begin with RM_AUTOCORRELATION_OPTIONS_INIT");
    REFUSED(style, 2, "style 2 does not exist; RM_STYLE_ROW or RM_STYLE_GIVEN");
    REFUSED(assumption, -1, "assumption -1 does not exist; RM_RANDOMISATION or RM_NORMALITY");
    REFUSED(scale, 2, "scale 2 does not exist; RM_MORAN_N or RM_MORAN_N_MINUS_1");
    REFUSED(variance, 2, "variance 2 does not exist; RM_VARIANCE_CONDITIONAL or RM_VARIANCE_TOTAL");
    REFUSED(draws, 2, "draws 2 does not exist; RM_DRAWS_OWN or RM_DRAWS_SHARED");
    REFUSED(threads, 65, "threads is 65; 0 (all cores) to 64");
    REFUSED(threads, -1, "threads is -1; 0 (all cores) to 64");
    REFUSED(permutations, -1, "permutations is -1; 0 (the default) to 9999999");
    REFUSED(permutations, 10000000, "permutations is 10000000; 0 (the default) to 9999999");
    options.draws = RM_DRAWS_SHARED;
    options.permutations = 99998;
    refused(&c, &options, RM_EINVAL, -1,
            "permutations is 99998; a shared table needs 99999 or more, for its error is the same "
            "for all items");
#undef REFUSED
}

static void test_missing_arguments(void **state)
{
    rm_local_out out = RM_LOCAL_OUT_INIT;
    rm_global g;
    rm_error err;
    const char *message =
        "the weights, the values or the place for the outcome is NULL, or count is ";
    (void)state;
    start(BINARY);
    assert_int_equal(rm_moran(NULL, &c.weights, c.x, c.n, NULL, &err), RM_EINVAL);
    assert_int_equal(strncmp(err.message, message, strlen(message)), 0);
    assert_int_equal(rm_geary(&g, NULL, c.x, c.n, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_general_g(&g, &c.weights, NULL, c.n, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_local_g(&out, &c.weights, c.x, -1, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(strncmp(err.message, message, strlen(message)), 0);
    assert_int_equal(rm_local_moran(NULL, &c.weights, c.x, c.n, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "there is no place for the outcome: out is NULL");
    out.size = 8;
    assert_int_equal(rm_local_moran(&out, &c.weights, c.x, c.n, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "rm_local_out.size is 8; begin with RM_LOCAL_OUT_INIT");
    assert_int_equal(rm_false_discovery(NULL, c.x, 3, &err), RM_EINVAL);
    assert_int_equal(rm_hotspot_bins(NULL, c.x, c.x, 3, &err), RM_EINVAL);
    assert_int_equal(rm_lisa_classes(NULL, NULL, c.x, 3, 0.05, &err), RM_EINVAL);
    assert_string_equal(err.message, "an array is NULL, or count is 3");
    uint8_t quadrant[] = {1};
    assert_int_equal(rm_lisa_classes(quadrant, quadrant, c.x, 1, 1.5, &err), RM_EINVAL);
    assert_string_equal(err.message, "the level is 1.5; it must lie from 0 to 1");
    assert_int_equal(rm_lisa_classes(quadrant, quadrant, c.x, 1, NAN, &err), RM_EINVAL);
}

static void assert_same_but_rows(const local *a, const local *b, const int *row, int count)
{
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < 11; k++)
            assert_memory_equal(&a->column[k][i], &b->column[k][row[i]], sizeof(double));
        assert_int_equal(a->quadrant[i], b->quadrant[row[i]]);
    }
}

/* Values that are missing: to the last bit as if the items were not there. */
static void test_missing_values_are_as_if_not_there(void **state)
{
    static lattice_case less;
    (void)state;
    for (int k = 0; k < 4; k++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        int row[MOST_ITEMS];
        options.draws = k >> 1;
        start(k & 1 ? ASYMMETRIC : BINARY);
        memset(&less, 0, sizeof less);
        for (int i = 0; i < c.n; i++) {
            if (i % 5 == 2)
                c.x[i] = NAN;
            else
                row[less.n++] = i;
        }
        for (int i = 0; i < less.n; i++) {
            less.x[i] = c.x[row[i]];
            for (int j = 0; j < less.n; j++)
                less.w[i][j] = c.w[row[i]][row[j]];
        }
        case_rows(&less, !(k & 1));
        for (int s = 0; s < STATISTICS; s++) {
            local a, b;
            rm_global with, without;
            assert_int_equal(run(&a, s, &less, &options, NULL), RM_OK);
            assert_int_equal(run(&b, s, &c, &options, NULL), RM_OK);
            assert_same_but_rows(&a, &b, row, less.n);
            assert_true(isnan(b.column[0][2]) && isnan(b.column[5][7]) && isnan(b.column[4][12]));
            assert_int_equal(b.quadrant[2], RM_LISA_UNDEFINED);
            assert_true(a.missing == 0 && b.missing == c.n - less.n && a.islands == b.islands);
            assert_int_equal(whole(&without, s, &less, &options, NULL), RM_OK);
            assert_int_equal(whole(&with, s, &c, &options, NULL), RM_OK);
            assert_memory_equal(&with, &without, sizeof with);
        }
    }
}

/* A link that weighs nothing is none; an item with such links alone is an island. */
static void test_weights_of_zero_are_no_links(void **state)
{
    static lattice_case more;
    int row[MOST_ITEMS];
    (void)state;
    start(ASYMMETRIC);
    for (int j = 0; j < c.n; j++)
        c.w[4][j] = 0.0;
    more = c;
    case_rows(&c, 0);
    int64_t link = 0;
    for (int i = 0; i < more.n; i++) {
        row[i] = i;
        more.start[i] = link;
        for (int j = 0; j < more.n; j++) {
            if (i == j)
                continue;
            more.to[link] = j;
            more.weight[link++] = more.w[i][j];
        }
    }
    more.start[more.n] = link;
    more.weights = (rm_weights){more.n, more.start, more.to, more.weight};
    for (int s = 0; s < STATISTICS; s++) {
        local a, b;
        assert_int_equal(run(&a, s, &c, NULL, NULL), RM_OK);
        assert_int_equal(run(&b, s, &more, NULL, NULL), RM_OK);
        assert_same_but_rows(&a, &b, row, c.n);
        assert_true(b.islands >= 2 && a.islands == b.islands);
        assert_int_equal(b.quadrant[4], RM_LISA_NO_NEIGHBOURS);
    }
}

/* z and p do not know the unit of the values nor where their 0 is: to the last bit for powers of
 * two and for shifts that are exact. */
static void test_unit_and_origin(void **state)
{
    static lattice_case other;
    (void)state;
    start(BINARY);
    for (int k = 0; k < 4; k++) {
        static const double scale[] = {0x1p-1000, 1.0, 0x1p+900, 1.0};
        static const double shift[] = {0.0, 1e9, 0.0, -12345.0};
        other = c;
        other.weights = c.weights;
        for (int i = 0; i < c.n; i++)
            other.x[i] = c.x[i] * scale[k] + shift[k];
        for (int s = 0; s < STATISTICS; s++) {
            local a, b;
            assert_int_equal(run(&a, s, &c, NULL, NULL), RM_OK);
            assert_int_equal(run(&b, s, &other, NULL, NULL), RM_OK);
            assert_memory_equal(a.quadrant, b.quadrant, (size_t)c.n);
            for (int column = s == MORAN ? 0 : 3; column < 9; column++)
                assert_memory_equal(a.column[column], b.column[column],
                                    (size_t)c.n * sizeof(double));
        }
        for (int s = 0; s < 2; s++) {
            rm_global a, b;
            assert_int_equal(whole(&a, s, &c, NULL, NULL), RM_OK);
            assert_int_equal(whole(&b, s, &other, NULL, NULL), RM_OK);
            assert_memory_equal(&a, &b, sizeof a);
        }
    }
}

/* Values upside down: z of G changes sign and its tails places, Moran stays as it is. */
static void test_upside_down(void **state)
{
    static lattice_case other;
    (void)state;
    for (int k = 0; k < 4; k++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        options.draws = k & 1;
        start(k & 2 ? ASYMMETRIC : BINARY);
        other = c;
        for (int i = 0; i < c.n; i++)
            other.x[i] = -c.x[i];
        for (int s = 0; s < STATISTICS; s++) {
            local a, b;
            double sign = s == MORAN ? 1.0 : -1.0;
            int swapped = s == MORAN ? 5 : 6;
            assert_int_equal(run(&a, s, &c, &options, NULL), RM_OK);
            assert_int_equal(run(&b, s, &other, &options, NULL), RM_OK);
            for (int i = 0; i < c.n; i++) {
                assert_close(b.column[3][i], sign * a.column[3][i], 1e-11);
                assert_close(b.column[4][i], a.column[4][i], 1e-10);
                assert_close(b.column[5][i], a.column[swapped][i], 0.0);
                assert_close(b.column[8][i], a.column[8][i], 0.0);
            }
        }
    }
}

/* Twice the weights: I and G of rows that are standardised stay, as do z and p of any. */
static void test_doubled_weights(void **state)
{
    static lattice_case other;
    (void)state;
    for (int style = RM_STYLE_ROW; style <= RM_STYLE_GIVEN; style++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        options.style = style;
        start(ASYMMETRIC);
        other = c;
        for (int i = 0; i < c.n; i++) {
            for (int j = 0; j < c.n; j++)
                other.w[i][j] = 2.0 * c.w[i][j];
        }
        case_rows(&other, 0);
        for (int s = MORAN; s <= G; s++) { /* of G* the item's own weight stays 1 */
            local a, b;
            assert_int_equal(run(&a, s, &c, &options, NULL), RM_OK);
            assert_int_equal(run(&b, s, &other, &options, NULL), RM_OK);
            for (int i = 0; i < c.n; i++) {
                double times = style == RM_STYLE_GIVEN ? 2.0 : 1.0;
                assert_close(b.column[0][i], times * a.column[0][i], 1e-12);
                for (int column = 3; column < 9; column++)
                    assert_close(b.column[column][i], a.column[column][i], 1e-11);
            }
        }
    }
}

/* Items in another order: the same answers (sums of lags are added in another order), and
 * permutations that differ by chance alone. */
static void test_order_of_items(void **state)
{
    static lattice_case other;
    (void)state;
    start(ASYMMETRIC);
    memset(&other, 0, sizeof other);
    other.n = c.n;
    for (int i = 0; i < c.n; i++) {
        other.x[i * 7 % c.n] = c.x[i];
        for (int j = 0; j < c.n; j++)
            other.w[i * 7 % c.n][j * 7 % c.n] = c.w[i][j];
    }
    case_rows(&other, 0);
    for (int s = 0; s < STATISTICS; s++) {
        local a, b;
        rm_global whole_a, whole_b;
        assert_int_equal(run(&a, s, &c, NULL, NULL), RM_OK);
        assert_int_equal(run(&b, s, &other, NULL, NULL), RM_OK);
        for (int i = 0; i < c.n; i++) {
            for (int column = 0; column < 5; column++)
                assert_close(b.column[column][i * 7 % c.n], a.column[column][i], 1e-11);
            double p = a.column[5][i], q = b.column[5][i * 7 % c.n];
            assert_true(isnan(p) == isnan(q) && !(fabs(p - q) > 0.12));
        }
        assert_int_equal(whole(&whole_a, s, &c, NULL, NULL), RM_OK);
        assert_int_equal(whole(&whole_b, s, &other, NULL, NULL), RM_OK);
        assert_close(whole_b.z, whole_a.z, 1e-11);
        assert_close(whole_b.variance, whole_a.variance, 1e-11);
    }
}

static void test_threads_and_seed(void **state)
{
    (void)state;
    start(ASYMMETRIC);
    for (int s = 0; s < STATISTICS; s++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        local one, more;
        rm_global whole_one, whole_more;
        options.threads = 1;
        assert_int_equal(run(&one, s, &c, &options, NULL), RM_OK);
        assert_int_equal(whole(&whole_one, s, &c, &options, NULL), RM_OK);
        for (int threads = 2; threads <= 4; threads += 2) {
            options.threads = threads;
            assert_int_equal(run(&more, s, &c, &options, NULL), RM_OK);
            assert_int_equal(whole(&whole_more, s, &c, &options, NULL), RM_OK);
            for (int column = 0; column < 11; column++)
                assert_memory_equal(one.column[column], more.column[column],
                                    (size_t)c.n * sizeof(double));
            assert_memory_equal(&whole_one, &whole_more, sizeof whole_one);
        }
        options.seed = 2;
        assert_int_equal(run(&more, s, &c, &options, NULL), RM_OK);
        assert_true(memcmp(one.column[5], more.column[5], (size_t)c.n * sizeof(double)) != 0);
        assert_memory_equal(one.column[3], more.column[3], (size_t)c.n * sizeof(double));
    }
}

/* Permuted mean and sd are in units of the statistic: near its expectation and variance. */
static void test_permuted_moments(void **state)
{
    (void)state;
    for (int k = 0; k < 12; k++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        local a;
        int s = k % 3;
        options.style = k / 3 & 1;
        options.draws = k / 6;
        options.scale = options.style;
        options.permutations = options.draws ? 99999 : 9999;
        start(ASYMMETRIC);
        assert_int_equal(run(&a, s, &c, &options, NULL), RM_OK);
        for (int i = 0; i < c.n; i++) {
            double mean = a.column[9][i], sd = a.column[10][i];
            if (c.start[i] == c.start[i + 1]) {
                assert_true(isnan(mean) && isnan(sd));
                continue;
            }
            if (s != G_STAR) { /* whose moments count the item itself among the values */
                assert_true(fabs(mean - a.column[1][i]) <= 5.0 * sd / 99.0);
                assert_true(fabs(sd / sqrt(a.column[2][i]) - 1.0) <= 0.06);
            }
            assert_true(a.column[0][i] > mean ? a.column[5][i] < 0.8 : a.column[6][i] < 0.8);
        }
    }
}

/* The mean of G* over all choices: the item itself, and its neighbours at the mean of the others.
 */
static void test_permuted_mean_of_g_star(void **state)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    local a;
    (void)state;
    start(ASYMMETRIC);
    options.permutations = 99999;
    assert_int_equal(run(&a, G_STAR, &c, &options, NULL), RM_OK);
    double total = mean_of(c.x, c.n) * c.n;
    for (int i = 0; i < c.n; i++) {
        double sum = 0.0;
        for (int j = 0; j < c.n; j++)
            sum += c.w[i][j];
        if (sum == 0.0)
            continue;
        double others = (total - c.x[i]) / (c.n - 1);
        double expected = (c.x[i] + sum * others) / (1.0 + sum) / total;
        assert_true(fabs(a.column[9][i] - expected) <= 5.0 * a.column[10][i] / 316.0);
    }
}

static int stop_after;

static int stop(double fraction, const char *message, void *user)
{
    (void)message;
    (void)user;
    assert_true(fraction >= 0.0 && fraction <= 1.0);
    return --stop_after < 0;
}

static void test_cancel(void **state)
{
    (void)state;
    start(ASYMMETRIC);
    for (int k = 0; k < 4; k++) {
        rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
        options.draws = k & 1;
        options.threads = 1 + (k >> 1);
        options.permutations = 99999;
        options.progress = stop;
        int calls = 0;
        for (;; calls++) {
            local a;
            rm_local_out out = out_of(&a);
            rm_error err;
            memset(&a, 7, sizeof a);
            stop_after = calls;
            rm_status status = rm_local_moran(&out, &c.weights, c.x, c.n, &options, &err);
            if (status == RM_OK)
                break;
            assert_int_equal(status, RM_ECANCELLED);
            assert_true(a.quadrant[0] == 7 && a.quadrant[c.n - 1] == 7);
            assert_true(a.islands == INT64_C(0x0707070707070707));
        }
        assert_true(calls >= 2); /* at the start, and at the end of the permutations at least */
    }
}

/* Nothing wanted, nothing done; permutations are not made for the analytic answers. */
static void test_only_what_is_wanted(void **state)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    double p_le[MOST_ITEMS];
    local a;
    (void)state;
    start(BINARY);
    assert_int_equal(rm_local_moran(&out, &c.weights, c.x, c.n, &options, NULL), RM_OK);
    assert_int_equal(rm_local_g(&out, &c.weights, c.x, c.n, 1, NULL, NULL), RM_OK);
    out.p_le = p_le;
    assert_int_equal(rm_local_moran(&out, &c.weights, c.x, c.n, &options, NULL), RM_OK);
    assert_int_equal(run(&a, MORAN, &c, &options, NULL), RM_OK);
    assert_memory_equal(p_le, a.column[6], (size_t)c.n * sizeof(double));
    options.progress = stop;
    stop_after = 1; /* the call at the start, and no other */
    out.p_le = NULL;
    out.z = p_le;
    assert_int_equal(rm_local_moran(&out, &c.weights, c.x, c.n, &options, NULL), RM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_bad_weights),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_missing_arguments),
        cmocka_unit_test(test_missing_values_are_as_if_not_there),
        cmocka_unit_test(test_weights_of_zero_are_no_links),
        cmocka_unit_test(test_unit_and_origin),
        cmocka_unit_test(test_upside_down),
        cmocka_unit_test(test_doubled_weights),
        cmocka_unit_test(test_order_of_items),
        cmocka_unit_test(test_threads_and_seed),
        cmocka_unit_test(test_permuted_moments),
        cmocka_unit_test(test_permuted_mean_of_g_star),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_only_what_is_wanted),
    };
    return cmocka_run_group_tests_name("api_autocorrelation", tests, NULL, NULL);
}
