/* The page of a picture while it is drawn: for the picture_*.c alone. All of it is in pixels. */
#ifndef RM_OUTPUT_PICTURE_PAGE_H
#define RM_OUTPUT_PICTURE_PAGE_H

#include "base/text.h"
#include "output/picture/picture.h"

#include <cairo.h>

typedef struct rm_rectangle {
    double x, y, width, height;
} rm_rectangle;

typedef struct rm_ink {
    uint8_t red, green, blue;
    double alpha;
} rm_ink;

/* One hand for the whole page. */
#define RM_INK_TITLE      ((rm_ink){0x1f, 0x26, 0x2e, 1})
#define RM_INK_TEXT       ((rm_ink){0x33, 0x3b, 0x44, 1})
#define RM_INK_QUIET      ((rm_ink){0x66, 0x6f, 0x79, 1})
#define RM_INK_FRAME      ((rm_ink){0x7b, 0x84, 0x8d, 1})
#define RM_INK_WHITE      ((rm_ink){0xff, 0xff, 0xff, 1})
#define RM_INK_SHIELD     ((rm_ink){0xb0, 0x00, 0x20, 1})
#define RM_INK_LAND       ((rm_ink){0xf8, 0xf8, 0xf5, 1})
#define RM_INK_WATER      ((rm_ink){0xc3, 0xdc, 0xec, 1})
#define RM_INK_WATER_LINE ((rm_ink){0x9a, 0xc2, 0xdd, 1})
#define RM_INK_BUILT      ((rm_ink){0xdf, 0xdc, 0xd6, 1})
#define RM_INK_ROAD       ((rm_ink){0x8a, 0x8f, 0x96, 1})
#define RM_INK_CASING     ((rm_ink){0xff, 0xff, 0xff, 0.55})
#define RM_INK_BOUNDARY   ((rm_ink){0x3a, 0x3f, 0x47, 1})
/* over what was not computed, so that it is not taken for nothing found */
#define RM_INK_VEIL ((rm_ink){0xcb, 0xce, 0xd3, 0.5})

enum { RM_CONTEXT_KINDS = RM_CONTEXT_BUILT + 1, RM_LINES_MOST = 4 };

typedef struct rm_page {
    const rm_picture *picture;
    cairo_surface_t *surface;
    cairo_t *cairo;
    uint32_t *pixels; /* 0xXXRRGGBB, row after row; flush and mark dirty around own writing */
    int64_t stride;   /* in pixels */
    double unit;      /* sizes are said for a page of 1600 x 1200, and times this */
    rm_rectangle map; /* inside the frame, on whole pixels */
    double scale;     /* pixels a unit of the CRS */
    double left, top; /* of the map, in the CRS */
    bool drawn[RM_CONTEXT_KINDS]; /* what the legend names */
    bool veiled;                  /* some of the map was not computed */
} rm_page;

static inline double rm_page_x(const rm_page *page, double x)
{
    return page->map.x + (x - page->left) * page->scale;
}

static inline double rm_page_y(const rm_page *page, double y)
{
    return page->map.y + (page->top - y) * page->scale;
}

void rm_page_ink(const rm_page *page, rm_ink ink);

/* ---- text: picture_text.c ---- */

typedef struct rm_lines {
    rm_text line[RM_LINES_MOST];
    int count;
    double size; /* of the letters on a page of 1600 x 1200 */
    double top;
    bool bold;
} rm_lines;

#define RM_LEADING 1.28 /* from line to line, in letters */

void rm_page_font(const rm_page *page, double size, bool bold); /* of at least 8 pixels */
double rm_page_font_size(const rm_page *page, double size);
double rm_page_measure(const rm_page *page, const char *text);
void rm_page_write(const rm_page *page, double x, double baseline, const char *text);
/* Breaks text (NULL: nothing) into at most `most` lines of the font that is set: between words, at
 * its own line ends, in a word that is too long; what is left over becomes an ellipsis. */
rm_status rm_page_break(const rm_page *page, rm_lines *out, const char *text, double width,
                        int most, rm_error *err);
void rm_lines_clear(rm_lines *lines);
/* Bytes that are not UTF-8 and control characters as blanks; line ends stay. */
rm_status rm_page_clean(rm_text *out, const char *text, int64_t length, rm_error *err);

double rm_lines_height(const rm_page *page, const rm_lines *lines);

/* ---- what goes where: picture_layout.c ---- */

typedef struct rm_layout {
    rm_lines band, title, subtitle, footer;
    double band_height; /* 0: none */
    double left;        /* of the texts */
    rm_rectangle panel; /* legend, north arrow and scale bar */
} rm_layout;

/* Also places the map of the page, and looks at the whole raster with it. */
rm_status rm_page_lay_out(rm_page *page, rm_layout *layout, rm_error *err);
void rm_layout_clear(rm_layout *layout);

/* ---- the map ---- */

/* The heat over what is there, and a veil over what was not computed: picture_heat.c. */
rm_status rm_page_heat(rm_page *page, rm_error *err);
/* What lies under the heat, and over it: picture_context.c. */
rm_status rm_page_context_below(rm_page *page, rm_error *err);
rm_status rm_page_context_above(rm_page *page, rm_error *err);
/* picture_names.c */
rm_status rm_page_names(rm_page *page, rm_error *err);

/* ---- around it: picture_furniture.c ---- */

/* How wide legend and scale bar want to be, at most `most`. */
rm_status rm_page_panel_width(const rm_page *page, double most, double *out, rm_error *err);
rm_status rm_page_panel(rm_page *page, rm_rectangle panel, rm_error *err);
void rm_page_band(const rm_page *page, const rm_layout *layout);

/* ---- the file: picture_png.c ---- */

/* Puts a text chunk behind the header of a PNG: Latin-1 as tEXt, anything else as iTXt. */
rm_status rm_png_add_text(rm_text *png, const char *keyword, const char *text, rm_error *err);

#endif
