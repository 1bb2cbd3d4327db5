/* Rasters out: a Cloud-Optimized GeoTIFF of values, and the polygons above a level. Part of
 * riskmap.h.
 *
 * Values are float32, as the file holds them: numpy's float32, R's single, or what
 * rm_heatmap_values gives. They lie row after row from the north, NaN where there is none. */
#ifndef RISKMAP_RASTER_H
#define RISKMAP_RASTER_H

#include "riskmap/density.h"
#include "riskmap/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of rm_raster_write. Begin with RM_RASTER_OPTIONS_INIT or rm_raster_options_init. */
typedef struct rm_raster_options {
    uint32_t size;                 /**< sizeof(rm_raster_options) */
    int32_t overwrite;             /**< not 0: replace an existing file */
    int32_t shielded;              /**< not 0: only the user can read it, and it says AFGESCHERMD */
    int32_t threads;               /**< 0: as many as there are cores; the file holds the same */
    const char *description;       /**< of the values: "reports per km2, quartic, 500 m"; or NULL */
    const char *unit;              /**< "1/km2"; or NULL */
    const char *const *tag_names;  /**< [tag_count] letters, digits and _: "RISKMAP_KERNEL" */
    const char *const *tag_values; /**< [tag_count] UTF-8 */
    int32_t tag_count;
    int32_t reserved; /**< 0 */
    rm_progress_fn progress;
    void *progress_user;
} rm_raster_options;
/* clang-format off */
#define RM_RASTER_OPTIONS_INIT {sizeof(rm_raster_options), 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_raster_options_init(rm_raster_options *options);

/**
 * Writes values[grid->rows * grid->columns] as a Cloud-Optimized GeoTIFF: tiles of 512 x 512,
 * DEFLATE with the predictor for floats, NaN as nodata, overviews (each cell the mean of those of
 * the four below it that have a value), statistics, and the description, unit and tags in the
 * TIFF itself (GDAL shows them in gdalinfo, QGIS under properties). The file is read back and
 * compared before it gets its name: it is there whole, or not at all.
 *
 * crs: "EPSG:28992", WKT or PROJJSON; NULL: none. Memory: the raster once more with a third for the
 * overviews; from 512 MiB on it goes by a temporary file beside path, and memory stays below that.
 * @return RM_EINVAL (a grid without cells, an infinite value with its row, a tag that cannot be, a
 *         name that does not end in .tif or .tiff), RM_EEXISTS, RM_ENOTFOUND (the folder), RM_EIO
 *         (also a full disk), RM_ELIMIT (over a million by a million cells), RM_ECRS,
 *         RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_raster_write(const char *path, const float *values, const rm_grid *grid,
                                 const char *crs, const rm_raster_options *options, rm_error *err);

/**
 * The polygons where a raster is above each of level_count levels: one feature per level in the
 * order given, with the fields `level` and `area_m2` (in square units of the CRS, which are square
 * metres for one in metres). Without geometry, and with an area of 0, where nothing is above.
 *
 * The edge is interpolated linearly between the centres of cells (marching squares; where two
 * opposite corners of a square are above, the mean of the four decides whether they are joined).
 * Every centre above the level lies inside, every other one outside; equal to it is not above.
 * Cells at the edge of the raster or beside NaN reach to their own border. Polygons are valid, no
 * two rings touch, and those of a higher level lie within those of a lower one. gdal_contour -p
 * cuts the same surface into bands between levels: the polygon above a level is the union of the
 * bands above it. progress may be NULL.
 * @return RM_EINVAL (a grid without cells, a NaN level), RM_ELIMIT, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_contours(rm_layer **out, const float *values, const rm_grid *grid,
                             const char *crs, const double *levels, int32_t level_count,
                             rm_progress_fn progress, void *progress_user, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
