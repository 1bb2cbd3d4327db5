#include "output/inspect/members.h"

#include "base/text.h"

#include <string.h>

/* Only the names of the members are known so far. */
static rm_status look_into(rm_listing *listing, const char *path, rm_error *err)
{
    for (int32_t m = 0; m < listing->count; m++) {
        rm_listing inner = {0};
        rm_error why;
        rm_text member = {0};
        rm_listed_layer *layer = &listing->layers[m];
        rm_text_addf(&member, "%s|layername=%s", path, layer->name);
        rm_status status = rm_text_status(&member, err);
        if (status == RM_OK)
            status = rm_list(&inner, member.data, &why);
        rm_text_clear(&member);
        if (status == RM_ENOMEM)
            return rm_fail_memory(err);
        if (status == RM_OK && inner.count == 1) {
            char *name = layer->name;
            layer->name = NULL;
            rm_listed_layer emptied = *layer;
            *layer = inner.layers[0];
            inner.layers[0] = emptied;
            rm_release(layer->name);
            layer->name = name;
        }
        rm_listing_clear(&inner);
    }
    return RM_OK;
}

rm_status rm_list_members(rm_listing *out, const char *path, rm_error *err)
{
    rm_listing listing = {0};
    RM_TRY(rm_list(&listing, path, err));
    rm_status status = strcmp(listing.driver, "zip") == 0 ? look_into(&listing, path, err) : RM_OK;
    if (status == RM_OK)
        *out = listing;
    else
        rm_listing_clear(&listing);
    return status;
}
