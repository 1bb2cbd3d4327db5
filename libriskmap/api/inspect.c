#include "riskmap/inspect.h"

#include "api/options.h"
#include "base/date.h"
#include "base/parallel.h"
#include "io/open.h"
#include "output/check/check.h"
#include "output/inspect/factsheet.h"
#include "output/inspect/inspect.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static rm_status check_index(const char *what, int32_t index, int32_t count, rm_error *err)
{
    if (index >= 0 && index < count)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "%s %d does not exist; there are %d, counted from 0", what,
                   index, count);
}

void rm_inspect_options_init(rm_inspect_options *options)
{
    *options = (rm_inspect_options)RM_INSPECT_OPTIONS_INIT;
}

static rm_status inspect_options_read(rm_inspect_options *out, const char *source,
                                      const rm_inspect_options *options, rm_error *err)
{
    rm_inspect_options_init(out);
    if (!source || !*source)
        return rm_fail(err, RM_EINVAL, "there is no source to look at");
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_inspect_options, RM_INSPECT_OPTIONS_INIT, layer, err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    return RM_OK;
}

rm_status rm_inspect(rm_inspection **out, const char *source, const rm_inspect_options *options,
                     rm_error *err)
{
    rm_inspect_options taken;
    rm_progress progress;
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_inspect: out must not be NULL");
    RM_TRY(inspect_options_read(&taken, source, options, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    rm_inspect_request request = {.source = source,
                                  .layer = taken.layer,
                                  .crs = taken.crs,
                                  .target_crs = taken.target_crs ? taken.target_crs : "EPSG:28992",
                                  .duplicates = taken.duplicates != 0,
                                  .today = rm_date_today(),
                                  .threads = rm_threads(taken.threads),
                                  .progress = &progress};
    return rm_inspect_source(out, &request, err);
}

void rm_inspection_free(rm_inspection *inspection)
{
    rm_inspection_clear(inspection);
}

const char *rm_inspection_driver(const rm_inspection *inspection)
{
    return text_or_empty(inspection->driver);
}

int32_t rm_inspection_layer_count(const rm_inspection *inspection)
{
    return inspection->count;
}

rm_status rm_inspection_layer(const rm_inspection *inspection, int32_t index,
                              rm_inspected_layer *out, rm_error *err)
{
    RM_TRY(check_index("layer", index, inspection->count, err));
    const rm_found_layer *layer = &inspection->layers[index];
    bool empty = rm_box_is_empty(layer->extent);
    rm_box box = empty ? (rm_box){NAN, NAN, NAN, NAN} : layer->extent;
    *out = (rm_inspected_layer){.name = text_or_empty(layer->name),
                                .geometry_type = text_or_empty(layer->geometry_type),
                                .taken_for = layer->taken_for,
                                .taken_for_en = layer->taken_for_en,
                                .problem = text_or_empty(layer->problem),
                                .crs = text_or_empty(layer->crs),
                                .crs_operation = text_or_empty(layer->crs_operation),
                                .missing_grid = text_or_empty(layer->missing_grid),
                                .crs_problem = text_or_empty(layer->crs_problem),
                                .looks_like = layer->looks_like,
                                .crs_accuracy_m = layer->crs_accuracy_m,
                                .extent = {box.xmin, box.ymin, box.xmax, box.ymax},
                                .features = layer->features,
                                .without_geometry = layer->without_geometry,
                                .invalid = layer->invalid,
                                .outside = layer->outside,
                                .bad_rows = layer->bad_rows,
                                .field_count = layer->field_count,
                                .ended = layer->ended,
                                .duplicate_rows = layer->duplicate_rows,
                                .duplicate_ids = layer->duplicate_ids,
                                .id_field =
                                    layer->id_field >= 0 && layer->id_field < layer->field_count
                                        ? layer->fields[layer->id_field].name
                                        : "",
                                .profile = layer->profile,
                                .profile_why = text_or_empty(layer->profile_why),
                                .profile_why_en = text_or_empty(layer->profile_why_en),
                                .listed_only = layer->listed_only,
                                .swapped_rows = layer->swapped,
                                .role_count = layer->guesses.count,
                                .xy_crs = text_or_empty(layer->guesses.crs),
                                .xy_swapped = layer->guesses.swapped};
    return RM_OK;
}

rm_status rm_inspection_role(const rm_inspection *inspection, int32_t layer, int32_t index,
                             rm_inspected_role *out, rm_error *err)
{
    RM_TRY(check_index("layer", layer, inspection->count, err));
    const rm_guesses *guesses = &inspection->layers[layer].guesses;
    RM_TRY(check_index("role", index, guesses->count, err));
    const rm_guessed *item = &guesses->items[index];
    *out = (rm_inspected_role){rm_role_name(item->role), item->column, rm_sure_name(item->sure)};
    return RM_OK;
}

static const char *type_name(rm_type type)
{
    switch (type) {
    case RM_INT64:
        return "integer";
    case RM_FLOAT64:
        return "real";
    case RM_DATE:
        return "date";
    case RM_DATETIME:
        return "datetime";
    case RM_TEXT:
        break;
    }
    return "text";
}

rm_status rm_inspection_field(const rm_inspection *inspection, int32_t layer, int32_t field,
                              rm_inspected_field *out, rm_error *err)
{
    RM_TRY(check_index("layer", layer, inspection->count, err));
    RM_TRY(check_index("field", field, inspection->layers[layer].field_count, err));
    const rm_found_field *found = &inspection->layers[layer].fields[field];
    *out = (rm_inspected_field){.name = found->name,
                                .type = type_name(found->type),
                                .missing = found->counts.missing,
                                .sentinels = found->counts.sentinels,
                                .numbers = found->counts.numbers,
                                .dates = found->counts.dates,
                                .lowest = found->counts.lowest,
                                .highest = found->counts.highest,
                                .first_date = found->counts.first_date,
                                .last_date = found->counts.last_date,
                                .person = rm_person_words(found->counts.person)};
    return RM_OK;
}

void rm_factsheet_options_init(rm_factsheet_options *options)
{
    *options = (rm_factsheet_options)RM_FACTSHEET_OPTIONS_INIT;
}

rm_status rm_inspection_write_factsheet(const rm_inspection *inspection, const char *source,
                                        const char *path, const rm_factsheet_options *options,
                                        rm_error *err)
{
    rm_factsheet_options taken;
    rm_factsheet_request request = {.inspection = inspection, .source = source};
    rm_factsheet_options_init(&taken);
    if (!inspection || !source || !*source || !path || !*path)
        return rm_fail(err, RM_EINVAL,
                       "a factsheet needs an inspection, its source and a path to write to");
    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_factsheet_options, RM_FACTSHEET_OPTIONS_INIT,
                           language, err));
    RM_TRY(rm_language_read(&request.language, taken.language, err));
    request.model = taken.model;
    request.open = taken.open != 0;
    request.overwrite = taken.overwrite != 0;
    request.today = taken.today == RM_NO_DATE ? rm_date_today() : taken.today;
    return rm_factsheet_write(&request, path, err);
}

/* Checks, or goes on where checking stopped. */
static rm_status check_with(rm_checklist **out, const rm_model *model,
                            const rm_run_options *options, double complete_from, rm_error *err)
{
    rm_progress progress;
    rm_override *overrides = NULL;
    int32_t given = 0;
    RM_TRY(rm_run_overrides(&overrides, &given, options, err));
    rm_progress_start(&progress, options->progress, options->progress_user);
    rm_run_request request = {.threads = rm_threads(options->threads),
                              .only_best = options->only_best != 0,
                              .as_of =
                                  options->as_of == RM_NO_DATE ? rm_date_today() : options->as_of,
                              .overrides = overrides,
                              .override_count = given,
                              .open = rm_open,
                              .progress = &progress};
    rm_status status = isnan(complete_from)
                           ? rm_check_model(out, model, &request, err)
                           : rm_checklist_read(*out, model, &request, complete_from, err);
    rm_release(overrides);
    return status;
}

rm_status rm_check(rm_checklist **out, const rm_model *model, const rm_run_options *options,
                   rm_error *err)
{
    rm_run_options taken;
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_check: out must not be NULL");
    RM_TRY(rm_run_options_read(&taken, model, options, err));
    return check_with(out, model, &taken, NAN, err);
}

rm_status rm_checklist_measure(rm_checklist *checklist, const rm_model *model,
                               const rm_run_options *options, double complete_from, rm_error *err)
{
    rm_run_options taken;
    if (!checklist || !(complete_from >= 0 && complete_from <= 1))
        return rm_fail(err, RM_EINVAL,
                       "rm_checklist_measure needs a checklist, and complete_from is 0 to 1");
    RM_TRY(rm_run_options_read(&taken, model, options, err));
    if (checklist->layer_count != model->layer_count ||
        checklist->indicator_count != model->indicator_count)
        return rm_fail(err, RM_EINVAL, "the checklist was made of another model");
    return check_with(&checklist, model, &taken, complete_from, err);
}

void rm_checklist_free(rm_checklist *checklist)
{
    rm_checklist_clear(checklist);
}

int32_t rm_checklist_problem_count(const rm_checklist *checklist)
{
    return rm_checklist_problems(checklist);
}

int32_t rm_checklist_layer_count(const rm_checklist *checklist)
{
    return checklist->layer_count;
}

static rm_check_state state_of(const rm_checked_source *layer)
{
    if (!layer->used)
        return RM_CHECK_UNUSED;
    if (layer->problem)
        return layer->opened ? RM_CHECK_LACKING : RM_CHECK_MISSING;
    return layer->too_old      ? RM_CHECK_TOO_OLD
           : layer->incomplete ? RM_CHECK_INCOMPLETE
                               : RM_CHECK_PRESENT;
}

rm_status rm_checklist_layer(const rm_checklist *checklist, int32_t index, rm_checked_layer *out,
                             rm_error *err)
{
    RM_TRY(check_index("layer", index, checklist->layer_count, err));
    const rm_checked_source *layer = &checklist->layers[index];
    *out = (rm_checked_layer){.name = layer->name,
                              .source = text_or_empty(layer->source),
                              .driver = text_or_empty(layer->driver),
                              .geometry_type = text_or_empty(layer->geometry_type),
                              .fields = text_or_empty(layer->fields.data),
                              .crs = text_or_empty(layer->crs),
                              .crs_operation = text_or_empty(layer->crs_operation),
                              .missing_grid = text_or_empty(layer->missing_grid),
                              .problem = text_or_empty(layer->problem),
                              .crs_accuracy_m = layer->crs_accuracy_m,
                              .features = layer->features,
                              .used = layer->used,
                              .areas = layer->areas,
                              .shielded = layer->shielded,
                              .state = (int32_t)state_of(layer),
                              .too_old = layer->too_old,
                              .incomplete = layer->incomplete,
                              .data_date = layer->data_date,
                              .dated_by = text_or_empty(layer->dated_by),
                              .max_age_days = layer->max_age_days,
                              .weight_share = layer->weight_share};
    return RM_OK;
}

int32_t rm_checklist_indicator_count(const rm_checklist *checklist)
{
    return checklist->indicator_count;
}

rm_status rm_checklist_indicator(const rm_checklist *checklist, int32_t index,
                                 rm_checked_indicator *out, rm_error *err)
{
    RM_TRY(check_index("indicator", index, checklist->indicator_count, err));
    const rm_checked_measure *indicator = &checklist->indicators[index];
    const char *english = indicator->label_en ? indicator->label_en : indicator->label;
    *out = (rm_checked_indicator){.name = indicator->name,
                                  .label = text_or_empty(indicator->label),
                                  .label_en = text_or_empty(english),
                                  .measure = indicator->measure,
                                  .problem = text_or_empty(indicator->problem),
                                  .problem_layer = text_or_empty(indicator->problem_layer),
                                  .weight = indicator->weight};
    return RM_OK;
}

int32_t rm_checklist_field_count(const rm_checklist *checklist)
{
    return checklist->field_count;
}

rm_status rm_checklist_field(const rm_checklist *checklist, int32_t index, rm_checked_field *out,
                             rm_error *err)
{
    RM_TRY(check_index("field", index, checklist->field_count, err));
    const rm_filled_field *field = &checklist->fields[index];
    *out = (rm_checked_field){.layer = field->layer,
                              .field = field->field,
                              .rows = field->rows,
                              .filled = field->filled,
                              .enough = field->enough};
    return RM_OK;
}

rm_status rm_checklist_effect(const rm_checklist *checklist, rm_check_effect *out, rm_error *err)
{
    if (!checklist || !out)
        return rm_fail(err, RM_EINVAL, "rm_checklist_effect: nothing may be NULL");
    *out = checklist->effect;
    return RM_OK;
}

int32_t rm_checklist_finding_count(const rm_checklist *checklist)
{
    return checklist->finding_count;
}

rm_status rm_checklist_finding(const rm_checklist *checklist, int32_t index,
                               rm_checked_finding *out, rm_error *err)
{
    RM_TRY(check_index("finding", index, checklist->finding_count, err));
    const rm_finding *finding = &checklist->findings[index];
    *out = (rm_checked_finding){.layer = text_or_empty(finding->layer),
                                .indicator = text_or_empty(finding->indicator),
                                .message = finding->message};
    return RM_OK;
}
