#include "data/issue.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a sentence needs besides its words: %a and %b stand for the numbers, %t for the text, which
 * is left out together with the " (" and ")" around it when there is none. */
typedef struct rule {
    const char *name;
    rm_severity severity;
    int decimals; /* of a and b */
    const char *sentence;
} rule;

static const rule rules[RM_ISSUE_CODES] = {
    [RM_ISSUE_NO_GEOMETRY] = {"no-geometry", RM_REJECTED, 0,
                              "the geometry is null or empty; feature left out"},
    [RM_ISSUE_MALFORMED] = {"malformed", RM_REJECTED, 0,
                            "the geometry is damaged and cannot be read; feature left out"},
    [RM_ISSUE_NOT_FINITE] = {"not-finite", RM_REJECTED, 0,
                             "a coordinate is not a finite number; feature left out"},
    [RM_ISSUE_MIXED_COLLECTION] = {"mixed-collection", RM_REJECTED, 0,
                                   "the geometry is a collection of points, lines and polygons "
                                   "together; feature left out"},
    [RM_ISSUE_UNCLOSED] = {"unclosed", RM_REJECTED, 3,
                           "the ring is open by %a m; feature left out"},
    [RM_ISSUE_CLOSED] = {"closed", RM_NOTE, 6, "a ring was open by %a m and has been closed"},
    [RM_ISSUE_TOO_FEW_POINTS] = {"too-few-points", RM_REJECTED, 0,
                                 "a ring or line has %a points and needs %b; feature left out"},
    [RM_ISSUE_REPAIRED] = {"repaired", RM_WARNING, 2,
                           "the polygon was invalid (%t) and has been repaired; its area was %a m2 "
                           "and is %b m2"},
    [RM_ISSUE_NOT_REPAIRABLE] = {"not-repairable", RM_REJECTED, 0,
                                 "the polygon is invalid (%t) and nothing is left of it after "
                                 "repair; feature left out"},
    [RM_ISSUE_OUTSIDE_CRS] = {"outside-crs", RM_REJECTED, 0,
                              "the feature lies outside the area of use of the coordinate "
                              "reference system; feature left out"},
    [RM_ISSUE_NOT_TRANSFORMED] = {"not-transformed", RM_REJECTED, 0,
                                  "its coordinates cannot be transformed to the coordinate "
                                  "reference system of the model; feature left out"},
    [RM_ISSUE_NO_COORDINATE] = {"no-coordinate", RM_REJECTED, 0,
                                "the row has no usable coordinate (%t); row left out"},
    [RM_ISSUE_BAD_ROW] = {"bad-row", RM_REJECTED, 0,
                          "the row has %a cells where the header has %b; row left out"},
    [RM_ISSUE_BAD_TEXT] = {"bad-text", RM_WARNING, 0,
                           "text is neither UTF-8 nor Windows-1252; the unreadable bytes were "
                           "replaced"},
    [RM_ISSUE_NO_DATE] = {"no-date", RM_REJECTED, 0,
                          "there is no usable date where one is needed; feature left out"},
    [RM_ISSUE_FUTURE] = {"future", RM_REJECTED, 0,
                         "its date lies after the date of the run; feature left out"},
    [RM_ISSUE_NO_NUMBER] = {"no-number", RM_WARNING, 0,
                            "a value that must be a number is none; it counts as missing"},
    [RM_ISSUE_NOT_POLYGON] = {"not-polygon", RM_REJECTED, 0,
                              "the geometry is a point or line where only a polygon will do; "
                              "feature left out"},
    [RM_ISSUE_OVERLAP] = {"overlap", RM_WARNING, 2, "the area overlaps area %i over %b m2"},
    [RM_ISSUE_NO_ID] = {"no-id", RM_NOTE, 0, "the area has no id; its feature id is used instead"},
    [RM_ISSUE_CONSTANT] = {"constant", RM_WARNING, 0,
                           "the indicator (%t) has one value in every area and cannot be scaled; "
                           "it does not count in the score"},
    [RM_ISSUE_FLOOR] = {"floor", RM_NOTE, 0,
                        "the indicator (%t) was raised to the floor of the geometric mean in %a "
                        "areas"},
    [RM_ISSUE_NO_EVIDENCE] = {"no-evidence", RM_WARNING, 0,
                              "no feature of this layer could be used"},
    [RM_ISSUE_FUTURE_KEPT] = {"future-kept", RM_WARNING, 0,
                              "its date lies after the date of the run; it counts where no date is "
                              "needed"},
    [RM_ISSUE_BEFORE_1900] = {"before-1900", RM_WARNING, 0, "its date lies before 1900 (%t)"},
    [RM_ISSUE_OUTSIDE_REGION] = {"outside-region", RM_NOTE, 0,
                                 "%a reports lie outside the region of the areas"},
    [RM_ISSUE_DUPLICATE] = {"duplicate", RM_WARNING, 0,
                            "the place and every value that is used are those of report %a (%t)"},
    [RM_ISSUE_SPOT] = {"spot", RM_WARNING, 1, "one spot holds %i reports, %b per cent of all (%t)"},
    [RM_ISSUE_REPEATED] = {"repeated", RM_REJECTED, 0,
                           "report %a is of the same place in the same period, which counts once; "
                           "left out"},
    [RM_ISSUE_SOURCE] = {"source", RM_WARNING, 0, "the driver warns: %t"},
    [RM_ISSUE_OFFICIAL_AREA] = {"official-area", RM_WARNING, 1,
                                "its outline is %a m2 large, its official area is %b m2; it is "
                                "kept, and the outline counts"},
    [RM_ISSUE_SWAPPED] = {"swapped", RM_WARNING, 0,
                          "x and y (longitude and latitude) stand in each other's columns, as %a "
                          "rows at the begin show; they were read the other way around"},
    [RM_ISSUE_NO_ADDRESS] = {"no-address", RM_REJECTED, 0,
                             "it has no postcode (or street) with a house number that can be read; "
                             "feature left out"},
    [RM_ISSUE_ADDRESS_UNKNOWN] = {"address-unknown", RM_REJECTED, 0,
                                  "its address is not in the address layer (where that holds main "
                                  "addresses only, secondary ones cannot be found); feature left "
                                  "out"},
    [RM_ISSUE_ADDRESS_NUMBER] = {"address-number", RM_NOTE, 1,
                                 "placed on its house number alone, as one of %i addresses that "
                                 "lie at most %b m apart"},
    [RM_ISSUE_ADDRESS_AMBIGUOUS] = {"address-ambiguous", RM_REJECTED, 1,
                                    "%i addresses fit that lie up to %b m apart; feature left out"},
    [RM_ISSUE_COLUMN] = {"column", RM_WARNING, 0,
                         "a column is not among the fields, as its type is not read (%t)"},
    [RM_ISSUE_FID] = {"feature-id", RM_WARNING, 0,
                      "the column fid does not number the features (%t): it is a field, and they "
                      "are numbered by row"},
    [RM_ISSUE_ADDRESS_LAYER] =
        {"address-layer", RM_NOTE, 0,
         "%a rows of the address layer have no point, or no house number with "
         "a postcode or street; nothing can be found at them"},
};

static bool known(int32_t code)
{
    return code >= 0 && code < RM_ISSUE_CODES;
}

rm_severity rm_issue_severity(rm_issue_code code)
{
    return known((int32_t)code) ? rules[code].severity : RM_NOTE;
}

const char *rm_severity_name(rm_severity severity)
{
    static const char *const NAMES[] = {"note", "warning", "rejected"};
    return NAMES[severity];
}

const char *rm_issue_code_name(rm_issue_code code)
{
    return known((int32_t)code) ? rules[code].name : "?";
}

/* The message under way; what does not fit is cut on a UTF-8 boundary at the end. */
typedef struct writer {
    char *out;
    size_t size, length;
    bool cut;
} writer;

static void put(writer *w, const char *text, size_t length)
{
    size_t room = w->size - 1 - w->length;
    if (length > room) {
        length = room;
        w->cut = true;
    }
    memcpy(w->out + w->length, text, length);
    w->length += length;
}

static void put_number(writer *w, double value, int decimals)
{
    char digits[400];
    int length = rm_format_fixed(digits, sizeof digits, value, decimals, false);
    if (length > 0)
        put(w, digits, strlen(digits));
}

static void put_field(writer *w, char field, const rm_issue *issue, int decimals)
{
    switch (field) {
    case 'a':
        put_number(w, issue->a, decimals);
        break;
    case 'b':
        put_number(w, issue->b, decimals);
        break;
    case 'i': /* a, when it is a feature id beside a measure */
        put_number(w, issue->a, 0);
        break;
    default:
        if (issue->text)
            put(w, issue->text, strlen(issue->text));
        break;
    }
}

void rm_issue_message(const rm_issue *issue, char *out, size_t size)
{
    if (size == 0)
        return;
    writer w = {out, size, 0, false};
    const char *at = known(issue->code) ? rules[issue->code].sentence : "unknown issue";
    int decimals = known(issue->code) ? rules[issue->code].decimals : 0;
    while (*at) {
        size_t plain = strcspn(at, "%");
        if (strncmp(at + plain, "%t)", 3) == 0 && !issue->text) {
            put(&w, at, plain - strlen(" ("));
            at += plain + 3;
            continue;
        }
        put(&w, at, plain);
        at += plain;
        if (*at == '%') {
            put_field(&w, at[1], issue, decimals);
            at += 2;
        }
    }
    if (w.cut)
        w.length = (size_t)rm_utf8_valid(out, (int64_t)w.length);
    out[w.length] = '\0';
}

rm_status rm_issues_add(rm_issues *issues, rm_issue_code code, int64_t feature, double a, double b,
                        const char *text, rm_error *err)
{
    RM_TRY(RM_GROW(&issues->items, &issues->capacity, issues->count + 1, err));
    rm_issue *issue = &issues->items[issues->count];
    char *copy = NULL;
    RM_TRY(rm_copy_text(&copy, text, err));
    *issue = (rm_issue){(int32_t)code, (int32_t)rm_issue_severity(code), -1, feature, a, b, copy};
    issues->count++;
    return RM_OK;
}

rm_status rm_issues_take(rm_issues *issues, rm_issues *from, int32_t layer, rm_error *err)
{
    if (from->count == 0)
        return RM_OK;
    RM_TRY(RM_GROW(&issues->items, &issues->capacity, issues->count + from->count, err));
    for (int64_t i = 0; i < from->count; i++) {
        from->items[i].layer = layer;
        issues->items[issues->count++] = from->items[i];
    }
    from->count = 0;
    return RM_OK;
}

static int compare_doubles(double a, double b)
{
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan)
        return (int)a_nan - (int)b_nan;
    return (a > b) - (a < b);
}

/* Goes on to the last field, so that equal issues are equal in all and the order is
 * the only one. */
static int compare_issues(const void *left, const void *right)
{
    const rm_issue *a = left, *b = right;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    if (a->feature != b->feature)
        return a->feature < b->feature ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    int order = compare_doubles(a->a, b->a);
    if (order == 0)
        order = compare_doubles(a->b, b->b);
    if (order == 0)
        order = strcmp(a->text ? a->text : "", b->text ? b->text : "");
    return order;
}

void rm_issues_sort(rm_issues *issues)
{
    if (issues->count > 1)
        qsort(issues->items, (size_t)issues->count, sizeof *issues->items, compare_issues);
}

void rm_issues_clear(rm_issues *issues)
{
    for (int64_t i = 0; i < issues->count; i++)
        rm_release(issues->items[i].text);
    rm_release(issues->items);
    *issues = (rm_issues){0};
}
