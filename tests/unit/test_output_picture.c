/* A heat map as a PNG, read back: colours where the value is known, what it says of itself, and
 * what becomes of odd input. */
#define _GNU_SOURCE
#include "base/file.h"
#include "output/picture/picture.h"

#include <gdal.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fonts.h"
#include "scratch.h"

/* ---- reading it back ---- */

typedef struct image {
    int width, height;
    uint8_t *rgb[3];
    int left, top, right, bottom; /* of the map: the first pixel inside, the first one beyond */
} image;

static bool is_frame(const image *i, int x, int y)
{
    int at = y * i->width + x;
    return i->rgb[0][at] == 0x7b && i->rgb[1][at] == 0x84 && i->rgb[2][at] == 0x8d;
}

/* The frame is the first long line of its colour. */
static void find_map(image *i)
{
    for (int y = 0; y < i->height; y++)
        for (int x = 0; x < i->width; x++) {
            int end = x, down = y, thick = 1;
            while (end < i->width && is_frame(i, end, y))
                end++;
            if (end - x < 20)
                continue;
            while (down < i->height && is_frame(i, x, down))
                down++;
            while (is_frame(i, x + thick, y + thick))
                thick++;
            i->left = x + thick;
            i->top = y + thick;
            i->right = end - thick;
            i->bottom = down - thick;
            return;
        }
    fail_msg("the picture has no frame");
}

static image read_image(const char *path)
{
    image i = {0};
    GDALAllRegister();
    GDALDatasetH set = GDALOpen(path, GA_ReadOnly);
    assert_non_null(set);
    i.width = GDALGetRasterXSize(set);
    i.height = GDALGetRasterYSize(set);
    assert_int_equal(GDALGetRasterCount(set), 3);
    for (int b = 0; b < 3; b++) {
        i.rgb[b] = malloc((size_t)i.width * (size_t)i.height);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(set, b + 1), GF_Read, 0, 0, i.width,
                                      i.height, i.rgb[b], i.width, i.height, GDT_Byte, 0, 0),
                         CE_None);
    }
    GDALClose(set);
    find_map(&i);
    return i;
}

static void free_image(image *i)
{
    for (int b = 0; b < 3; b++)
        free(i->rgb[b]);
}

/* Of a class over bare land; NULL: bare land. */
static void colour_on_land(const rm_colour *colour, int out[3])
{
    const int land[3] = {0xf8, 0xf8, 0xf5};
    for (int b = 0; b < 3; b++) {
        int own = !colour ? 0 : b == 0 ? colour->red : b == 1 ? colour->green : colour->blue;
        int alpha = colour ? colour->alpha : 0;
        out[b] = (int)lround((own * alpha + land[b] * (255 - alpha)) / 255.0);
    }
}

static bool has_colour(const image *i, int x, int y, const int colour[3])
{
    for (int b = 0; b < 3; b++)
        if (abs(i->rgb[b][y * i->width + x] - colour[b]) > 1)
            return false;
    return true;
}

static const int VEIL[3] = {0xe2, 0xe3, 0xe4};

static int count_colour(const image *i, const int colour[3])
{
    int count = 0;
    for (int y = 0; y < i->height; y++)
        for (int x = 0; x < i->width; x++)
            count += has_colour(i, x, y, colour);
    return count;
}

static char *read_bytes(const char *name, int64_t *size)
{
    char *data = NULL;
    rm_error err = {0};
    if (rm_file_read(&data, size, scratch_path(name), INT64_C(1) << 30, &err) != RM_OK)
        fail_msg("%s", err.message);
    return data;
}

static bool contains(const char *data, int64_t size, const char *text)
{
    return memmem(data, (size_t)size, text, strlen(text)) != NULL;
}

/* ---- a picture ---- */

enum { COLUMNS = 4, ROWS = 3 };

static float cells[COLUMNS * ROWS];
static rm_heat_classes classes;

/* 4 x 3 cells of 100 m with the values 1 .. 12, the last one NaN; classes from 2, 5, 8. */
static rm_picture plain(void)
{
    for (int i = 0; i < COLUMNS * ROWS; i++)
        cells[i] = (float)(i + 1);
    cells[COLUMNS * ROWS - 1] = NAN;
    classes =
        (rm_heat_classes){.bounds = {2, 5, 8, 11},
                          .colours = {{255, 240, 150, 160}, {250, 120, 60, 200}, {128, 0, 38, 240}},
                          .count = 3};
    return (rm_picture){.grid = {200000, 500300, 100, COLUMNS, ROWS},
                        .values = cells,
                        .classes = &classes,
                        .title = "Meldingen",
                        .subtitle = "quartic, straal 500 m",
                        .unit = "meldingen per km\xc2\xb2",
                        .footer = "Bron: eigen registratie",
                        .width = 800,
                        .height = 600};
}

static void draw(const rm_picture *picture, const char *name)
{
    rm_error err = {0};
    if (!rm_picture_possible())
        skip();
    if (rm_picture_write(picture, scratch_path(name), false, &err) != RM_OK)
        fail_msg("%s", err.message);
}

static void remove_file(const char *name)
{
    assert_int_equal(unlink(scratch_path(name)), 0);
}

static image drawn_image(const rm_picture *picture)
{
    draw(picture, "a.png");
    image i = read_image(scratch_path("a.png"));
    assert_int_equal(i.width, picture->width);
    assert_int_equal(i.height, picture->height);
    remove_file("a.png");
    return i;
}

/* ---- tests ---- */

static void test_png_and_its_size(void **state)
{
    int64_t size = 0;
    rm_picture picture = plain();
    (void)state;
    draw(&picture, "a.png");
    char *data = read_bytes("a.png", &size);
    assert_memory_equal(data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58", 24);
    assert_true(contains(data, size, "tEXtTitle"));
    assert_true(contains(data, size, "tEXtDescription"));
    assert_false(contains(data, size, "AFGESCHERMD"));
    rm_release(data);
    struct stat info;
    assert_int_equal(stat(scratch_path("a.png"), &info), 0);
    assert_int_not_equal(info.st_mode & 077, 0);
    remove_file("a.png");
}

static void test_colour_of_every_cell(void **state)
{
    rm_picture picture = plain();
    (void)state;
    image i = drawn_image(&picture);
    double side = (i.right - i.left) / (double)COLUMNS;
    assert_float_equal(side, (i.bottom - i.top) / (double)ROWS, 1);
    assert_true(side > 60);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            int x = (int)(i.left + (column + 0.5) * side), y = (int)(i.top + (row + 0.5) * side);
            float value = cells[row * COLUMNS + column];
            int32_t class_ = rm_heat_class(&classes, value);
            int expected[3];
            colour_on_land(class_ > 0 ? &classes.colours[class_ - 1] : NULL, expected);
            /* 2, 5 and 8 are borders between classes, which run through the middle of the cell */
            int aside = value == 2 || value == 5 || value == 8 ? 4 : 0;
            if (!has_colour(&i, x + aside, y + aside, isnan(value) ? VEIL : expected))
                fail_msg("cell %d, %d: %d %d %d", row, column, i.rgb[0][y * i.width + x],
                         i.rgb[1][y * i.width + x], i.rgb[2][y * i.width + x]);
        }
    free_image(&i);
}

/* 400 x 300 cells on a map of fewer pixels: stripes of 0 and 10 come out as their mean. */
static void test_many_cells_become_their_mean(void **state)
{
    rm_picture picture = plain();
    int64_t columns = 4000, rows = 3000;
    float *values = malloc((size_t)(columns * rows) * sizeof *values);
    (void)state;
    for (int64_t k = 0; k < columns * rows; k++)
        values[k] = k % 2 ? 10 : 2; /* 6: the second class, which neither is in */
    picture.values = values;
    picture.grid = (rm_grid){0, 0, 1, columns, rows};
    image i = drawn_image(&picture);
    int expected[3];
    colour_on_land(&classes.colours[1], expected);
    for (int y = i.top; y < i.bottom; y++)
        for (int x = i.left; x < i.right; x++)
            assert_true(has_colour(&i, x, y, expected));
    free_image(&i);
    free(values);
}

static void test_threads_and_repeats_give_the_same_bytes(void **state)
{
    rm_picture picture = plain();
    int64_t size = 0, again = 0;
    (void)state;
    picture.threads = 1;
    draw(&picture, "a.png");
    char *first = read_bytes("a.png", &size);
    for (int threads = 1; threads <= 4; threads *= 2) {
        picture.threads = threads;
        draw(&picture, "b.png");
        char *second = read_bytes("b.png", &again);
        assert_int_equal(size, again);
        assert_memory_equal(first, second, (size_t)size);
        rm_release(second);
        remove_file("b.png");
    }
    rm_release(first);
    remove_file("a.png");
}

static uint32_t big_endian(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void test_shielded(void **state)
{
    rm_picture picture = plain();
    int64_t size = 0;
    struct stat info;
    (void)state;
    picture.shielded = true;
    draw(&picture, "a.png");
    assert_int_equal(stat(scratch_path("a.png"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char *data = read_bytes("a.png", &size);
    /* the first chunk behind the header */
    assert_memory_equal(data + 37, "tEXtWarning\0AFGESCHERMD: ", 25);
    uint32_t length = big_endian(data + 33), crc = 0xffffffffu;
    for (uint32_t i = 0; i < length + 4; i++) {
        crc ^= (uint8_t)data[37 + i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    assert_int_equal(big_endian(data + 41 + length), ~crc);
    rm_release(data);
    image i = read_image(scratch_path("a.png"));
    const int red[3] = {0xb0, 0x00, 0x20};
    for (int x = 0; x < i.width; x++)
        assert_true(has_colour(&i, x, 1, red));
    free_image(&i);
    remove_file("a.png");
}

static void test_metadata_in_utf8(void **state)
{
    rm_picture picture = plain();
    int64_t size = 0;
    (void)state;
    picture.title = "Caf\xc3\xa9s\nen \xff terrassen";
    draw(&picture, "a.png");
    char *data = read_bytes("a.png", &size);
    static const char CHUNK[] = "iTXtTitle\0\0\0\0\0Caf\xc3\xa9s\nen   terrassen";
    assert_non_null(memmem(data, (size_t)size, CHUNK, sizeof CHUNK - 1));
    rm_release(data);
    GDALDatasetH set = GDALOpen(scratch_path("a.png"), GA_ReadOnly);
    assert_non_null(set);
    GDALClose(set);
    remove_file("a.png");
}

static void test_existing_file_stays(void **state)
{
    rm_picture picture = plain();
    rm_error err = {0};
    (void)state;
    draw(&picture, "a.png");
    assert_int_equal(rm_picture_write(&picture, scratch_path("a.png"), false, &err), RM_EEXISTS);
    assert_non_null(strstr(err.message, "a.png exists already"));
    assert_int_equal(rm_picture_write(&picture, scratch_path("a.png"), true, &err), RM_OK);
    assert_int_equal(scratch_count(NULL), 1);
    remove_file("a.png");
}

static void test_folder_missing(void **state)
{
    rm_picture picture = plain();
    rm_error err = {0};
    (void)state;
    if (!rm_picture_possible())
        skip();
    assert_int_equal(rm_picture_write(&picture, scratch_path("no/a.png"), false, &err),
                     RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "does not exist: make it first"));
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_another_ending(void **state)
{
    rm_picture picture = plain();
    rm_error err = {0};
    (void)state;
    if (!rm_picture_possible())
        skip();
    assert_int_equal(rm_picture_write(&picture, scratch_path("a.jpg"), false, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "a.jpg: a picture is written as .png; give the name such"));
    assert_int_equal(scratch_count(NULL), 0);
}

static void expect_refused(const rm_picture *picture, const char *message)
{
    rm_error err = {0};
    assert_int_equal(rm_picture_write(picture, scratch_path("a.png"), false, &err), RM_EINVAL);
    assert_string_equal(err.message, message);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_bad_input(void **state)
{
    rm_picture picture = plain();
    rm_layer layer = {0};
    rm_context_layer context = {&layer, RM_CONTEXT_AUTO, -1};
    (void)state;
    if (!rm_picture_possible())
        skip();
    picture.width = 299;
    expect_refused(&picture, "a picture is 300 to 8000 pixels wide and high, not 299 x 600");
    picture = plain();
    picture.height = 8001;
    expect_refused(&picture, "a picture is 300 to 8000 pixels wide and high, not 800 x 8001");
    picture = plain();
    picture.grid.cell = NAN;
    expect_refused(&picture,
                   "the raster of a picture needs a row, a column and a cell size above 0");
    picture = plain();
    picture.values = NULL;
    expect_refused(&picture, "a picture needs values and classes");
    picture = plain();
    picture.context = &context;
    picture.context_count = 1;
    expect_refused(&picture, "context layer 1 has no kind that can be drawn");
}

static void test_all_nan_and_all_zero(void **state)
{
    rm_picture picture = plain();
    (void)state;
    classes = (rm_heat_classes){.count = 0};
    for (int nan = 0; nan <= 1; nan++) {
        for (int k = 0; k < COLUMNS * ROWS; k++)
            cells[k] = nan ? NAN : 0;
        image i = drawn_image(&picture);
        int land[3];
        colour_on_land(NULL, land);
        for (int y = i.top; y < i.bottom; y++)
            for (int x = i.left; x < i.right; x++)
                assert_true(has_colour(&i, x, y, nan ? VEIL : land));
        free_image(&i);
    }
}

static void test_one_cell_and_flat(void **state)
{
    rm_picture picture = plain();
    int expected[3];
    (void)state;
    colour_on_land(&classes.colours[1], expected);
    for (int k = 0; k < COLUMNS * ROWS; k++)
        cells[k] = 5; /* the bound itself */
    for (int one = 0; one <= 1; one++) {
        if (one)
            picture.grid.columns = picture.grid.rows = 1;
        image i = drawn_image(&picture);
        for (int y = i.top; y < i.bottom; y++)
            for (int x = i.left; x < i.right; x++)
                assert_true(has_colour(&i, x, y, expected));
        free_image(&i);
    }
}

/* A raster of another shape than the page: what is beside it was not computed, and is not white. */
static void test_beside_the_raster_is_veiled(void **state)
{
    rm_picture picture = plain();
    (void)state;
    picture.grid = (rm_grid){0, 0, 10, 1, 12};
    image i = drawn_image(&picture);
    int middle = (i.top + i.bottom) / 2;
    assert_true(has_colour(&i, i.left, middle, VEIL) && has_colour(&i, i.right - 1, middle, VEIL));
    assert_false(has_colour(&i, (i.left + i.right) / 2, middle, VEIL));
    free_image(&i);
}

static void test_pages_of_all_sizes(void **state)
{
    static const int SIZES[][2] = {{400, 300}, {300, 300}, {2000, 300}, {300, 2000}, {2400, 1800}};
    static const char LONG[] =
        "Een titel die veel langer is dan een mens ooit op een dia zou zetten, met woorden als "
        "aansprakelijkheidswaardevaststellingsveranderingenaansprakelijkheidswaardevaststelling en "
        "regels\ndie ergens anders beginnen, en daarna nog een heel verhaal over de herkomst ervan";
    (void)state;
    for (int s = 0; s < 5; s++)
        for (int shielded = 0; shielded <= 1; shielded++) {
            rm_picture picture = plain();
            picture.width = SIZES[s][0];
            picture.height = SIZES[s][1];
            picture.title = picture.subtitle = picture.footer = picture.unit = LONG;
            picture.shielded = shielded;
            picture.language = shielded ? RM_ENGLISH : RM_DUTCH;
            image i = drawn_image(&picture);
            assert_true(i.right - i.left >= 20 && i.bottom - i.top >= 20);
            /* nothing runs off the page: its edges are bare, under the band */
            const int white[3] = {255, 255, 255};
            int from = shielded ? i.height / 3 : 0;
            for (int y = from; y < i.height; y++)
                assert_true(has_colour(&i, 0, y, white) && has_colour(&i, i.width - 1, y, white));
            for (int x = 0; x < i.width; x++)
                assert_true(has_colour(&i, x, i.height - 1, white) &&
                            (shielded || has_colour(&i, x, 0, white)));
            free_image(&i);
        }
}

static void test_texts_may_be_missing(void **state)
{
    rm_picture picture = plain();
    (void)state;
    picture.title = picture.subtitle = picture.unit = picture.footer = NULL;
    image i = drawn_image(&picture);
    free_image(&i);
    picture.title = picture.subtitle = picture.unit = picture.footer = " \n ";
    i = drawn_image(&picture);
    free_image(&i);
}

/* ---- context ---- */

static void add_line(rm_layer *layer, rm_kind kind, const double *xy, int count)
{
    double x[16], y[16];
    rm_error err = {0};
    for (int i = 0; i < count; i++) {
        x[i] = 200000 + xy[2 * i];
        y[i] = 500000 + xy[2 * i + 1];
    }
    assert_int_equal(rm_geometry_add_feature(&layer->rows.geometry, kind, &err), RM_OK);
    assert_int_equal(rm_geometry_add_part(&layer->rows.geometry, &err), RM_OK);
    assert_int_equal(rm_geometry_add_ring(&layer->rows.geometry, x, y, count, &err), RM_OK);
}

static void add_hole(rm_layer *layer, const double *xy, int count)
{
    double x[16], y[16];
    rm_error err = {0};
    for (int i = 0; i < count; i++) {
        x[i] = 200000 + xy[2 * i];
        y[i] = 500000 + xy[2 * i + 1];
    }
    assert_int_equal(rm_geometry_add_ring(&layer->rows.geometry, x, y, count, &err), RM_OK);
}

static void clear_layer(rm_layer *layer)
{
    rm_rows_clear(&layer->rows);
}

/* Metres from the south-west corner of the raster of `plain`, as a pixel. */
static int pixel_x(const image *i, double x)
{
    return (int)(i->left + x / (100.0 * COLUMNS) * (i->right - i->left));
}

static int pixel_y(const image *i, double y)
{
    return (int)(i->bottom - y / (100.0 * ROWS) * (i->bottom - i->top));
}

static const int WATER[3] = {0xc3, 0xdc, 0xec}, ROAD[3] = {0x8a, 0x8f, 0x96},
                 BOUNDARY[3] = {0x3a, 0x3f, 0x47};

static void test_context_is_where_it_lies(void **state)
{
    static const double SHELL[] = {-1e7, 50, 1e7, 50, 1e7, 150, -1e7, 150, -1e7, 50};
    static const double ISLAND[] = {100, 75, 200, 75, 200, 125, 100, 125, 100, 75};
    static const double LINE[] = {-1e9, 200, 150, 200, 150, 1e9};
    static const double EDGE[] = {300, 20, 350, 20, 350, 250, 300, 250, 300, 20};
    rm_layer water = {0}, road = {0}, boundary = {0};
    rm_picture picture = plain();
    (void)state;
    for (int k = 0; k < COLUMNS * ROWS; k++)
        cells[k] = 0;
    add_line(&water, RM_KIND_POLYGON, SHELL, 5);
    add_hole(&water, ISLAND, 5);
    add_line(&water, RM_KIND_POLYGON, SHELL, 5); /* twice: what overlaps is no hole */
    add_hole(&water, ISLAND, 5);
    add_line(&road, RM_KIND_LINE, LINE, 3);
    add_line(&boundary, RM_KIND_POLYGON, EDGE, 5);
    const rm_context_layer context[] = {{&boundary, RM_CONTEXT_BOUNDARY, -1},
                                        {&road, RM_CONTEXT_ROAD, -1},
                                        {&water, RM_CONTEXT_WATER, -1}};
    picture.context = context;
    picture.context_count = 3;
    picture.width = 2400; /* where a line covers whole pixels */
    picture.height = 1800;
    image i = drawn_image(&picture);
    int land[3];
    colour_on_land(NULL, land);
    assert_true(has_colour(&i, pixel_x(&i, 50), pixel_y(&i, 100), WATER));
    assert_true(has_colour(&i, pixel_x(&i, 250), pixel_y(&i, 140), WATER));
    assert_true(has_colour(&i, i.right - 1, pixel_y(&i, 100), WATER));
    assert_true(has_colour(&i, pixel_x(&i, 150), pixel_y(&i, 100), land));
    assert_true(has_colour(&i, pixel_x(&i, 50), pixel_y(&i, 30), land));
    int road_there = 0, edge_there = 0;
    for (int off = -4; off <= 4; off++) {
        road_there += has_colour(&i, pixel_x(&i, 20), pixel_y(&i, 200) + off, ROAD);
        road_there += has_colour(&i, pixel_x(&i, 150) + off, pixel_y(&i, 290), ROAD);
        edge_there += has_colour(&i, pixel_x(&i, 350) + off, pixel_y(&i, 220), BOUNDARY);
        edge_there += has_colour(&i, pixel_x(&i, 300) + off, pixel_y(&i, 180), BOUNDARY);
    }
    assert_true(road_there >= 2 && edge_there >= 2);
    assert_true(has_colour(&i, pixel_x(&i, 250), pixel_y(&i, 200), land)); /* the road turned off */
    free_image(&i);
    clear_layer(&water);
    clear_layer(&road);
    clear_layer(&boundary);
}

static void test_empty_and_outside_context_change_nothing(void **state)
{
    static const double AWAY[] = {5000, 5000, 6000, 5000, 6000, 6000, 5000, 5000};
    rm_layer empty = {0}, away = {0};
    rm_picture picture = plain();
    int64_t size = 0, again = 0;
    (void)state;
    draw(&picture, "a.png");
    char *first = read_bytes("a.png", &size);
    add_line(&away, RM_KIND_POLYGON, AWAY, 4);
    for (int32_t kind = RM_CONTEXT_BOUNDARY; kind <= RM_CONTEXT_BUILT; kind++) {
        const rm_context_layer context[] = {{&empty, kind, -1}, {&away, kind, 3}};
        picture.context = context;
        picture.context_count = 2;
        draw(&picture, "b.png");
        char *second = read_bytes("b.png", &again);
        assert_int_equal(size, again);
        assert_memory_equal(first, second, (size_t)size);
        rm_release(second);
        remove_file("b.png");
    }
    rm_release(first);
    remove_file("a.png");
    clear_layer(&away);
}

static void add_name(rm_layer *layer, double x, double y, const char *name)
{
    rm_error err = {0};
    rm_table *table = &layer->rows.table;
    if (table->count == 0)
        assert_int_equal(rm_table_add_column(table, "naam", RM_TEXT, &err), RM_OK);
    assert_int_equal(rm_geometry_add_point(&layer->rows.geometry, 200000 + x, 500000 + y, &err),
                     RM_OK);
    assert_int_equal(
        rm_column_add_text(&table->columns[0], table->rows, name, (int64_t)strlen(name), &err),
        RM_OK);
    table->rows++;
}

static const int LETTERS[3] = {0x1f, 0x26, 0x2e};

/* How much of the colour of names is in the map, around a point in metres. */
static int letters_near(const image *i, double x, double y)
{
    int count = 0, cx = pixel_x(i, x), cy = pixel_y(i, y);
    for (int py = cy - 25; py <= cy + 25; py++)
        for (int px = cx - 35; px <= cx + 35; px++)
            count += px >= i->left && px < i->right && py >= i->top && py < i->bottom &&
                     has_colour(i, px, py, LETTERS);
    return count;
}

static void test_names_do_not_overlap(void **state)
{
    rm_layer names = {0};
    rm_picture picture = plain();
    (void)state;
    add_name(&names, 100, 150, "Dorp");
    add_name(&names, 104, 153, "Gehucht"); /* where Dorp stands */
    add_name(&names, 300, 250, "Dorp");    /* its second part */
    add_name(&names, 300, 50, "");
    add_name(&names, 398, 150, "Een naam die over de rand zou vallen");
    add_name(&names, 200, 50, "Stad");
    const rm_context_layer context = {&names, RM_CONTEXT_NAME, 0};
    picture.context = &context;
    picture.context_count = 1;
    picture.width = 2400; /* where a letter covers whole pixels */
    picture.height = 1800;
    image i = drawn_image(&picture);
    assert_true(letters_near(&i, 100, 150) > 0);
    assert_true(letters_near(&i, 200, 50) > 0);
    assert_int_equal(letters_near(&i, 300, 250), 0);
    assert_int_equal(letters_near(&i, 300, 50), 0);
    assert_int_equal(letters_near(&i, 380, 150), 0);
    int before = count_colour(&i, LETTERS);
    free_image(&i);
    clear_layer(&names);
    /* without the one that had no place the picture is the same */
    add_name(&names, 100, 150, "Dorp");
    add_name(&names, 200, 50, "Stad");
    i = drawn_image(&picture);
    assert_int_equal(count_colour(&i, LETTERS), before);
    free_image(&i);
    clear_layer(&names);
}

static void test_build_without_cairo_says_so(void **state)
{
    rm_picture picture = plain();
    rm_error err = {0};
    (void)state;
    if (rm_picture_possible())
        return;
    assert_int_equal(rm_picture_write(&picture, "a.png", false, &err), RM_EUNSUPPORTED);
    assert_non_null(strstr(err.message, "libcairo2-dev"));
}

static int forget(void **state)
{
    forget_fonts();
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_and_its_size),
        cmocka_unit_test(test_colour_of_every_cell),
        cmocka_unit_test(test_many_cells_become_their_mean),
        cmocka_unit_test(test_threads_and_repeats_give_the_same_bytes),
        cmocka_unit_test(test_shielded),
        cmocka_unit_test(test_metadata_in_utf8),
        cmocka_unit_test(test_existing_file_stays),
        cmocka_unit_test(test_folder_missing),
        cmocka_unit_test(test_another_ending),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_all_nan_and_all_zero),
        cmocka_unit_test(test_one_cell_and_flat),
        cmocka_unit_test(test_beside_the_raster_is_veiled),
        cmocka_unit_test(test_pages_of_all_sizes),
        cmocka_unit_test(test_texts_may_be_missing),
        cmocka_unit_test(test_context_is_where_it_lies),
        cmocka_unit_test(test_empty_and_outside_context_change_nothing),
        cmocka_unit_test(test_names_do_not_overlap),
        cmocka_unit_test(test_build_without_cairo_says_so),
    };
    return cmocka_run_group_tests(tests, scratch_setup, forget);
}
