#include "base/date.h"
#include "base/redact.h"
#include "data/quote.h"
#include "model/model.h"
#include "model/model_fields.h"
#include "model/model_indicator.h"
#include "model/model_reports.h"
#include "riskmap/model.h"

#include <math.h>
#include <string.h>

#define MAX_LAYERS     256
#define MAX_INDICATORS 256 /* each is a column of the result, and SQLite takes 2000 */
#define MAX_BREAKS     8
#define COUNT(array)   ((int32_t)(sizeof(array) / sizeof *(array)))

#define OTHER RM_FIELD_OTHER, 0

#define TOP(kind, member) kind, offsetof(rm_model, member)
static const rm_model_field top_fields[] = {
    {"riskmap", OTHER, "the version of this format, 1"},
    {"name", OTHER, "a short name for the model, such as \"holiday-parks\""},
    {"purpose", TOP(RM_FIELD_WORDS, purpose), "what the scores are for"},
    {"layers", OTHER, "the data, by name, each with its source"},
    {"areas", OTHER, "the places that get a score, {\"layer\": ...}"},
    {"indicators", OTHER, "what is measured of each area"},
    {"title", TOP(RM_FIELD_WORDS, title), NULL},
    {"legal_basis", TOP(RM_FIELD_WORDS, legal_basis), NULL},
    {"retain_until", TOP(RM_FIELD_DAY_TEXT, retain_until), NULL},
    {"crs", TOP(RM_FIELD_WORDS, crs), NULL},
    {"score", OTHER, NULL},
    {"version", TOP(RM_FIELD_WORDS, version), NULL},
    {"decided_by", TOP(RM_FIELD_WORDS, decided_by), NULL},
    {"decided_on", TOP(RM_FIELD_DAY_TEXT, decided_on), NULL},
    {"$schema", OTHER, NULL},
};

#define LAYER(kind, member) kind, offsetof(rm_model_layer, member)
static const rm_model_field layer_fields[] = {
    {"source", LAYER(RM_FIELD_WORDS, source), "the file or address that holds it"},
    {"layer", LAYER(RM_FIELD_WORDS, layer), NULL},
    {"where", LAYER(RM_FIELD_WORDS, where), NULL},
    {"classification", OTHER, NULL},
    {"origin", OTHER, NULL},
    {"time", LAYER(RM_FIELD_WORDS, time), NULL},
    {"x", LAYER(RM_FIELD_WORDS, x), NULL},
    {"y", LAYER(RM_FIELD_WORDS, y), NULL},
    {"crs", LAYER(RM_FIELD_WORDS, crs), NULL},
    {"profile", LAYER(RM_FIELD_WORDS, profile), NULL},
    {"locate", OTHER, NULL},
    {"address", OTHER, NULL},
    {"reports", OTHER, NULL},
    {"max_age_days", LAYER(RM_FIELD_ABOVE_0, max_age_days), NULL},
};

static const rm_model_field areas_fields[] = {
    {"layer", OTHER, "the name of the layer with the areas"},
    {"id", TOP(RM_FIELD_WORDS, areas_id), NULL},
    {"name", TOP(RM_FIELD_WORDS, areas_name), NULL},
    {"type", TOP(RM_FIELD_WORDS, areas_type), NULL},
};

static const rm_model_field score_fields[] = {
    {"aggregate", OTHER, NULL},
    {"missing", OTHER, NULL},
    {"min_coverage", TOP(RM_FIELD_SHARE, min_coverage), NULL},
    {"classes", OTHER, NULL},
    {"floor", TOP(RM_FIELD_BETWEEN, floor), NULL},
};

/* ---- the top ---- */

/* Small letters and digits in words joined by - or _. */
static bool is_model_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (strlen(text) > 100)
        return false;
    for (;;) {
        size_t length = strspn(text, letters);
        if (length == 0)
            return false;
        if (text[length] == '\0')
            return true;
        if (text[length] != '-' && text[length] != '_')
            return false;
        text += length + 1;
    }
}

static rm_status read_top(const rm_model_file *file, const rm_json *root, rm_model *model)
{
    RM_TRY(rm_model_fields(file, root, top_fields, COUNT(top_fields), model));
    const rm_json *format = rm_json_member(root, "riskmap"), *name = rm_json_member(root, "name");
    RM_TRY(rm_model_kind(file, format, RM_JSON_NUMBER));
    if (format->number != 1)
        return rm_model_fail(file, format, "this version of riskmap reads format 1 and no other");
    RM_TRY(rm_model_kind(file, name, RM_JSON_TEXT));
    if (!is_model_name(name->text))
        return rm_model_fail(
            file, name,
            "%s must be small letters and digits in words joined by - or _, 100 characters "
            "at most; \"title\" is for people",
            rm_quoted_text(name->text).text);
    RM_TRY(rm_copy_text(&model->name, name->text, file->err));
    const rm_json *schema = rm_json_member(root, "$schema");
    if (schema)
        RM_TRY(rm_model_kind(file, schema, RM_JSON_TEXT));
    return model->crs ? RM_OK : rm_copy_text(&model->crs, "EPSG:28992", file->err);
}

/* ---- layers and areas ---- */

static rm_status check_layer_name(const rm_model_file *file, const rm_json *node)
{
    size_t length =
        strspn(node->key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    if (length > 0 && length <= 64 && !node->key[length] && !strchr("0123456789_-", node->key[0]))
        return RM_OK;
    return rm_model_fail(
        file, node,
        "a layer's name is letters, digits, _ and -, a letter first, 64 characters at most");
}

/* A model is kept, passed on, and copied into every result. */
static rm_status check_secrets(const rm_model_file *file, const rm_json *node, const char *source)
{
    bool secret = false;
    if (!source || (!strstr(source, "://") && strncmp(source, "PG:", 3) != 0))
        return RM_OK;
    RM_TRY(rm_holds_secret(&secret, source, file->err));
    if (!secret)
        return RM_OK;
    return rm_model_fail(
        file, node,
        "a password or key does not belong in a model: a database takes PGPASSWORD from the "
        "environment or ~/.pgpass, a web service RISKMAP_LOGIN_<HOST>, RISKMAP_TOKEN_<HOST> or "
        "RISKMAP_KEY_<HOST>, in which GEO.EXAMPLE.ORG is written GEO_EXAMPLE_ORG");
}

static rm_status read_layer(const rm_model_file *file, const rm_json *node, rm_model_layer *layer)
{
    static const char *const classes[] = {"open", "shielded"}, *const origins[] = {"registered",
                                                                                   "reported"};
    RM_TRY(check_layer_name(file, node));
    layer->line = node->line;
    RM_TRY(rm_copy_text(&layer->name, node->key, file->err));
    RM_TRY(rm_model_fields(file, node, layer_fields, COUNT(layer_fields), layer));
    RM_TRY(check_secrets(file, rm_json_member(node, "source"), layer->source));
    const rm_json *class_ = rm_json_member(node, "classification"),
                  *origin = rm_json_member(node, "origin"), *where = rm_json_member(node, "where");
    int32_t choice = 1;
    if (class_)
        RM_TRY(rm_model_choice(file, class_, "classification", classes, 2, &choice));
    layer->shielded = choice == 1;
    if (origin) {
        RM_TRY(rm_model_choice(file, origin, "origin", origins, 2, &choice));
        RM_TRY(rm_copy_text(&layer->origin, origin->text, file->err));
    }
    if (!layer->x != !layer->y)
        return rm_model_fail(file, node, "\"%s\" is missing: \"x\" and \"y\" come together",
                             layer->x ? "y" : "x");
    RM_TRY(rm_model_read_address(file, node, layer));
    RM_TRY(rm_model_read_reports(file, node, layer));
    return where ? rm_model_read_filter(file, where, &layer->filter) : RM_OK;
}

static rm_status read_layers(const rm_model_file *file, const rm_json *layers, rm_model *model)
{
    RM_TRY(rm_model_kind(file, layers, RM_JSON_OBJECT));
    if (layers->count < 1 || layers->count > MAX_LAYERS)
        return rm_model_fail(file, layers, "must hold 1 to %d layers", MAX_LAYERS);
    RM_TRY(RM_NEW_ZERO(&model->layers, layers->count, file->err));
    for (const rm_json *node = layers->first; node; node = node->next)
        RM_TRY(read_layer(file, node, &model->layers[model->layer_count++]));
    return rm_model_read_locate(file, layers, model);
}

static rm_status read_areas(const rm_model_file *file, const rm_json *areas, rm_model *model)
{
    const rm_json *name = rm_json_member(areas, "layer");
    RM_TRY(rm_model_fields(file, areas, areas_fields, COUNT(areas_fields), model));
    RM_TRY(rm_model_read_layer_name(file, name, model, &model->areas_layer));
    const rm_model_layer *layer = &model->layers[model->areas_layer];
    if (layer->locate >= 0 || layer->reported)
        return rm_model_fail(file, name,
                             "areas are polygons, and this layer states \"%s\", which is for "
                             "reports; take it out, or name another layer",
                             layer->reported ? "reports" : "locate");
    return RM_OK;
}

/* ---- indicators and score ---- */

static rm_status read_indicators(const rm_model_file *file, const rm_json *list, rm_model *model)
{
    RM_TRY(rm_model_kind(file, list, RM_JSON_LIST));
    if (list->count < 1 || list->count > MAX_INDICATORS)
        return rm_model_fail(file, list, "must hold 1 to %d indicators", MAX_INDICATORS);
    RM_TRY(RM_NEW_ZERO(&model->indicators, list->count, file->err));
    double total = 0;
    for (const rm_json *node = list->first; node; node = node->next) {
        rm_indicator *indicator = &model->indicators[model->indicator_count];
        rm_status status = rm_model_read_indicator(file, node, model, indicator);
        model->indicator_count++; /* also on failure, so that it is freed */
        RM_TRY(status);
        total = fmax(total, indicator->weight);
    }
    return total > 0 ? RM_OK
                     : rm_model_fail(file, list, "every weight is 0; give one of them more");
}

static rm_status read_classes(const rm_model_file *file, const rm_json *classes, rm_model *model)
{
    static const double usual[] = {0.2, 0.4, 0.6, 0.8};
    if (classes) {
        RM_TRY(rm_model_kind(file, classes, RM_JSON_LIST));
        if (classes->count < 1 || classes->count > MAX_BREAKS)
            return rm_model_fail(file, classes, "must be a list of 1 to %d numbers", MAX_BREAKS);
    }
    int32_t count = classes ? classes->count : COUNT(usual);
    RM_TRY(RM_NEW(&model->classes, count, file->err));
    model->class_count = count;
    if (!classes)
        memcpy(model->classes, usual, sizeof usual);
    int32_t n = 0;
    for (const rm_json *node = classes ? classes->first : NULL; node; node = node->next, n++) {
        RM_TRY(rm_model_kind(file, node, RM_JSON_NUMBER));
        if (node->number <= 0 || node->number >= 1)
            return rm_model_fail(file, node, "must be above 0 and below 1");
        if (n > 0 && node->number <= model->classes[n - 1])
            return rm_model_fail(file, node, "must be more than the one before it");
        model->classes[n] = node->number;
    }
    return RM_OK;
}

static rm_status check_geometric(const rm_model_file *file, const rm_json *indicators,
                                 const rm_model *model)
{
    const rm_json *node = indicators->first;
    for (int32_t k = 0; k < model->indicator_count; k++, node = node->next)
        if (model->indicators[k].scale == RM_SCALE_ZSCORE ||
            model->indicators[k].scale == RM_SCALE_RANK)
            return rm_model_fail(
                file, rm_json_member(node, "scale"),
                "the geometric aggregate needs values from 0 to 1; take minmax, percentile "
                "or fixed");
    return RM_OK;
}

/* A rank runs to the number of areas: beside a scale of 0..1 it would decide everything. */
static rm_status check_ranks(const rm_model_file *file, const rm_json *indicators,
                             const rm_model *model)
{
    const rm_json *node = indicators->first;
    for (int32_t k = 1; k < model->indicator_count; k++) {
        node = node->next;
        if ((model->indicators[k].scale == RM_SCALE_RANK) !=
            (model->indicators[0].scale == RM_SCALE_RANK))
            return rm_model_fail(
                file, rm_json_member(node, "scale"),
                "rank cannot be added to other scales: it runs to the number of areas; "
                "take percentile, or rank for every indicator");
    }
    return RM_OK;
}

static rm_status read_score(const rm_model_file *file, const rm_json *root, rm_model *model)
{
    static const char *const aggregates[] = {"linear", "geometric"}, *const ways[] = {"leave",
                                                                                      "reweight"};
    const rm_json *score = rm_json_member(root, "score");
    model->reweight = true;
    model->min_coverage = 0.6;
    model->floor = 0.01;
    if (!score)
        return read_classes(file, NULL, model);
    RM_TRY(rm_model_fields(file, score, score_fields, COUNT(score_fields), model));
    const rm_json *aggregate = rm_json_member(score, "aggregate"),
                  *missing = rm_json_member(score, "missing"),
                  *floor_ = rm_json_member(score, "floor");
    int32_t choice;
    if (aggregate) {
        RM_TRY(rm_model_choice(file, aggregate, "aggregate", aggregates, 2, &choice));
        model->geometric = choice == 1;
    }
    if (missing) {
        RM_TRY(rm_model_choice(file, missing, "way with missing values", ways, 2, &choice));
        model->reweight = choice == 1;
        if (!model->reweight) /* one missing value leaves a place without a score */
            model->min_coverage = 1.0;
    }
    if (floor_ && !model->geometric)
        return rm_model_fail(file, floor_, "only the geometric aggregate has a floor; take it out");
    if (model->geometric)
        RM_TRY(check_geometric(file, rm_json_member(root, "indicators"), model));
    return read_classes(file, rm_json_member(score, "classes"), model);
}

/* ---- the whole ---- */

static rm_status read_model(const rm_model_file *file, const rm_json *root, rm_model *model)
{
    RM_TRY(read_top(file, root, model));
    RM_TRY(read_layers(file, rm_json_member(root, "layers"), model));
    RM_TRY(read_areas(file, rm_json_member(root, "areas"), model));
    RM_TRY(read_indicators(file, rm_json_member(root, "indicators"), model));
    RM_TRY(check_ranks(file, rm_json_member(root, "indicators"), model));
    return read_score(file, root, model);
}

static rm_status keep_text(rm_model *model, const char *text, int64_t length, const char *path,
                           rm_error *err)
{
    RM_TRY(rm_copy_text(&model->path, path, err));
    RM_TRY(RM_NEW(&model->text, length + 1, err));
    if (length > 0)
        memcpy(model->text, text, (size_t)length);
    model->text[length] = '\0';
    return RM_OK;
}

rm_status rm_model_from_text(rm_model **out, const char *text, int64_t length, const char *path,
                             rm_error *err)
{
    rm_model_file file = {path ? path : "model", err};
    rm_model *model = NULL;
    rm_json *root = NULL;
    rm_error why;
    rm_status status = rm_json_parse(&root, text, length, &why);
    if (status == RM_ENOMEM)
        return rm_fail_memory(err);
    if (status != RM_OK)
        return rm_fail(err, status, "%s, %s", file.name, why.message);
    status = RM_NEW_ZERO(&model, 1, err);
    if (status == RM_OK)
        status = keep_text(model, text, length, path, err);
    if (status == RM_OK)
        status = read_model(&file, root, model);
    rm_json_free(root);
    if (status == RM_OK)
        *out = model;
    else
        rm_model_free(model);
    return status;
}

int32_t rm_model_find_layer(const rm_model *model, const char *name)
{
    for (int32_t i = 0; i < model->layer_count; i++)
        if (strcmp(model->layers[i].name, name) == 0)
            return i;
    return -1;
}

static void free_layer(rm_model_layer *layer)
{
    char *texts[] = {
        layer->name,     layer->source, layer->layer,  layer->where,    layer->crs,
        layer->x,        layer->y,      layer->time,   layer->origin,   layer->profile,
        layer->postcode, layer->number, layer->letter, layer->addition, layer->address_line,
        layer->street,   layer->place};
    for (int32_t i = 0; i < COUNT(texts); i++)
        rm_release(texts[i]);
    rm_filter_free(layer->filter);
}

static void free_indicator(rm_indicator *indicator)
{
    char *texts[] = {indicator->name,  indicator->pillar,   indicator->field, indicator->where,
                     indicator->label, indicator->label_en, indicator->why,   indicator->why_en};
    for (int32_t i = 0; i < COUNT(texts); i++)
        rm_release(texts[i]);
    rm_filter_free(indicator->filter);
}

void rm_model_free(rm_model *model)
{
    if (!model)
        return;
    for (int32_t i = 0; i < model->layer_count; i++)
        free_layer(&model->layers[i]);
    for (int32_t k = 0; k < model->indicator_count; k++)
        free_indicator(&model->indicators[k]);
    char *texts[] = {model->path,       model->text,        model->name,         model->title,
                     model->purpose,    model->legal_basis, model->retain_until, model->crs,
                     model->version,    model->decided_by,  model->decided_on,   model->areas_id,
                     model->areas_name, model->areas_type};
    for (int32_t i = 0; i < COUNT(texts); i++)
        rm_release(texts[i]);
    rm_release(model->layers);
    rm_release(model->indicators);
    rm_release(model->classes);
    rm_release(model);
}
