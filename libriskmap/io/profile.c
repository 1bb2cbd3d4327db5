#include "io/profile.h"

#include <math.h>
#include <string.h>

/* A number from low to high, or this text, stands for "missing" in fields of this name. The bits of
 * RM_SENTINEL_... are the places in this list. */
static const struct sentinel {
    const char *field;
    double low, high;
    const char *text;
} SENTINELS[] = {
    {"*", -HUGE_VAL, -99997, NULL},
    {"*", NAN, NAN, "GM0000"},
    {"*bouwjaar*", 1005, 1005, NULL},
    {"*bouwjaar*", 9999, 9999, NULL},
};
enum { SENTINEL_COUNT = sizeof SENTINELS / sizeof *SENTINELS };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool equal_n(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

/* A pattern of `length` bytes: a name, with a * before or behind it or both. */
static bool fits(const char *name, size_t size, const char *pattern, size_t length)
{
    bool before = length > 0 && pattern[0] == '*',
         behind = length > 1 && pattern[length - 1] == '*';
    size_t fixed = length - before - behind;
    pattern += before;
    if (size < fixed || (!before && !behind && size != fixed))
        return false;
    size_t first = before && !behind ? size - fixed : 0;
    size_t last = before ? size - fixed : 0;
    for (size_t at = first; at <= last; at++)
        if (equal_n(name + at, pattern, fixed))
            return true;
    return false;
}

bool rm_name_fits(const char *name, int64_t size, const char *list)
{
    for (const char *at = list; at && *at;) {
        size_t length = strcspn(at, ",");
        if (fits(name, (size_t)size, at, length))
            return true;
        at += length;
        at += *at == ',';
    }
    return false;
}

/* The first name of the list that a column has: what stands first in it is meant first. */
static int32_t find_column(const rm_table *columns, const char *list)
{
    for (const char *at = list; at && *at;) {
        size_t length = strcspn(at, ",");
        for (int32_t c = 0; c < columns->count; c++) {
            const char *name = columns->columns[c].name;
            if (fits(name, strlen(name), at, length))
                return c;
        }
        at += length;
        at += *at == ',';
    }
    return -1;
}

static bool has_all(const rm_profile *profile, const rm_table *columns)
{
    for (int f = 0; f < RM_PROFILE_FIELDS && profile->identify[f]; f++)
        if (find_column(columns, profile->identify[f]) < 0)
            return false;
    return true;
}

const rm_profile *rm_profile_match(const char *layer, const rm_table *columns)
{
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    if (!layer)
        layer = "";
    for (int32_t p = 0; p < count; p++)
        if ((!table[p].layer || rm_name_fits(layer, (int64_t)strlen(layer), table[p].layer)) &&
            has_all(&table[p], columns))
            return &table[p];
    return NULL;
}

rm_status rm_profile_find(const rm_profile **out, const char *name, rm_error *err)
{
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    for (int32_t p = 0; p < count; p++)
        if (rm_text_equal_nocase(table[p].name, name)) {
            *out = &table[p];
            return RM_OK;
        }
    const char **names = NULL;
    RM_TRY(RM_NEW(&names, count, err));
    for (int32_t p = 0; p < count; p++)
        names[p] = table[p].name;
    const char *near = rm_text_nearest(name, names, count);
    rm_release(names);
    if (near)
        return rm_fail(err, RM_EINVAL, "there is no profile \"%.80s\"; did you mean \"%s\"?", name,
                       near);
    return rm_fail(err, RM_EINVAL,
                   "there is no profile \"%.80s\"; leave \"profile\" out to have the source "
                   "recognised, or write \"none\" to take it as it is",
                   name);
}

void rm_profile_why(rm_text *out, const rm_profile *profile, const rm_table *columns, bool english)
{
    int last = 0;
    while (last < RM_PROFILE_FIELDS && profile->identify[last])
        last++;
    rm_text_add(out, english ? "it has " : "heeft ");
    for (int f = 0; f < last; f++) {
        int32_t column = find_column(columns, profile->identify[f]);
        if (f > 0)
            rm_text_add(out, f < last - 1 ? ", " : english ? " and " : " en ");
        if (column >= 0)
            rm_text_addf(out, "%.60s", columns->columns[column].name);
        else
            rm_text_addf(out, english ? "no %.60s" : "geen %.60s", profile->identify[f]);
    }
    if (profile->layer)
        rm_text_add(out, english ? ", and the name of the layer" : ", en de naam van de laag");
}

rm_status rm_profile_check(const rm_profile *profile, const rm_table *columns, const char *shown,
                           rm_error *err)
{
    rm_text lacks = {0};
    for (int f = 0; f < RM_PROFILE_FIELDS && profile->identify[f]; f++) {
        const char *list = profile->identify[f];
        if (find_column(columns, list) >= 0)
            continue;
        size_t first = strcspn(list, ",");
        rm_text_addf(&lacks, "%s\"%.*s\"", lacks.length > 0 ? ", " : "", (int)first, list);
    }
    rm_status status = rm_text_status(&lacks, err);
    if (status == RM_OK && lacks.length > 0)
        status = rm_fail(err, RM_ENOTFOUND,
                         "%s cannot be read as \"%s\": it has no field %s; leave \"profile\" out "
                         "to have the source recognised",
                         shown, profile->name, lacks.data);
    rm_text_clear(&lacks);
    return status;
}

/* What is behind "bag.pand." or "lvbag.pand." of a canonical name; NULL when it is of another
 * source. */
static const char *unqualified(const rm_profile *profile, const char *wanted)
{
    const char *object = strchr(profile->name, '.');
    size_t family = strlen(profile->family), behind = strlen(object), whole = strlen(profile->name);
    if (strlen(wanted) > whole && wanted[whole] == '.' && equal_n(wanted, profile->name, whole))
        return wanted + whole + 1;
    if (strlen(wanted) > family + behind && wanted[family + behind] == '.' &&
        equal_n(wanted, profile->family, family) && equal_n(wanted + family, object, behind))
        return wanted + family + behind + 1;
    return NULL;
}

int32_t rm_profile_resolve(const rm_profile *profile, const char *wanted, const rm_table *columns,
                           const rm_profile_field **field)
{
    if (!profile || !profile->fields)
        return -1;
    const char *name = unqualified(profile, wanted);
    if (!name)
        name = wanted;
    for (const rm_profile_field *f = profile->fields; f->name; f++) {
        if (!rm_text_equal_nocase(f->name, name))
            continue;
        int32_t found = find_column(columns, f->fields);
        if (found < 0)
            found = find_column(columns, f->hectares);
        *field = f;
        return found;
    }
    /* its own name, with the source and the object before it */
    int32_t found = name != wanted ? rm_table_find(columns, name) : -1;
    if (found >= 0)
        *field = rm_profile_field_of(profile, name);
    return found;
}

bool rm_profile_is_canonical(const char *wanted)
{
    int32_t count;
    const rm_profile *table = rm_profile_table(&count);
    for (int32_t p = 0; p < count; p++)
        if (unqualified(&table[p], wanted))
            return true;
    return false;
}

const rm_profile_field *rm_profile_field_of(const rm_profile *profile, const char *column)
{
    int64_t length = (int64_t)strlen(column);
    for (const rm_profile_field *f = profile ? profile->fields : NULL; f && f->name; f++)
        if (rm_name_fits(column, length, f->fields) || rm_name_fits(column, length, f->hectares))
            return f;
    return NULL;
}

bool rm_profile_in_hectares(const rm_profile_field *field, const char *column)
{
    return field && rm_name_fits(column, (int64_t)strlen(column), field->hectares);
}

int32_t rm_profile_rule_column(const rm_current_rule *rule, const rm_table *columns)
{
    return find_column(columns, rule->fields);
}

unsigned rm_sentinels_of(const char *field)
{
    unsigned rules = 0;
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if (rm_name_fits(field, (int64_t)strlen(field), SENTINELS[s].field))
            rules |= 1u << s;
    return rules;
}

int rm_sentinel_ranges(unsigned rules, rm_sentinel_range out[RM_SENTINEL_RANGES])
{
    int count = 0;
    for (int s = 0; s < SENTINEL_COUNT && count < RM_SENTINEL_RANGES; s++)
        if ((rules >> s & 1u) && !SENTINELS[s].text)
            out[count++] = (rm_sentinel_range){SENTINELS[s].low, SENTINELS[s].high};
    return count;
}

bool rm_is_sentinel(unsigned rules, double number)
{
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if ((rules >> s & 1u) && number >= SENTINELS[s].low && number <= SENTINELS[s].high)
            return true;
    return false;
}

bool rm_is_sentinel_text(unsigned rules, const char *text, int64_t length)
{
    for (int s = 0; s < SENTINEL_COUNT; s++)
        if ((rules >> s & 1u) && SENTINELS[s].text && (size_t)length == strlen(SENTINELS[s].text) &&
            equal_n(text, SENTINELS[s].text, (size_t)length))
            return true;
    return false;
}
