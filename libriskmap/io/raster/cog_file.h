/* The steps of writing a Cloud-Optimized GeoTIFF, for cog.c. */
#ifndef RM_IO_RASTER_COG_FILE_H
#define RM_IO_RASTER_COG_FILE_H

#include "io/gdal/env.h"
#include "io/raster/cog.h"
#include "io/raster/pyramid.h"

#include <gdal.h>

typedef struct rm_cog {
    const char *path;
    const rm_raster_about *about;
    int threads;
    rm_progress *progress;
    bool in_memory;
    int64_t band_rows; /* rows that are asked for at a time */
    char *temporary;   /* becomes path */
    char *spool;       /* where the values wait when memory is too small; NULL */
    GDALDatasetH source;
    void *cells; /* the values when in memory, else one band of them; NULL: given */
    float *band; /* of a byte raster: what is asked for */
    rm_pyramid pyramid;
    rm_gdal_ears ears;
} rm_cog;

static inline bool rm_cog_is_bytes(const rm_cog *cog)
{
    return cog->about->palette_count > 0;
}

static inline int64_t rm_cog_cell_size(const rm_cog *cog)
{
    return rm_cog_is_bytes(cog) ? 1 : (int64_t)sizeof(float);
}

/* The values are those of the caller. */
static inline bool rm_cog_is_given(const rm_cog *cog)
{
    return cog->about->values && cog->in_memory && !rm_cog_is_bytes(cog);
}

/* GDAL's functions take no const for what they only read. */
static inline void *rm_cog_cells(const rm_cog *cog)
{
    return rm_cog_is_given(cog) ? (void *)(uintptr_t)cog->about->values : cog->cells;
}

/* "cannot write PATH: what GDAL said" */
rm_status rm_cog_complain(const rm_cog *cog, const char *doing, rm_error *err);
/* cog->source: a data set with overviews to be filled, and all that is known of it beforehand. */
rm_status rm_cog_make_source(rm_cog *cog, rm_error *err);
/* What is known when all rows have passed. */
rm_status rm_cog_add_statistics(rm_cog *cog, rm_error *err);
/* Opens the temporary file and compares size, grid, levels and every value with what was made. */
rm_status rm_cog_check(const rm_cog *cog, rm_error *err);

#endif
