/* The data set that a Cloud-Optimized GeoTIFF is copied from: in memory or in a temporary file. */
#include "base/text.h"
#include "io/raster/cog_file.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>

rm_status rm_cog_complain(const rm_cog *cog, const char *doing, rm_error *err)
{
    const char *heard = cog->ears.heard;

    return rm_fail(err, RM_EIO, "cannot write %s (%s): %s; is there room on the disk?", cog->path,
                   doing, heard[0] ? heard : "the values did not arrive on the disk");
}

static rm_status set_crs(rm_cog *cog, rm_error *err)
{
    rm_status status = RM_OK;
    OGRSpatialReferenceH crs;

    if (!cog->about->crs)
        return RM_OK;
    crs = OSRNewSpatialReference(NULL);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    if (OSRSetFromUserInput(crs, cog->about->crs) != OGRERR_NONE)
        status = rm_fail(err, RM_ECRS,
                         "cannot write %s: the coordinate reference system is not understood (%s)",
                         cog->path, cog->ears.heard);
    else if (GDALSetSpatialRef(cog->source, crs) != CE_None)
        status = rm_cog_complain(cog, "its coordinate reference system", err);
    OSRDestroySpatialReference(crs);
    return status;
}

static CPLErr set_palette(GDALRasterBandH band, const rm_raster_about *about)
{
    GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
    CPLErr failed;

    for (int32_t v = 0; v < about->palette_count; v++) {
        const rm_colour *from = &about->palette[v];
        GDALColorEntry colour = {from->red, from->green, from->blue, from->alpha};
        GDALSetColorEntry(table, v, &colour);
    }
    failed = GDALSetRasterColorTable(band, table);
    GDALDestroyColorTable(table);
    return failed;
}

/* GDAL keeps category names in a second file only, which gets lost; here they stay in the TIFF. */
static CPLErr set_categories(GDALRasterBandH band, const rm_raster_about *about)
{
    char name[40];

    for (int32_t v = 0; about->category && v < about->palette_count; v++) {
        if (!about->category[v] || !about->category[v][0])
            continue;
        snprintf(name, sizeof name, "RISKMAP_CLASS_%d", (int)v);
        if (GDALSetMetadataItem(band, name, about->category[v], NULL) != CE_None)
            return CE_Failure;
    }
    return CE_None;
}

static rm_status set_tags(rm_cog *cog, rm_error *err)
{
    const rm_raster_about *about = cog->about;
    rm_text text = {0};
    bool failed = GDALSetMetadataItem(cog->source, "AREA_OR_POINT", "Area", NULL) != CE_None;

    for (int32_t t = 0; t < about->tag_count; t++)
        failed |= GDALSetMetadataItem(cog->source, about->tags[t].name, about->tags[t].value,
                                      NULL) != CE_None;
    if (about->shielded)
        failed |= GDALSetMetadataItem(cog->source, "RISKMAP_SHIELDED",
                                      "AFGESCHERMD: gemaakt met gegevens die niet openbaar zijn "
                                      "verklaard (made with data that were not declared open)",
                                      NULL) != CE_None;
    rm_text_addf(&text, "riskmap %s", rm_version());
    if (!text.failed)
        failed |= GDALSetMetadataItem(cog->source, "TIFFTAG_SOFTWARE", text.data, NULL) != CE_None;
    text.length = 0;
    rm_text_addf(&text, "%s%s", about->shielded ? "AFGESCHERMD: " : "",
                 about->description ? about->description : "riskmap raster");
    if (!text.failed)
        failed |= GDALSetMetadataItem(cog->source, "TIFFTAG_IMAGEDESCRIPTION", text.data, NULL) !=
                  CE_None;
    rm_status status = rm_text_status(&text, err);
    rm_text_clear(&text);
    return status == RM_OK && failed ? rm_cog_complain(cog, "its tags", err) : status;
}

static rm_status describe(rm_cog *cog, rm_error *err)
{
    const rm_raster_about *about = cog->about;
    const rm_grid *grid = &about->grid;
    double place[6] = {grid->left, grid->cell, 0.0, grid->top, 0.0, -grid->cell};
    GDALRasterBandH band = GDALGetRasterBand(cog->source, 1);
    bool bytes = rm_cog_is_bytes(cog);
    bool failed = GDALSetGeoTransform(cog->source, place) != CE_None ||
                  GDALSetRasterNoDataValue(band, bytes ? 0.0 : (double)NAN) != CE_None;

    if (bytes)
        failed |= set_palette(band, about) != CE_None || set_categories(band, about) != CE_None;
    if (about->unit)
        failed |= GDALSetRasterUnitType(band, about->unit) != CE_None;
    if (about->description)
        GDALSetDescription(band, about->description);
    if (failed)
        return rm_cog_complain(cog, "its description", err);
    RM_TRY(set_crs(cog, err));
    return set_tags(cog, err);
}

/* Over the array of the values, which GDAL does not copy. */
static GDALDatasetH over_memory(rm_cog *cog)
{
    const rm_grid *grid = &cog->about->grid;
    GDALDatasetH made = GDALCreate(GDALGetDriverByName("MEM"), "", (int)grid->columns,
                                   (int)grid->rows, 0, GDT_Byte, NULL);
    char pointer[64], *options[] = {pointer, NULL};

    snprintf(pointer, sizeof pointer, "DATAPOINTER=%p", rm_cog_cells(cog));
    if (made &&
        GDALAddBand(made, rm_cog_is_bytes(cog) ? GDT_Byte : GDT_Float32, options) != CE_None) {
        GDALClose(made);
        made = NULL;
    }
    return made;
}

/* In tiles as high as the bands that are written, so that none is written twice. */
static GDALDatasetH over_file(rm_cog *cog)
{
    const rm_grid *grid = &cog->about->grid;
    char **options = NULL;
    char rows[32];

    snprintf(rows, sizeof rows, "%d", (int)cog->band_rows);
    options = CSLSetNameValue(options, "TILED", "YES");
    options = CSLSetNameValue(options, "BLOCKXSIZE", "512");
    options = CSLSetNameValue(options, "BLOCKYSIZE", rows);
    options = CSLSetNameValue(options, "BIGTIFF", "YES");
    options = CSLSetNameValue(options, "SPARSE_OK", "TRUE");
    GDALDatasetH made =
        GDALCreate(GDALGetDriverByName("GTiff"), cog->spool, (int)grid->columns, (int)grid->rows, 1,
                   rm_cog_is_bytes(cog) ? GDT_Byte : GDT_Float32, options);
    CSLDestroy(options);
    return made;
}

rm_status rm_cog_make_source(rm_cog *cog, rm_error *err)
{
    int factors[RM_PYRAMID_LEVELS], count = cog->pyramid.count - 1;

    cog->source = cog->in_memory ? over_memory(cog) : over_file(cog);
    if (!cog->source)
        return rm_cog_complain(cog, "its first part", err);
    RM_TRY(describe(cog, err));
    for (int l = 0; l < count; l++)
        factors[l] = 2 << l;
    if (count > 0 &&
        GDALBuildOverviews(cog->source, "NONE", count, factors, 0, NULL, NULL, NULL) != CE_None)
        return rm_cog_complain(cog, "its overviews", err);
    if (GDALGetOverviewCount(GDALGetRasterBand(cog->source, 1)) != count)
        return rm_fail(err, RM_EIO, "cannot write %s: its overviews were not made", cog->path);
    return RM_OK;
}

rm_status rm_cog_add_statistics(rm_cog *cog, rm_error *err)
{
    static const char *const names[] = {"STATISTICS_MINIMUM", "STATISTICS_MAXIMUM",
                                        "STATISTICS_MEAN", "STATISTICS_STDDEV",
                                        "STATISTICS_VALID_PERCENT"};
    const rm_raster_statistics *s = &cog->pyramid.statistics;
    double count = (double)s->count;
    double cells = (double)cog->about->grid.columns * (double)cog->about->grid.rows;
    double values[] = {s->minimum, s->maximum, s->mean, sqrt(s->squares / count),
                       100.0 * count / cells};
    GDALRasterBandH band = GDALGetRasterBand(cog->source, 1);
    rm_text text = {0};
    bool failed = false;

    if (s->count == 0)
        return RM_OK;
    for (int i = 0; i < 5; i++) {
        text.length = 0;
        rm_text_add_double(&text, values[i]);
        if (!text.failed)
            failed |= GDALSetMetadataItem(band, names[i], text.data, NULL) != CE_None;
    }
    rm_status status = rm_text_status(&text, err);
    rm_text_clear(&text);
    return status == RM_OK && failed ? rm_cog_complain(cog, "its statistics", err) : status;
}
