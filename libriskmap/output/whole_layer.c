#include "output/whole_layer.h"

#include "base/text.h"
#include "geo/valid.h"

const rm_listed_layer *rm_listed_layer_of(const rm_listing *listing, const char *layer)
{
    for (int32_t l = 0; l < listing->count; l++)
        if (!layer || rm_text_equal_nocase(listing->layers[l].name, layer))
            return &listing->layers[l];
    return listing->count == 1 ? &listing->layers[0] : NULL;
}

rm_status rm_read_whole_layer(rm_layer **out, const char *source, const char *layer,
                              const char *const *columns, int32_t column_count, const char *crs,
                              const rm_box *extent, const rm_filter *filter, bool only_best,
                              int threads, rm_error *err)
{
    rm_request request = {.source = source,
                          .layer = layer,
                          .columns = columns,
                          .column_count = column_count,
                          .geometry = true,
                          .extent = extent,
                          .target_crs = crs,
                          .only_best = only_best,
                          .shielded = true,
                          .threads = threads};
    rm_source *opened = NULL;
    rm_layer *made = NULL;
    RM_TRY(rm_open(NULL, &request, &opened, err));
    rm_status status = rm_source_collect(&made, opened, filter, rm_rows_clean, err);
    if (status == RM_OK)
        status = rm_copy_text(&made->crs, crs, err);
    rm_source_free(opened);
    if (status == RM_OK)
        *out = made;
    else
        rm_layer_free(made);
    return status;
}
