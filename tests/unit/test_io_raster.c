/* Cloud-Optimized GeoTIFFs, opened again with GDAL. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "io/raster/cog.h"
#include "scratch.h"

/* ---- writing ---- */

typedef struct made {
    int64_t columns, rows;
    int kind; /* what its cells are */
    int64_t fails_from, asked, bands;
} made;

enum { SMOOTH, RANDOM, BLANK, CLASSES, INFINITE, SPOILT };

static float cell(const made *m, int64_t row, int64_t column)
{
    uint64_t bits = rm_random_bits(7, 1, (uint64_t)(row * m->columns + column));
    switch (m->kind) {
    case SMOOTH:
        if ((row / 40 + column / 56) % 5 == 0)
            return NAN;
        return (float)(50.0 + 50.0 * sin((double)row / 30.0) * cos((double)column / 40.0));
    case RANDOM:
        return (float)(bits >> 40);
    case CLASSES:
        return (float)(bits >> 62);
    case INFINITE:
        return row == 3 && column == 2 ? INFINITY : 1.0f;
    case SPOILT:
        return row == 3 && column == 2 ? 4.0f : 1.0f;
    default:
        return NAN;
    }
}

static rm_status give_rows(void *context, float *out, int64_t first, int64_t rows, rm_error *err)
{
    made *m = context;
    assert_int_equal(first, m->asked);
    m->asked += rows;
    m->bands++;
    if (m->fails_from > 0 && m->asked > m->fails_from)
        return rm_fail(err, RM_EDATA, "no more rows");
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < m->columns; c++)
            out[r * m->columns + c] = cell(m, first + r, c);
    return RM_OK;
}

static const rm_raster_tag tags[] = {{"RISKMAP_KERNEL", "quartic"}, {"RISKMAP_NOTE", "é < & \""}};
static const rm_colour palette[] = {
    {0, 0, 0, 0}, {255, 255, 178, 255}, {253, 141, 60, 255}, {189, 0, 38, 255}};
static const char *const names[] = {"", "laag", "midden", "hoog"};

static rm_raster_about about_of(const made *m)
{
    bool bytes = m->kind == CLASSES || m->kind == SPOILT;
    return (rm_raster_about){.grid = {200012.5, 500037.25, 25.0, m->columns, m->rows},
                             .crs = "EPSG:28992",
                             .description = "meldingen per km², quartic, 500 m",
                             .unit = "1/km²",
                             .tags = tags,
                             .tag_count = 2,
                             .palette = bytes ? palette : NULL,
                             .category = bytes ? names : NULL,
                             .palette_count = bytes ? 4 : 0};
}

static rm_status write_raster(const char *name, made m, int64_t memory, int threads, rm_error *err)
{
    rm_raster_about about = about_of(&m);
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path(name));
    return rm_cog_write(path, &about, give_rows, &m, memory, true, threads, NULL, err);
}

static void assert_written(const char *name, made m, int64_t memory, int threads)
{
    rm_error err = {0};
    if (write_raster(name, m, memory, threads, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(scratch_count(NULL), 1);
}

/* ---- reading ---- */

static GDALDatasetH open_raster(const char *name)
{
    GDALAllRegister();
    CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
    GDALDatasetH file = GDALOpen(scratch_path(name), GA_ReadOnly);
    assert_non_null(file);
    return file;
}

static float *read_level(GDALRasterBandH band, int *columns, int *rows)
{
    *columns = GDALGetRasterBandXSize(band);
    *rows = GDALGetRasterBandYSize(band);
    float *values = malloc(sizeof(float) * (size_t)*columns * (size_t)*rows);
    assert_int_equal(GDALRasterIO(band, GF_Read, 0, 0, *columns, *rows, values, *columns, *rows,
                                  GDT_Float32, 0, 0),
                     CE_None);
    return values;
}

static bool same(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* What an overview cell must be: slowly, from the four (or fewer) below it. */
static float below(const float *v, int columns, int rows, int row, int column, bool classes)
{
    double sum = 0.0;
    int count = 0, times[4] = {0}, best = 0;
    for (int r = 2 * row; r < 2 * row + 2 && r < rows; r++) {
        for (int c = 2 * column; c < 2 * column + 2 && c < columns; c++) {
            float value = v[r * columns + c];
            if (classes) {
                times[(int)value]++;
            } else if (!isnan(value)) {
                sum += (double)value;
                count++;
            }
        }
    }
    for (int k = 1; classes && k < 4; k++)
        if (times[k] > 0 && times[k] >= times[best] * (best > 0))
            best = k;
    return classes ? (float)best : count ? (float)(sum / count) : NAN;
}

static void assert_values(const char *name, made m)
{
    bool classes = m.kind == CLASSES;
    GDALDatasetH file = open_raster(name);
    GDALRasterBandH band = GDALGetRasterBand(file, 1);
    int columns, rows, levels = 0;
    float *values = read_level(band, &columns, &rows);
    assert_int_equal(columns, m.columns);
    assert_int_equal(rows, m.rows);
    for (int64_t i = 0; i < m.columns * m.rows; i++)
        if (!same(values[i], cell(&m, i / columns, i % columns)))
            fail_msg("cell %d is %g", (int)i, (double)values[i]);
    while (columns > 512 || rows > 512) {
        int width, height;
        GDALRasterBandH over = GDALGetOverview(band, levels++);
        assert_non_null(over);
        float *next = read_level(over, &width, &height);
        assert_int_equal(width, (columns + 1) / 2);
        assert_int_equal(height, (rows + 1) / 2);
        for (int i = 0; i < width * height; i++) {
            float expected = below(values, columns, rows, i / width, i % width, classes);
            if (!(fabsf(next[i] - expected) <= 1e-6f * fabsf(expected) || same(next[i], expected)))
                fail_msg("overview %d, cell %d is %g, not %g", levels, i, (double)next[i],
                         (double)expected);
        }
        free(values);
        values = next;
        columns = width;
        rows = height;
    }
    assert_int_equal(GDALGetOverviewCount(band), levels);
    free(values);
    GDALClose(file);
}

static void assert_item(GDALMajorObjectH of, const char *domain, const char *item,
                        const char *expected)
{
    const char *found = GDALGetMetadataItem(of, item, domain);
    if (!found || strcmp(found, expected) != 0)
        fail_msg("%s is %s, not %s", item, found ? found : "missing", expected);
}

static void test_values_and_overviews(void **state)
{
    (void)state;
    const made m = {.columns = 1301, .rows = 777, .kind = SMOOTH};
    assert_written("a.tif", m, 0, 2);
    assert_values("a.tif", m);
}

static void test_what_it_says(void **state)
{
    (void)state;
    assert_written("a.tif", (made){.columns = 700, .rows = 600, .kind = SMOOTH}, 0, 2);
    GDALDatasetH file = open_raster("a.tif");
    GDALRasterBandH band = GDALGetRasterBand(file, 1);
    double place[6];
    int known = 0, width, height;
    assert_item(file, "IMAGE_STRUCTURE", "LAYOUT", "COG");
    assert_item(file, "IMAGE_STRUCTURE", "COMPRESSION", "DEFLATE");
    assert_item(file, NULL, "AREA_OR_POINT", "Area");
    assert_item(file, NULL, "RISKMAP_KERNEL", "quartic");
    assert_item(file, NULL, "RISKMAP_NOTE", "é < & \"");
    assert_item(file, NULL, "TIFFTAG_IMAGEDESCRIPTION", "meldingen per km², quartic, 500 m");
    char software[64];
    snprintf(software, sizeof software, "riskmap %s", rm_version());
    assert_item(file, NULL, "TIFFTAG_SOFTWARE", software);
    assert_null(GDALGetMetadataItem(file, "RISKMAP_SHIELDED", NULL));
    assert_string_equal(GDALGetDescription(band), "meldingen per km², quartic, 500 m");
    assert_string_equal(GDALGetRasterUnitType(band), "1/km²");
    assert_true(isnan(GDALGetRasterNoDataValue(band, &known)) && known);
    assert_int_equal(GDALGetRasterDataType(band), GDT_Float32);
    GDALGetBlockSize(band, &width, &height);
    assert_true(width == 512 && height == 512);
    assert_int_equal(GDALGetGeoTransform(file, place), CE_None);
    const double expected[6] = {200012.5, 25.0, 0.0, 500037.25, 0.0, -25.0};
    for (int i = 0; i < 6; i++)
        assert_float_equal(place[i], expected[i], 0.0);
    assert_string_equal(OSRGetAuthorityCode(GDALGetSpatialRef(file), NULL), "28992");
    GDALClose(file);
}

static void test_statistics(void **state)
{
    (void)state;
    const made m = {.columns = 333, .rows = 95, .kind = SMOOTH};
    assert_written("a.tif", m, 0, 2);
    GDALDatasetH file = open_raster("a.tif");
    GDALRasterBandH band = GDALGetRasterBand(file, 1);
    double sum = 0.0, squares = 0.0, low = 1e9, high = -1e9, found[4];
    int64_t count = 0, cells = m.columns * m.rows;
    for (int64_t i = 0; i < cells; i++) {
        double value = (double)cell(&m, i / m.columns, i % m.columns);
        if (isnan(value))
            continue;
        sum += value;
        low = fmin(low, value);
        high = fmax(high, value);
        count++;
    }
    for (int64_t i = 0; i < cells; i++) {
        double value = (double)cell(&m, i / m.columns, i % m.columns);
        if (!isnan(value))
            squares += (value - sum / (double)count) * (value - sum / (double)count);
    }
    /* no leave to compute them: they must be in the file */
    assert_int_equal(
        GDALGetRasterStatistics(band, FALSE, FALSE, &found[0], &found[1], &found[2], &found[3]),
        CE_None);
    assert_float_equal(found[0], low, 1e-9);
    assert_float_equal(found[1], high, 1e-9);
    assert_float_equal(found[2], sum / (double)count, 1e-9);
    assert_float_equal(found[3], sqrt(squares / (double)count), 1e-9);
    assert_float_equal(atof(GDALGetMetadataItem(band, "STATISTICS_VALID_PERCENT", NULL)),
                       100.0 * (double)count / (double)cells, 1e-9);
    GDALClose(file);
}

static void test_classes_have_their_colours(void **state)
{
    (void)state;
    const made m = {.columns = 1025, .rows = 513, .kind = CLASSES};
    assert_written("a.tif", m, 0, 2);
    assert_values("a.tif", m);
    GDALDatasetH file = open_raster("a.tif");
    GDALRasterBandH band = GDALGetRasterBand(file, 1);
    int known = 0;
    assert_int_equal(GDALGetRasterDataType(band), GDT_Byte);
    assert_int_equal(GDALGetRasterColorInterpretation(band), GCI_PaletteIndex);
    assert_float_equal(GDALGetRasterNoDataValue(band, &known), 0.0, 0.0);
    assert_true(known);
    GDALColorTableH colours = GDALGetRasterColorTable(band);
    assert_non_null(colours);
    for (int v = 1; v < 4; v++) {
        const GDALColorEntry *colour = GDALGetColorEntry(colours, v);
        assert_int_equal(colour->c1, palette[v].red);
        assert_int_equal(colour->c2, palette[v].green);
        assert_int_equal(colour->c3, palette[v].blue);
    }
    assert_item(band, NULL, "RISKMAP_CLASS_1", "laag");
    assert_item(band, NULL, "RISKMAP_CLASS_3", "hoog");
    assert_null(GDALGetMetadataItem(band, "RISKMAP_CLASS_0", NULL));
    assert_item(band, NULL, "STATISTICS_MAXIMUM", "3");
    GDALClose(file);
}

static void test_shapes(void **state)
{
    (void)state;
    const made shapes[] = {
        {.columns = 1, .rows = 1, .kind = SMOOTH},
        {.columns = 1, .rows = 1, .kind = RANDOM},
        {.columns = 1, .rows = 1500, .kind = RANDOM},
        {.columns = 1500, .rows = 1, .kind = RANDOM},
        {.columns = 512, .rows = 512, .kind = RANDOM},
        {.columns = 513, .rows = 2, .kind = RANDOM},
        {.columns = 3, .rows = 2050, .kind = CLASSES},
        {.columns = 600, .rows = 600, .kind = BLANK},
        {.columns = 1024, .rows = 30, .kind = RANDOM},
        {.columns = 7, .rows = 1, .kind = CLASSES},
        {.columns = 2049, .rows = 520, .kind = RANDOM},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        assert_written("a.tif", shapes[i], 0, 2);
        assert_values("a.tif", shapes[i]);
    }
}

static void test_nothing_but_nodata(void **state)
{
    (void)state;
    assert_written("a.tif", (made){.columns = 40, .rows = 30, .kind = BLANK}, 0, 1);
    GDALDatasetH file = open_raster("a.tif");
    assert_null(GDALGetMetadataItem(GDALGetRasterBand(file, 1), "STATISTICS_MEAN", NULL));
    GDALClose(file);
}

/* ---- memory and threads ---- */

static char *content(const char *name, long *size)
{
    FILE *file = fopen(scratch_path(name), "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)*size);
    assert_int_equal(fread(bytes, 1, (size_t)*size, file), *size);
    fclose(file);
    return bytes;
}

static void assert_same_file(made m, int64_t memory, int threads)
{
    long a, b;
    assert_written("a.tif", m, 0, 1);
    char *first = content("a.tif", &a);
    assert_written("a.tif", m, memory, threads);
    char *second = content("a.tif", &b);
    assert_int_equal(a, b);
    assert_memory_equal(first, second, (size_t)a);
    free(first);
    free(second);
}

static void test_threads_write_the_same_file(void **state)
{
    (void)state;
    const made m = {.columns = 801, .rows = 577, .kind = SMOOTH};
    assert_same_file(m, 0, 2);
    assert_same_file(m, 0, 4);
}

static void test_little_memory_writes_the_same_file(void **state)
{
    (void)state;
    assert_same_file((made){.columns = 601, .rows = 1077, .kind = SMOOTH}, 2 << 20, 2);
    assert_same_file((made){.columns = 601, .rows = 577, .kind = RANDOM}, 160000, 2);
    assert_same_file((made){.columns = 600, .rows = 577, .kind = BLANK}, 1 << 20, 2);
    assert_same_file((made){.columns = 601, .rows = 577, .kind = CLASSES}, 400000, 2);
}

/* Values that the caller has are not asked for, and make the same file. */
static void write_given(const char *name, made m, int64_t memory)
{
    rm_error err = {0};
    rm_raster_about about = about_of(&m);
    float *values = calloc((size_t)(m.columns * m.rows), sizeof *values);
    assert_non_null(values);
    assert_int_equal(give_rows(&m, values, 0, m.rows, &err), RM_OK);
    m.asked = m.bands = 0;
    about.values = values;
    if (rm_cog_write(scratch_path(name), &about, give_rows, &m, memory, true, 2, NULL, &err) !=
        RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(m.asked, memory == 0 ? 0 : m.rows);
    free(values);
}

static void test_given_values_write_the_same_file(void **state)
{
    (void)state;
    made m = {.columns = 601, .rows = 577, .kind = SMOOTH};
    long asked_size, given_size;
    assert_written("a.tif", m, 0, 2);
    char *asked = content("a.tif", &asked_size);
    for (int64_t memory = 0; memory <= 160000; memory += 160000) {
        write_given("a.tif", m, memory);
        char *given = content("a.tif", &given_size);
        assert_int_equal(given_size, asked_size);
        assert_memory_equal(given, asked, (size_t)asked_size);
        free(given);
    }
    free(asked);
}

static void test_bands_keep_within_memory(void **state)
{
    (void)state;
    made m = {.columns = 601, .rows = 577, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    assert_int_equal(
        rm_cog_write(scratch_path("a.tif"), &about, give_rows, &m, 160000, true, 1, NULL, NULL),
        RM_OK);
    assert_int_equal(m.bands, (577 + 15) / 16);
    rm_error err = {0};
    m.asked = 0;
    assert_int_equal(
        rm_cog_write(scratch_path("a.tif"), &about, give_rows, &m, 150000, true, 1, NULL, &err),
        RM_ELIMIT);
    assert_non_null(strstr(err.message, "601 columns need 153856 bytes"));
}

/* ---- files ---- */

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

typedef struct watched {
    double stop;
    bool spoil;
    int calls;
    rm_progress *progress;
    mode_t modes; /* of all files seen meanwhile */
} watched;

static int watch(double fraction, const char *message, void *user)
{
    watched *w = user;
    char name[256];
    w->calls++;
    w->progress->last = -1.0; /* so that the next report comes through, however soon */
    if (scratch_count(name) > 0)
        w->modes |= mode_of(scratch_path(name));
    if (w->spoil && strcmp(message, "reading the raster back") == 0) {
        FILE *file = fopen(scratch_path(name), "r+b");
        assert_non_null(file);
        fseek(file, 60000, SEEK_SET);
        fputs("lost", file);
        fclose(file);
        w->spoil = false;
    }
    return fraction >= w->stop;
}

static rm_status write_watched(watched *w, bool shielded, int64_t memory, rm_error *err)
{
    made m = {.columns = 520, .rows = 700, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    rm_progress progress;
    char path[512];
    about.shielded = shielded;
    w->progress = &progress;
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    rm_progress_start(&progress, watch, w);
    rm_status status = rm_cog_write(path, &about, give_rows, &m, memory, false, 2, &progress, err);
    assert_true(w->calls > 0);
    return status;
}

static void test_cancel_leaves_nothing(void **state)
{
    (void)state;
    const double stops[] = {0.0, 0.2, 0.55, 0.7, 0.89, 1.0};
    for (int memory = 0; memory < 2; memory++) {
        for (int s = 0; s < 6; s++) {
            watched w = {.stop = stops[s]};
            assert_int_equal(write_watched(&w, false, memory * 1000000, NULL), RM_ECANCELLED);
            assert_int_equal(scratch_count(NULL), 0);
        }
    }
}

static void test_a_lost_write_is_found(void **state)
{
    (void)state;
    for (int memory = 0; memory < 2; memory++) {
        watched w = {.stop = 2.0, .spoil = true};
        rm_error err = {0};
        assert_int_equal(write_watched(&w, false, memory * 1000000, &err), RM_EIO);
        assert_non_null(strstr(err.message, "read back"));
        assert_int_equal(scratch_count(NULL), 0);
    }
}

static void test_shielded_from_the_first_byte(void **state)
{
    (void)state;
    mode_t before = umask(022);
    for (int memory = 0; memory < 2; memory++) {
        watched w = {.stop = 2.0};
        assert_int_equal(write_watched(&w, true, memory * 1000000, NULL), RM_OK);
        assert_int_equal(w.modes, 0600);
        assert_int_equal(mode_of(scratch_path("a.tif")), 0600);
        GDALDatasetH file = open_raster("a.tif");
        const char *words = GDALGetMetadataItem(file, "RISKMAP_SHIELDED", NULL);
        assert_true(words && strncmp(words, "AFGESCHERMD", 11) == 0);
        assert_item(file, NULL, "TIFFTAG_IMAGEDESCRIPTION",
                    "AFGESCHERMD: meldingen per km², quartic, 500 m");
        GDALClose(file);
        assert_int_equal(unlink(scratch_path("a.tif")), 0);
    }
    watched w = {.stop = 2.0};
    assert_int_equal(write_watched(&w, false, 0, NULL), RM_OK);
    assert_int_equal(mode_of(scratch_path("a.tif")), 0644);
    umask(before);
}

static void test_existing_files(void **state)
{
    (void)state;
    made m = {.columns = 5, .rows = 4, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    rm_error err = {0};
    char path[512];
    FILE *file = fopen(scratch_path("a.tif"), "w");
    fputs("kept", file);
    fclose(file);
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    assert_int_equal(rm_cog_write(path, &about, give_rows, &m, 0, false, 1, NULL, &err),
                     RM_EEXISTS);
    assert_non_null(strstr(err.message, "exists already"));
    assert_int_equal(m.asked, 0);
    long size;
    char *bytes = content("a.tif", &size);
    assert_int_equal(size, 4);
    free(bytes);
    assert_int_equal(rm_cog_write(path, &about, give_rows, &m, 0, true, 1, NULL, NULL), RM_OK);
    assert_int_equal(scratch_count(NULL), 1);
    m.asked = 0;
    assert_values("a.tif", m);
}

static void assert_no_write(const char *path, rm_status expected, const char *message)
{
    made m = {.columns = 5, .rows = 4, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    rm_error err = {0};
    assert_int_equal(rm_cog_write(path, &about, give_rows, &m, 0, true, 1, NULL, &err), expected);
    assert_non_null(strstr(err.message, message));
    assert_int_equal(m.asked, 0);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_places_that_take_no_file(void **state)
{
    (void)state;
    assert_no_write("", RM_EINVAL, "no name");
    assert_no_write(scratch_folder, RM_EINVAL, "is a folder");
    assert_no_write("/nowhere/at/all/a.tif", RM_ENOTFOUND, "does not exist");
    assert_no_write(scratch_path("a.png"), RM_EINVAL, "a raster is written as .tif or .tiff; give");
    assert_no_write(scratch_path("a"), RM_EINVAL, "a raster is written as .tif or .tiff; give");
    if (geteuid() == 0)
        assert_int_equal(seteuid(65534), 0); /* root may write everywhere */
    else
        assert_int_equal(chmod(scratch_folder, 0500), 0);
    char path[512];
    made m = {.columns = 5, .rows = 4, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    rm_error err = {0};
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    rm_status status = rm_cog_write(path, &about, give_rows, &m, 0, true, 1, NULL, &err);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(scratch_folder, 0700), 0);
    assert_int_equal(status, RM_EIO);
    assert_non_null(strstr(err.message, "Permission denied"));
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_rows_that_fail(void **state)
{
    (void)state;
    const made m = {.columns = 520, .rows = 700, .kind = RANDOM, .fails_from = 520};
    rm_error err = {0};
    for (int memory = 0; memory < 2; memory++) {
        assert_int_equal(write_raster("a.tif", m, memory * 1000000, 2, &err), RM_EDATA);
        assert_string_equal(err.message, "no more rows");
        assert_int_equal(scratch_count(NULL), 0);
    }
}

/* ---- what cannot be ---- */

static void test_cells_that_cannot_be(void **state)
{
    (void)state;
    rm_error err = {0};
    assert_int_equal(
        write_raster("a.tif", (made){.columns = 9, .rows = 5, .kind = INFINITE}, 0, 1, &err),
        RM_EINVAL);
    assert_non_null(strstr(err.message, "row 3 of the raster is infinite"));
    assert_int_equal(err.row, 3);
    assert_int_equal(
        write_raster("a.tif", (made){.columns = 9, .rows = 5, .kind = SPOILT}, 0, 1, &err),
        RM_EINVAL);
    assert_non_null(strstr(err.message, "row 3, column 2 of the raster is no whole number that"));
    assert_int_equal(err.row, 3);
    assert_int_equal(scratch_count(NULL), 0);
}

static void assert_about_refused(const rm_raster_about *about, rm_status expected,
                                 const char *message)
{
    made m = {.columns = about->grid.columns, .rows = about->grid.rows, .kind = RANDOM};
    rm_error err = {0};
    rm_status status =
        rm_cog_write(scratch_path("a.tif"), about, give_rows, &m, 0, true, 1, NULL, &err);
    if (status != expected || !strstr(err.message, message))
        fail_msg("%d: %s", (int)status, err.message);
    assert_int_equal(m.asked, 0);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_grids_that_cannot_be(void **state)
{
    (void)state;
    const made m = {.columns = 4, .rows = 3, .kind = RANDOM};
    const rm_raster_about good = about_of(&m);
    rm_raster_about about = good;
    about.grid.cell = 0.0;
    assert_about_refused(&about, RM_EINVAL, "a side of 0");
    about.grid.cell = NAN;
    assert_about_refused(&about, RM_EINVAL, "must be above 0");
    about = good;
    about.grid.left = INFINITY;
    assert_about_refused(&about, RM_EINVAL, "finite");
    about = good;
    about.grid.columns = 0;
    assert_about_refused(&about, RM_EINVAL, "0 columns and 3 rows has no cells");
    about.grid.columns = (int64_t)1 << 40;
    assert_about_refused(&about, RM_ELIMIT, "larger cells or a smaller area");
    about.grid.columns = about.grid.rows = 2000000;
    assert_about_refused(&about, RM_ELIMIT, "2000000 columns by 2000000 rows");
    about.grid.columns = about.grid.rows = INT64_MAX;
    assert_about_refused(&about, RM_ELIMIT, "million");
    about = good;
    about.crs = "EPSG:nonsense";
    assert_about_refused(&about, RM_ECRS, "not understood");
}

static void test_tags_that_cannot_be(void **state)
{
    (void)state;
    const made m = {.columns = 4, .rows = 3, .kind = RANDOM};
    rm_raster_about about = about_of(&m);
    const rm_raster_tag bad[][2] = {{{"A B", "x"}, {"C", "x"}},
                                    {{"A=B", "x"}, {"C", "x"}},
                                    {{"", "x"}, {"C", "x"}},
                                    {{"A", NULL}, {"C", "x"}},
                                    {{"A", "x"}, {"a", "x"}},
                                    {{"AREA_OR_POINT", "Point"}, {"C", "x"}},
                                    {{"C", "x"}, {"Riskmap_Shielded", ""}}};
    const char *const messages[] = {
        "cannot be the name", "cannot be the name", "cannot be the name", "no value",
        "given twice",        "by riskmap itself",  "by riskmap itself"};
    for (int i = 0; i < 7; i++) {
        about.tags = bad[i];
        assert_about_refused(&about, RM_EINVAL, messages[i]);
    }
    about.tags = NULL;
    assert_about_refused(&about, RM_EINVAL, "there are no tags");
    about = about_of(&m);
    about.palette_count = 300;
    assert_about_refused(&about, RM_EINVAL, "1 to 256 colours");
}

static void test_without_words(void **state)
{
    (void)state;
    made m = {.columns = 4, .rows = 3, .kind = RANDOM};
    const rm_raster_about about = {.grid = {0.0, 0.0, 1.0, 4, 3}};
    rm_error err = {0};
    if (rm_cog_write(scratch_path("a.tif"), &about, give_rows, &m, 0, true, 1, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    GDALDatasetH file = open_raster("a.tif");
    assert_null(GDALGetSpatialRef(file));
    GDALClose(file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_values_and_overviews),
        TEST(test_what_it_says),
        TEST(test_statistics),
        TEST(test_classes_have_their_colours),
        TEST(test_shapes),
        TEST(test_nothing_but_nodata),
        TEST(test_threads_write_the_same_file),
        TEST(test_little_memory_writes_the_same_file),
        TEST(test_given_values_write_the_same_file),
        TEST(test_bands_keep_within_memory),
        TEST(test_cancel_leaves_nothing),
        TEST(test_a_lost_write_is_found),
        TEST(test_shielded_from_the_first_byte),
        TEST(test_existing_files),
        TEST(test_places_that_take_no_file),
        TEST(test_rows_that_fail),
        TEST(test_cells_that_cannot_be),
        TEST(test_grids_that_cannot_be),
        TEST(test_tags_that_cannot_be),
        TEST(test_without_words),
    };
    return cmocka_run_group_tests_name("io_raster", tests, NULL, NULL);
}
