#define _POSIX_C_SOURCE 200809L
#include "heat_report.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A spot with this share of the points is the hottest place of any map. */
static const double SPOT_SHARE = 0.01;
enum { SPOT_LEAST = 10, FEW = 20, WRITTEN_MOST = 8 };

static struct {
    char *path[WRITTEN_MOST];
    int count;
} written;

void tell_written(const char *path)
{
    char *copy = written.count < WRITTEN_MOST ? strdup(path) : NULL;
    if (copy)
        written.path[written.count++] = copy;
}

static void print_written(void)
{
    for (int w = 0; w < written.count; w++)
        printf("%s%s", w ? ", " : words("Geschreven: ", "Written: "), written.path[w]);
    if (written.count)
        printf("%s\n", words("; QGIS opent de .tif met de kleuren van de .qml ernaast.",
                             "; QGIS opens the .tif with the colours of the .qml beside it."));
}

void remove_written(void)
{
    for (int w = 0; w < written.count; w++) {
        char *path = written.path[w], *dot = strrchr(path, '.');
        remove(path);
        if (dot && strcasecmp(dot, ".tif") == 0) {
            memcpy(dot, ".qml", 4); /* its style */
            remove(path);
        }
    }
}

void forget_written(void)
{
    while (written.count)
        free(written.path[--written.count]);
}

static void print_period(const rm_heatmap *heatmap, const rm_heatmap_facts *facts, int32_t number)
{
    rm_heatmap_period period;
    char from[16] = "", until[16] = "";
    if (rm_heatmap_period_at(heatmap, number, &period, NULL) != RM_OK)
        return;
    if (period.from != INT32_MIN)
        write_date(period.from, from);
    if (period.until != INT32_MIN)
        write_date(period.until, until);
    if (from[0] && until[0])
        printf(words("%s t/m %s: ", "%s to %s: "), from, until);
    else if (from[0])
        printf(words("Vanaf %s: ", "From %s: "), from);
    else if (until[0])
        printf(words("T/m %s: ", "Up to %s: "), until);
    printf("%lld %s", (long long)period.points,
           period.points == 1 ? words("punt", "point") : words("punten", "points"));
    printf("%s", words("; hoogste waarde ", "; highest value "));
    print_number(period.highest, 1);
    printf(" %s\n", words(facts->unit, facts->unit_en));
    if (period.points == 0)
        printf("%s\n", words("Let op: geen enkel punt valt in dit gebied en deze periode.",
                             "Note: no point lies in this area and period."));
    else if (period.points < FEW)
        printf("%s\n",
               words("Let op: zo weinig punten zeggen weinig; wat rood is, kan toeval zijn.",
                     "Note: so few points say little; what is red may be chance."));
}

static void print_bandwidth(const rm_heatmap_facts *facts)
{
    printf("%s ", words("Bandbreedte", "Bandwidth"));
    print_number(facts->bandwidth, facts->bandwidth < 10 ? 2 : 0);
    printf(" m");
    if (!isnan(facts->score))
        printf("%s", words(", gekozen met kruisvalidatie", ", chosen by cross-validation"));
    else if (facts->by_rule)
        printf("%s", words(", gekozen met de vuistregel; --bandwidth stelt hem in",
                           ", chosen by rule; --bandwidth sets it"));
    printf(words("; %lld x %lld cellen van ", "; %lld x %lld cells of "),
           (long long)facts->grid.columns, (long long)facts->grid.rows);
    print_number(facts->grid.cell, facts->grid.cell == floor(facts->grid.cell) ? 0 : 2);
    printf(" m.\n");
    if (facts->at_end)
        printf("%s\n",
               words("Kruisvalidatie vond geen beste bandbreedte tussen haar grenzen; kies er "
                     "zelf een met --bandwidth.",
                     "Cross-validation found no best bandwidth between its ends; choose one "
                     "with --bandwidth."));
    if (facts->bandwidth < facts->grid.cell)
        printf("%s\n", words("De bandbreedte is kleiner dan een cel: tussen de middens van cellen "
                             "vallen meldingen weg. Neem een kleinere cel.",
                             "The bandwidth is smaller than a cell: reports between the centres of "
                             "cells are lost. Take a smaller cell."));
}

/* Usable points beyond the only period or the study area; two periods may overlap. */
static int64_t count_beyond(const rm_heatmap *heatmap, const rm_heatmap_facts *facts)
{
    rm_heatmap_period period;
    if (facts->periods != 1 || rm_heatmap_period_at(heatmap, 0, &period, NULL) != RM_OK)
        return 0;
    return facts->used - period.points;
}

static void print_account(const rm_heatmap *heatmap, const rm_heatmap_facts *facts)
{
    int64_t beyond = count_beyond(heatmap, facts);
    const struct {
        int64_t count;
        const char *dutch, *in_english;
    } parts[] = {{facts->ended, "niet meer geldig", "no longer in force"},
                 {facts->outside, "buiten bereik", "out of reach"},
                 {facts->filtered, "niet geselecteerd", "not selected"},
                 {facts->left_out, "weggelaten volgens de regels", "left out by the rules"},
                 {facts->undated, "zonder bruikbare datum", "without a usable date"},
                 {facts->ahead, "in de toekomst gedateerd", "dated in the future"},
                 {facts->unweighted, "zonder bruikbaar gewicht", "without a usable weight"},
                 {facts->rejected - facts->undated - facts->ahead - facts->unweighted,
                  "zonder bruikbare plaats", "without a usable place"},
                 {beyond, "buiten de periode of het gebied", "beyond the period or the area"}};
    printf(facts->periods == 1
               ? words("Van %lld punten zijn er %lld gebruikt", "Of %lld points %lld were used")
               : words("Van %lld punten zijn er %lld bruikbaar", "Of %lld points %lld are usable"),
           (long long)facts->total, (long long)(facts->used - beyond));
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        if (parts[p].count)
            printf("; %lld %s", (long long)parts[p].count,
                   words(parts[p].dutch, parts[p].in_english));
    printf(".\n");
    if (facts->placed_by_address + facts->not_placed)
        printf(words("Op adres geplaatst: %lld; adres niet gevonden of niet eenduidig: %lld.\n",
                     "Placed by address: %lld; address not found or ambiguous: %lld.\n"),
               (long long)facts->placed_by_address, (long long)facts->not_placed);
}

static void print_guesses(const rm_heatmap_facts *facts)
{
    if (facts->guessed_crs[0])
        printf(words("x en y zijn naar hun inhoud gelezen als %s; --crs stelt dat in.\n",
                     "x and y were read as %s, by what stands in them; --crs sets it.\n"),
               facts->guessed_crs);
    if (facts->time[0])
        printf(words("Datum uit het veld %s.\n", "Date from the field %s.\n"), facts->time);
}

static void print_spot(const rm_heatmap_facts *facts)
{
    double share = facts->used ? (double)facts->spot / (double)facts->used : 0.0;
    if (facts->spot_known)
        printf(words("Let op: %lld punten liggen op de oorsprong van RD, waar verloren coördinaten "
                     "terechtkomen; --leave-out spots laat ze weg.\n",
                     "Note: %lld points lie at the origin of RD, where lost coordinates end up; "
                     "--leave-out spots leaves them out.\n"),
               (long long)facts->spot);
    else if (facts->spot >= SPOT_LEAST && share >= SPOT_SHARE)
        printf(words("Let op: één plek heeft %lld punten (%.0f%%), misschien een bureau of loket; "
                     "--leave-out spots laat zulke plekken weg.\n",
                     "Note: one spot has %lld points (%.0f%%), perhaps a desk or station; "
                     "--leave-out spots leaves such spots out.\n"),
               (long long)facts->spot, 100.0 * share);
}

void print_heat(const rm_heatmap *heatmap, const char *path)
{
    rm_heatmap_facts facts;
    rm_heatmap_facts_of(heatmap, &facts);
    for (int32_t p = 0; p < facts.periods; p++)
        print_period(heatmap, &facts, p);
    print_bandwidth(&facts);
    print_account(heatmap, &facts);
    print_guesses(&facts);
    print_spot(&facts);
    print_written();
    if (facts.shielded)
        printf(words("AFGESCHERMD: %s is alleen voor u leesbaar; niet verspreiden.\n",
                     "AFGESCHERMD (shielded): %s can be read by you alone; do not pass it on.\n"),
               path);
    printf("%s\n", words(facts.disclaimer, facts.disclaimer_en));
}

static struct json_object *json_day(int32_t day)
{
    char text[16];
    if (day == INT32_MIN)
        return NULL;
    write_date(day, text);
    return json_object_new_string(text);
}

static struct json_object *json_periods(const rm_heatmap *heatmap, int32_t count)
{
    struct json_object *out = json_object_new_array();
    for (int32_t p = 0; p < count; p++) {
        rm_heatmap_period period;
        struct json_object *one = json_object_new_object();
        if (rm_heatmap_period_at(heatmap, p, &period, NULL) != RM_OK)
            continue;
        json_object_object_add(one, "from", json_day(period.from));
        json_object_object_add(one, "until", json_day(period.until));
        json_object_object_add(one, "points", json_object_new_int64(period.points));
        json_object_object_add(one, "weight", json_number(period.weight));
        json_object_object_add(one, "highest", json_number(period.highest));
        json_object_array_add(out, one);
    }
    return out;
}

static struct json_object *json_written(void)
{
    struct json_object *out = json_object_new_array();
    for (int w = 0; w < written.count; w++)
        json_object_array_add(out, json_object_new_string(written.path[w]));
    return out;
}

void print_heat_json(const rm_heatmap *heatmap, const char *path)
{
    rm_heatmap_facts facts;
    struct json_object *out = json_object_new_object();
    rm_heatmap_facts_of(heatmap, &facts);
    json_object_object_add(out, "raster", json_object_new_string(path));
    json_object_object_add(out, "files", json_written());
    json_object_object_add(out, "shielded", json_object_new_boolean(facts.shielded));
    json_object_object_add(out, "crs", json_object_new_string(facts.crs));
    json_object_object_add(out, "unit", json_object_new_string(facts.unit_en));
    json_object_object_add(out, "bandwidth_m", json_number(facts.bandwidth));
    json_object_object_add(out, "bandwidth_score", json_number(facts.score));
    json_object_object_add(out, "method", json_object_new_string(facts.method));
    json_object_object_add(out, "method_error", json_number(facts.error));
    json_object_object_add(out, "cell_m", json_number(facts.grid.cell));
    json_object_object_add(out, "columns", json_object_new_int64(facts.grid.columns));
    json_object_object_add(out, "rows", json_object_new_int64(facts.grid.rows));
    json_object_object_add(out, "total", json_object_new_int64(facts.total));
    json_object_object_add(out, "filtered", json_object_new_int64(facts.filtered));
    json_object_object_add(out, "left_out", json_object_new_int64(facts.left_out));
    json_object_object_add(out, "read", json_object_new_int64(facts.read));
    json_object_object_add(out, "used", json_object_new_int64(facts.used));
    json_object_object_add(out, "rejected", json_object_new_int64(facts.rejected));
    json_object_object_add(out, "undated", json_object_new_int64(facts.undated));
    json_object_object_add(out, "fullest_spot", json_object_new_int64(facts.spot));
    json_object_object_add(out, "periods", json_periods(heatmap, facts.periods));
    json_object_object_add(out, "disclaimer", json_object_new_string(facts.disclaimer_en));
    json_print(out);
}
