/* The area of a parcel as the register has it, beside the area of its outline on the map. */
#ifndef RM_MODEL_OFFICIAL_AREA_H
#define RM_MODEL_OFFICIAL_AREA_H

#include "data/layer.h"

/* The field to ask for along with the areas; NULL when their source has no official area. */
const char *rm_official_area_field(const rm_provenance *provenance);

/* Adds an issue for every area that differs too much from the official one in `column`. */
rm_status rm_official_area_check(rm_rows *rows, int32_t column, const double *area_m2,
                                 rm_error *err);

#endif
