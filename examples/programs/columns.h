/* What the columns of a table seem to be for, and what a model has to say of them. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <riskmap/riskmap.h>

/* As lines of a label of `label` wide, behind `indent` blanks. */
void print_columns(const rm_inspection *inspection, int32_t number, const rm_inspected_layer *layer,
                   int indent, int label);

#endif
