/* What riskmap takes no indicator of: origin, nationality, migration background, religion, health,
 * benefits, income and the like. Not of persons, and not of areas either: a place scores for what
 * happens there. There is no setting that allows it. */
#ifndef RM_MODEL_SUBJECTS_H
#define RM_MODEL_SUBJECTS_H

#include "data/filter.h"
#include "model/model_fields.h"

typedef enum rm_subject {
    RM_SUBJECT_ORIGIN, /* origin, nationality, migration background, ethnicity */
    RM_SUBJECT_RELIGION,
    RM_SUBJECT_HEALTH, /* health, care, medication, disability */
    RM_SUBJECT_BENEFITS,
    RM_SUBJECT_INCOME,
    RM_SUBJECT_ORIENTATION,
    RM_SUBJECT_POLITICS,
    RM_SUBJECT_UNION,
    RM_SUBJECTS /* none of these */
} rm_subject;

/* The subject of an identifier, by its words in Dutch and English and by the codes of the CBS's
 * figures per neighbourhood (Wijk- en Buurtkaart 2003-2024, Kerncijfers, StatLine). The places
 * where people go are no subject: the distance to a doctor, a building used for health care. */
rm_subject rm_subject_of(const char *identifier);

/* Identifiers are judged: the name of an indicator, and the fields that the model reads. Values in
 * a `where` are not, nor are labels and reasons, which are prose. RM_EMODEL with line and path. */
rm_status rm_subject_check(const rm_model_file *file, const rm_json *node, const char *identifier);
rm_status rm_subject_check_filter(const rm_model_file *file, const rm_json *node,
                                  const rm_filter *filter);

#endif
