#include "io/crs.h"

#include "base/text.h"

#include <math.h>
#include <proj.h>
#include <proj_experimental.h>
#include <stdio.h>
#include <string.h>

/* One PROJ context and what it last said. */
typedef struct crs_session {
    PJ_CONTEXT *context;
    char said[256];
} crs_session;

static void crs_listen(void *user, int level, const char *message)
{
    (void)level;
    crs_session *session = user;
    snprintf(session->said, sizeof session->said, "%s", message);
    session->said[rm_utf8_valid(session->said, (int64_t)strlen(session->said))] = '\0';
    for (char *p = session->said; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

#ifndef RM_PROJ_FOLDER
#define RM_PROJ_FOLDER ""
#endif

/* PROJ_DATA replaces the built-in folder: one that holds grids alone would hide the database. */
static void crs_find_database(PJ_CONTEXT *context)
{
    static const char folder[] = RM_PROJ_FOLDER;
    if (folder[0] != '\0' && !proj_context_get_database_path(context))
        proj_context_set_database_path(context, RM_PROJ_FOLDER "/proj.db", NULL, NULL);
}

static rm_status crs_open(crs_session *session, rm_error *err)
{
    session->said[0] = '\0';
    session->context = proj_context_create();
    if (!session->context)
        return rm_fail_memory(err);
    proj_log_func(session->context, session, crs_listen);
    proj_context_set_enable_network(session->context, 0);
    crs_find_database(session->context);
    session->said[0] = '\0';
    return RM_OK;
}

static void crs_close(crs_session *session)
{
    if (session->context)
        proj_context_destroy(session->context);
    session->context = NULL;
}

/* Replaces *crs by `better`, when there is one. */
static void crs_replace(PJ **crs, PJ *better)
{
    if (better) {
        proj_destroy(*crs);
        *crs = better;
    }
}

/* The horizontal, two-dimensional CRS of a definition: heights are left aside everywhere. */
static rm_status crs_parse(PJ **out, crs_session *session, const char *definition, rm_error *err)
{
    PJ_CONTEXT *context = session->context;
    if (rm_text_equal_nocase(definition, "CRS84"))
        definition = "OGC:CRS84";
    PJ *crs = proj_create(context, definition);
    if (crs && proj_get_type(crs) == PJ_TYPE_BOUND_CRS)
        crs_replace(&crs, proj_get_source_crs(context, crs));
    if (crs && proj_get_type(crs) == PJ_TYPE_COMPOUND_CRS)
        crs_replace(&crs, proj_crs_get_sub_crs(context, crs, 0));
    if (crs && proj_is_crs(crs))
        crs_replace(&crs, proj_crs_demote_to_2D(context, NULL, crs));
    if (!crs || !proj_is_crs(crs)) {
        proj_destroy(crs);
        return rm_fail(
            err, RM_ECRS,
            "\"%.80s\" is no coordinate reference system that PROJ knows%s%.200s%s: write "
            "one such as \"EPSG:28992\"",
            definition, session->said[0] ? " (" : "", session->said, session->said[0] ? ")" : "");
    }
    *out = crs;
    return RM_OK;
}

static bool has_parameter(crs_session *session, const PJ *conversion, const char *name,
                          double value, double tolerance)
{
    double found = 0;
    int index = proj_coordoperation_get_param_index(session->context, conversion, name);
    return index >= 0 &&
           proj_coordoperation_get_param(session->context, conversion, index, NULL, NULL, NULL,
                                         &found, NULL, NULL, NULL, NULL, NULL, NULL) &&
           found > value - tolerance && found < value + tolerance;
}

/* The projection of RD with no other purpose than RD. Some formats lose the datum beside it,
 * MapInfo among them; taken at its word that would put everything 110 m off. */
static bool crs_projects_as_rd(crs_session *session, const PJ *crs)
{
    if (proj_get_type(crs) != PJ_TYPE_PROJECTED_CRS)
        return false;
    PJ *conversion = proj_crs_get_coordoperation(session->context, crs);
    bool rd = conversion && has_parameter(session, conversion, "False easting", 155000, 0.001) &&
              has_parameter(session, conversion, "False northing", 463000, 0.001) &&
              has_parameter(session, conversion, "Latitude of natural origin", 52.156161, 1e-4) &&
              has_parameter(session, conversion, "Longitude of natural origin", 5.387639, 1e-4);
    proj_destroy(conversion);
    return rd;
}

/* A CRS without a code that equals one of EPSG's becomes that one: only then is its area of use
 * known, and only then are the official transformations found. */
static void crs_recognise(crs_session *session, PJ **crs)
{
    PJ_CONTEXT *context = session->context;
    if (proj_get_id_auth_name(*crs, 0))
        return;
    int *confidence = NULL;
    PJ_OBJ_LIST *list = proj_identify(context, *crs, "EPSG", NULL, &confidence);
    if (list && proj_list_get_count(list) > 0 && confidence[0] >= 90)
        crs_replace(crs, proj_list_get(context, list, 0));
    proj_int_list_destroy(confidence);
    proj_list_destroy(list);
    if (!proj_get_id_auth_name(*crs, 0) && crs_projects_as_rd(session, *crs))
        crs_replace(crs, proj_create(context, "EPSG:28992"));
}

static rm_status crs_label(char **out, const PJ *crs, rm_error *err)
{
    const char *authority = proj_get_id_auth_name(crs, 0), *code = proj_get_id_code(crs, 0);
    if (!authority || !code) {
        const char *name = proj_get_name(crs);
        return rm_copy_text(out, name && name[0] ? name : "unnamed", err);
    }
    char label[128];
    snprintf(label, sizeof label, "%s:%s", authority, code);
    return rm_copy_text(out, label, err);
}

/* Runs `make` on a definition, with the texts that it borrows still alive. */
typedef rm_status (*crs_text_fn)(char **out, crs_session *session, PJ *crs, rm_error *err);

static rm_status crs_text(char **out, const char *definition, crs_text_fn make, rm_error *err)
{
    crs_session session = {0};
    PJ *crs = NULL;
    RM_TRY(crs_open(&session, err));
    rm_status status = crs_parse(&crs, &session, definition, err);
    if (status == RM_OK) {
        crs_recognise(&session, &crs);
        status = make(out, &session, crs, err);
    }
    proj_destroy(crs);
    crs_close(&session);
    return status;
}

static rm_status crs_make_code(char **out, crs_session *session, PJ *crs, rm_error *err)
{
    (void)session;
    return crs_label(out, crs, err);
}

static rm_status crs_make_projjson(char **out, crs_session *session, PJ *crs, rm_error *err)
{
    static const char *const options[] = {"MULTILINE=NO", NULL};
    const char *text = proj_as_projjson(session->context, crs, options);
    if (!text)
        return rm_fail(err, RM_ECRS, "a coordinate reference system cannot be written as PROJJSON");
    return rm_copy_text(out, text, err);
}

rm_status rm_crs_code(char **out, const char *definition, rm_error *err)
{
    return crs_text(out, definition, crs_make_code, err);
}

rm_status rm_crs_name(char **out, const char *definition, rm_error *err)
{
    char *code = NULL;
    RM_TRY(rm_crs_code(&code, definition, err));
    if (strchr(code, ':') && !strchr(code, ' ')) {
        *out = code;
        return RM_OK;
    }
    rm_release(code);
    return rm_copy_text(out, definition, err);
}

rm_status rm_crs_projjson(char **out, const char *definition, rm_error *err)
{
    return crs_text(out, definition, crs_make_projjson, err);
}

static rm_status crs_unit(char **out, crs_session *session, PJ *crs, rm_error *err)
{
    const char *name = NULL;
    PJ *axes = proj_crs_get_coordinate_system(session->context, crs);
    if (!axes || !proj_cs_get_axis_info(session->context, axes, 0, NULL, NULL, NULL, NULL, &name,
                                        NULL, NULL))
        name = NULL;
    rm_status status = rm_copy_text(out, name ? name : "an unknown unit", err);
    proj_destroy(axes);
    return status;
}

rm_status rm_crs_require_metres(const char *definition, rm_error *err)
{
    char *unit = NULL;
    RM_TRY(crs_text(&unit, definition, crs_unit, err));
    bool metres = strcmp(unit, "metre") == 0;
    rm_status status =
        metres ? RM_OK
               : rm_fail(err, RM_ECRS,
                         "the coordinates of %.80s are in %.40ss and distances are wanted in "
                         "metres: bring it to a projected CRS, in the Netherlands EPSG:28992",
                         definition, unit);
    rm_release(unit);
    return status;
}

static bool crs_is_geographic(const PJ *crs)
{
    PJ_TYPE type = proj_get_type(crs);
    return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
}

static bool crs_same(crs_session *session, const PJ *a, const PJ *b)
{
    return proj_is_equivalent_to_with_ctx(session->context, a, b,
                                          PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
}

/* True for a projected CRS on the Amersfoort datum, or Amersfoort itself. */
static bool crs_is_dutch(crs_session *session, const PJ *crs)
{
    PJ *geodetic = proj_crs_get_geodetic_crs(session->context, crs);
    const char *code = geodetic ? proj_get_id_code(geodetic, 0) : NULL;
    bool dutch = code && strcmp(code, "4289") == 0;
    proj_destroy(geodetic);
    return dutch;
}

/* Dutch data are measured in ETRS89 whatever their label says, and PROJ has no grid from WGS 84. */
static rm_status crs_take_for_etrs89(PJ **source, crs_session *session, const PJ *target,
                                     bool *taken, rm_error *err)
{
    *taken = false;
    if (!crs_is_geographic(*source) || !crs_is_dutch(session, target))
        return RM_OK;
    PJ *wgs84 = NULL;
    RM_TRY(crs_parse(&wgs84, session, "EPSG:4326", err));
    *taken = crs_same(session, *source, wgs84);
    proj_destroy(wgs84);
    if (!*taken)
        return RM_OK;
    PJ *etrs89 = NULL;
    RM_TRY(crs_parse(&etrs89, session, "EPSG:4258", err));
    crs_replace(source, etrs89);
    return RM_OK;
}

/* A pipeline between two CRS that share their datum, or the best that PROJ finds, x before y. */
static PJ *crs_simple(crs_session *session, const PJ *source, const PJ *target)
{
    PJ *plain = proj_create_crs_to_crs_from_pj(session->context, source, target, NULL, NULL);
    PJ *visual = plain ? proj_normalize_for_visualization(session->context, plain) : NULL;
    proj_destroy(plain);
    return visual;
}

static void crs_area_of_use(rm_box *out, crs_session *session, const PJ *target)
{
    *out = (rm_box){-HUGE_VAL, -HUGE_VAL, HUGE_VAL, HUGE_VAL};
    double west, south, east, north;
    if (!proj_get_area_of_use(session->context, target, &west, &south, &east, &north, NULL) ||
        west < -180 || west > east)
        return;
    if (crs_is_geographic(target)) {
        const double margin = 0.01; /* about 1 km */
        *out = (rm_box){west - margin, south - margin, east + margin, north + margin};
        return;
    }
    PJ *geodetic = proj_crs_get_geodetic_crs(session->context, target);
    PJ *project = geodetic ? crs_simple(session, geodetic, target) : NULL;
    rm_box box;
    if (project && proj_trans_bounds(session->context, project, PJ_FWD, west, south, east, north,
                                     &box.xmin, &box.ymin, &box.xmax, &box.ymax, 21)) {
        const double margin = 1000.0;
        *out = (rm_box){box.xmin - margin, box.ymin - margin, box.xmax + margin, box.ymax + margin};
    }
    proj_destroy(project);
    proj_destroy(geodetic);
}

/* Every operation, as if all grids were here, the best first; ones that would only rename the datum
 * are no answer. */
static PJ_OBJ_LIST *crs_operations(crs_session *session, const PJ *source, const PJ *target)
{
    PJ_CONTEXT *context = session->context;
    PJ_OPERATION_FACTORY_CONTEXT *factory = proj_create_operation_factory_context(context, NULL);
    if (!factory)
        return NULL;
    proj_operation_factory_context_set_spatial_criterion(
        context, factory, PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
    proj_operation_factory_context_set_grid_availability_use(context, factory,
                                                             PROJ_GRID_AVAILABILITY_IGNORED);
    proj_operation_factory_context_set_allow_ballpark_transformations(context, factory, 0);
    double west, south, east, north;
    if (proj_get_area_of_use(context, target, &west, &south, &east, &north, NULL) && west >= -180)
        proj_operation_factory_context_set_area_of_interest(context, factory, west, south, east,
                                                            north);
    PJ_OBJ_LIST *list = proj_create_operations(context, source, target, factory);
    proj_operation_factory_context_destroy(factory);
    return list;
}

/* The first grid of an operation that is not on this machine, or NULL. */
static const char *crs_missing_grid(crs_session *session, const PJ *operation)
{
    int count = proj_coordoperation_get_grid_used_count(session->context, operation);
    for (int i = 0; i < count; i++) {
        const char *name = NULL;
        int available = 1;
        if (proj_coordoperation_get_grid_used(session->context, operation, i, &name, NULL, NULL,
                                              NULL, NULL, NULL, &available) &&
            !available)
            return name;
    }
    return NULL;
}

static double crs_accuracy(crs_session *session, const PJ *operation)
{
    double accuracy = proj_coordoperation_get_accuracy(session->context, operation);
    if (accuracy < 0 && proj_get_type(operation) == PJ_TYPE_CONVERSION)
        return 0; /* a projection is exact */
    return accuracy < 0 ? NAN : accuracy;
}

static rm_status crs_describe_operation(rm_crs_route *route, crs_session *session,
                                        const PJ *operation, bool taken, rm_error *err)
{
    PJ *visual = proj_normalize_for_visualization(session->context, operation);
    const char *pipeline =
        visual ? proj_as_proj_string(session->context, visual, PJ_PROJ_5, NULL) : NULL;
    if (!pipeline || !pipeline[0]) {
        proj_destroy(visual);
        return rm_fail(err, RM_ECRS, "the transformation from %s to %s cannot be set up (%.200s)",
                       route->source, route->target, session->said);
    }
    rm_status status = rm_copy_text(&route->pipeline, pipeline, err);
    proj_destroy(visual);
    if (status != RM_OK)
        return status;
    rm_text text = {0};
    const char *name = proj_get_name(operation);
    if (taken)
        rm_text_addf(&text, "%s taken as EPSG:4258; ", route->source);
    rm_text_add(&text, name && name[0] ? name : "unnamed operation");
    status = rm_text_status(&text, err);
    if (status == RM_OK)
        status = rm_copy_text(&route->operation, text.data, err);
    rm_text_clear(&text);
    route->accuracy_m = crs_accuracy(session, operation);
    return status;
}

static rm_status crs_refuse_second_best(const rm_crs_route *route, rm_error *err)
{
    return rm_fail(
        err, RM_ECRS,
        "the best transformation from %s to %s (%g m) needs the grid %s, which is not on "
        "this machine: run `projsync --file %s`, or download %s and put it in a folder "
        "named by PROJ_DATA (which must name PROJ's own folder too, after a colon); "
        "without it the accuracy is %g m",
        route->source, route->target, route->missing_accuracy_m, route->missing_grid,
        route->missing_grid, route->missing_grid, route->accuracy_m);
}

/* Picks the best operation that works here and notes what a better one lacks. */
static rm_status crs_choose(rm_crs_route *route, crs_session *session, const PJ *source,
                            const PJ *target, bool taken, bool only_best, rm_error *err)
{
    PJ_OBJ_LIST *list = crs_operations(session, source, target);
    int count = list ? proj_list_get_count(list) : 0;
    rm_status status = RM_OK;
    bool found = false;
    for (int i = 0; i < count && status == RM_OK && !found; i++) {
        PJ *operation = proj_list_get(session->context, list, i);
        const char *grid = operation ? crs_missing_grid(session, operation) : NULL;
        if (operation && grid && !route->missing_grid) {
            status = rm_copy_text(&route->missing_grid, grid, err);
            route->missing_accuracy_m = crs_accuracy(session, operation);
        } else if (operation && !grid &&
                   proj_coordoperation_is_instantiable(session->context, operation)) {
            found = true;
            status = crs_describe_operation(route, session, operation, taken, err);
        }
        proj_destroy(operation);
    }
    proj_list_destroy(list);
    if (status == RM_OK && !found && route->missing_grid)
        return rm_fail(err, RM_ECRS,
                       "from %s to %s there is no transformation without the grid %s: run "
                       "`projsync --file %s`",
                       route->source, route->target, route->missing_grid, route->missing_grid);
    if (status == RM_OK && !found)
        return rm_fail(err, RM_ECRS,
                       "PROJ knows no transformation from %s to %s: state the right \"crs\" of the "
                       "layer",
                       route->source, route->target);
    if (status == RM_OK && only_best && route->missing_grid)
        return crs_refuse_second_best(route, err);
    return status;
}

static rm_status crs_route(rm_crs_route *route, crs_session *session, PJ **source, PJ **target,
                           bool only_best, rm_error *err)
{
    crs_recognise(session, source);
    crs_recognise(session, target);
    RM_TRY(crs_label(&route->source, *source, err));
    RM_TRY(crs_label(&route->target, *target, err));
    route->source_geographic = crs_is_geographic(*source);
    crs_area_of_use(&route->target_use, session, *target);
    if (crs_same(session, *source, *target))
        return RM_OK;
    bool taken = false;
    RM_TRY(crs_take_for_etrs89(source, session, *target, &taken, err));
    return crs_choose(route, session, *source, *target, taken, only_best, err);
}

rm_status rm_crs_route_find(rm_crs_route *out, const char *source, const char *target,
                            bool only_best, rm_error *err)
{
    rm_crs_route route = {0};
    crs_session session = {0};
    PJ *from = NULL, *to = NULL;
    rm_status status = crs_open(&session, err);
    if (status == RM_OK)
        status = crs_parse(&from, &session, source, err);
    if (status == RM_OK)
        status = crs_parse(&to, &session, target, err);
    if (status == RM_OK)
        status = crs_route(&route, &session, &from, &to, only_best, err);
    proj_destroy(from);
    proj_destroy(to);
    crs_close(&session);
    if (status != RM_OK)
        rm_crs_route_clear(&route);
    else
        *out = route;
    return status;
}

void rm_crs_route_clear(rm_crs_route *route)
{
    rm_release(route->source);
    rm_release(route->target);
    rm_release(route->operation);
    rm_release(route->pipeline);
    rm_release(route->missing_grid);
    *route = (rm_crs_route){0};
}

struct rm_crs_transformer {
    crs_session session;
    PJ *operation; /* NULL: nothing to do */
    double *raw_x,
        *raw_y; /* coordinates before the transformation, while the judge may need them */
    int64_t raw_x_capacity, raw_y_capacity;
};

rm_status rm_crs_transformer_new(rm_crs_transformer **out, const rm_crs_route *route, rm_error *err)
{
    rm_crs_transformer *made = NULL;
    RM_TRY(RM_NEW_ZERO(&made, 1, err));
    rm_status status = RM_OK;
    if (route->operation) {
        status = crs_open(&made->session, err);
        if (status == RM_OK) {
            made->operation = proj_create(made->session.context, route->pipeline);
            if (!made->operation)
                status = rm_fail(err, RM_ECRS,
                                 "the transformation from %s to %s cannot be set up (%.200s)",
                                 route->source, route->target, made->session.said);
        }
    }
    if (status != RM_OK)
        rm_crs_transformer_free(made);
    else
        *out = made;
    return status;
}

void rm_crs_transformer_free(rm_crs_transformer *transformer)
{
    if (!transformer)
        return;
    proj_destroy(transformer->operation);
    crs_close(&transformer->session);
    rm_release(transformer->raw_x);
    rm_release(transformer->raw_y);
    rm_release(transformer);
}

void rm_crs_transform(rm_crs_transformer *transformer, double *x, double *y, int64_t count)
{
    if (!transformer->operation || count == 0)
        return;
    proj_errno_reset(transformer->operation);
    proj_trans_generic(transformer->operation, PJ_FWD, x, sizeof *x, (size_t)count, y, sizeof *y,
                       (size_t)count, NULL, 0, 0, NULL, 0, 0);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = NAN;
}

rm_status rm_crs_keep_raw(rm_crs_transformer *transformer, const double *x, const double *y,
                          int64_t count, const double **raw_x, const double **raw_y, rm_error *err)
{
    RM_TRY(RM_GROW(&transformer->raw_x, &transformer->raw_x_capacity, count, err));
    RM_TRY(RM_GROW(&transformer->raw_y, &transformer->raw_y_capacity, count, err));
    memcpy(transformer->raw_x, x, (size_t)count * sizeof *x);
    memcpy(transformer->raw_y, y, (size_t)count * sizeof *y);
    *raw_x = transformer->raw_x;
    *raw_y = transformer->raw_y;
    return RM_OK;
}

bool rm_crs_transforms(const rm_crs_transformer *transformer)
{
    return transformer->operation != NULL;
}
