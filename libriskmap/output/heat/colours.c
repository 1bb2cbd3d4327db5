#include "output/heat/colours.h"

#include "base/memory.h"
#include "base/simd.h"

#include "output/result/style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ColorBrewer's YlOrRd from its second colour on, at equal steps of CIE lightness: 95, 86, ... 26.
 */
static const uint8_t PALETTE[9][3] = {{255, 242, 173}, {254, 211, 112}, {254, 177, 76},
                                      {253, 139, 59},  {252, 93, 46},   {237, 46, 33},
                                      {205, 11, 34},   {166, 0, 38},    {128, 0, 38}};

/* Of the lowest and the highest class; what lies below the map must be seen where little is. */
enum { ALPHA_LOW = 160, ALPHA_HIGH = 240 };

/* Bins of floats by their leading bits: 2^12 to a doubling, so two values that differ by more than
 * one in 4096 are told apart. */
enum { BIN_SHIFT = 11 };

static const double LEAST_SHARE = 0.05;

/* ---- values in order ---- */

typedef struct value_bins {
    int64_t *count;
    float *lowest; /* of the values in the bin */
    int64_t bins;
    int64_t total;
    uint32_t first; /* bits of the least value that counts */
} value_bins;

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Floats above 0 are ordered as their bits are, and whole numbers are compared several at once; the
 * bits of what is below 0 are a negative number. */
RM_CLONES static int32_t highest_bits(const float *values, int64_t count)
{
    const int32_t most = 0x7f7fffff; /* of a finite float */
    int32_t highest = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits = bits <= most ? bits : 0;
        highest = bits > highest ? bits : highest;
    }
    return highest;
}

float rm_heat_highest(const float *values, int64_t count)
{
    float highest;
    int32_t bits = highest_bits(values, count);
    memcpy(&highest, &bits, sizeof highest);
    return highest;
}

static rm_status bins_make(value_bins *bins, const float *values, int64_t count, float highest,
                           rm_error *err)
{
    float least = (float)(highest * LEAST_SHARE);
    bins->first = bits_of(least > 0 ? least : highest);
    bins->bins = (int64_t)((bits_of(highest) - bins->first) >> BIN_SHIFT) + 1;
    RM_TRY(RM_NEW_ZERO(&bins->count, bins->bins, err));
    RM_TRY(RM_NEW_ZERO(&bins->lowest, bins->bins, err));
    for (int64_t i = 0; i < count; i++) {
        if (!(values[i] > 0 && values[i] <= highest) || bits_of(values[i]) < bins->first)
            continue;
        uint32_t bin = (bits_of(values[i]) - bins->first) >> BIN_SHIFT;
        if (bins->count[bin] == 0 || values[i] < bins->lowest[bin])
            bins->lowest[bin] = values[i];
        bins->count[bin]++;
        bins->total++;
    }
    return RM_OK;
}

static void bins_free(value_bins *bins)
{
    rm_release(bins->count);
    rm_release(bins->lowest);
}

/* ---- round numbers ---- */

/* mantissa * 10^exponent as the nearest double, the same on every machine. */
static double decimal(int64_t mantissa, int exponent)
{
    char text[40];
    double value = 0;
    int length = snprintf(text, sizeof text, "%llde%d", (long long)mantissa, exponent);
    (void)rm_parse_double(text, length, false, &value);
    return value;
}

/* The exponent of the last of `digits` significant digits of value > 0. */
static int last_digit(double value, int digits)
{
    int exponent = (int)floor(log10(value));
    if (decimal(1, exponent) > value)
        exponent--; /* what log10 makes of a power of ten may lie above it */
    return exponent - digits + 1;
}

static bool reaches(double value, double bound)
{
    return (float)value >= (float)bound;
}

/* The nearest number of so many digits that is not above value > 0, as float32. */
static double round_down(double value, int digits)
{
    int exponent = last_digit(value, digits);
    /* 0.7 is held as 0.69999999: still 0.7 */
    int64_t mantissa = (int64_t)floor(value / decimal(1, exponent) * (1 + 1e-6));
    double rounded = decimal(mantissa, exponent);
    return reaches(value, rounded) ? rounded : decimal(mantissa - 1, exponent);
}

static double round_up(double value, int digits)
{
    int exponent = last_digit(value, digits);
    return decimal((int64_t)ceil(value / decimal(1, exponent) * (1 - 1e-6)), exponent);
}

/* One digit where that is near enough, else two. */
static double readable(double value)
{
    double one = round_down(value, 1);
    return one >= 0.95 * value ? one : round_down(value, 2);
}

/* ---- classes ---- */

/* Where among the values after `from` the next class begins when `left` classes share them: bounds
 * lie at 1 - ((n - c) / n)^1.5 of all, and taking each from what is left makes up for ties. */
static int64_t next_rank(int64_t from, int64_t total, int32_t left)
{
    double share = (double)(left - 1) / left;
    return total - (int64_t)ceil((double)(total - from) * share * sqrt(share));
}

/* Where the next bound may lie, when `left` classes share what is left up to the highest value: no
 * class is narrower than half of what it would be if they all spanned the same ratio. Where most
 * values lie close together the quantiles alone would spend the classes on them. */
static double least_bound(double bound, double highest, int32_t left)
{
    double least = bound * pow(highest / bound, 0.5 / left);
    return fmax(least, nextafterf((float)bound, INFINITY));
}

static void choose_bounds(rm_heat_classes *classes, const value_bins *bins, double highest,
                          int32_t wanted)
{
    int64_t before = 0, target = 0; /* values in the bins before; the rank looked for */
    double least = 0;
    for (int64_t b = 0; b < bins->bins && classes->count < wanted; b++) {
        int64_t here = bins->count[b];
        if (here > 0 && before + here > target) {
            double bound = readable(bins->lowest[b]);
            if (bound >= least) {
                classes->bounds[classes->count++] = bound;
                int32_t left = wanted - classes->count + 1;
                target = next_rank(before, bins->total, left);
                least = least_bound(bound, highest, left);
            }
        }
        before += here;
    }
}

static rm_colour class_colour(int32_t class_, int32_t count)
{
    double at = count > 1 ? 8.0 * class_ / (count - 1) : 4.0;
    int low = at >= 8.0 ? 7 : (int)at;
    uint8_t mixed[3];
    for (int c = 0; c < 3; c++) {
        double from = PALETTE[low][c], to = PALETTE[low + 1][c];
        mixed[c] = (uint8_t)(from + (at - low) * (to - from) + 0.5);
    }
    double alpha = ALPHA_LOW + at / 8.0 * (ALPHA_HIGH - ALPHA_LOW);
    return (rm_colour){mixed[0], mixed[1], mixed[2], (uint8_t)(alpha + 0.5)};
}

rm_status rm_heat_classes_make(rm_heat_classes *out, const float *values, int64_t value_count,
                               int32_t count, rm_error *err)
{
    if (count < RM_HEAT_CLASSES_LEAST || count > RM_HEAT_CLASSES_MOST)
        return rm_fail(err, RM_EINVAL, "a heat map has %d to %d classes, not %d",
                       RM_HEAT_CLASSES_LEAST, RM_HEAT_CLASSES_MOST, (int)count);
    rm_heat_classes classes = {.count = 0};
    value_bins bins = {0};
    float highest = rm_heat_highest(values, value_count);
    rm_status status = RM_OK;
    if (highest > 0) {
        status = bins_make(&bins, values, value_count, highest, err);
        if (status == RM_OK)
            choose_bounds(&classes, &bins, highest, count);
        classes.bounds[classes.count] = highest;
        for (int32_t c = 0; c < classes.count; c++)
            classes.colours[c] = class_colour(c, classes.count);
    }
    bins_free(&bins);
    if (status == RM_OK)
        *out = classes;
    return status;
}

int32_t rm_heat_class(const rm_heat_classes *classes, double value)
{
    int32_t c = 0;
    while (c < classes->count && reaches(value, classes->bounds[c]))
        c++;
    return c;
}

/* ---- words ---- */

/* A label is short, and must not fail for want of memory. */
typedef struct label {
    char text[256];
    size_t length;
} label;

static void put_n(label *out, const char *piece, size_t length)
{
    if (length >= sizeof out->text - out->length)
        return;
    memcpy(out->text + out->length, piece, length);
    out->length += length;
    out->text[out->length] = '\0';
}

static void put(label *out, const char *piece)
{
    put_n(out, piece, strlen(piece));
}

/* With as many decimals as it has: Dutch 12.000,5 and English 12,000.5. */
static void put_number(label *out, double value, rm_language language)
{
    enum { MOST_DECIMALS = 30 };
    char number[96];
    for (int decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
        double back = 0;
        int length = rm_format_fixed(number, sizeof number, value, decimals, false);
        if (rm_parse_double(number, length, false, &back) && back == value)
            break;
    }
    size_t whole = strcspn(number, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            put(out, language == RM_DUTCH ? "." : ",");
        put_n(out, number + i, 1);
    }
    if (number[whole]) {
        put(out, language == RM_DUTCH ? "," : ".");
        put(out, number + whole + 1);
    }
}

static label label_of(const rm_heat_classes *classes, int32_t class_, rm_language language)
{
    label out = {.length = 0};
    if (classes->count == 0) {
        put(&out, language == RM_ENGLISH ? "no values" : "geen waarden");
        return out;
    }
    if (class_ <= 0) {
        put(&out, language == RM_ENGLISH ? "below " : "onder ");
        put_number(&out, classes->bounds[0], language);
        return out;
    }
    double from = classes->bounds[class_ - 1], to = classes->bounds[class_];
    if (class_ == classes->count)
        to = round_up(to, 3);
    put_number(&out, from, language);
    if ((float)to > (float)from) {
        put(&out, " \xe2\x80\x93 ");
        put_number(&out, to, language);
    }
    return out;
}

void rm_heat_class_label(char *out, size_t size, const rm_heat_classes *classes, int32_t class_,
                         rm_language language)
{
    label whole = label_of(classes, class_, language);
    if (size == 0)
        return;
    int64_t length = (int64_t)whole.length;
    if (whole.length > size - 1)
        length = rm_utf8_valid(whole.text, (int64_t)size - 1);
    memcpy(out, whole.text, (size_t)length);
    out[length] = '\0';
}

/* ---- QGIS ---- */

/* Text as XML has it; what is behind the last valid character is left out. */
static void add_words(rm_text *out, const char *words)
{
    rm_text valid = {0};
    rm_text_add_n(&valid, words, rm_utf8_valid(words, (int64_t)strlen(words)));
    if (!valid.failed)
        rm_style_add_xml(out, valid.data);
    out->failed |= valid.failed;
    rm_text_clear(&valid);
}

static void add_look(rm_text *out, rm_colour colour, const rm_heat_classes *classes, int32_t class_,
                     const char *unit, rm_language language)
{
    rm_text_addf(out, "\" color=\"#%02x%02x%02x\" alpha=\"%d\" label=\"", colour.red, colour.green,
                 colour.blue, colour.alpha);
    rm_text_add(out, label_of(classes, class_, language).text);
    if (unit && *unit && classes->count > 0) {
        rm_text_add(out, " ");
        add_words(out, unit);
    }
    rm_text_add(out, "\"/>\n");
}

static void add_item(rm_text *out, const rm_heat_classes *classes, int32_t class_, const char *unit,
                     rm_language language)
{
    rm_colour colour = class_ > 0 ? classes->colours[class_ - 1] : (rm_colour){255, 255, 255, 0};
    rm_text_add(out, "          <item value=\"");
    /* QGIS counts the upper bound in, and we do not */
    if (class_ < classes->count)
        rm_text_add_double(out, nextafterf((float)classes->bounds[class_], 0));
    else
        rm_text_add(out, "inf");
    add_look(out, colour, classes, class_, unit, language);
}

static void add_range(rm_text *out, const rm_heat_classes *classes, const char *from,
                      const char *to)
{
    rm_text_addf(out, " %s=\"", from);
    rm_text_add_double(out, classes->count > 0 ? classes->bounds[0] : 0);
    rm_text_addf(out, "\" %s=\"", to);
    rm_text_add_double(out, classes->count > 0 ? classes->bounds[classes->count] : 0);
    rm_text_add(out, "\"");
}

void rm_heat_style_qml(rm_text *out, const rm_heat_classes *classes, const char *unit,
                       rm_language language)
{
    rm_text_add(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                     "<qgis version=\"3.22\" styleCategories=\"Symbology\">\n"
                     "  <pipe>\n"
                     "    <rasterrenderer type=\"singlebandpseudocolor\" band=\"1\" "
                     "opacity=\"0.8\" alphaBand=\"-1\" nodataColor=\"\"");
    add_range(out, classes, "classificationMin", "classificationMax");
    /* without limits of its own, or QGIS would stretch the classes to what is in view */
    rm_text_add(out, ">\n"
                     "      <rasterTransparency/>\n"
                     "      <minMaxOrigin>\n"
                     "        <limits>None</limits>\n"
                     "        <extent>WholeRaster</extent>\n"
                     "        <statAccuracy>Exact</statAccuracy>\n"
                     "      </minMaxOrigin>\n"
                     "      <rastershader>\n"
                     "        <colorrampshader colorRampType=\"DISCRETE\" "
                     "classificationMode=\"1\" clip=\"0\" labelPrecision=\"4\"");
    add_range(out, classes, "minimumValue", "maximumValue");
    rm_text_add(out, ">\n");
    for (int32_t c = 0; c <= classes->count; c++)
        add_item(out, classes, c, unit, language);
    rm_text_add(out, "        </colorrampshader>\n"
                     "      </rastershader>\n"
                     "    </rasterrenderer>\n"
                     "    <brightnesscontrast brightness=\"0\" contrast=\"0\" gamma=\"1\"/>\n"
                     "    <huesaturation colorizeOn=\"0\" grayscaleMode=\"0\" saturation=\"0\"/>\n"
                     "    <rasterresampler maxOversampling=\"2\"/>\n"
                     "  </pipe>\n"
                     "  <blendMode>0</blendMode>\n"
                     "</qgis>\n");
}

void rm_heat_palette_qml(rm_text *out, const rm_heat_classes *classes, const char *unit,
                         rm_language language)
{
    rm_text_add(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                     "<qgis version=\"3.22\" styleCategories=\"Symbology\">\n"
                     "  <pipe>\n"
                     "    <rasterrenderer type=\"paletted\" band=\"1\" opacity=\"0.8\" "
                     "alphaBand=\"-1\" nodataColor=\"\">\n"
                     "      <rasterTransparency/>\n"
                     "      <colorPalette>\n");
    for (int32_t c = 1; c <= classes->count; c++) {
        rm_text_addf(out, "        <paletteEntry value=\"%d", c);
        add_look(out, classes->colours[c - 1], classes, c, unit, language);
    }
    rm_text_add(out, "      </colorPalette>\n"
                     "    </rasterrenderer>\n"
                     "  </pipe>\n"
                     "  <blendMode>0</blendMode>\n"
                     "</qgis>\n");
}
