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

rm_status rm_check_memory_crs(const rm_request *wanted, rm_error *err)
{
    const rm_layer *memory = wanted->memory;
    if (!memory || memory->crs || wanted->crs || memory->rows.geometry.features == 0)
        return RM_OK;
    return rm_fail(err, RM_ECRS,
                   "%s states no coordinate reference system: give it when the layer is made, such "
                   "as \"EPSG:28992\" (RD New) or \"EPSG:4258\" (longitude/latitude)",
                   wanted->source);
}

rm_status rm_note_input(rm_inputs *inputs, const char *path, const rm_layer *memory, rm_error *err)
{
    return rm_inputs_add(inputs, memory ? memory->provenance.source : path, err);
}

rm_status rm_read_whole_layer(rm_layer **out, const rm_request *wanted, const rm_filter *filter,
                              rm_error *err)
{
    rm_request request = *wanted;
    rm_source *opened = NULL;
    rm_layer *made = NULL;
    request.geometry = request.shielded = true;
    RM_TRY(rm_check_memory_crs(&request, err));
    RM_TRY(rm_open(NULL, &request, &opened, err));
    rm_status status = rm_source_collect(&made, opened, filter, rm_rows_clean, err);
    if (status == RM_OK)
        status = rm_copy_text(&made->crs, request.target_crs, err);
    rm_source_free(opened);
    if (status == RM_OK)
        *out = made;
    else
        rm_layer_free(made);
    return status;
}
