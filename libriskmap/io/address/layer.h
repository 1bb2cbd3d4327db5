/* Reading an address layer into its index. */
#ifndef RM_IO_ADDRESS_LAYER_H
#define RM_IO_ADDRESS_LAYER_H

#include "data/address.h"
#include "data/source.h"

typedef struct rm_address_layer {
    rm_address_index *index;
    int64_t unusable;         /* rows that nothing can be found at */
    rm_provenance provenance; /* of the layer */
} rm_address_layer;

/* Reads it with all the workers that its source serves. streets: find by street too, where the
 * layer has them. */
rm_status rm_address_layer_read(rm_address_layer *out, const rm_request *request, bool streets,
                                rm_error *err);
void rm_address_layer_clear(rm_address_layer *layer);

#endif
