#include "base/zone.h"

#include "base/date.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 1 << 20, HEADER = 44, DAY = 86400 };

/* When summer time begins or ends: a day of each year, and the time on the clock then. */
typedef struct change {
    char form; /* 'M': day_of_week of a week of a month; 'J': day 1 to 365; '0': day 0 to 365 */
    int32_t month, week, day;
    int64_t time;
} change;

/* A POSIX TZ text: what holds after the last change that the file lists. */
typedef struct rule {
    bool known, summer;
    int64_t offset, summer_offset;
    change begin, end;
} rule;

struct rm_zone {
    int64_t count;
    int64_t *at;     /* [count] instants from which ... */
    int64_t *offset; /* [count] ... this holds */
    int64_t first;   /* before all of them */
    rule rule;
};

/* ---- the rule at the end ---- */

static bool read_digits(const char **at, int64_t *out)
{
    int64_t value = 0;
    const char *start = *at;
    while (**at >= '0' && **at <= '9' && *at - start < 4)
        value = value * 10 + (*(*at)++ - '0');
    *out = value;
    return *at > start;
}

/* "hh", "hh:mm" or "hh:mm:ss" with an optional sign, in seconds. */
static bool read_clock(const char **at, int64_t *out)
{
    int64_t unit = 3600, part, sum = 0;
    int sign = **at == '-' ? -1 : 1;
    if (**at == '-' || **at == '+')
        ++*at;
    for (bool more = true; more; unit /= 60) {
        if (!read_digits(at, &part))
            return false;
        sum += part * unit;
        more = **at == ':' && unit > 1;
        *at += more;
    }
    *out = sign * sum;
    return true;
}

static bool skip_name(const char **at)
{
    const char *start = *at;
    if (**at == '<') {
        *at += strcspn(*at, ">");
        return *(*at)++ == '>';
    }
    while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
        ++*at;
    return *at - start >= 3;
}

static bool read_change(const char **at, change *out)
{
    int64_t number[3] = {0};
    *out = (change){.form = '0', .time = 2 * 3600};
    if (*(*at)++ != ',')
        return false;
    if (**at == 'M' || **at == 'J')
        out->form = *(*at)++;
    int numbers = out->form == 'M' ? 3 : 1;
    for (int i = 0; i < numbers; i++)
        if ((i > 0 && *(*at)++ != '.') || !read_digits(at, &number[i]))
            return false;
    out->month = (int32_t)number[0];
    out->week = (int32_t)number[1];
    out->day = (int32_t)number[numbers - 1];
    if (out->form == 'M' && (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5))
        return false;
    if (**at != '/')
        return true;
    ++*at;
    return read_clock(at, &out->time);
}

/* The signs are those of what must be added to come to UTC. */
static bool read_rule(rule *out, const char *text)
{
    const char *at = text;
    int64_t west;
    *out = (rule){0};
    if (*at == '\0')
        return true;
    if (!skip_name(&at) || !read_clock(&at, &west))
        return false;
    out->known = true;
    out->offset = -west;
    if (*at == '\0')
        return true;
    out->summer = true;
    out->summer_offset = out->offset + 3600;
    if (!skip_name(&at))
        return false;
    if (*at != ',') {
        if (!read_clock(&at, &west))
            return false;
        out->summer_offset = -west;
    }
    return read_change(&at, &out->begin) && read_change(&at, &out->end) && *at == '\0';
}

static bool is_leap(int32_t year)
{
    return rm_date_from_civil(year, 2, 29) != RM_NO_DATE;
}

/* By the clock of the zone, in seconds since 1970. */
static int64_t change_in(const change *c, int32_t year)
{
    int64_t day = rm_date_from_civil(year, 1, 1);
    if (c->form == '0') {
        day += c->day;
    } else if (c->form == 'J') {
        day += c->day - 1 + (is_leap(year) && c->day >= 60);
    } else {
        day = rm_date_from_civil(year, c->month, 1);
        int64_t next = c->month == 12 ? rm_date_from_civil(year + 1, 1, 1)
                                      : rm_date_from_civil(year, c->month + 1, 1);
        int64_t weekday = ((day + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day += (c->day - weekday + 7) % 7 + (int64_t)7 * (c->week - 1);
        while (day >= next)
            day -= 7;
    }
    return day * DAY + c->time;
}

static int64_t rule_offset(const rule *r, int64_t instant)
{
    int32_t year, month, day;
    int64_t local = instant + r->offset, date = local / DAY - (local % DAY < 0);
    const int64_t far = 366000; /* a thousand years: no rule is meant for further */
    if (!r->summer || date < -far || date > far)
        return r->offset;
    rm_date_to_civil((int32_t)date, &year, &month, &day);
    int64_t begin = change_in(&r->begin, year) - r->offset;
    int64_t end = change_in(&r->end, year) - r->summer_offset;
    bool summer =
        begin < end ? instant >= begin && instant < end : instant >= begin || instant < end;
    return summer ? r->summer_offset : r->offset;
}

/* ---- the file ---- */

static int64_t big_endian(const uint8_t *at, int bytes)
{
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return (int64_t)value;
}

/* What a header says of the block behind it. */
typedef struct block {
    int64_t universal, standard, leaps, times, types, letters, size;
} block;

static bool read_header(block *out, const uint8_t *at, int64_t left, int time_size)
{
    if (left < HEADER || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
        return false;
    int64_t counts[6];
    for (int i = 0; i < 6; i++) {
        counts[i] = big_endian(at + 20 + (ptrdiff_t)4 * i, 4);
        if (counts[i] < 0 || counts[i] > MAX_FILE)
            return false;
    }
    *out = (block){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], 0};
    out->size = out->times * (time_size + 1) + out->types * 6 + out->letters +
                out->leaps * (time_size + 4) + out->standard + out->universal;
    return out->types > 0 && out->size <= left - HEADER;
}

static bool take_block(rm_zone *zone, const block *b, const uint8_t *at)
{
    const uint8_t *kind = at + 8 * b->times, *types = kind + b->times;
    zone->count = b->times;
    zone->first = big_endian(types, 4);
    for (int64_t i = 0; i < b->times; i++) {
        if (kind[i] >= b->types)
            return false;
        zone->at[i] = big_endian(at + 8 * i, 8);
        zone->offset[i] = big_endian(types + (ptrdiff_t)6 * kind[i], 4);
        if (i > 0 && zone->at[i] <= zone->at[i - 1])
            return false;
    }
    return true;
}

static bool take_rule(rm_zone *zone, const uint8_t *at, int64_t left)
{
    char text[128];
    if (left < 2 || at[0] != '\n')
        return false;
    const uint8_t *end = memchr(at + 1, '\n', (size_t)left - 1);
    if (!end || end - at > (ptrdiff_t)sizeof text)
        return false;
    memcpy(text, at + 1, (size_t)(end - at - 1));
    text[end - at - 1] = '\0';
    return read_rule(&zone->rule, text);
}

/* First comes a block in 32 bits for old readers, which is passed over. */
static rm_status read_zone(rm_zone *zone, const uint8_t *data, int64_t size, bool *sound,
                           rm_error *err)
{
    block old, b;
    *sound = false;
    if (!read_header(&old, data, size, 4))
        return RM_OK;
    data += HEADER + old.size;
    size -= HEADER + old.size;
    if (!read_header(&b, data, size, 8))
        return RM_OK;
    RM_TRY(RM_NEW(&zone->at, b.times, err));
    RM_TRY(RM_NEW(&zone->offset, b.times, err));
    *sound = take_block(zone, &b, data + HEADER) &&
             take_rule(zone, data + HEADER + b.size, size - HEADER - b.size);
    return RM_OK;
}

/* ---- names ---- */

/* "+01:00", "-0330", "+01", and the names of UTC itself. */
static bool read_fixed(rule *out, const char *name)
{
    static const char *const plain[] = {"", "UTC", "Etc/UTC", "Z", "GMT"};
    *out = (rule){.known = true};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(name, plain[i]) == 0)
            return true;
    int hours, minutes = 0, used = 0;
    if ((name[0] != '+' && name[0] != '-') || name[1] < '0' || name[1] > '9')
        return false;
    if (sscanf(name + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
        sscanf(name + 1, "%2d%2d%n", &hours, &minutes, &used) != 2) {
        minutes = 0;
        if (sscanf(name + 1, "%2d%n", &hours, &used) != 1)
            return false;
    }
    if (name[1 + used] != '\0' || minutes < 0 || minutes > 59)
        return false;
    out->offset = (name[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
    return true;
}

/* No name leads out of the folder. */
static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_+-/";
    return name[0] != '/' && strlen(name) < 64 && name[strspn(name, letters)] == '\0';
}

static rm_status open_file(rm_zone *zone, const char *name, rm_error *err)
{
    char path[512], *data = NULL;
    int64_t size;
    bool sound;
    const char *folder = getenv("TZDIR");
    if (!is_name(name))
        return rm_fail(err, RM_ENOTFOUND, "there is no time zone of this name");
    if (!folder || !folder[0] || strlen(folder) > 400)
        folder = "/usr/share/zoneinfo";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!rm_file_exists(path) || rm_file_is_folder(path))
        return rm_fail(err, RM_ENOTFOUND, "this machine has no time zone \"%s\"", name);
    RM_TRY(rm_file_read(&data, &size, path, MAX_FILE, err));
    rm_status status = read_zone(zone, (const uint8_t *)data, size, &sound, err);
    if (status == RM_OK && !sound)
        status = rm_fail(err, RM_EFORMAT, "the file of the time zone \"%s\" is damaged", name);
    rm_release(data);
    return status;
}

rm_status rm_zone_open(rm_zone **out, const char *name, rm_error *err)
{
    rm_zone *zone = NULL;
    RM_TRY(RM_NEW_ZERO(&zone, 1, err));
    rm_status status = read_fixed(&zone->rule, name) ? RM_OK : open_file(zone, name, err);
    if (status == RM_OK)
        *out = zone;
    else
        rm_zone_free(zone);
    return status;
}

int64_t rm_zone_offset(const rm_zone *zone, int64_t instant)
{
    int64_t below = 0, above = zone->count; /* at[below - 1] <= instant < at[above] */
    if (zone->rule.known && (zone->count == 0 || instant >= zone->at[zone->count - 1]))
        return rule_offset(&zone->rule, instant);
    while (below < above) {
        int64_t middle = below + (above - below) / 2;
        if (zone->at[middle] <= instant)
            below = middle + 1;
        else
            above = middle;
    }
    return below == 0 ? zone->first : zone->offset[below - 1];
}

void rm_zone_free(rm_zone *zone)
{
    if (!zone)
        return;
    rm_release(zone->at);
    rm_release(zone->offset);
    rm_release(zone);
}
