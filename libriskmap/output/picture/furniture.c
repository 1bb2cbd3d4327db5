/* What stands around the map: legend, scale bar, north arrow, the band of a shielded picture. */
#include "output/picture/page.h"

#include <math.h>
#include <stdio.h>

/* Sizes on a page of 1600 x 1200. */
static const double TITLE_SIZE = 20, LABEL_SIZE = 18, SCALE_SIZE = 16;
static const double PITCH = 30, SWATCH_WIDTH = 42, SWATCH_HEIGHT = 24, SWATCH_GAP = 12;
static const double NARROWEST = 210, TITLE_WIDEST = 320;
static const double SCALE_HEIGHT = 44, ARROW_HEIGHT = 84, BLOCK_GAP = 18;

enum { LABEL_BYTES = 96, ROWS_MOST = RM_HEAT_CLASSES_MOST + 2 + RM_CONTEXT_KINDS };

typedef enum row_kind { ROW_CLASS, ROW_NONE, ROW_VEIL, ROW_CONTEXT } row_kind;

typedef struct legend_row {
    row_kind kind;
    int32_t which; /* class or context kind */
    char label[LABEL_BYTES];
} legend_row;

typedef struct legend {
    legend_row rows[ROWS_MOST];
    int classes, contexts; /* rows of the first three kinds; of the last */
} legend;

/* ---- legend ---- */

static const char *context_word(int32_t kind, rm_language language)
{
    static const char *const WORDS[RM_CONTEXT_KINDS][2] = {
        [RM_CONTEXT_BOUNDARY] = {"grens", "boundary"},
        [RM_CONTEXT_ROAD] = {"weg", "road"},
        [RM_CONTEXT_WATER] = {"water", "water"},
        [RM_CONTEXT_BUILT] = {"bebouwing", "built-up area"}};
    return WORDS[kind][language == RM_ENGLISH];
}

static void add_row(legend *l, row_kind kind, int32_t which, const char *label)
{
    legend_row *row = &l->rows[l->classes + l->contexts];
    row->kind = kind;
    row->which = which;
    snprintf(row->label, sizeof row->label, "%s", label);
    if (kind == ROW_CONTEXT)
        l->contexts++;
    else
        l->classes++;
}

/* The highest class comes first, as the reader looks for it. */
static legend list_rows(const rm_page *page, bool veiled, const bool drawn[RM_CONTEXT_KINDS])
{
    static const int32_t ORDER[] = {RM_CONTEXT_BOUNDARY, RM_CONTEXT_ROAD, RM_CONTEXT_WATER,
                                    RM_CONTEXT_BUILT};
    const rm_picture *picture = page->picture;
    bool english = picture->language == RM_ENGLISH;
    legend l = {.classes = 0};
    char label[LABEL_BYTES];
    for (int32_t c = picture->classes->count; c >= 0; c--) {
        rm_heat_class_label(label, sizeof label, picture->classes, c, picture->language);
        add_row(&l, c > 0 ? ROW_CLASS : ROW_NONE, c, label);
    }
    if (veiled)
        add_row(&l, ROW_VEIL, 0, english ? "not computed" : "niet berekend");
    for (size_t k = 0; k < sizeof ORDER / sizeof *ORDER; k++)
        if (drawn[ORDER[k]])
            add_row(&l, ROW_CONTEXT, ORDER[k], context_word(ORDER[k], picture->language));
    return l;
}

rm_status rm_page_panel_width(const rm_page *page, double most, double *out, rm_error *err)
{
    bool all[RM_CONTEXT_KINDS] = {false};
    for (int32_t i = 0; i < page->picture->context_count; i++)
        all[page->picture->context[i].kind] = true;
    legend l = list_rows(page, true, all);
    double width = NARROWEST * page->unit;
    rm_page_font(page, LABEL_SIZE, false);
    for (int r = 0; r < l.classes + l.contexts; r++)
        width = fmax(width, (SWATCH_WIDTH + SWATCH_GAP) * page->unit +
                                rm_page_measure(page, l.rows[r].label) + 1);
    rm_lines lines = {.count = 0};
    rm_page_font(page, TITLE_SIZE, true);
    rm_status status =
        rm_page_break(page, &lines, page->picture->unit, TITLE_WIDEST * page->unit, 3, err);
    for (int i = 0; i < lines.count && status == RM_OK; i++)
        width = fmax(width, rm_page_measure(page, lines.line[i].data) + 1);
    rm_lines_clear(&lines);
    if (status == RM_OK)
        *out = ceil(fmin(width, most));
    return status;
}

/* Its line inside of it. */
static void outline(const rm_page *page, rm_rectangle r, double line)
{
    cairo_set_line_width(page->cairo, line);
    cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_MITER);
    cairo_rectangle(page->cairo, r.x + line / 2, r.y + line / 2, r.width - line, r.height - line);
    cairo_stroke(page->cairo);
}

static void paint(const rm_page *page, rm_rectangle r, rm_ink ink)
{
    rm_page_ink(page, ink);
    cairo_rectangle(page->cairo, r.x, r.y, r.width, r.height);
    cairo_fill(page->cairo);
}

static void draw_line_sample(const rm_page *page, rm_rectangle r, rm_ink ink, double width)
{
    rm_page_ink(page, ink);
    cairo_set_line_width(page->cairo, fmax(1, width * page->unit));
    cairo_move_to(page->cairo, r.x, r.y + r.height / 2);
    cairo_line_to(page->cairo, r.x + r.width, r.y + r.height / 2);
    cairo_stroke(page->cairo);
}

/* As it looks on the map, on bare land. */
static void draw_swatch(const rm_page *page, const legend_row *row, rm_rectangle r)
{
    if (row->kind == ROW_CONTEXT && row->which == RM_CONTEXT_BOUNDARY) {
        draw_line_sample(page, r, RM_INK_BOUNDARY, 2.2);
        return;
    }
    if (row->kind == ROW_CONTEXT && row->which == RM_CONTEXT_ROAD) {
        draw_line_sample(page, r, RM_INK_ROAD, 2.2);
        return;
    }
    paint(page, r, RM_INK_LAND);
    if (row->kind == ROW_CLASS) {
        rm_colour c = page->picture->classes->colours[row->which - 1];
        paint(page, r, (rm_ink){c.red, c.green, c.blue, c.alpha / 255.0});
    } else if (row->kind == ROW_VEIL) {
        paint(page, r, RM_INK_VEIL);
    } else if (row->kind == ROW_CONTEXT) {
        paint(page, r, row->which == RM_CONTEXT_WATER ? RM_INK_WATER : RM_INK_BUILT);
    }
    rm_page_ink(page, (rm_ink){0x33, 0x3b, 0x44, 0.45});
    outline(page, r, fmax(1, floor(page->unit)));
}

static rm_status draw_row(const rm_page *page, const legend_row *row, double x, double y,
                          double pitch, double width, rm_error *err)
{
    double unit = page->unit, size = rm_page_font_size(page, LABEL_SIZE);
    double height = fmin(SWATCH_HEIGHT * unit, pitch - 1);
    /* whole pixels, or the edges would be blurred */
    rm_rectangle swatch = {floor(x), floor(y + (pitch - height) / 2), floor(SWATCH_WIDTH * unit),
                           floor(height)};
    double label = x + (SWATCH_WIDTH + SWATCH_GAP) * unit;
    draw_swatch(page, row, swatch);
    rm_lines lines = {.count = 0};
    rm_status status = rm_page_break(page, &lines, row->label, x + width - label, 1, err);
    if (status == RM_OK && lines.count > 0) {
        rm_page_ink(page, RM_INK_TEXT);
        rm_page_write(page, label, y + pitch / 2 + 0.36 * size, lines.line[0].data);
    }
    rm_lines_clear(&lines);
    return status;
}

static rm_status draw_legend(const rm_page *page, const legend *l, const rm_lines *title,
                             rm_rectangle panel, double pitch, rm_error *err)
{
    double size = rm_page_font_size(page, TITLE_SIZE), y = panel.y;
    rm_page_font(page, TITLE_SIZE, true);
    rm_page_ink(page, RM_INK_TITLE);
    for (int i = 0; i < title->count; i++) {
        rm_page_write(page, panel.x, y + 0.85 * size, title->line[i].data);
        y += 1.25 * size;
    }
    y += title->count > 0 ? 0.4 * size : 0;
    rm_page_font(page, LABEL_SIZE, false);
    for (int r = 0; r < l->classes + l->contexts; r++) {
        y += r == l->classes ? BLOCK_GAP * page->unit : 0;
        RM_TRY(draw_row(page, &l->rows[r], panel.x, y, pitch, panel.width, err));
        y += pitch;
    }
    return RM_OK;
}

/* ---- scale bar and north ---- */

/* The longest of 1, 2, 5, 10, ... that is at most `most`. */
static double round_length(double most)
{
    double power = pow(10, floor(log10(most)));
    double digits = most / power;
    return (digits >= 5 ? 5 : digits >= 2 ? 2 : 1) * power;
}

static void number_words(char *out, size_t size, double value, const char *unit,
                         rm_language language)
{
    int decimals = 0;
    char number[48];
    for (double v = value; decimals < 6 && fabs(v - round(v)) > 1e-6; decimals++)
        v *= 10;
    rm_format_fixed(number, sizeof number, value, decimals, language == RM_DUTCH);
    snprintf(out, size, "%s%s", number, unit);
}

static void draw_scale(const rm_page *page, rm_rectangle panel, double bottom)
{
    double length = round_length(0.9 * panel.width / page->scale), unit = page->unit;
    double width = length * page->scale, height = fmax(4, floor(8 * unit));
    double size = rm_page_font_size(page, SCALE_SIZE);
    double y = floor(bottom - 1.35 * size - height), end = panel.x;
    bool kilometres = length >= 1000;
    rm_rectangle bar = {panel.x, y, width, height};
    paint(page, bar, RM_INK_WHITE);
    paint(page, (rm_rectangle){bar.x, bar.y, width / 2, height}, RM_INK_TEXT);
    rm_page_ink(page, RM_INK_TEXT);
    outline(page, bar, fmax(1, floor(unit)));
    rm_page_font(page, SCALE_SIZE, false);
    for (int tick = 0; tick <= 2; tick++) {
        static const int ORDER[] = {0, 2, 1}; /* the middle one only where there is room */
        char words[80];
        int at = ORDER[tick];
        number_words(words, sizeof words, length * at / 2 / (kilometres ? 1000 : 1),
                     at < 2       ? ""
                     : kilometres ? " km"
                                  : " m",
                     page->picture->language);
        double wide = rm_page_measure(page, words);
        double x = fmax(panel.x, panel.x + width * at / 2 - (at == 2 ? 0.6 * wide : wide / 2));
        x = fmin(x, panel.x + panel.width - wide);
        double last = panel.x + rm_page_measure(page, "0");
        if (at == 2)
            end = x;
        else if (at == 1 && (x < last + 0.5 * size || x + wide > end - 0.5 * size))
            continue;
        rm_page_write(page, x, bottom - 0.1 * size, words);
    }
}

static void draw_north(const rm_page *page, rm_rectangle panel, double bottom)
{
    cairo_t *cairo = page->cairo;
    double unit = page->unit, half = 13 * unit, high = 44 * unit, x = panel.x + half + unit;
    double base = bottom - 4 * unit, tip = base - high, notch = base - 11 * unit;
    rm_page_ink(page, RM_INK_TEXT);
    cairo_move_to(cairo, x, tip);
    cairo_line_to(cairo, x - half, base);
    cairo_line_to(cairo, x, notch);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    cairo_move_to(cairo, x, tip);
    cairo_line_to(cairo, x - half, base);
    cairo_line_to(cairo, x, notch);
    cairo_line_to(cairo, x + half, base);
    cairo_close_path(cairo);
    cairo_move_to(cairo, x, tip);
    cairo_line_to(cairo, x, notch);
    cairo_set_line_width(cairo, fmax(1, 1.4 * unit));
    cairo_stroke(cairo);
    rm_page_font(page, LABEL_SIZE, true);
    rm_page_write(page, x - rm_page_measure(page, "N") / 2, tip - 5 * unit, "N");
}

/* ---- the panel ---- */

rm_status rm_page_panel(rm_page *page, rm_rectangle panel, rm_error *err)
{
    legend l = list_rows(page, page->veiled, page->drawn);
    double unit = page->unit, bottom = panel.y + panel.height;
    double scale = SCALE_HEIGHT * unit, arrow = ARROW_HEIGHT * unit;
    double pitch = fmax(PITCH * unit, 1.25 * rm_page_font_size(page, LABEL_SIZE));
    double size = rm_page_font_size(page, TITLE_SIZE);
    rm_lines title = {.count = 0};
    rm_page_font(page, TITLE_SIZE, true);
    rm_status status = rm_page_break(page, &title, page->picture->unit, panel.width, 3, err);
    double room = panel.height - title.count * 1.25 * size - 0.4 * size;
    double gap = BLOCK_GAP * unit;
    /* on a low page the least needed goes first */
    if (l.classes * pitch + l.contexts * pitch + gap + scale + arrow + gap > room)
        l.contexts = 0;
    if (l.classes * pitch + scale + arrow + gap > room)
        arrow = 0;
    if (l.classes * pitch + scale > room)
        scale = 0;
    if (l.classes * pitch > room)
        pitch = fmax(2, room / l.classes);
    if (status == RM_OK)
        status = draw_legend(page, &l, &title, panel, pitch, err);
    if (scale > 0)
        draw_scale(page, panel, bottom);
    if (arrow > 0)
        draw_north(page, panel, bottom - scale - gap / 2);
    rm_lines_clear(&title);
    return status;
}

void rm_page_band(const rm_page *page, const rm_layout *layout)
{
    const rm_lines *lines = &layout->band;
    double width = page->picture->width, size = rm_page_font_size(page, lines->size);
    paint(page, (rm_rectangle){0, 0, width, layout->band_height}, RM_INK_SHIELD);
    rm_page_font(page, lines->size, lines->bold);
    rm_page_ink(page, RM_INK_WHITE);
    for (int i = 0; i < lines->count; i++) {
        const char *line = lines->line[i].data;
        rm_page_write(page, (width - rm_page_measure(page, line)) / 2,
                      lines->top + (i * RM_LEADING + 1) * size, line);
    }
}
