#include "output/picture/picture.h"

#include "base/file.h"

rm_status rm_picture_check_target(const char *path, bool overwrite, rm_error *err)
{
    static const rm_file_kind picture = {"a picture", {".png"}};
    return rm_file_check_target(path, &picture, overwrite, err);
}

#ifndef RM_HAVE_CAIRO

bool rm_picture_possible(void)
{
    return false;
}

rm_status rm_picture_write(const rm_picture *picture, const char *path, bool overwrite,
                           rm_error *err)
{
    (void)picture;
    (void)overwrite;
    return rm_fail(err, RM_EUNSUPPORTED,
                   "cannot draw %s: this riskmap was built without cairo; install libcairo2-dev "
                   "(Debian, Ubuntu) or cairo-devel (Fedora) and build again",
                   path);
}

#else

#include "output/picture/page.h"

#include <math.h>
#include <string.h>

enum { SIDE_LEAST = 300, SIDE_MOST = 8000 };

bool rm_picture_possible(void)
{
    return true;
}

/* ---- drawing ---- */

static void write_lines(const rm_page *page, const rm_lines *lines, double left, rm_ink ink)
{
    rm_page_font(page, lines->size, lines->bold);
    rm_page_ink(page, ink);
    double pixels = rm_page_font_size(page, lines->size);
    for (int i = 0; i < lines->count; i++)
        rm_page_write(page, left, lines->top + (i * RM_LEADING + 0.85) * pixels,
                      lines->line[i].data);
}

static rm_status draw_map(rm_page *page, rm_error *err)
{
    cairo_t *cairo = page->cairo;
    const rm_rectangle *map = &page->map;
    cairo_save(cairo);
    cairo_rectangle(cairo, map->x, map->y, map->width, map->height);
    cairo_clip(cairo);
    rm_page_ink(page, RM_INK_LAND);
    cairo_paint(cairo);
    rm_status status = rm_page_context_below(page, err);
    if (status == RM_OK)
        status = rm_page_heat(page, err);
    if (status == RM_OK)
        status = rm_page_context_above(page, err);
    if (status == RM_OK)
        status = rm_page_names(page, err);
    cairo_restore(cairo);
    double line = fmax(1, floor(1.5 * page->unit));
    rm_page_ink(page, RM_INK_FRAME);
    cairo_set_line_width(cairo, line);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_MITER);
    cairo_rectangle(cairo, map->x - line / 2, map->y - line / 2, map->width + line,
                    map->height + line);
    cairo_stroke(cairo);
    return status;
}

static rm_status draw_page(rm_page *page, rm_error *err)
{
    rm_layout l = {.left = 0};
    rm_page_ink(page, RM_INK_WHITE);
    cairo_paint(page->cairo);
    rm_status status = rm_page_lay_out(page, &l, err);
    if (status == RM_OK)
        status = draw_map(page, err);
    if (status == RM_OK)
        status = rm_page_panel(page, l.panel, err);
    if (status == RM_OK) {
        rm_page_band(page, &l);
        write_lines(page, &l.title, l.left, RM_INK_TITLE);
        write_lines(page, &l.subtitle, l.left, RM_INK_QUIET);
        write_lines(page, &l.footer, l.left, RM_INK_QUIET);
    }
    rm_layout_clear(&l);
    return status;
}

static void set_hand(cairo_t *cairo)
{
    /* what a screen would like must not decide how a file looks */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
}

/* Smaller pages get letters that are small, but not as small as the page. */
static double unit_of(const rm_picture *picture)
{
    double share = fmin(picture->width / 1600.0, picture->height / 1200.0);
    return share < 1 ? pow(share, 0.6) : share;
}

static rm_status fail_cairo(cairo_status_t code, rm_error *err)
{
    if (code == CAIRO_STATUS_NO_MEMORY)
        return rm_fail_memory(err);
    return rm_fail(err, RM_EIO, "cannot draw the picture: cairo says \"%s\"",
                   cairo_status_to_string(code));
}

/* ---- the file ---- */

static cairo_status_t take_bytes(void *closure, const unsigned char *data, unsigned int length)
{
    rm_text *out = closure;
    rm_text_add_n(out, (const char *)data, length);
    return out->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static rm_status add_note(rm_text *png, const char *keyword, const char *text, rm_error *err)
{
    rm_text clean = {0};
    if (!text || !*text)
        return RM_OK;
    rm_status status = rm_page_clean(&clean, text, (int64_t)strlen(text), err);
    if (status == RM_OK)
        status = rm_png_add_text(png, keyword, clean.data, err);
    rm_text_clear(&clean);
    return status;
}

static rm_status encode(const rm_page *page, rm_text *png, rm_error *err)
{
    const rm_picture *picture = page->picture;
    cairo_status_t code = cairo_status(page->cairo);
    if (code == CAIRO_STATUS_SUCCESS)
        code = cairo_surface_write_to_png_stream(page->surface, take_bytes, png);
    if (code != CAIRO_STATUS_SUCCESS)
        return fail_cairo(code, err);
    RM_TRY(add_note(png, "Software", "riskmap", err));
    RM_TRY(add_note(png, "Description", picture->subtitle, err));
    RM_TRY(add_note(png, "Title", picture->title, err));
    if (picture->shielded)
        RM_TRY(add_note(png, "Warning", rm_words_shielded(picture->language), err));
    return RM_OK;
}

static rm_status make_png(const rm_picture *picture, rm_text *png, rm_error *err)
{
    rm_page page = {.picture = picture, .unit = unit_of(picture)};
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, picture->width);
    page.stride = stride / (int)sizeof *page.pixels;
    RM_TRY(RM_NEW_ZERO(&page.pixels, page.stride * picture->height, err));
    page.surface = cairo_image_surface_create_for_data(
        (unsigned char *)page.pixels, CAIRO_FORMAT_RGB24, picture->width, picture->height, stride);
    page.cairo = cairo_create(page.surface);
    cairo_status_t code = cairo_status(page.cairo);
    rm_status status = code == CAIRO_STATUS_SUCCESS ? RM_OK : fail_cairo(code, err);
    if (status == RM_OK) {
        set_hand(page.cairo);
        status = draw_page(&page, err);
    }
    if (status == RM_OK)
        status = encode(&page, png, err);
    cairo_destroy(page.cairo);
    cairo_surface_destroy(page.surface);
    rm_release(page.pixels);
    return status;
}

static rm_status check(const rm_picture *picture, rm_error *err)
{
    const rm_grid *grid = &picture->grid;
    if (picture->width < SIDE_LEAST || picture->width > SIDE_MOST || picture->height < SIDE_LEAST ||
        picture->height > SIDE_MOST)
        return rm_fail(err, RM_EINVAL, "a picture is %d to %d pixels wide and high, not %d x %d",
                       SIDE_LEAST, SIDE_MOST, (int)picture->width, (int)picture->height);
    bool good = grid->columns >= 1 && grid->rows >= 1 && isfinite(grid->left) &&
                isfinite(grid->top) && isfinite(grid->cell) && grid->cell > 0;
    if (!good)
        return rm_fail(err, RM_EINVAL,
                       "the raster of a picture needs a row, a column and a cell size above 0");
    if (!picture->values || !picture->classes)
        return rm_fail(err, RM_EINVAL, "a picture needs values and classes");
    for (int32_t i = 0; i < picture->context_count; i++)
        if (!picture->context[i].layer || picture->context[i].kind < RM_CONTEXT_BOUNDARY ||
            picture->context[i].kind > RM_CONTEXT_BUILT)
            return rm_fail(err, RM_EINVAL, "context layer %d has no kind that can be drawn",
                           (int)i + 1);
    return RM_OK;
}

rm_status rm_picture_write(const rm_picture *picture, const char *path, bool overwrite,
                           rm_error *err)
{
    rm_text png = {0};
    char *temporary = NULL;
    RM_TRY(check(picture, err));
    RM_TRY(rm_picture_check_target(path, overwrite, err));
    rm_status status = make_png(picture, &png, err);
    if (status == RM_OK)
        status = rm_file_prepare(&temporary, path, png.data, png.length, err);
    if (status == RM_OK)
        status = rm_file_publish(temporary, path, overwrite, picture->shielded, err);
    if (status != RM_OK)
        rm_file_remove(temporary);
    rm_release(temporary);
    rm_text_clear(&png);
    return status;
}

#endif
