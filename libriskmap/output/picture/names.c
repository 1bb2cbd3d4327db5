/* Names on the map: the first come, the largest areas before all, and no two over one another. */
#include "output/picture/page.h"

#include "geo/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More would be no map; looking for room among them has an end. */
enum { MOST_NAMES = 500 };

static const double SIZE = 19;

typedef struct candidate {
    double x, y, area; /* pixels; area in units of the CRS */
    const rm_column *column;
    int64_t row;
    int64_t order;
} candidate;

typedef struct names {
    rm_page *page;
    candidate *list;
    int64_t count, capacity;
    rm_box taken[MOST_NAMES];
    rm_text words[MOST_NAMES];
    int32_t placed;
} names;

static int by_area(const void *a, const void *b)
{
    const candidate *one = a, *two = b;
    if (one->area != two->area)
        return one->area > two->area ? -1 : 1;
    return (one->order > two->order) - (one->order < two->order);
}

static rm_status collect(names *n, const rm_context_layer *context, rm_error *err)
{
    const rm_geometry *geometry = &context->layer->rows.geometry;
    const rm_table *table = &context->layer->rows.table;
    const rm_rectangle *map = &n->page->map;
    if (context->name_field < 0 || context->name_field >= table->count ||
        table->columns[context->name_field].type != RM_TEXT || geometry->features == 0)
        return RM_OK;
    double *x = NULL, *y = NULL;
    rm_status status = RM_NEW(&x, geometry->features, err);
    if (status == RM_OK)
        status = RM_NEW(&y, geometry->features, err);
    if (status == RM_OK)
        status = rm_place_points(geometry, x, y, err);
    for (int64_t f = 0; f < geometry->features && status == RM_OK; f++) {
        double px = rm_page_x(n->page, x[f]), py = rm_page_y(n->page, y[f]);
        bool inside =
            px > map->x && px < map->x + map->width && py > map->y && py < map->y + map->height;
        if (!inside)
            continue;
        status = RM_GROW(&n->list, &n->capacity, n->count + 1, err);
        if (status == RM_OK) {
            n->list[n->count] = (candidate){
                px, py,      rm_geometry_area(geometry, f), &table->columns[context->name_field],
                f,  n->count};
            n->count++;
        }
    }
    rm_release(x);
    rm_release(y);
    return status;
}

static bool is_free(const names *n, rm_box box, const char *words)
{
    const rm_rectangle *map = &n->page->map;
    if (box.xmin < map->x || box.ymin < map->y || box.xmax > map->x + map->width ||
        box.ymax > map->y + map->height)
        return false;
    for (int32_t i = 0; i < n->placed; i++)
        if (rm_box_touches(box, n->taken[i]) || strcmp(words, n->words[i].data) == 0)
            return false;
    return true;
}

static bool is_covered(const names *n, double x, double y)
{
    rm_box at = {x, y, x, y};
    for (int32_t i = 0; i < n->placed; i++)
        if (rm_box_touches(at, n->taken[i]))
            return true;
    return false;
}

static void draw(const rm_page *page, double x, double baseline, const char *words)
{
    cairo_move_to(page->cairo, x, baseline);
    cairo_text_path(page->cairo, words);
    rm_page_ink(page, (rm_ink){0xff, 0xff, 0xff, 0.85});
    cairo_set_line_width(page->cairo, fmax(2, 4.5 * page->unit));
    cairo_stroke_preserve(page->cairo);
    rm_page_ink(page, RM_INK_TITLE);
    cairo_fill(page->cairo);
}

static rm_status place(names *n, const candidate *c, rm_error *err)
{
    int64_t length = 0;
    if (n->placed == MOST_NAMES || is_covered(n, c->x, c->y) ||
        rm_column_missing(c->column, c->row))
        return RM_OK;
    const char *text = rm_column_text(c->column, c->row, &length);
    text = rm_trim(text, &length);
    rm_text words = {0};
    rm_status status = rm_page_clean(&words, text, length, err);
    if (status != RM_OK || words.length == 0 || strchr(words.data, '\n')) {
        rm_text_clear(&words);
        return status;
    }
    cairo_text_extents_t e;
    cairo_text_extents(n->page->cairo, words.data, &e);
    double size = rm_page_font_size(n->page, SIZE), room = 0.3 * size, aside = 2 * room;
    double x = c->x - e.width / 2 - e.x_bearing, baseline = c->y + 0.36 * size;
    rm_box box = {c->x - e.width / 2 - aside, baseline - 0.8 * size - room,
                  c->x + e.width / 2 + aside, baseline + 0.25 * size + room};
    if (!is_free(n, box, words.data)) {
        rm_text_clear(&words);
        return RM_OK;
    }
    draw(n->page, x, baseline, words.data);
    n->taken[n->placed] = box;
    n->words[n->placed++] = words;
    return RM_OK;
}

rm_status rm_page_names(rm_page *page, rm_error *err)
{
    names *n = NULL;
    RM_TRY(RM_NEW_ZERO(&n, 1, err));
    n->page = page;
    rm_status status = RM_OK;
    for (int32_t i = 0; i < page->picture->context_count && status == RM_OK; i++)
        if (page->picture->context[i].kind == RM_CONTEXT_NAME)
            status = collect(n, &page->picture->context[i], err);
    if (n->count > 0)
        qsort(n->list, (size_t)n->count, sizeof *n->list, by_area);
    rm_page_font(page, SIZE, false);
    for (int64_t i = 0; i < n->count && status == RM_OK; i++)
        status = place(n, &n->list[i], err);
    for (int32_t i = 0; i < n->placed; i++)
        rm_text_clear(&n->words[i]);
    rm_release(n->list);
    rm_release(n);
    return status;
}
