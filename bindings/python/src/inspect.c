#include "binding.h"

/* ---- inspections ---- */

static const rmpy_field inspect_options[] = {RMPY_FIELD(rm_inspect_options, 'i', threads),
                                             RMPY_FIELD(rm_inspect_options, 's', layer),
                                             RMPY_FIELD(rm_inspect_options, 's', crs),
                                             RMPY_FIELD(rm_inspect_options, 's', target_crs),
                                             RMPY_FIELD(rm_inspect_options, 'p', duplicates),
                                             RMPY_PROGRESS(rm_inspect_options),
                                             RMPY_END};

static const rmpy_field inspected_layer[] = {RMPY_FIELD(rm_inspected_layer, 's', name),
                                             RMPY_FIELD(rm_inspected_layer, 's', geometry_type),
                                             RMPY_FIELD(rm_inspected_layer, 's', taken_for),
                                             RMPY_FIELD(rm_inspected_layer, 's', taken_for_en),
                                             RMPY_FIELD(rm_inspected_layer, 's', problem),
                                             RMPY_FIELD(rm_inspected_layer, 's', crs),
                                             RMPY_FIELD(rm_inspected_layer, 's', crs_operation),
                                             RMPY_FIELD(rm_inspected_layer, 's', missing_grid),
                                             RMPY_FIELD(rm_inspected_layer, 's', crs_problem),
                                             RMPY_FIELD(rm_inspected_layer, 's', looks_like),
                                             RMPY_FIELD(rm_inspected_layer, 'd', crs_accuracy_m),
                                             RMPY_FIELD(rm_inspected_layer, 'E', extent),
                                             RMPY_FIELD(rm_inspected_layer, 'q', features),
                                             RMPY_FIELD(rm_inspected_layer, 'q', without_geometry),
                                             RMPY_FIELD(rm_inspected_layer, 'q', invalid),
                                             RMPY_FIELD(rm_inspected_layer, 'q', outside),
                                             RMPY_FIELD(rm_inspected_layer, 'q', bad_rows),
                                             RMPY_FIELD(rm_inspected_layer, 'i', field_count),
                                             RMPY_FIELD(rm_inspected_layer, 'q', ended),
                                             RMPY_FIELD(rm_inspected_layer, 'q', duplicate_rows),
                                             RMPY_FIELD(rm_inspected_layer, 'q', duplicate_ids),
                                             RMPY_FIELD(rm_inspected_layer, 's', id_field),
                                             RMPY_FIELD(rm_inspected_layer, 's', profile),
                                             RMPY_FIELD(rm_inspected_layer, 's', profile_why),
                                             RMPY_FIELD(rm_inspected_layer, 's', profile_why_en),
                                             RMPY_FIELD(rm_inspected_layer, 'p', listed_only),
                                             RMPY_FIELD(rm_inspected_layer, 'q', swapped_rows),
                                             RMPY_FIELD(rm_inspected_layer, 'i', role_count),
                                             RMPY_FIELD(rm_inspected_layer, 's', xy_crs),
                                             RMPY_FIELD(rm_inspected_layer, 'p', xy_swapped),
                                             RMPY_END};

static const rmpy_field inspected_role[] = {RMPY_FIELD(rm_inspected_role, 's', role),
                                            RMPY_FIELD(rm_inspected_role, 's', column),
                                            RMPY_FIELD(rm_inspected_role, 's', sure), RMPY_END};

static const rmpy_field inspected_field[] = {
    RMPY_FIELD(rm_inspected_field, 's', name),       RMPY_FIELD(rm_inspected_field, 's', type),
    RMPY_FIELD(rm_inspected_field, 'q', missing),    RMPY_FIELD(rm_inspected_field, 'q', sentinels),
    RMPY_FIELD(rm_inspected_field, 'q', numbers),    RMPY_FIELD(rm_inspected_field, 'q', dates),
    RMPY_FIELD(rm_inspected_field, 'd', lowest),     RMPY_FIELD(rm_inspected_field, 'd', highest),
    RMPY_FIELD(rm_inspected_field, 'D', first_date), RMPY_FIELD(rm_inspected_field, 'D', last_date),
    RMPY_FIELD(rm_inspected_field, 's', person),     RMPY_END};

static const rmpy_field factsheet_options[] = {
    RMPY_FIELD(rm_factsheet_options, 'p', open),  RMPY_FIELD(rm_factsheet_options, 'p', overwrite),
    RMPY_FIELD(rm_factsheet_options, 'D', today), RMPY_FIELD(rm_factsheet_options, 's', language),
    RMPY_FIELD(rm_factsheet_options, 'M', model), RMPY_END};

RMPY_DEFAULTS(inspect_options_init, rm_inspect_options, inspect_options)
RMPY_DEFAULTS(factsheet_options_init, rm_factsheet_options, factsheet_options)

static PyObject *inspect(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_inspection *inspection = NULL;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "inspect", 1);
    const char *source = rmpy_path(&call, "source", RMPY_READ);
    rmpy_options(&call, inspect_options, &options);
    RMPY_RUN(&call, rm_inspect(&inspection, source, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_INSPECTION, inspection, NULL));
}

RMPY_GETTER(inspection_driver, RMPY_INSPECTION, rm_inspection, rmpy_str)
RMPY_GETTER(inspection_layer_count, RMPY_INSPECTION, rm_inspection, PyLong_FromLong)
RMPY_STRUCT_AT(inspection_layer, RMPY_INSPECTION, rm_inspection, rmpy_int32, rm_inspected_layer,
               inspected_layer)

static PyObject *inspection_role(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_inspected_role out;
    rmpy_begin(&call, module, args, keywords, "inspection_role", 3);
    const rm_inspection *inspection = rmpy_handle(&call, RMPY_INSPECTION);
    int32_t layer = rmpy_int32(&call, "layer");
    int32_t index = rmpy_int32(&call, "index");
    RMPY_RUN_HELD(&call, rm_inspection_role(inspection, layer, index, &out, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(inspected_role, &out));
}

static PyObject *inspection_field(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_inspected_field out;
    rmpy_begin(&call, module, args, keywords, "inspection_field", 3);
    const rm_inspection *inspection = rmpy_handle(&call, RMPY_INSPECTION);
    int32_t layer = rmpy_int32(&call, "layer");
    int32_t field = rmpy_int32(&call, "field");
    RMPY_RUN_HELD(&call, rm_inspection_field(inspection, layer, field, &out, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(inspected_field, &out));
}

static PyObject *inspection_write_factsheet(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "inspection_write_factsheet", 3);
    const rm_inspection *inspection = rmpy_handle(&call, RMPY_INSPECTION);
    const char *source = rmpy_path(&call, "source", RMPY_READ);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    rmpy_options(&call, factsheet_options, &options);
    RMPY_RUN(&call, rm_inspection_write_factsheet(inspection, source, path, &options, &call.err));
    return rmpy_end(&call, NULL);
}

/* ---- checklists ---- */

static const rmpy_field checked_layer[] = {RMPY_FIELD(rm_checked_layer, 's', name),
                                           RMPY_FIELD(rm_checked_layer, 's', source),
                                           RMPY_FIELD(rm_checked_layer, 's', driver),
                                           RMPY_FIELD(rm_checked_layer, 's', geometry_type),
                                           RMPY_FIELD(rm_checked_layer, 's', fields),
                                           RMPY_FIELD(rm_checked_layer, 's', crs),
                                           RMPY_FIELD(rm_checked_layer, 's', crs_operation),
                                           RMPY_FIELD(rm_checked_layer, 's', missing_grid),
                                           RMPY_FIELD(rm_checked_layer, 's', problem),
                                           RMPY_FIELD(rm_checked_layer, 'd', crs_accuracy_m),
                                           RMPY_FIELD(rm_checked_layer, 'q', features),
                                           RMPY_FIELD(rm_checked_layer, 'p', used),
                                           RMPY_FIELD(rm_checked_layer, 'p', areas),
                                           RMPY_FIELD(rm_checked_layer, 'p', shielded),
                                           RMPY_FIELD(rm_checked_layer, 'i', state),
                                           RMPY_FIELD(rm_checked_layer, 'p', too_old),
                                           RMPY_FIELD(rm_checked_layer, 'p', incomplete),
                                           RMPY_FIELD(rm_checked_layer, 'D', data_date),
                                           RMPY_FIELD(rm_checked_layer, 's', dated_by),
                                           RMPY_FIELD(rm_checked_layer, 'd', max_age_days),
                                           RMPY_FIELD(rm_checked_layer, 'd', weight_share),
                                           RMPY_END};

static const rmpy_field checked_indicator[] = {RMPY_FIELD(rm_checked_indicator, 's', name),
                                               RMPY_FIELD(rm_checked_indicator, 's', label),
                                               RMPY_FIELD(rm_checked_indicator, 's', label_en),
                                               RMPY_FIELD(rm_checked_indicator, 's', measure),
                                               RMPY_FIELD(rm_checked_indicator, 's', problem),
                                               RMPY_FIELD(rm_checked_indicator, 's', problem_layer),
                                               RMPY_FIELD(rm_checked_indicator, 'd', weight),
                                               RMPY_END};

static const rmpy_field checked_field[] = {
    RMPY_FIELD(rm_checked_field, 's', layer),  RMPY_FIELD(rm_checked_field, 's', field),
    RMPY_FIELD(rm_checked_field, 'q', rows),   RMPY_FIELD(rm_checked_field, 'q', filled),
    RMPY_FIELD(rm_checked_field, 'p', enough), RMPY_END};

static const rmpy_field checked_finding[] = {
    RMPY_FIELD(rm_checked_finding, 's', layer), RMPY_FIELD(rm_checked_finding, 's', indicator),
    RMPY_FIELD(rm_checked_finding, 's', message), RMPY_END};

static const rmpy_field check_effect[] = {
    RMPY_FIELD(rm_check_effect, 'd', lost_share),   RMPY_FIELD(rm_check_effect, 'd', coverage),
    RMPY_FIELD(rm_check_effect, 'd', min_coverage), RMPY_FIELD(rm_check_effect, 'q', areas),
    RMPY_FIELD(rm_check_effect, 'q', below),        RMPY_FIELD(rm_check_effect, 'p', at_least),
    RMPY_FIELD(rm_check_effect, 'i', fallen),       RMPY_END};

static PyObject *check(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_checklist *checklist = NULL;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "check", 1);
    const rm_model *model = rmpy_handle(&call, RMPY_MODEL);
    rmpy_run_options(&call, &options);
    RMPY_RUN(&call, rm_check(&checklist, model, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_CHECKLIST, checklist, NULL));
}

static PyObject *checklist_measure(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "checklist_measure", 3);
    rm_checklist *checklist = rmpy_handle_to_change(&call, RMPY_CHECKLIST);
    const rm_model *model = rmpy_handle(&call, RMPY_MODEL);
    double complete_from = rmpy_double(&call, "complete_from");
    rmpy_run_options(&call, &options);
    RMPY_RUN(&call, rm_checklist_measure(checklist, model, &options, complete_from, &call.err));
    return rmpy_end(&call, NULL);
}

RMPY_GETTER(checklist_problem_count, RMPY_CHECKLIST, rm_checklist, PyLong_FromLong)
RMPY_GETTER(checklist_layer_count, RMPY_CHECKLIST, rm_checklist, PyLong_FromLong)
RMPY_GETTER(checklist_indicator_count, RMPY_CHECKLIST, rm_checklist, PyLong_FromLong)
RMPY_GETTER(checklist_field_count, RMPY_CHECKLIST, rm_checklist, PyLong_FromLong)
RMPY_GETTER(checklist_finding_count, RMPY_CHECKLIST, rm_checklist, PyLong_FromLong)
RMPY_STRUCT_AT(checklist_layer, RMPY_CHECKLIST, rm_checklist, rmpy_int32, rm_checked_layer,
               checked_layer)
RMPY_STRUCT_AT(checklist_indicator, RMPY_CHECKLIST, rm_checklist, rmpy_int32, rm_checked_indicator,
               checked_indicator)
RMPY_STRUCT_AT(checklist_field, RMPY_CHECKLIST, rm_checklist, rmpy_int32, rm_checked_field,
               checked_field)
RMPY_STRUCT_AT(checklist_finding, RMPY_CHECKLIST, rm_checklist, rmpy_int32, rm_checked_finding,
               checked_finding)

static PyObject *checklist_effect(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_check_effect out;
    rmpy_begin(&call, module, args, keywords, "checklist_effect", 1);
    const rm_checklist *checklist = rmpy_handle(&call, RMPY_CHECKLIST);
    RMPY_RUN_HELD(&call, rm_checklist_effect(checklist, &out, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(check_effect, &out));
}

PyMethodDef rmpy_inspect_methods[] = {
    RMPY_METHOD(inspect_options_init, "($module, /)", "The options of inspect."),
    RMPY_METHOD(inspect, "($module, source, /, **options)", "What is in a source."),
    RMPY_METHOD(inspection_driver, "($module, inspection, /)", "What reads the source."),
    RMPY_METHOD(inspection_layer_count, "($module, inspection, /)", "How many layers."),
    RMPY_METHOD(inspection_layer, "($module, inspection, index, /)", "A layer as it was found."),
    RMPY_METHOD(inspection_role, "($module, inspection, layer, index, /)",
                "What a column seems to be for."),
    RMPY_METHOD(inspection_field, "($module, inspection, layer, field, /)", "Counts of a field."),
    RMPY_METHOD(factsheet_options_init, "($module, /)", "The options of the factsheet."),
    RMPY_METHOD(inspection_write_factsheet, "($module, inspection, source, path, /, **options)",
                "Writes path.md and path.json."),
    RMPY_METHOD(check, "($module, model, /, **options)", "What a model will make of its sources."),
    RMPY_METHOD(checklist_measure, "($module, checklist, model, complete_from, /, **options)",
                "Goes on: how far fields are filled, how old the data are."),
    RMPY_METHOD(checklist_problem_count, "($module, checklist, /)",
                "Layers and indicators that cannot be used as they are."),
    RMPY_METHOD(checklist_field_count, "($module, checklist, /)", "How many fields."),
    RMPY_METHOD(checklist_field, "($module, checklist, index, /)",
                "A field that an indicator uses."),
    RMPY_METHOD(checklist_effect, "($module, checklist, /)", "What the gaps do to the score."),
    RMPY_METHOD(checklist_layer_count, "($module, checklist, /)", "How many layers."),
    RMPY_METHOD(checklist_layer, "($module, checklist, index, /)", "A layer of the model."),
    RMPY_METHOD(checklist_indicator_count, "($module, checklist, /)", "How many indicators."),
    RMPY_METHOD(checklist_indicator, "($module, checklist, index, /)",
                "An indicator of the model."),
    RMPY_METHOD(checklist_finding_count, "($module, checklist, /)", "How many findings."),
    RMPY_METHOD(checklist_finding, "($module, checklist, index, /)", "One thing that is wrong."),
    RMPY_METHODS_END};
