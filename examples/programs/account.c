#include "account.h"

#include "common.h"
#include "layout.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 16, INDENT = 2 + NAME + 1, LINE = 800 };

/* How the findings of a layer read when they are counted. */
static const struct {
    const char *code, *dutch, *in_english;
} kinds[] = {
    {"no-coordinate", "%s zonder bruikbare plaats", "%s without a usable place"},
    {"no-geometry", "%s zonder geometrie", "%s without geometry"},
    {"outside-crs", "%s buiten het bereik van het coördinatenstelsel",
     "%s outside the area of the coordinate system"},
    {"bad-row", "%s met een verkeerd aantal cellen", "%s with a wrong number of cells"},
    {"no-date", "%s zonder bruikbare datum", "%s without a usable date"},
    {"future", "%s in de toekomst gedateerd", "%s dated in the future"},
    {"future-kept", "%s in de toekomst gedateerd", "%s dated in the future"},
    {"before-1900", "%s van voor 1900", "%s from before 1900"},
    {"duplicate", "%s dubbel", "%s duplicate(s)"},
    {"spot", "alles op %s plek(ken) met een onwaarschijnlijk deel van de meldingen",
     "all on %s spot(s) with an implausible share of the reports"},
    {"repeated", "%s die herhalen wat al van die plek en periode telt",
     "%s that repeat what counts already of that place and period"},
    {"address-ambiguous", "%s met een adres dat niet eenduidig is", "%s with an ambiguous address"},
    {"address-unknown", "%s met een onbekend adres", "%s with an unknown address"},
    {"no-address", "%s zonder bruikbaar adres", "%s without a usable address"},
    {"swapped", "x en y stonden in elkaars kolom en zijn andersom gelezen",
     "x and y stood in each other's columns and were read the other way round"},
    {"not-polygon", "%s die geen vlak zijn", "%s that are no polygon"},
};
enum { KINDS = sizeof kinds / sizeof *kinds, OTHERS = KINDS, COLUMNS = KINDS + 1 };

/* [layer][rejected][kind] */
typedef int64_t counted[2][COLUMNS];

static int kind_of(const char *code)
{
    int k = 0;
    while (k < KINDS && strcmp(kinds[k].code, code) != 0)
        k++;
    return k;
}

static counted *count_findings(const rm_result *result)
{
    int32_t layers = rm_result_layer_count(result), l = 0;
    counted *out = calloc((size_t)layers + 1, sizeof *out);
    for (int64_t i = 0; out && i < rm_result_issue_count(result); i++) {
        rm_result_issue issue;
        rm_result_layer layer;
        if (rm_result_issue_at(result, i, &issue, NULL) != RM_OK)
            continue;
        /* issues stand by layer, so that the layer is mostly that of the one before */
        for (int32_t tried = 0; tried <= layers; tried++, l = (l + 1) % layers)
            if (rm_result_layer_at(result, l, &layer, NULL) == RM_OK &&
                strcmp(layer.name, issue.layer) == 0) {
                out[l][strcmp(issue.severity, "rejected") == 0][kind_of(issue.code)]++;
                break;
            }
    }
    return out;
}

static void add(char line[LINE], const char *format, ...)
{
    size_t length = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + length, LINE - length, format, arguments);
    va_end(arguments);
}

/* "30 zonder bruikbare plaats, 2 dubbel" */
static void add_findings(char line[LINE], const int64_t count[COLUMNS], bool others)
{
    char number[NUMBER_ROOM], piece[200];
    const char *sign = "";
    for (int k = 0; k < KINDS + others; k++) {
        if (count[k] == 0)
            continue;
        format_count(number, count[k]);
        const char *format = k == OTHERS ? words("%s om een andere reden", "%s for another reason")
                                         : words(kinds[k].dutch, kinds[k].in_english);
        const char *at = strstr(format, "%s"); /* NULL: said of the layer as a whole */
        if (at)
            snprintf(piece, sizeof piece, "%.*s%s%s", (int)(at - format), format, number, at + 2);
        add(line, "%s%s", sign, at ? piece : format);
        sign = ", ";
    }
}

static void print_line(const char *line)
{
    printf("%*s", INDENT, "");
    print_wrapped(stdout, line, INDENT, INDENT + 2);
}

static void print_counts(const rm_result_layer *layer)
{
    char line[LINE] = "", number[NUMBER_ROOM];
    format_count(number, layer->read);
    add(line, "%s %s", number, words("gelezen", "read"));
    format_count(number, layer->used);
    add(line, ", %s %s", number, words("gebruikt", "used"));
    format_count(number, layer->rejected);
    add(line, ", %s %s", number, words("afgewezen", "rejected"));
    if (layer->left_out > 0) {
        format_count(number, layer->left_out);
        add(line, "; %s %s", number,
            words("vooraf weggelaten volgens de regels", "left out beforehand by the rules"));
    }
    if (layer->ended > 0) {
        format_count(number, layer->ended);
        add(line, "; %s %s", number, words("niet meer geldig", "no longer in force"));
    }
    if (layer->profile[0])
        add(line, "; %s %s", words("herkend als", "recognised as"), layer->profile);
    if (layer->missing_grid[0]) {
        format_fixed(number, layer->crs_accuracy_m, 2);
        add(line,
            words("; op %s m nauwkeurig, grid %s ontbreekt",
                  "; accurate to %s m, grid %s is missing"),
            number, layer->missing_grid);
    }
    print_wrapped(stdout, line, INDENT, INDENT + 2);
}

static void print_addresses(const rm_result_layer *layer)
{
    char line[LINE] = "", number[NUMBER_ROOM];
    int64_t placed = layer->address_exact + layer->address_number;
    int64_t asked = placed + layer->address_ambiguous + layer->address_unknown;
    format_count(number, placed);
    add(line, words("op adres geplaatst: %s", "placed by address: %s"), number);
    format_count(number, asked);
    add(line, words(" van %s", " of %s"), number);
    if (asked > 0) {
        format_fixed(number, 100.0 * (double)placed / (double)asked, 1);
        add(line, " (%s%%)", number);
    }
    const struct {
        int64_t count;
        const char *dutch, *in_english;
    } ways[] = {{layer->address_exact, "precies", "exactly"},
                {layer->address_number, "alleen op huisnummer", "by house number alone"},
                {layer->address_ambiguous, "niet eenduidig", "ambiguous"},
                {layer->address_unknown, "onbekend of zonder adres", "unknown or without address"}};
    for (int w = 0; w < 4; w++) {
        format_count(number, ways[w].count);
        add(line, "%s%s %s",
            w == 0   ? ": "
            : w == 2 ? "; "
                     : ", ",
            number, words(ways[w].dutch, ways[w].in_english));
    }
    print_line(line);
}

static void print_layer(const rm_result_layer *layer, int64_t (*found)[COLUMNS])
{
    printf("  ");
    print_name(layer->name, NAME);
    printf(" ");
    print_counts(layer);
    if (layer->located)
        print_addresses(layer);
    char rejected[LINE] = "", kept[LINE] = "";
    add(rejected, "%s", words("niet meegeteld: ", "not counted: "));
    add(kept, "%s", words("opgevallen en meegeteld: ", "noticed, and counted: "));
    size_t empty = strlen(rejected), nothing = strlen(kept);
    if (found) {
        add_findings(rejected, found[1], true);
        add_findings(kept, found[0], false);
    }
    if (strlen(rejected) > empty)
        print_line(rejected);
    if (strlen(kept) > nothing)
        print_line(kept);
    if (layer->read == 0)
        print_line(words("let op: hier is niets gelezen; indicatoren op deze laag zeggen niets",
                         "note: nothing was read here; indicators on this layer say nothing"));
    if (layer->rejected > layer->read / 2)
        print_line(
            words("let op: meer dan de helft telt niet mee; riskmap-inspect laat zien wat er "
                  "met de bron is",
                  "note: more than half does not count; riskmap-inspect shows what is wrong "
                  "with the source"));
}

void print_account(const rm_result *result)
{
    counted *found = count_findings(result);
    for (int32_t l = 0; l < rm_result_layer_count(result); l++) {
        rm_result_layer layer;
        if (rm_result_layer_at(result, l, &layer, NULL) == RM_OK && layer.source[0])
            print_layer(&layer, found ? found[l] : NULL);
    }
    free(found);
}
