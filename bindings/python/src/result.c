#include "binding.h"

static const rmpy_field run_options[] = {
    RMPY_FIELD(rm_run_options, 'i', threads),
    RMPY_FIELD(rm_run_options, 'p', only_best),
    RMPY_FIELD(rm_run_options, 'D', as_of),
    RMPY_COUNTED(rm_run_options, 'S', override_names, override_count),
    {"override_sources", 'F', offsetof(rm_run_options, override_sources),
     offsetof(rm_run_options, reserved), NULL},
    RMPY_FIELD(rm_run_options, 's', reference),
    RMPY_FIELD(rm_run_options, 's', command),
    RMPY_PROGRESS(rm_run_options),
    RMPY_COUNTED(rm_run_options, 'S', memory_names, memory_count),
    {"memory_layers", 'T', offsetof(rm_run_options, memory_layers),
     offsetof(rm_run_options, reserved2), NULL},
    RMPY_END};

RMPY_DEFAULTS(run_options_init, rm_run_options, run_options)

void rmpy_run_options(rmpy_call *call, rm_run_options *options)
{
    rmpy_options(call, run_options, options);
    if (options->override_count != options->reserved || options->memory_count != options->reserved2)
        rmpy_fail(call, PyExc_ValueError, "as many names as sources and layers are needed");
    options->reserved = options->reserved2 = 0; /* where the numbers of the second lists were */
}

static PyObject *run(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_result *result = NULL;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "run", 1);
    const rm_model *model = rmpy_handle(&call, RMPY_MODEL);
    rmpy_run_options(&call, &options);
    RMPY_RUN(&call, rm_run(&result, model, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_RESULT, result, NULL));
}

static PyObject *result_table(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rmpy_begin(&call, module, args, keywords, "result_table", 3);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    const char *table = rmpy_text(&call, "table", RMPY_READ);
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN(&call, rm_result_table(&layer, result, table, language, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

/* ---- walking ---- */

static const rmpy_field area_fields[] = {
    RMPY_FIELD(rm_area, 'q', fid),     RMPY_FIELD(rm_area, 's', id),
    RMPY_FIELD(rm_area, 's', name),    RMPY_FIELD(rm_area, 's', type),
    RMPY_FIELD(rm_area, 'd', score),   RMPY_FIELD(rm_area, 'd', coverage),
    RMPY_FIELD(rm_area, 'd', area_m2), RMPY_FIELD(rm_area, 'i', rank),
    RMPY_FIELD(rm_area, 'i', class_),  RMPY_END};

static const rmpy_field indicator_fields[] = {
    RMPY_FIELD(rm_result_indicator, 's', name),     RMPY_FIELD(rm_result_indicator, 's', label),
    RMPY_FIELD(rm_result_indicator, 's', label_en), RMPY_FIELD(rm_result_indicator, 's', why),
    RMPY_FIELD(rm_result_indicator, 's', why_en),   RMPY_FIELD(rm_result_indicator, 's', pillar),
    RMPY_FIELD(rm_result_indicator, 's', measure),  RMPY_FIELD(rm_result_indicator, 's', scale),
    RMPY_FIELD(rm_result_indicator, 'd', weight),   RMPY_FIELD(rm_result_indicator, 'd', scale_a),
    RMPY_FIELD(rm_result_indicator, 'd', scale_b),  RMPY_FIELD(rm_result_indicator, 'i', direction),
    RMPY_FIELD(rm_result_indicator, 'i', decimals), RMPY_FIELD(rm_result_indicator, 'c', unit),
    RMPY_FIELD(rm_result_indicator, 'c', unit_en),  RMPY_END};

static const rmpy_field contribution_fields[] = {
    RMPY_FIELD(rm_contribution, 'd', value),        RMPY_FIELD(rm_contribution, 'd', scaled),
    RMPY_FIELD(rm_contribution, 'd', contribution), RMPY_FIELD(rm_contribution, 'q', features),
    RMPY_FIELD(rm_contribution, 'q', missing),      RMPY_END};

static const rmpy_field issue_fields[] = {
    RMPY_FIELD(rm_result_issue, 's', severity), RMPY_FIELD(rm_result_issue, 's', code),
    RMPY_FIELD(rm_result_issue, 's', layer),    RMPY_FIELD(rm_result_issue, 'q', feature),
    RMPY_FIELD(rm_result_issue, 'c', message),  RMPY_END};

static const rmpy_field layer_fields[] = {RMPY_FIELD(rm_result_layer, 's', name),
                                          RMPY_FIELD(rm_result_layer, 's', source),
                                          RMPY_FIELD(rm_result_layer, 's', driver),
                                          RMPY_FIELD(rm_result_layer, 's', fingerprint),
                                          RMPY_FIELD(rm_result_layer, 's', crs),
                                          RMPY_FIELD(rm_result_layer, 's', crs_operation),
                                          RMPY_FIELD(rm_result_layer, 's', missing_grid),
                                          RMPY_FIELD(rm_result_layer, 'd', crs_accuracy_m),
                                          RMPY_FIELD(rm_result_layer, 'q', total),
                                          RMPY_FIELD(rm_result_layer, 'q', outside),
                                          RMPY_FIELD(rm_result_layer, 'q', filtered),
                                          RMPY_FIELD(rm_result_layer, 'q', read),
                                          RMPY_FIELD(rm_result_layer, 'q', used),
                                          RMPY_FIELD(rm_result_layer, 'q', rejected),
                                          RMPY_FIELD(rm_result_layer, 'D', first_date),
                                          RMPY_FIELD(rm_result_layer, 'D', last_date),
                                          RMPY_FIELD(rm_result_layer, 'p', shielded),
                                          RMPY_FIELD(rm_result_layer, 'p', located),
                                          RMPY_FIELD(rm_result_layer, 's', profile),
                                          RMPY_FIELD(rm_result_layer, 'q', ended),
                                          RMPY_FIELD(rm_result_layer, 'q', left_out),
                                          RMPY_FIELD(rm_result_layer, 'q', address_exact),
                                          RMPY_FIELD(rm_result_layer, 'q', address_number),
                                          RMPY_FIELD(rm_result_layer, 'q', address_ambiguous),
                                          RMPY_FIELD(rm_result_layer, 'q', address_unknown),
                                          RMPY_END};

RMPY_GETTER(result_is_shielded, RMPY_RESULT, rm_result, PyBool_FromLong)
RMPY_GETTER(result_area_count, RMPY_RESULT, rm_result, PyLong_FromLongLong)
RMPY_GETTER(result_ranked_count, RMPY_RESULT, rm_result, PyLong_FromLongLong)
RMPY_GETTER(result_indicator_count, RMPY_RESULT, rm_result, PyLong_FromLong)
RMPY_GETTER(result_pillar_count, RMPY_RESULT, rm_result, PyLong_FromLong)
RMPY_GETTER(result_issue_count, RMPY_RESULT, rm_result, PyLong_FromLongLong)
RMPY_GETTER(result_layer_count, RMPY_RESULT, rm_result, PyLong_FromLong)
RMPY_TEXT_AT(result_pillar, RMPY_RESULT, rm_result)
RMPY_STRUCT_AT(result_area, RMPY_RESULT, rm_result, rmpy_int64, rm_area, area_fields)
RMPY_STRUCT_AT(result_indicator_at, RMPY_RESULT, rm_result, rmpy_int32, rm_result_indicator,
               indicator_fields)
RMPY_STRUCT_AT(result_issue_at, RMPY_RESULT, rm_result, rmpy_int64, rm_result_issue, issue_fields)
RMPY_STRUCT_AT(result_layer_at, RMPY_RESULT, rm_result, rmpy_int32, rm_result_layer, layer_fields)

static PyObject *result_ranked(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "result_ranked", 2);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    int64_t position = rmpy_int64(&call, "position");
    return rmpy_end(&call,
                    PyLong_FromLongLong(call.failed ? 0 : rm_result_ranked(result, position)));
}

static PyObject *result_contribution(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_contribution out;
    rmpy_begin(&call, module, args, keywords, "result_contribution", 3);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    int64_t area = rmpy_int64(&call, "area");
    int32_t indicator = rmpy_int32(&call, "indicator");
    RMPY_RUN_HELD(&call, rm_result_contribution(result, area, indicator, &out, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(contribution_fields, &out));
}

static PyObject *result_reasons(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t room = -1;
    int32_t written = 0;
    rmpy_begin(&call, module, args, keywords, "result_reasons", 3);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    int64_t area = rmpy_int64(&call, "area");
    int32_t *indicators = rmpy_array(&call, "indicators", 'i', RMPY_WRITE, &room);
    if (!call.failed)
        written = rm_result_reasons(result, area, indicators,
                                    room > INT32_MAX ? INT32_MAX : (int32_t)room);
    return rmpy_end(&call, PyLong_FromLong(written));
}

static PyObject *result_reason_text(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    char text[512] = "";
    rmpy_begin(&call, module, args, keywords, "result_reason_text", 4);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    int64_t area = rmpy_int64(&call, "area");
    int32_t indicator = rmpy_int32(&call, "indicator");
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN_HELD(&call, rm_result_reason_text(result, area, indicator, language, text, sizeof text,
                                               &call.err));
    return rmpy_end(&call, rmpy_str(text));
}

static PyObject *result_pillar_score(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    double score = 0;
    int32_t rank = 0;
    rmpy_begin(&call, module, args, keywords, "result_pillar_score", 3);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    int64_t area = rmpy_int64(&call, "area");
    int32_t pillar = rmpy_int32(&call, "pillar");
    RMPY_RUN_HELD(&call, rm_result_pillar_score(result, area, pillar, &score, &rank, &call.err));
    return rmpy_end(&call, Py_BuildValue("(di)", score, (int)rank));
}

static PyObject *result_disclaimer(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    char text[512] = "";
    rmpy_begin(&call, module, args, keywords, "result_disclaimer", 2);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN_HELD(&call, rm_result_disclaimer(result, language, text, sizeof text, &call.err));
    return rmpy_end(&call, rmpy_str(text));
}

/* ---- writing ---- */

static const rmpy_field write_options[] = {RMPY_FIELD(rm_write_options, 'p', overwrite),
                                           RMPY_FIELD(rm_write_options, 's', language),
                                           RMPY_FIELD(rm_write_options, 'q', rows),
                                           RMPY_FIELD(rm_write_options, 's', schema),
                                           RMPY_PROGRESS(rm_write_options),
                                           RMPY_END};

RMPY_DEFAULTS(write_options_init, rm_write_options, write_options)

static PyObject *result_write(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_write_options options = RM_WRITE_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "result_write", 2);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    rmpy_options(&call, write_options, &options);
    RMPY_RUN(&call, rm_result_write(result, path, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *result_write_check(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_write_options options = RM_WRITE_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "result_write_check", 1);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    rmpy_options(&call, write_options, &options);
    RMPY_RUN(&call, rm_result_write_check(path, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *result_write_table(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_write_options options = RM_WRITE_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "result_write_table", 2);
    const rm_result *result = rmpy_handle(&call, RMPY_RESULT);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    rmpy_options(&call, write_options, &options);
    RMPY_RUN(&call, rm_result_write_table(result, path, &options, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_result_methods[] = {
    RMPY_METHOD(run_options_init, "($module, /)", "The options of run."),
    RMPY_METHOD(run, "($module, model, /, **options)", "Scores of all areas, with their reasons."),
    RMPY_METHOD(result_table, "($module, result, table, language, /)",
                "A table of the result, as a layer."),
    RMPY_METHOD(result_is_shielded, "($module, result, /)", "Whether a layer was shielded."),
    RMPY_METHOD(result_area_count, "($module, result, /)", "How many areas."),
    RMPY_METHOD(result_ranked_count, "($module, result, /)", "How many of them have a rank."),
    RMPY_METHOD(result_area, "($module, result, index, /)", "One area."),
    RMPY_METHOD(result_ranked, "($module, result, position, /)",
                "The index of the area at a place in the order; -1 past the last."),
    RMPY_METHOD(result_indicator_count, "($module, result, /)", "How many indicators."),
    RMPY_METHOD(result_indicator_at, "($module, result, index, /)", "One indicator."),
    RMPY_METHOD(result_contribution, "($module, result, area, indicator, /)",
                "What an indicator did to an area."),
    RMPY_METHOD(result_reasons, "($module, result, area, indicators, /)",
                "Fills indicators with their numbers, the heaviest first; how many."),
    RMPY_METHOD(result_reason_text, "($module, result, area, indicator, language, /)",
                "A reason in words."),
    RMPY_METHOD(result_pillar_count, "($module, result, /)", "How many pillars."),
    RMPY_METHOD(result_pillar, "($module, result, index, /)", "The name of a pillar, or None."),
    RMPY_METHOD(result_pillar_score, "($module, result, area, pillar, /)", "(score, rank)"),
    RMPY_METHOD(result_issue_count, "($module, result, /)", "How many issues."),
    RMPY_METHOD(result_issue_at, "($module, result, index, /)", "One issue."),
    RMPY_METHOD(result_layer_count, "($module, result, /)", "How many layers."),
    RMPY_METHOD(result_layer_at, "($module, result, index, /)", "The account of a layer."),
    RMPY_METHOD(result_disclaimer, "($module, result, language, /)", "What a score is not."),
    RMPY_METHOD(write_options_init, "($module, /)", "The options of the writers."),
    RMPY_METHOD(result_write, "($module, result, path, /, **options)",
                "Writes a GeoPackage or PostGIS tables."),
    RMPY_METHOD(result_write_check, "($module, path, /, **options)",
                "Raises what result_write would refuse of a database."),
    RMPY_METHOD(result_write_table, "($module, result, path, /, **options)",
                "Writes the list for the meeting, .xlsx or .csv."),
    RMPY_METHODS_END};
