#include "io/gdal/features.h"

#include "base/date.h"
#include "base/text.h"
#include "io/text/csv_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 16384, BATCH_POINTS = 1 << 21 };
/* A feature takes as long as some points. */
enum { POINTS_A_TICK = 8192, POINTS_OF_FEATURE = 64 };

/* Room that is used for one feature after the other. */
typedef struct scratch {
    const rm_gdal_data *data;
    uint8_t *wkb;
    int64_t capacity;
    rm_text text;
} scratch;

bool rm_gdal_field_type(OGRFieldDefnH field, rm_type *out)
{
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger:
    case OFTInteger64:
        *out = RM_INT64;
        return true;
    case OFTReal:
        *out = RM_FLOAT64;
        return true;
    case OFTString:
    case OFTStringList:
    case OFTIntegerList:
    case OFTInteger64List:
    case OFTRealList:
    case OFTTime:
        *out = RM_TEXT;
        return true;
    case OFTDate:
        *out = RM_DATE;
        return true;
    case OFTDateTime:
        *out = RM_DATETIME;
        return true;
    default:
        return false;
    }
}

bool rm_gdal_has_arrow(GDALDatasetH data, OGRLayerH layer, const int *fields, int32_t count)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    bool booleans_are_sound = atoi(GDALVersionInfo("VERSION_NUM")) >= 3080300;
    if (strcmp(GDALGetDriverShortName(GDALGetDatasetDriver(data)), "GPKG") == 0)
        return false;
    for (int32_t i = 0; i < count; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, fields[i]);
        if (OGR_Fld_GetSubType(field) == OFSTBoolean && !booleans_are_sound)
            return false;
    }
    return OGR_L_TestCapability(layer, OLCFastGetArrowStream);
}

int64_t rm_gdal_count(OGRLayerH layer)
{
    return OGR_L_TestCapability(layer, OLCFastFeatureCount) ? OGR_L_GetFeatureCount(layer, 0) : -1;
}

/* The values of a list as one text, with commas between them. */
static void join_list(rm_text *out, OGRFeatureH feature, int field, OGRFieldType type)
{
    int count = 0;
    out->length = 0;
    rm_text_add(out, "");
    if (type == OFTStringList) {
        char **list = OGR_F_GetFieldAsStringList(feature, field);
        for (int i = 0; list && list[i]; i++) {
            rm_text_add(out, i > 0 ? "," : "");
            rm_text_add(out, list[i]);
        }
    } else if (type == OFTIntegerList) {
        const int *list = OGR_F_GetFieldAsIntegerList(feature, field, &count);
        for (int i = 0; i < count; i++)
            rm_text_addf(out, "%s%d", i > 0 ? "," : "", list[i]);
    } else if (type == OFTInteger64List) {
        const GIntBig *list = OGR_F_GetFieldAsInteger64List(feature, field, &count);
        for (int i = 0; i < count; i++)
            rm_text_addf(out, "%s%lld", i > 0 ? "," : "", (long long)list[i]);
    } else {
        const double *list = OGR_F_GetFieldAsDoubleList(feature, field, &count);
        for (int i = 0; i < count; i++) {
            rm_text_add(out, i > 0 ? "," : "");
            rm_text_add_double(out, list[i]);
        }
    }
}

static rm_status add_list(rm_rows *rows, rm_column *column, int64_t row, OGRFeatureH feature,
                          int field, OGRFieldType type, scratch *room, rm_error *err)
{
    join_list(&room->text, feature, field, type);
    RM_TRY(rm_text_status(&room->text, err));
    if (room->text.length == 0)
        return rm_column_add_missing(column, row, err);
    return rm_rows_add_text(rows, column, row, room->text.data, room->text.length, err);
}

rm_status rm_gdal_add_column(rm_table *out, const rm_gdal_data *data, OGRFieldDefnH field,
                             rm_type type, rm_error *err)
{
    rm_text name = {0};
    const char *given = OGR_Fld_GetNameRef(field);
    if (!data->raw_text)
        return rm_table_add_column(out, given, type, err);
    rm_text_add(&name, "");
    rm_csv_decode(&name, given, (int64_t)strlen(given));
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = rm_table_add_column(out, name.data, type, err);
    rm_text_clear(&name);
    return status;
}

/* Text that may be Windows-1252, as that of a shapefile that does not say. */
static rm_status add_raw_text(rm_rows *rows, rm_column *column, int64_t row, const char *text,
                              scratch *room, rm_error *err)
{
    int64_t length = (int64_t)strlen(text);
    if (rm_utf8_valid(text, length) == length)
        return rm_column_add_text(column, row, text, length, err);
    room->text.length = 0;
    bool sound = rm_csv_decode(&room->text, text, length);
    RM_TRY(rm_text_status(&room->text, err));
    RM_TRY(rm_column_add_text(column, row, room->text.data, room->text.length, err));
    if (sound)
        return RM_OK;
    return rm_issues_add(&rows->issues, RM_ISSUE_BAD_TEXT, rows->ids[row], 0, 0, NULL, err);
}

/* Dates and times as they stand there: a zone is left aside. */
static rm_status add_time(rm_column *column, int64_t row, OGRFeatureH feature, int field,
                          rm_error *err)
{
    int year, month, day, hour, minute, zone;
    float second;
    int32_t date = RM_NO_DATE;
    if (OGR_F_GetFieldAsDateTimeEx(feature, field, &year, &month, &day, &hour, &minute, &second,
                                   &zone))
        date = rm_date_from_civil(year, month, day);
    if (date == RM_NO_DATE)
        return rm_column_add_missing(column, row, err);
    if (column->type == RM_DATE)
        return rm_column_add_date(column, row, date, err);
    int64_t ms = (int64_t)date * 86400000 + (hour * 60 + minute) * INT64_C(60000) +
                 llround((double)second * 1000.0);
    return rm_column_add_int64(column, row, ms, err);
}

static rm_status add_cell(rm_rows *rows, rm_column *column, int64_t row, OGRFeatureH feature,
                          int field, scratch *room, rm_error *err)
{
    if (!OGR_F_IsFieldSetAndNotNull(feature, field))
        return rm_column_add_missing(column, row, err);
    OGRFieldType type = OGR_Fld_GetType(OGR_F_GetFieldDefnRef(feature, field));
    const char *text;
    switch (column->type) {
    case RM_INT64:
        return rm_column_add_int64(column, row, OGR_F_GetFieldAsInteger64(feature, field), err);
    case RM_FLOAT64:
        return rm_column_add_double(column, row, OGR_F_GetFieldAsDouble(feature, field), err);
    case RM_TEXT:
        if (type != OFTString && type != OFTTime)
            return add_list(rows, column, row, feature, field, type, room, err);
        text = OGR_F_GetFieldAsString(feature, field);
        if (room->data->raw_text)
            return add_raw_text(rows, column, row, text, room, err);
        return rm_rows_add_text(rows, column, row, text, (int64_t)strlen(text), err);
    case RM_DATE:
    case RM_DATETIME:
        break;
    }
    return add_time(column, row, feature, field, err);
}

static rm_status add_geometry(rm_rows *rows, int64_t id, OGRGeometryH geometry, scratch *room,
                              rm_error *err)
{
    if (!geometry)
        return rm_rows_add_wkb(rows, id, NULL, 0, err);
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) == wkbPoint && !OGR_G_IsEmpty(geometry)) {
        double x = OGR_G_GetX(geometry, 0), y = OGR_G_GetY(geometry, 0);
        if (isfinite(x) && isfinite(y))
            return rm_geometry_add_point(&rows->geometry, x, y, err);
    }
    int size = OGR_G_WkbSize(geometry);
    RM_TRY(RM_GROW(&room->wkb, &room->capacity, size, err));
    if (OGR_G_ExportToIsoWkb(geometry, wkbNDR, room->wkb) != OGRERR_NONE)
        size = 0;
    return rm_rows_add_wkb(rows, id, room->wkb, size, err);
}

/* The feature's geometry, or the first that it has of those of which it can have one. */
static OGRGeometryH find_geometry(OGRFeatureH feature, bool choices)
{
    OGRGeometryH first = OGR_F_GetGeometryRef(feature);
    for (int i = 1; choices && !first && i < OGR_F_GetGeomFieldCount(feature); i++)
        first = OGR_F_GetGeomFieldRef(feature, i);
    return first;
}

static rm_status add_feature(rm_rows *rows, OGRFeatureH feature, const int *fields, bool geometry,
                             scratch *room, rm_error *err)
{
    int64_t row = rows->table.rows, id = OGR_F_GetFID(feature);
    RM_TRY(rm_rows_add_id(rows, row, id, err));
    if (geometry)
        RM_TRY(add_geometry(rows, id, find_geometry(feature, room->data->choices), room, err));
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(add_cell(rows, &rows->table.columns[c], row, feature, fields[c], room, err));
    rows->table.rows++;
    return RM_OK;
}

rm_status rm_gdal_read_features(const rm_gdal_data *data, OGRLayerH layer, const int *fields,
                                bool geometry, rm_rows *rows, bool *ended, rm_progress *progress,
                                rm_error *err)
{
    scratch room = {.data = data};
    rm_status status = RM_OK;
    int64_t told = 0;
    *ended = false;
    while (status == RM_OK && rows->table.rows < BATCH_ROWS &&
           rows->geometry.points < BATCH_POINTS) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        *ended = feature == NULL;
        if (*ended)
            break;
        status = add_feature(rows, feature, fields, geometry, &room, err);
        OGR_F_Destroy(feature);
        int64_t done = rows->geometry.points + POINTS_OF_FEATURE * rows->table.rows;
        if (status == RM_OK && done - told >= POINTS_A_TICK) {
            told = done;
            status = rm_progress_tick(progress, NULL, err);
        }
    }
    rm_release(room.wkb);
    rm_text_clear(&room.text);
    return status;
}
