#include "io/gdal/memory_text.h"

#include "base/memory.h"

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "/vsiriskmap/"

/* What a thread reads is an option of that thread alone: its address. */
static const char OPTION[] = "RISKMAP_MEMORY_TEXT";

typedef struct open_text {
    rm_memory_text *text;
    size_t at;
    bool ended; /* more was asked for than there is */
} open_text;

static rm_memory_text *present(void)
{
    void *address = NULL;
    const char *option = CPLGetThreadLocalConfigOption(OPTION, NULL);
    return option && sscanf(option, "%p", &address) == 1 ? address : NULL;
}

/* GDAL leaves the folder out. */
static rm_memory_text *text_at(const char *name)
{
    rm_memory_text *text = present();
    while (text && strcmp(text->path + strlen(FOLDER), name) != 0)
        text = text->before;
    return text;
}

static void set_present(const rm_memory_text *text)
{
    char address[32];
    snprintf(address, sizeof address, "%p", (const void *)text);
    CPLSetThreadLocalConfigOption(OPTION, text ? address : NULL);
}

/* ---- what GDAL calls; it opens without asking for the size first ---- */

static void *open_at(void *user, const char *name, const char *access)
{
    rm_memory_text *text = text_at(name);
    open_text *file = NULL;
    (void)user;
    if (!text || access[0] != 'r' || strchr(access, '+'))
        return NULL;
    text->lacked_memory |= RM_NEW_ZERO(&file, 1, NULL) != RM_OK;
    if (file)
        file->text = text;
    return file;
}

static vsi_l_offset tell(void *context)
{
    const open_text *file = context;
    return file->at;
}

static int seek(void *context, vsi_l_offset offset, int whence)
{
    open_text *file = context;
    vsi_l_offset from = whence == SEEK_CUR ? file->at : whence == SEEK_END ? file->text->length : 0;
    vsi_l_offset at = from + offset;
    file->at = at < file->text->length ? (size_t)at : file->text->length;
    file->ended = false;
    return 0;
}

static size_t read_items(void *context, void *out, size_t size, size_t count)
{
    open_text *file = context;
    const rm_memory_text *text = file->text;
    size_t items = size > 0 ? (text->length - file->at) / size : 0;
    double fraction = text->length > 0 ? (double)file->at / (double)text->length : 0.0;
    file->ended = items < count;
    if (rm_progress_report(text->progress, fraction, NULL, NULL) != RM_OK) {
        file->ended = true;
        return 0;
    }
    if (items > count)
        items = count;
    memcpy(out, text->text + file->at, items * size);
    file->at += items * size;
    return items;
}

static int has_ended(void *context)
{
    const open_text *file = context;
    return file->ended;
}

static int close_text(void *context)
{
    rm_release(context);
    return 0;
}

void rm_memory_text_register(void)
{
    VSIFilesystemPluginCallbacksStruct *calls = VSIAllocFilesystemPluginCallbacksStruct();
    calls->open = open_at;
    calls->tell = tell;
    calls->seek = seek;
    calls->read = read_items;
    calls->eof = has_ended;
    calls->close = close_text;
    VSIInstallPluginHandler(FOLDER, calls);
    VSIFreeFilesystemPluginCallbacksStruct(calls);
}

/* ---- what we call ---- */

void rm_memory_text_enter(rm_memory_text *text, const char *ending)
{
    text->before = present();
    /* no two threads have the same address at a time */
    snprintf(text->path, sizeof text->path, FOLDER "%p%s", (void *)text, ending);
    set_present(text);
}

void rm_memory_text_leave(rm_memory_text *text)
{
    set_present(text->before);
}
