/* Sources that are a service: WFS, OGC API Features, PostGIS. They are opened only when the source
 * itself is named so; no file leads here, whatever it holds. */
#ifndef RM_IO_SERVICE_SERVICE_H
#define RM_IO_SERVICE_SERVICE_H

#include "data/layer.h"
#include "io/gdal/env.h"

#include <gdal.h>
#include <ogr_api.h>

/* "https://...", "WFS:https://...", "OAPIF:https://...", "PG:...", "postgresql://..." */
bool rm_is_service(const char *source);

typedef struct rm_service rm_service;

/* Opens a service through GDAL's WFS, OAPIF or PostgreSQL driver. An address without a prefix is
 * asked which it is. Everything that a driver fetches goes through io/service/http. The caller is
 * inside rm_gdal_enter. */
rm_status rm_service_open(rm_service **out, GDALDatasetH *data, const char *source,
                          const char *shown, const rm_gdal_ears *ears, rm_error *err);
/* Around all calls that may ask the service, inside rm_gdal_enter; NULL allowed. */
void rm_service_enter(rm_service *service);
void rm_service_leave(rm_service *service);
/* How many features the service says that a layer has, all of which must come; -1: it does not say.
 * NULL is no service: -1. */
int64_t rm_service_count(const rm_service *service, OGRLayerH layer);
/* The first request that failed since rm_service_forget, with its message; RM_OK: none. */
rm_status rm_service_failure(const rm_service *service, rm_error *err);
void rm_service_forget(rm_service *service);
/* Whether `wanted` means the layer that the driver calls `name`: as it is, without the prefix of a
 * WFS ("gebieden" for "app:gebieden"), with the schema that a database leaves out ("public.wegen"
 * for "wegen"). */
bool rm_service_means(const rm_service *service, const char *wanted, const char *name);
/* Fails for a table with several geometry columns: a driver would take the first. NULL allowed. */
rm_status rm_service_check_geometry(const rm_service *service, OGRLayerH layer, const char *shown,
                                    rm_error *err);
/* Starts reading these fields of a layer straight from the server, where that can be done: then
 * rm_service_reads, and rows come by rm_service_next in place of the driver. NULL allowed. */
rm_status rm_service_start(rm_service *service, OGRLayerH layer, const int *fields,
                           const rm_table *columns, bool geometry, rm_error *err);
bool rm_service_reads(const rm_service *service);
rm_status rm_service_next(rm_service *service, rm_rows *rows, bool *ended, rm_error *err);
/* Whether what came cannot be right: fewer features than a web service counts itself, or, as the
 * count of OGC API Features is never capped, many more. */
bool rm_service_miscounts(const rm_service *service, int64_t counted, int64_t came, bool ended);
void rm_service_free(rm_service *service); /* after the data set is closed */

#endif
