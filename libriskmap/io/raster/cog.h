/* Rasters as Cloud-Optimized GeoTIFF. */
#ifndef RM_IO_RASTER_COG_H
#define RM_IO_RASTER_COG_H

#include "base/progress.h"
#include "riskmap/density.h"

#include <stdbool.h>

/* A colour of the embedded palette of a byte raster: value v has colour palette[v]. */
typedef struct rm_colour {
    uint8_t red, green, blue, alpha;
} rm_colour;

typedef struct rm_raster_tag {
    const char *name, *value; /* "RISKMAP_KERNEL", "quartic" */
} rm_raster_tag;

/* What is written beside the values. Borrowed. */
typedef struct rm_raster_about {
    rm_grid grid;
    const char *crs;           /* "EPSG:28992"; NULL: none */
    const char *description;   /* of the band: "reports per km2, quartic, 500 m" */
    const char *unit;          /* of the band */
    const rm_raster_tag *tags; /* in the metadata of the TIFF, as they are; gdalinfo shows them */
    int32_t tag_count;
    const rm_colour *palette;    /* byte rasters: [palette_count], value 0 is nodata */
    const char *const *category; /* byte rasters: [palette_count] what each value means; or NULL.
                                    GDAL keeps such names in a second file, which gets lost, so they
                                    are the band's tags RISKMAP_CLASS_1, ... */
    int32_t palette_count;       /* 0: float32 with NaN as nodata */
    bool shielded;               /* 0600 from the first byte, and AFGESCHERMD in the metadata */
    /* float32: all cells, where they are in memory already, with NAN itself for what has no value.
     * They are not copied, nor asked for, unless memory is too small for the overviews. Or NULL. */
    const float *values;
} rm_raster_about;

/* Fills out[rows * columns] with rows `first` .. of the raster, called in order from the north, for
 * bands of any height, by the thread that called rm_cog_write. Float32 with NaN as nodata; of a
 * byte raster whole numbers below palette_count. RM_EINVAL for infinite values and other bytes. */
typedef rm_status (*rm_raster_rows_fn)(void *context, float *out, int64_t first, int64_t rows,
                                       rm_error *err);

/* Writes path whole or not at all: tiles of 512, overviews, statistics, tags; read back and
 * compared before it is published. A cell of an overview is the mean of those of the four below it
 * that have a value; of a byte raster the class that most of them have, the higher of two, as the
 * mean of two classes means nothing and the nearest cell would lose a small hot spot by chance.
 * Memory is bounded whatever the raster's size: beyond `memory` bytes (0: 512 MiB) it goes by a
 * temporary file beside path, with the same bytes as outcome. They do not depend on threads either.
 * RM_ELIMIT when not even 16 rows fit, or for more cells than a TIFF is made of here. */
rm_status rm_cog_write(const char *path, const rm_raster_about *about, rm_raster_rows_fn rows,
                       void *context, int64_t memory, bool overwrite, int threads,
                       rm_progress *progress, rm_error *err);
/* What rm_cog_write would refuse of a path: a folder, another ending than .tif or .tiff
 * (RM_EINVAL), what is there without overwrite, a folder that is not. */
rm_status rm_cog_check_target(const char *path, bool overwrite, rm_error *err);

#endif
