#include "base/status.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *rm_status_name(rm_status status)
{
    switch (status) {
    case RM_OK:
        return "RM_OK";
    case RM_ENOMEM:
        return "RM_ENOMEM";
    case RM_EINVAL:
        return "RM_EINVAL";
    case RM_EIO:
        return "RM_EIO";
    case RM_EFORMAT:
        return "RM_EFORMAT";
    case RM_EMODEL:
        return "RM_EMODEL";
    case RM_EDATA:
        return "RM_EDATA";
    case RM_ECRS:
        return "RM_ECRS";
    case RM_ELIMIT:
        return "RM_ELIMIT";
    case RM_EEXISTS:
        return "RM_EEXISTS";
    case RM_ENOTFOUND:
        return "RM_ENOTFOUND";
    case RM_ECANCELLED:
        return "RM_ECANCELLED";
    case RM_EUNSUPPORTED:
        return "RM_EUNSUPPORTED";
    default:
        return "RM_?";
    }
}

const char *rm_version(void)
{
    return RM_VERSION;
}

/* Makes one line of valid UTF-8 of what was formatted: file names and messages of other libraries
 * may hold anything. `cut` tells that the text went on, so that its last character may be half. */
static void tidy(char *message, bool cut)
{
    int64_t length = (int64_t)strlen(message);
    int64_t at = 0;
    while (at < length) {
        at += rm_utf8_valid(message + at, length - at);
        if (at == length)
            break;
        if (cut && length - at < 4 && (unsigned char)message[at] >= 0xC0) {
            message[at] = '\0';
            break;
        }
        message[at++] = '?';
    }
    for (char *c = message; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    }
}

/* The text is made beside err, because its arguments may lie in err->message. */
static void format_message(char *out, size_t size, const char *format, va_list arguments)
{
    int length = rm_vformat(out, size, format, arguments);
    if (length < 0)
        out[0] = '\0';
    tidy(out, length >= (int)size);
}

static void fill(rm_error *err, rm_status code, int64_t row, const char *message)
{
    err->code = code;
    err->reserved = 0;
    err->row = row;
    memcpy(err->message, message, strlen(message) + 1);
}

rm_status rm_fail(rm_error *err, rm_status code, const char *format, ...)
{
    if (err != NULL) {
        char message[sizeof err->message];
        va_list arguments;
        va_start(arguments, format);
        format_message(message, sizeof message, format, arguments);
        va_end(arguments);
        fill(err, code, -1, message);
    }
    return code;
}

rm_status rm_fail_row(rm_error *err, rm_status code, int64_t row, const char *format, ...)
{
    if (err != NULL) {
        char message[sizeof err->message];
        va_list arguments;
        va_start(arguments, format);
        format_message(message, sizeof message, format, arguments);
        va_end(arguments);
        fill(err, code, row, message);
    }
    return code;
}

rm_status rm_fail_memory(rm_error *err)
{
    return rm_fail(err, RM_ENOMEM, "out of memory: free some, or take a smaller extent");
}

rm_status rm_fail_within(rm_error *err, rm_status code, const char *format, ...)
{
    if (err != NULL) {
        char prefix[sizeof err->message];
        char message[2 * sizeof err->message];
        va_list arguments;
        va_start(arguments, format);
        format_message(prefix, sizeof prefix, format, arguments);
        va_end(arguments);
        snprintf(message, sizeof message, "%s: %s", prefix, err->message);
        bool cut = strlen(message) >= sizeof err->message;
        message[sizeof err->message - 1] = '\0';
        tidy(message, cut);
        fill(err, code, err->row, message);
    }
    return code;
}
