/* The keys of a layer that say how its rows get a place, and what holds for it as reports. */
#ifndef RM_MODEL_MODEL_REPORTS_H
#define RM_MODEL_MODEL_REPORTS_H

#include "model/model.h"
#include "model/model_fields.h"

/* "address": which columns hold the parts of an address. */
rm_status rm_model_read_address(const rm_model_file *file, const rm_json *node,
                                rm_model_layer *layer);
/* "reports": the rules; sets layer->reports also where none are stated. */
rm_status rm_model_read_reports(const rm_model_file *file, const rm_json *node,
                                rm_model_layer *layer);
/* "locate" of every layer, once all their names are known. */
rm_status rm_model_read_locate(const rm_model_file *file, const rm_json *layers, rm_model *model);

#endif
