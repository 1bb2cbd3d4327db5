/* One indicator of a model file. */
#ifndef RM_MODEL_MODEL_INDICATOR_H
#define RM_MODEL_MODEL_INDICATOR_H

#include "model/model.h"
#include "model/model_fields.h"

/* Reads into *indicator, which may be half filled on failure. The model's layers
 * are read already. */
rm_status rm_model_read_indicator(const rm_model_file *file, const rm_json *node,
                                  const rm_model *model, rm_indicator *indicator);
rm_status rm_model_read_filter(const rm_model_file *file, const rm_json *where, rm_filter **out);
/* The text of a node that must name a layer. */
rm_status rm_model_read_layer_name(const rm_model_file *file, const rm_json *node,
                                   const rm_model *model, int32_t *out);

#endif
