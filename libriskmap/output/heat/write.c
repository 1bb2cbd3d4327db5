#include "output/heat/write.h"

#include "base/file.h"
#include "output/heat/context.h"
#include "output/picture/picture.h"

#include <math.h>
#include <string.h>

/* ---- classes ---- */

rm_status rm_heat_shared_classes(rm_heat_classes *out, const rm_heatmap *heatmap, int32_t count,
                                 rm_error *err)
{
    int64_t cells = heatmap->kept.rows * heatmap->kept.columns;
    if (heatmap->period_count == 1)
        return rm_heat_classes_make(out, heatmap->periods[0].values, cells, count, err);
    float *all = NULL;
    RM_TRY(RM_NEW(&all, cells * heatmap->period_count, err));
    for (int32_t p = 0; p < heatmap->period_count; p++)
        memcpy(all + p * cells, heatmap->periods[p].values, (size_t)cells * sizeof(float));
    rm_status status = rm_heat_classes_make(out, all, cells * heatmap->period_count, count, err);
    rm_release(all);
    return status;
}

/* ---- rasters ---- */

typedef struct rm_heat_rows {
    const rm_heatmap *heatmap;
    const rm_heat_classes *classes; /* NULL: the values themselves */
    int32_t period;
} rm_heat_rows;

static rm_status raster_rows(void *context, float *out, int64_t first, int64_t rows, rm_error *err)
{
    const rm_heat_rows *from = context;
    RM_TRY(rm_heatmap_rows(from->heatmap, from->period, out, first, rows, NULL, err));
    int64_t cells = rows * from->heatmap->grid.columns;
    for (int64_t i = 0; from->classes && i < cells; i++)
        out[i] = (float)rm_heat_class(from->classes, out[i]);
    return RM_OK;
}

/* What both rasters say. */
typedef struct rm_heat_about {
    rm_text unit, description;
    rm_heat_tags tags;
    rm_raster_about about;
} rm_heat_about;

static void about_clear(rm_heat_about *about)
{
    rm_text_clear(&about->unit);
    rm_text_clear(&about->description);
    rm_heat_tags_clear(&about->tags);
}

static rm_status about_make(rm_heat_about *out, const rm_heatmap *heatmap, int32_t period,
                            rm_language language, rm_error *err)
{
    *out = (rm_heat_about){0};
    rm_heat_unit(&out->unit, heatmap, language);
    rm_heat_unit(&out->description, heatmap, language);
    rm_text_add(&out->description, "; ");
    rm_heat_subtitle(&out->description, heatmap, period, language);
    rm_status status = rm_text_status(&out->unit, err);
    if (status == RM_OK)
        status = rm_text_status(&out->description, err);
    if (status == RM_OK)
        status = rm_heat_tags_make(&out->tags, heatmap, period, err);
    if (status != RM_OK) {
        about_clear(out);
        return status;
    }
    out->about = (rm_raster_about){.grid = heatmap->grid,
                                   .crs = heatmap->crs,
                                   .description = out->description.data,
                                   .unit = out->unit.data,
                                   .tags = out->tags.tags,
                                   .tag_count = out->tags.count,
                                   .shielded = heatmap->shielded};
    return RM_OK;
}

static rm_status write_cog(const rm_heatmap *heatmap, int32_t period, const char *path,
                           const rm_raster_about *about, const rm_heat_classes *classes,
                           const rm_heat_writing *writing, rm_error *err)
{
    rm_heat_rows rows = {heatmap, classes, period};
    rm_raster_about whole = *about;
    if (!classes && heatmap->factor == 1)
        whole.values = heatmap->periods[period].values;
    return rm_cog_write(path, &whole, raster_rows, &rows, 0, writing->options->overwrite != 0,
                        rm_threads(writing->options->threads), writing->progress, err);
}

/* "map.tif" with "qml" is "map.qml". */
static rm_status beside(char **out, const char *path, const char *ending, rm_error *err)
{
    rm_text name = {0};
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t stem = dot && (!slash || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
    rm_text_add_n(&name, path, (int64_t)stem);
    rm_text_addf(&name, ".%s", ending);
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = rm_copy_text(out, name.data, err);
    rm_text_clear(&name);
    return status;
}

/* Makes the style ready beside the map, so that nothing but its renaming can fail once the map is
 * there. */
static rm_status prepare_style(char **temporary, char **qml, const rm_text *style, const char *path,
                               const rm_heat_writing *writing, rm_error *err)
{
    RM_TRY(beside(qml, path, "qml", err));
    rm_status status = rm_file_check_target(*qml, NULL, writing->options->overwrite != 0, err);
    if (status != RM_OK)
        return rm_fail_within(err, status, "the style of the map");
    return rm_file_prepare(temporary, *qml, style->data, style->length, err);
}

/* classes: those that the cells hold; NULL: the values themselves. */
static rm_status write_styled(const rm_heatmap *heatmap, int32_t period, const char *path,
                              const rm_raster_about *about, const rm_heat_classes *classes,
                              const rm_text *style, const rm_heat_writing *writing, rm_error *err)
{
    char *qml = NULL, *temporary = NULL;
    rm_status status = rm_text_status(style, err);
    if (status == RM_OK)
        status = prepare_style(&temporary, &qml, style, path, writing, err);
    if (status == RM_OK)
        status = write_cog(heatmap, period, path, about, classes, writing, err);
    if (status == RM_OK) {
        status = rm_file_publish(temporary, qml, writing->options->overwrite != 0,
                                 heatmap->shielded, err);
        if (status != RM_OK)
            rm_file_remove(path);
    }
    if (status != RM_OK)
        rm_file_remove(temporary);
    rm_release(temporary);
    rm_release(qml);
    return status;
}

rm_status rm_heat_write_raster(const rm_heatmap *heatmap, int32_t period, const char *path,
                               const rm_heat_writing *writing, rm_error *err)
{
    rm_heat_about about;
    rm_heat_classes classes;
    rm_text style = {0};
    RM_TRY(rm_cog_check_target(path, writing->options->overwrite != 0, err));
    RM_TRY(rm_heat_shared_classes(&classes, heatmap, writing->options->classes, err));
    RM_TRY(about_make(&about, heatmap, period, writing->language, err));
    rm_heat_style_qml(&style, &classes, about.unit.data, writing->language);
    rm_status status =
        write_styled(heatmap, period, path, &about.about, NULL, &style, writing, err);
    rm_text_clear(&style);
    about_clear(&about);
    return status;
}

rm_status rm_heat_write_classes(const rm_heatmap *heatmap, int32_t period, const char *path,
                                const rm_heat_writing *writing, rm_error *err)
{
    enum { MOST = RM_HEAT_CLASSES_MOST + 1, LABEL = 64 };
    rm_heat_about about;
    rm_heat_classes classes;
    rm_colour palette[MOST] = {{0, 0, 0, 0}};
    char labels[MOST][LABEL] = {""};
    const char *names[MOST] = {""};
    rm_text style = {0};
    RM_TRY(rm_cog_check_target(path, writing->options->overwrite != 0, err));
    RM_TRY(rm_heat_shared_classes(&classes, heatmap, writing->options->classes, err));
    RM_TRY(about_make(&about, heatmap, period, writing->language, err));
    for (int32_t c = 1; c <= classes.count; c++) {
        palette[c] = classes.colours[c - 1];
        palette[c].alpha = 255; /* palettes of TIFF know no other */
        rm_heat_class_label(labels[c], LABEL, &classes, c, writing->language);
        names[c] = labels[c];
    }
    about.about.palette = palette;
    about.about.category = names;
    about.about.palette_count = classes.count + 1;
    rm_heat_palette_qml(&style, &classes, about.unit.data, writing->language);
    rm_status status =
        write_styled(heatmap, period, path, &about.about, &classes, &style, writing, err);
    rm_text_clear(&style);
    about_clear(&about);
    return status;
}

/* ---- picture ---- */

static rm_status add_footer(rm_text *out, const rm_heat_writing *writing, rm_error *err)
{
    if (writing->options->source)
        rm_text_addf(out, "%s: %s. ", writing->language == RM_ENGLISH ? "Source" : "Bron",
                     writing->options->source);
    rm_text_add(out, rm_heat_disclaimer(writing->language));
    return rm_text_status(out, err);
}

static rm_status draw(const rm_heatmap *heatmap, int32_t period, const char *path,
                      const rm_heat_writing *writing, const rm_heat_about *about,
                      const rm_text *footer, rm_error *err)
{
    rm_heat_classes classes;
    rm_text subtitle = {0};
    rm_heat_context context = {0};
    rm_heat_subtitle(&subtitle, heatmap, period, writing->language);
    rm_status status = rm_text_status(&subtitle, err);
    if (status == RM_OK)
        status = rm_heat_shared_classes(&classes, heatmap, writing->options->classes, err);
    if (status == RM_OK)
        status = rm_heat_context_read(&context, heatmap, writing->options, err);
    if (status == RM_OK)
        status = rm_progress_report(writing->progress, 0.5, "picture", err);
    if (status == RM_OK) {
        rm_picture picture = {.grid = heatmap->kept,
                              .values = heatmap->periods[period].values,
                              .classes = &classes,
                              .title = writing->options->title,
                              .subtitle = subtitle.data,
                              .unit = about->unit.data,
                              .footer = footer->data,
                              .context = context.layers,
                              .context_count = context.count,
                              .width = writing->options->width,
                              .height = writing->options->height,
                              .shielded = heatmap->shielded,
                              .language = writing->language};
        status = rm_picture_write(&picture, path, writing->options->overwrite != 0, err);
    }
    rm_heat_context_clear(&context);
    rm_text_clear(&subtitle);
    return status;
}

rm_status rm_heat_write_picture(const rm_heatmap *heatmap, int32_t period, const char *path,
                                const rm_heat_writing *writing, rm_error *err)
{
    rm_heat_about about;
    rm_text footer = {0};
    RM_TRY(rm_picture_check_target(path, writing->options->overwrite != 0, err));
    RM_TRY(rm_progress_report(writing->progress, 0.0, "picture", err));
    RM_TRY(about_make(&about, heatmap, period, writing->language, err));
    rm_status status = add_footer(&footer, writing, err);
    if (status == RM_OK)
        status = draw(heatmap, period, path, writing, &about, &footer, err);
    rm_text_clear(&footer);
    about_clear(&about);
    return status;
}
