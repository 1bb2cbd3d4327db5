/* What goes where on the page. */
#include "output/picture/page.h"

#include <math.h>

enum { MAP_LEAST = 24, LOW_PAGE = 420 };

/* Sizes on a page of 1600 x 1200. */
static const double MARGIN = 44, PANEL_GAP = 32, MAP_GAP = 16, FOOTER_GAP = 14;
static const double TITLE_SIZE = 38, SUBTITLE_SIZE = 20, FOOTER_SIZE = 15, BAND_SIZE = 21;
static const double TITLE_LEAST = 28;  /* before a title is cut */
static const double PANEL_MOST = 0.34; /* of the page's width */
static const double HUG_LEAST = 0.4;   /* of the room for the map */

void rm_layout_clear(rm_layout *layout)
{
    rm_lines_clear(&layout->band);
    rm_lines_clear(&layout->title);
    rm_lines_clear(&layout->subtitle);
    rm_lines_clear(&layout->footer);
}

static rm_status break_lines(const rm_page *page, rm_lines *lines, const char *text, double size,
                             bool bold, double width, int most, rm_error *err)
{
    lines->size = size;
    lines->bold = bold;
    rm_page_font(page, size, bold);
    return rm_page_break(page, lines, text, width, most, err);
}

static rm_status break_title(const rm_page *page, rm_lines *lines, double width, int most,
                             rm_error *err)
{
    rm_lines one_more = {.count = 0};
    double size = TITLE_SIZE;
    rm_status status = RM_OK;
    for (; size > TITLE_LEAST && status == RM_OK; size -= 2) {
        status =
            break_lines(page, &one_more, page->picture->title, size, true, width, most + 1, err);
        bool fits = one_more.count <= most;
        rm_lines_clear(&one_more);
        if (fits)
            break;
    }
    if (status != RM_OK)
        return status;
    return break_lines(page, lines, page->picture->title, size, true, width, most, err);
}

static rm_status break_texts(const rm_page *page, rm_layout *l, double width, rm_error *err)
{
    const rm_picture *picture = page->picture;
    bool low = picture->height < LOW_PAGE;
    double margin = floor(MARGIN * page->unit);
    const char *warning = picture->shielded ? rm_words_shielded(picture->language) : NULL;
    RM_TRY(break_lines(page, &l->band, warning, BAND_SIZE, true, picture->width - margin, 3, err));
    RM_TRY(break_title(page, &l->title, width, low ? 1 : 2, err));
    RM_TRY(break_lines(page, &l->subtitle, picture->subtitle, SUBTITLE_SIZE, false, width, 2, err));
    return break_lines(page, &l->footer, picture->footer, FOOTER_SIZE, false, width, low ? 2 : 4,
                       err);
}

/* Makes the frame as wide and high as the raster is at its largest. */
static void hug_grid(rm_page *page)
{
    const rm_grid *grid = &page->picture->grid;
    double shape = (double)grid->columns / (double)grid->rows;
    rm_rectangle *map = &page->map;
    map->width = floor(fmax(fmin(map->width, map->height * shape), HUG_LEAST * map->width));
    map->height = floor(fmax(fmin(map->height, map->width / shape), HUG_LEAST * map->height));
}

/* From the top to the bottom; texts are `width` wide. */
static rm_status stack(rm_page *page, rm_layout *l, double width, rm_error *err)
{
    const rm_picture *picture = page->picture;
    double unit = page->unit, margin = floor(MARGIN * unit), gap = floor(PANEL_GAP * unit);
    rm_layout_clear(l);
    RM_TRY(break_texts(page, l, width, err));
    l->band.top = 0.45 * rm_page_font_size(page, BAND_SIZE);
    l->band_height =
        l->band.count > 0 ? floor(2 * l->band.top + rm_lines_height(page, &l->band)) : 0;
    l->title.top = l->band_height + 0.8 * margin;
    l->subtitle.top = l->title.top + rm_lines_height(page, &l->title);
    double top = l->subtitle.top + rm_lines_height(page, &l->subtitle);
    if (l->title.count + l->subtitle.count > 0)
        top += MAP_GAP * unit;
    double below = rm_lines_height(page, &l->footer) + 0.7 * margin;
    double footer_gap = l->footer.count > 0 ? FOOTER_GAP * unit : 0;
    double panel = 0;
    RM_TRY(rm_page_panel_width(page, PANEL_MOST * picture->width, &panel, err));
    double room = picture->width - 2 * margin - gap - panel;
    double height = picture->height - below - footer_gap - floor(top);
    page->map = (rm_rectangle){margin, floor(top), floor(fmax(MAP_LEAST, room)),
                               floor(fmax(MAP_LEAST, height))};
    hug_grid(page);
    l->footer.top = page->map.y + page->map.height + footer_gap;
    l->panel = (rm_rectangle){margin + page->map.width + gap, page->map.y, panel, page->map.height};
    return RM_OK;
}

/* The whole raster in the middle of the frame, and over a last pixel that rounding left. */
static void look_at_grid(rm_page *page)
{
    const rm_grid *grid = &page->picture->grid;
    double width = (double)grid->columns * grid->cell, height = (double)grid->rows * grid->cell;
    double across = page->map.width / width, down = page->map.height / height;
    bool rounded = fabs(across - down) * fmax(width, height) < 2;
    page->scale = rounded ? fmax(across, down) : fmin(across, down);
    page->left = grid->left - (page->map.width / page->scale - width) / 2;
    page->top = grid->top + (page->map.height / page->scale - height) / 2;
}

rm_status rm_page_lay_out(rm_page *page, rm_layout *l, rm_error *err)
{
    double margin = floor(MARGIN * page->unit), whole = page->picture->width - 2 * margin;
    RM_TRY(stack(page, l, whole, err));
    /* a map that does not fill the page stands in its middle, and its texts with it */
    double block = l->panel.x + l->panel.width - margin, spare = whole - block;
    if (spare > 1)
        RM_TRY(stack(page, l, block, err));
    double shift = fmax(0, floor((whole - (l->panel.x + l->panel.width - margin)) / 2));
    double bottom = l->footer.top + rm_lines_height(page, &l->footer) + 0.7 * margin;
    double sink = fmax(0, floor(0.4 * (page->picture->height - bottom)));
    page->map.x += shift;
    page->map.y += sink;
    l->panel.x += shift;
    l->panel.y += sink;
    l->left = margin + fmin(shift, fmax(0, spare));
    l->title.top += sink;
    l->subtitle.top += sink;
    l->footer.top += sink;
    look_at_grid(page);
    return RM_OK;
}
