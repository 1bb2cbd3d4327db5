/* Reading a written GeoTIFF back: GDAL may lose a write and say nothing. */
#include "base/parallel.h"
#include "io/raster/cog_file.h"

#include <math.h>
#include <string.h>

static rm_status lost(const rm_cog *cog, const rm_gdal_ears *ears, const char *what, rm_error *err)
{
    if (ears->heard[0])
        return rm_fail(err, RM_EIO,
                       "cannot write %s (%s, read back): %s; is there room on the disk?", cog->path,
                       what, ears->heard);
    return rm_fail(err, RM_EIO,
                   "cannot write %s: %s read back differs from what was written; is there room on "
                   "the disk?",
                   cog->path, what);
}

static rm_status check_shape(const rm_cog *cog, GDALDatasetH file, rm_error *err)
{
    const rm_grid *grid = &cog->about->grid;
    GDALRasterBandH band = GDALGetRasterBand(file, 1);
    double expected[6] = {grid->left, grid->cell, 0.0, grid->top, 0.0, -grid->cell}, place[6];
    const char *layout = GDALGetMetadataItem(file, "LAYOUT", "IMAGE_STRUCTURE");
    int known = 0;
    double nodata = GDALGetRasterNoDataValue(band, &known);

    if (GDALGetRasterCount(file) != 1 || GDALGetRasterXSize(file) != grid->columns ||
        GDALGetRasterYSize(file) != grid->rows)
        return lost(cog, &cog->ears, "the size", err);
    if (GDALGetGeoTransform(file, place) != CE_None)
        return lost(cog, &cog->ears, "the grid", err);
    for (int i = 0; i < 6; i++)
        if (place[i] != expected[i])
            return lost(cog, &cog->ears, "the grid", err);
    if (cog->about->crs && !GDALGetSpatialRef(file))
        return lost(cog, &cog->ears, "the coordinate reference system", err);
    if (!known || (rm_cog_is_bytes(cog) ? nodata != 0.0 : !isnan(nodata)))
        return lost(cog, &cog->ears, "the nodata value", err);
    if (GDALGetOverviewCount(band) != cog->pyramid.count - 1 || !layout ||
        strcmp(layout, "COG") != 0)
        return lost(cog, &cog->ears, "the layout", err);
    for (int l = 0; l < cog->pyramid.count; l++) {
        GDALRasterBandH part = l == 0 ? band : GDALGetOverview(band, l - 1);
        int width = 0, height = 0;
        GDALGetBlockSize(part, &width, &height);
        if (GDALGetRasterBandXSize(part) != cog->pyramid.level[l].columns ||
            GDALGetRasterBandYSize(part) != cog->pyramid.level[l].rows ||
            GDALGetRasterDataType(part) != (rm_cog_is_bytes(cog) ? GDT_Byte : GDT_Float32) ||
            width != RM_TILE || height != RM_TILE)
            return lost(cog, &cog->ears, "an overview", err);
    }
    return RM_OK;
}

/* Every worker reads rows of tiles by a handle of its own: GDAL's own threads only decode. */
typedef struct check_job {
    const rm_cog *cog;
    GDALDatasetH *file; /* of each worker */
    void **tile;        /* of each worker */
    int64_t *first;     /* [levels + 1] rows of tiles before those of each level */
    uint64_t *checksum; /* of each row of tiles */
} check_job;

static rm_status open_written(GDALDatasetH *out, const rm_cog *cog, const rm_gdal_ears *ears,
                              rm_error *err)
{
    static const char *const drivers[] = {"GTiff", NULL};

    *out = GDALOpenEx(cog->temporary, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, drivers, NULL, NULL);
    return *out ? RM_OK : lost(cog, ears, "the file", err);
}

static rm_status sum_tiles(check_job *job, int l, int64_t tile_row, int worker, uint64_t *sum,
                           const rm_gdal_ears *ears, rm_error *err)
{
    const rm_pyramid_level *level = &job->cog->pyramid.level[l];
    GDALRasterBandH band = GDALGetRasterBand(job->file[worker], 1);
    int64_t cell = rm_cog_cell_size(job->cog), top = tile_row * RM_TILE;
    char *tile = job->tile[worker];

    if (l > 0)
        band = GDALGetOverview(band, l - 1);
    for (int64_t t = 0; t * RM_TILE < level->columns; t++) {
        int64_t columns = level->columns - t * RM_TILE;
        if (GDALReadBlock(band, (int)t, (int)tile_row, tile) != CE_None)
            return lost(job->cog, ears, "a part of the values", err);
        for (int64_t r = 0; r < RM_TILE && top + r < level->rows; r++)
            *sum += rm_pyramid_checksum(tile + r * RM_TILE * cell,
                                        (columns < RM_TILE ? columns : RM_TILE) * cell, top + r, t);
    }
    return RM_OK;
}

static rm_status check_tiles(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    check_job *job = context;
    const rm_cog *cog = job->cog;
    rm_status status = RM_OK;
    rm_gdal_ears ears;

    rm_gdal_enter(&ears);
    if (!job->tile[worker])
        status = rm_new(&job->tile[worker], (int64_t)RM_TILE * RM_TILE,
                        (size_t)rm_cog_cell_size(cog), false, err);
    if (status == RM_OK && !job->file[worker])
        status = open_written(&job->file[worker], cog, &ears, err);
    for (int64_t i = begin; i < end && status == RM_OK; i++) {
        int l = 0;
        while (i >= job->first[l + 1])
            l++;
        status = sum_tiles(job, l, i - job->first[l], worker, &job->checksum[i], &ears, err);
    }
    rm_gdal_leave(&ears);
    return status;
}

static rm_status check_values(check_job *job, rm_error *err)
{
    static const char reading[] = "reading the raster back";
    const rm_pyramid *pyramid = &job->cog->pyramid;
    int64_t count = job->first[pyramid->count];

    RM_TRY(RM_NEW_ZERO(&job->checksum, count, err));
    RM_TRY(rm_progress_report(job->cog->progress, 0.0, reading, err));
    RM_TRY(rm_parallel(count, 1, job->cog->threads, check_tiles, job, job->cog->progress, reading,
                       err));
    for (int l = 0; l < pyramid->count; l++) {
        uint64_t sum = 0;
        for (int64_t i = job->first[l]; i < job->first[l + 1]; i++)
            sum += job->checksum[i];
        if (sum != pyramid->level[l].checksum)
            return lost(job->cog, &job->cog->ears, "a value", err);
    }
    return RM_OK;
}

rm_status rm_cog_check(const rm_cog *cog, rm_error *err)
{
    int64_t first[RM_PYRAMID_LEVELS + 1] = {0};
    check_job job = {.cog = cog, .first = first};

    for (int l = 0; l < cog->pyramid.count; l++)
        first[l + 1] = first[l] + (cog->pyramid.level[l].rows + RM_TILE - 1) / RM_TILE;
    rm_status status = RM_NEW_ZERO(&job.file, cog->threads, err);
    if (status == RM_OK)
        status = RM_NEW_ZERO(&job.tile, cog->threads, err);
    if (status == RM_OK)
        status = open_written(&job.file[0], cog, &cog->ears, err);
    if (status == RM_OK)
        status = check_shape(cog, job.file[0], err);
    if (status == RM_OK)
        status = check_values(&job, err);
    for (int w = 0; w < cog->threads; w++) {
        if (job.file && job.file[w])
            GDALClose(job.file[w]);
        if (job.tile)
            rm_release(job.tile[w]);
    }
    rm_release(job.file);
    rm_release(job.tile);
    rm_release(job.checksum);
    return status;
}
