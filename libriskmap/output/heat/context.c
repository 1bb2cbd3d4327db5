#include "output/heat/context.h"

#include "base/text.h"
#include "io/open.h"
#include "output/whole_layer.h"

#include <string.h>

/* ---- what a layer is ---- */

static bool has_word(const char *text, const char *const *words)
{
    char lower[512];
    size_t length = strlen(text), at = length < sizeof lower ? 0 : length - sizeof lower + 1;
    size_t n = 0;
    for (; text[at]; at++)
        lower[n++] = (char)(text[at] >= 'A' && text[at] <= 'Z' ? text[at] + 32 : text[at]);
    lower[n] = '\0';
    for (; *words; words++)
        if (strstr(lower, *words))
            return true;
    return false;
}

static int32_t kind_by_geometry(const rm_layer *layer)
{
    const rm_geometry *geometry = &layer->rows.geometry;
    for (int64_t f = 0; f < geometry->features; f++) {
        if (geometry->kind[f] == RM_KIND_POINT)
            return RM_CONTEXT_NAME;
        if (geometry->kind[f] == RM_KIND_LINE)
            return RM_CONTEXT_ROAD;
        if (geometry->kind[f] == RM_KIND_POLYGON)
            return RM_CONTEXT_BOUNDARY;
    }
    return RM_CONTEXT_BOUNDARY;
}

/* Where the folder of a file says "water" the file need not be it. */
static int32_t kind_of(int32_t stated, const char *source, const rm_layer *layer)
{
    static const char *const water[] = {"water", "haven",  "rivier", "river",
                                        "meer",  "kanaal", NULL};
    static const char *const road[] = {"weg", "road", "straat", "spoor", NULL};
    static const char *const name[] = {"plaats", "place", "naam", "name", NULL};
    static const char *const built[] = {"kom", "bebouw", "built", "pand", "gebouw", NULL};
    static const char *const boundary[] = {"grens", "grenzen", "gemeente", "bound",
                                           "wijk",  "buurt",   NULL};
    const char *slash = strrchr(source, '/'), *file = slash ? slash + 1 : source;
    if (stated != RM_CONTEXT_AUTO)
        return stated;
    if (has_word(file, boundary))
        return RM_CONTEXT_BOUNDARY;
    if (has_word(file, water))
        return RM_CONTEXT_WATER;
    if (has_word(file, road))
        return RM_CONTEXT_ROAD;
    if (has_word(file, built))
        return RM_CONTEXT_BUILT;
    if (has_word(file, name))
        return RM_CONTEXT_NAME;
    return kind_by_geometry(layer);
}

/* ---- reading ---- */

static const char *name_column(const rm_table *columns)
{
    static const char *const words[] = {"naam", "name", NULL};
    for (int32_t c = 0; c < columns->count; c++) {
        const char *name = columns->columns[c].name;
        bool plain = rm_text_equal_nocase(name, "naam") || rm_text_equal_nocase(name, "name");
        if (plain && columns->columns[c].type == RM_TEXT)
            return name;
    }
    for (int32_t c = 0; c < columns->count; c++)
        if (columns->columns[c].type == RM_TEXT && has_word(columns->columns[c].name, words))
            return columns->columns[c].name;
    return NULL;
}

/* Of several layers the first that has a geometry: this is a backdrop. */
static const rm_listed_layer *first_layer(const rm_listing *listing)
{
    for (int32_t l = 0; l < listing->count; l++)
        if (!listing->layers[l].geometry_type ||
            strcmp(listing->layers[l].geometry_type, "None") != 0)
            return &listing->layers[l];
    return NULL;
}

static rm_status read_layer(rm_layer **out, const char *source, const rm_heatmap *heatmap,
                            rm_error *err)
{
    const rm_grid *grid = &heatmap->grid;
    rm_box box = {grid->left, grid->top - (double)grid->rows * grid->cell,
                  grid->left + (double)grid->columns * grid->cell, grid->top};
    rm_listing listing = {0};
    RM_TRY(rm_list(&listing, source, err));
    const rm_listed_layer *chosen = first_layer(&listing);
    const char *name = chosen ? name_column(&chosen->columns) : NULL;
    rm_request wanted = {.source = source,
                         .layer = chosen && !strchr(source, '|') ? chosen->name : NULL,
                         .columns = &name,
                         .column_count = name ? 1 : 0,
                         .extent = &box,
                         .target_crs = heatmap->crs,
                         .only_best = heatmap->as.only_best != 0,
                         .threads = heatmap->as.threads};
    rm_status status = chosen ? rm_read_whole_layer(out, &wanted, NULL, err)
                              : rm_fail(err, RM_EINVAL, "%s has no layer with geometry", source);
    rm_listing_clear(&listing);
    return status;
}

static rm_status read_one(rm_heat_context *context, const rm_heatmap *heatmap, const char *source,
                          int32_t kind, rm_error *err)
{
    rm_layer *layer = NULL;
    rm_status status = read_layer(&layer, source, heatmap, err);
    if (status != RM_OK)
        return status == RM_ECANCELLED ? status : rm_fail_within(err, status, "context");
    context->layers[context->count++] =
        (rm_context_layer){layer, kind_of(kind, source, layer), layer->rows.table.count ? 0 : -1};
    return RM_OK;
}

rm_status rm_heat_context_read(rm_heat_context *out, const rm_heatmap *heatmap,
                               const rm_heatmap_write_options *options, rm_error *err)
{
    rm_heat_context context = {0};
    rm_status status = RM_NEW(&context.layers, options->context_count + 1, err);
    for (int32_t c = 0; c < options->context_count && status == RM_OK; c++)
        status =
            read_one(&context, heatmap, options->context_sources[c],
                     options->context_kinds ? options->context_kinds[c] : RM_CONTEXT_AUTO, err);
    if (status != RM_OK) {
        rm_heat_context_clear(&context);
        return status;
    }
    *out = context;
    return RM_OK;
}

void rm_heat_context_clear(rm_heat_context *context)
{
    for (int32_t c = 0; c < context->count; c++)
        rm_layer_free((rm_layer *)(uintptr_t)context->layers[c].layer);
    rm_release(context->layers);
    *context = (rm_heat_context){0};
}
