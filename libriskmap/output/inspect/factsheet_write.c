#include "output/inspect/factsheet.h"

#include "base/date.h"
#include "base/file.h"
#include "base/inputs.h"
#include "io/gdal/env.h"
#include "io/reader.h"

#include <string.h>

enum { SECONDS_A_DAY = 86400 };

/* ---- what the model reads from it ---- */

/* The layer of the source that is meant; without a name the only one, or the only one with
 * geometry. */
static int32_t layer_meant(const rm_inspection *inspection, const char *name)
{
    int32_t found = -1;
    for (int32_t l = 0; l < inspection->count; l++) {
        const rm_found_layer *layer = &inspection->layers[l];
        if (name && rm_text_equal_nocase(layer->name, name))
            return l;
        if (name || (inspection->count > 1 && strcmp(layer->geometry_type, "None") == 0))
            continue;
        if (found >= 0)
            return -1;
        found = l;
    }
    return found;
}

static rm_status find_use(rm_factsheet *sheet, int32_t number, const char *path, rm_error *err)
{
    const rm_model *model = sheet->model;
    const rm_model_layer *layer = &model->layers[number];
    char *resolved = NULL, *its_path = NULL, *its_layer = NULL;
    rm_status status =
        rm_path_beside(&resolved, model->path ? model->path : "", layer->source, err);
    if (status == RM_OK)
        status = rm_split_source(resolved, &its_path, &its_layer, err);
    if (status == RM_OK && (strcmp(its_path, path) == 0 || rm_file_same(its_path, path))) {
        int32_t found = layer_meant(sheet->inspection, layer->layer ? layer->layer : its_layer);
        if (found >= 0)
            sheet->uses[sheet->use_count++] = (rm_factsheet_use){found, number};
    }
    rm_release(resolved);
    rm_release(its_path);
    rm_release(its_layer);
    return status;
}

/* A layer is open when it was said to be, or when the model declares it open wherever it reads it.
 */
static rm_status find_uses(rm_factsheet *sheet, const char *path, bool open, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&sheet->open, sheet->inspection->count, err));
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        sheet->open[l] = open;
    if (!sheet->model)
        return RM_OK;
    RM_TRY(RM_NEW(&sheet->uses, sheet->model->layer_count, err));
    for (int32_t l = 0; l < sheet->model->layer_count; l++)
        RM_TRY(find_use(sheet, l, path, err));
    for (int32_t u = 0; u < sheet->use_count; u++)
        sheet->open[sheet->uses[u].found] |= !sheet->model->layers[sheet->uses[u].layer].shielded;
    for (int32_t u = 0; u < sheet->use_count; u++)
        if (sheet->model->layers[sheet->uses[u].layer].shielded)
            sheet->open[sheet->uses[u].found] = false;
    return RM_OK;
}

/* ---- the whole ---- */

static rm_status fill(rm_factsheet *sheet, const rm_factsheet_request *request, const char *path,
                      char **name, rm_error *err)
{
    int64_t modified;
    const char *slash = strrchr(path, '/');
    const char *layer =
        request->inspection->count == 1 ? request->inspection->layers[0].name : NULL;
    RM_TRY(rm_copy_text(name, slash && slash[1] ? slash + 1 : path, err));
    rm_redact(*name);
    sheet->source = *name;
    if (rm_file_stat(path, &sheet->bytes, &modified, NULL) == RM_OK)
        sheet->file_date = (int32_t)(modified / SECONDS_A_DAY);
    else
        sheet->bytes = -1;
    if (rm_file_is_folder(path))
        sheet->bytes = -1;
    RM_TRY(rm_about_read(&sheet->about, path, layer, err));
    return find_uses(sheet, path, request->open, err);
}

static rm_status name_of(char **out, const char *path, const char *ending, rm_error *err)
{
    rm_text name = {0};
    size_t length = strlen(path);
    if (rm_ends_with(path, ".md"))
        length -= 3;
    else if (rm_ends_with(path, ".json"))
        length -= 5;
    rm_text_add_n(&name, path, (int64_t)length);
    rm_text_add(&name, ending);
    if (rm_text_status(&name, err) != RM_OK) {
        rm_text_clear(&name);
        return RM_ENOMEM;
    }
    *out = name.data;
    return RM_OK;
}

/* One of the two files. */
typedef struct sheet_file {
    char *path, *temporary;
    rm_text text;
} sheet_file;

static rm_status prepare(sheet_file *file, const char *path, const char *ending, const char *source,
                         bool overwrite, rm_error *err)
{
    RM_TRY(name_of(&file->path, path, ending, err));
    RM_TRY(rm_input_refuse(file->path, source, err));
    RM_TRY(rm_file_check_target(file->path, NULL, overwrite, err));
    return rm_file_prepare(&file->temporary, file->path, file->text.data, file->text.length, err);
}

static rm_status publish(sheet_file files[2], bool overwrite, bool shielded, rm_error *err)
{
    RM_TRY(rm_file_publish(files[0].temporary, files[0].path, overwrite, shielded, err));
    rm_status status = rm_file_publish(files[1].temporary, files[1].path, overwrite, shielded, err);
    if (status != RM_OK)
        rm_file_remove(files[0].path);
    return status;
}

static rm_status write_both(const rm_factsheet *sheet, const rm_factsheet_request *request,
                            const char *source, const char *path, rm_error *err)
{
    sheet_file files[2] = {{0}, {0}};
    bool shielded = false;
    for (int32_t l = 0; l < sheet->inspection->count; l++)
        shielded |= !sheet->open[l];
    rm_status status = rm_factsheet_markdown(&files[0].text, sheet, request->language, err);
    if (status == RM_OK)
        status = rm_factsheet_json(&files[1].text, sheet, request->language, err);
    if (status == RM_OK)
        status = prepare(&files[0], path, ".md", source, request->overwrite, err);
    if (status == RM_OK)
        status = prepare(&files[1], path, ".json", source, request->overwrite, err);
    if (status == RM_OK)
        status = publish(files, request->overwrite, shielded, err);
    for (int f = 0; f < 2; f++) {
        if (status != RM_OK)
            rm_file_remove(files[f].temporary);
        rm_release(files[f].temporary);
        rm_release(files[f].path);
        rm_text_clear(&files[f].text);
    }
    return status;
}

rm_status rm_factsheet_write(const rm_factsheet_request *request, const char *path, rm_error *err)
{
    rm_factsheet sheet = {.inspection = request->inspection,
                          .model = request->model,
                          .today = request->today,
                          .file_date = RM_NO_DATE,
                          .about = {.date = RM_NO_DATE}};
    char *source = NULL, *layer = NULL, *name = NULL;
    RM_TRY(rm_split_source(request->source, &source, &layer, err));
    rm_status status = fill(&sheet, request, source, &name, err);
    if (status == RM_OK)
        status = write_both(&sheet, request, source, path, err);
    rm_about_clear(&sheet.about);
    rm_release(sheet.uses);
    rm_release(sheet.open);
    rm_release(source);
    rm_release(layer);
    rm_release(name);
    return status;
}
