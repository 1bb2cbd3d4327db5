/* Reading the objects of a model file by tables of their keys, and saying what is
 * wrong with one. */
#ifndef RM_MODEL_MODEL_FIELDS_H
#define RM_MODEL_MODEL_FIELDS_H

#include "model/json.h"

typedef struct rm_model_file {
    const char *name; /* for messages */
    rm_error *err;
} rm_model_file;

typedef enum rm_model_field_kind {
    RM_FIELD_WORDS,    /* a text that is not blank, into a char * */
    RM_FIELD_NAME,     /* lower case name of at most 48 characters, into a char * */
    RM_FIELD_DAY,      /* yyyy-mm-dd, into an int32_t day number */
    RM_FIELD_DAY_TEXT, /* the same, kept as it stands */
    RM_FIELD_ABOVE_0,  /* numbers, into a double */
    RM_FIELD_FROM_0,
    RM_FIELD_SHARE,   /* 0 .. 1 */
    RM_FIELD_BETWEEN, /* 0 .. 1, both excluded */
    RM_FIELD_OTHER    /* read by whoever owns the table */
} rm_model_field_kind;

typedef struct rm_model_field {
    const char *name;
    rm_model_field_kind kind;
    size_t offset;
    const char *needed; /* required: what to say there; NULL: may be left out */
} rm_model_field;

/* Puts 'model.json, line 31, indicators[2].scale: ' before the message. */
rm_status rm_model_fail(const rm_model_file *file, const rm_json *node, const char *format, ...)
    RM_PRINTF(3, 4);

/* Refuses what is no object, unknown keys and missing ones, and reads the fields that are there
 * into the struct at `into`; what stands there for absent keys is not touched. */
rm_status rm_model_fields(const rm_model_file *file, const rm_json *object,
                          const rm_model_field *fields, int32_t count, void *into);
/* *out (may be NULL) is the number of the node's text among names. */
rm_status rm_model_choice(const rm_model_file *file, const rm_json *node, const char *what,
                          const char *const *names, int32_t count, int32_t *out);
rm_status rm_model_kind(const rm_model_file *file, const rm_json *node, rm_json_kind kind);

#endif
