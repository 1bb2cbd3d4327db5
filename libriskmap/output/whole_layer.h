/* Reading one layer of a source as a whole. */
#ifndef RM_OUTPUT_WHOLE_LAYER_H
#define RM_OUTPUT_WHOLE_LAYER_H

#include "base/inputs.h"
#include "data/layer.h"
#include "data/source.h"
#include "io/open.h"

/* The layer of a request, brought to its target CRS, cleaned (geometry that cannot be used is gone
 * and an issue), as shielded. filter may be NULL. */
rm_status rm_read_whole_layer(rm_layer **out, const rm_request *wanted, const rm_filter *filter,
                              rm_error *err);

/* What messages call a layer in memory, behind what it is for. */
#define RM_IN_MEMORY "the layer in memory"

/* RM_ECRS: a layer in memory whose geometry states no CRS, with the request giving none either. */
rm_status rm_check_memory_crs(const rm_request *wanted, rm_error *err);

/* The one that opening takes for a name (NULL: the first), in any case as GDAL has it; NULL: none
 * that is listed so, though opening may know it. */
const rm_listed_layer *rm_listed_layer_of(const rm_listing *listing, const char *layer);

/* Keeps what a layer is read from; one in memory may have been read from a file. Neither: nothing.
 */
rm_status rm_note_input(rm_inputs *inputs, const char *path, const rm_layer *memory, rm_error *err);

#endif
