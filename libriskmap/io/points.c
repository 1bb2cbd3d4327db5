#include "io/points.h"

#include "base/text.h"

#include <string.h>

static rm_status find_given(rm_points *out, const rm_request *request, const char *const *names,
                            int32_t count, const char *shown, rm_error *err)
{
    if (!request->x || !request->y)
        return rm_fail(err, RM_EINVAL, "%s: \"x\" and \"y\" must both be named, or neither", shown);
    RM_TRY(rm_find_field(&out->x, request->x, names, count, shown, err));
    RM_TRY(rm_find_field(&out->y, request->y, names, count, shown, err));
    out->named = true;
    out->crs = rm_roles_axes_crs(request->x, request->y);
    return RM_OK;
}

rm_status rm_points_fail(const rm_table *sample, const char *shown, rm_error *err)
{
    static const char sentence[] =
        "%s has no columns named as coordinates (x and y, rd_x and rd_y, "
        "lon and lat or the like): name them with \"x\" and \"y\"%s";
    rm_roles roles;
    rm_text hint = {0};
    RM_TRY(rm_roles_guess(&roles, sample, err));
    rm_text_add(&hint, "");
    if (roles.of[RM_ROLE_X].column >= 0)
        rm_text_addf(&hint, "; \"%.60s\" and \"%.60s\" look like %s",
                     sample->columns[roles.of[RM_ROLE_X].column].name,
                     sample->columns[roles.of[RM_ROLE_Y].column].name, roles.crs);
    else if (roles.of[RM_ROLE_POSTCODE].column >= 0 || roles.of[RM_ROLE_LINE].column >= 0)
        rm_text_add(&hint, ", or place the rows by their address with \"locate\"");
    rm_status status = rm_text_status(&hint, err);
    if (status == RM_OK)
        status = rm_fail(err, RM_ENOTFOUND, sentence, shown, hint.data);
    rm_text_clear(&hint);
    return status;
}

rm_status rm_points_find(rm_points *out, const rm_request *request, const char *const *names,
                         int32_t count, const char *shown, rm_error *err)
{
    rm_points points = {.x = -1, .y = -1};
    if (request->x || request->y)
        RM_TRY(find_given(&points, request, names, count, shown, err));
    else
        rm_roles_named_xy(names, count, request->crs != NULL, &points.x, &points.y, &points.crs);
    *out = points;
    return RM_OK;
}

void rm_points_weigh(rm_points *points, const rm_table *sample, const char *crs)
{
    if (!points->named && points->x >= 0)
        points->swapped = rm_roles_swapped(sample, points->x, points->y, crs, &points->shown);
}

rm_status rm_points_tell(const rm_points *points, rm_rows *rows, rm_error *err)
{
    if (!points->swapped)
        return RM_OK;
    return rm_issues_add(&rows->issues, RM_ISSUE_SWAPPED, -1, (double)points->shown, 0, NULL, err);
}

enum coordinate { FOUND, EMPTY, NO_NUMBER };

static enum coordinate read_coordinate(const char *text, int64_t length, double *out)
{
    if (length > 0)
        text = rm_trim(text, &length);
    if (length == 0)
        return EMPTY;
    return rm_parse_number(text, length, out) ? FOUND : NO_NUMBER;
}

rm_status rm_points_add(const rm_points *points, rm_rows *rows, const rm_point_cells *cells,
                        rm_error *err)
{
    static const char *const words[3][3] = {
        [FOUND] = {[EMPTY] = "y is empty", [NO_NUMBER] = "y is no number"},
        [EMPTY] = {"x is empty", "x and y are empty", "x is empty and y is no number"},
        [NO_NUMBER] = {"x is no number", "x is no number and y is empty", "x and y are no numbers"},
    };
    double x = 0, y = 0;
    if (points->x < 0)
        return rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, err);
    enum coordinate got_x = read_coordinate(cells->x, cells->x_length, &x);
    enum coordinate got_y = read_coordinate(cells->y, cells->y_length, &y);
    if (got_x == FOUND && got_y == FOUND)
        return rm_geometry_add_point(&rows->geometry, points->swapped ? y : x,
                                     points->swapped ? x : y, err);
    RM_TRY(rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, err));
    return rm_issues_add(&rows->issues, RM_ISSUE_NO_COORDINATE, rows->ids[rows->table.rows], 0, 0,
                         words[got_x][got_y], err);
}

void rm_points_note_dates(rm_table *columns, const int32_t *from, const rm_table *sample)
{
    for (int32_t i = 0; i < columns->count; i++)
        columns->columns[i].dates = rm_column_date_form(&sample->columns[from[i]], sample->rows);
}
