#include "io/gdal_features.h"

#include "base/date.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 16384, BATCH_POINTS = 1 << 21 };

/* Room that is used for one feature after the other. */
typedef struct scratch {
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

static rm_status add_strings(rm_rows *rows, rm_column *column, int64_t row, char **list,
                             scratch *room, rm_error *err)
{
    room->text.length = 0;
    rm_text_add(&room->text, "");
    for (int i = 0; list && list[i]; i++) {
        rm_text_add(&room->text, i > 0 ? "," : "");
        rm_text_add(&room->text, list[i]);
    }
    RM_TRY(rm_text_status(&room->text, err));
    return rm_rows_add_text(rows, column, row, room->text.data, room->text.length, err);
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
    OGRFieldDefnH definition = OGR_F_GetFieldDefnRef(feature, field);
    const char *text;
    switch (column->type) {
    case RM_INT64:
        return rm_column_add_int64(column, row, OGR_F_GetFieldAsInteger64(feature, field), err);
    case RM_FLOAT64:
        return rm_column_add_double(column, row, OGR_F_GetFieldAsDouble(feature, field), err);
    case RM_TEXT:
        if (OGR_Fld_GetType(definition) == OFTStringList)
            return add_strings(rows, column, row, OGR_F_GetFieldAsStringList(feature, field), room,
                               err);
        text = OGR_F_GetFieldAsString(feature, field);
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

static rm_status add_feature(rm_rows *rows, OGRFeatureH feature, const int *fields, bool geometry,
                             scratch *room, rm_error *err)
{
    int64_t row = rows->table.rows, id = OGR_F_GetFID(feature);
    RM_TRY(rm_rows_add_id(rows, row, id, err));
    if (geometry)
        RM_TRY(add_geometry(rows, id, OGR_F_GetGeometryRef(feature), room, err));
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(add_cell(rows, &rows->table.columns[c], row, feature, fields[c], room, err));
    rows->table.rows++;
    return RM_OK;
}

rm_status rm_gdal_read_features(OGRLayerH layer, const int *fields, bool geometry, rm_rows *rows,
                                bool *ended, rm_error *err)
{
    scratch room = {0};
    rm_status status = RM_OK;
    *ended = false;
    while (status == RM_OK && rows->table.rows < BATCH_ROWS &&
           rows->geometry.points < BATCH_POINTS) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        *ended = feature == NULL;
        if (*ended)
            break;
        status = add_feature(rows, feature, fields, geometry, &room, err);
        OGR_F_Destroy(feature);
    }
    rm_release(room.wkb);
    rm_text_clear(&room.text);
    return status;
}
