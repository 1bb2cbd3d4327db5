#include "output/result/style.h"

/* ColorBrewer's YlOrRd: ordered by lightness, so it also reads in grey and to the colour-blind. */
static const int PALETTE[5][3] = {
    {255, 255, 178}, {254, 204, 92}, {253, 141, 60}, {240, 59, 32}, {189, 0, 38}};

void rm_style_add_xml(rm_text *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            rm_text_add(out, "&lt;");
            break;
        case '>':
            rm_text_add(out, "&gt;");
            break;
        case '&':
            rm_text_add(out, "&amp;");
            break;
        case '"':
            rm_text_add(out, "&quot;");
            break;
        default: /* XML has no control characters */
            rm_text_add_n(out, (unsigned char)*text < 0x20 ? " " : text, 1);
        }
    }
}

/* The colour of class `index` of `count`, between the five of the palette. */
static void class_colour(int index, int count, int rgb[3])
{
    double at = count > 1 ? 4.0 * index / (count - 1) : 4.0;
    int low = at >= 4.0 ? 3 : (int)at;
    for (int c = 0; c < 3; c++)
        rgb[c] =
            (int)(PALETTE[low][c] + (at - low) * (PALETTE[low + 1][c] - PALETTE[low][c]) + 0.5);
}

static void add_symbol(rm_text *out, int number, const int rgb[3])
{
    rm_text_addf(
        out,
        "<symbol type=\"fill\" name=\"%d\" alpha=\"0.85\" clip_to_extent=\"1\">"
        "<layer class=\"SimpleFill\" enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">"
        "<Option type=\"QString\" name=\"color\" value=\"%d,%d,%d,255\"/>"
        "<Option type=\"QString\" name=\"outline_color\" value=\"80,80,80,255\"/>"
        "<Option type=\"QString\" name=\"outline_style\" value=\"solid\"/>"
        "<Option type=\"QString\" name=\"outline_width\" value=\"0.15\"/>"
        "<Option type=\"QString\" name=\"outline_width_unit\" value=\"MM\"/>"
        "<Option type=\"QString\" name=\"style\" value=\"solid\"/>"
        "</Option></layer></symbol>\n",
        number, rgb[0], rgb[1], rgb[2]);
}

static void add_class_label(rm_text *out, const rm_result *result, int index, rm_language language)
{
    bool english = language == RM_ENGLISH;
    int count = result->model->class_count;
    rm_text_addf(out, "%d: ", index + 1);
    if (index == 0) {
        rm_text_add(out, english ? "below " : "onder ");
        rm_words_number(out, result->breaks[0], 2, language);
        return;
    }
    rm_words_number(out, result->breaks[index - 1], 2, language);
    if (index == count) {
        rm_text_add(out, english ? " and above" : " en hoger");
        return;
    }
    rm_text_add(out, english ? " to " : " tot ");
    rm_words_number(out, result->breaks[index], 2, language);
}

static void add_renderer(rm_text *out, const rm_result *result, rm_language language)
{
    static const int GREY[3] = {200, 200, 200};
    int count = result->model->class_count + 1;
    rm_text_add(out, "<renderer-v2 type=\"categorizedSymbol\" attr=\"class\" symbollevels=\"0\" "
                     "enableorderby=\"0\" forceraster=\"0\">\n<categories>\n");
    for (int c = count - 1; c >= 0; c--) {
        rm_text_addf(out,
                     "<category type=\"long\" value=\"%d\" symbol=\"%d\" render=\"true\" label=\"",
                     c + 1, c);
        add_class_label(out, result, c, language);
        rm_text_add(out, "\"/>\n");
    }
    /* the empty value stands for all others: no class means no score */
    rm_text_addf(out, "<category value=\"\" symbol=\"%d\" render=\"true\" label=\"%s\"/>\n", count,
                 language == RM_ENGLISH ? "no score: too little data"
                                        : "geen score: te weinig gegevens");
    rm_text_add(out, "</categories>\n<symbols>\n");
    for (int c = 0; c < count; c++) {
        int rgb[3];
        class_colour(c, count, rgb);
        add_symbol(out, c, rgb);
    }
    add_symbol(out, count, GREY);
    rm_text_add(out, "</symbols>\n</renderer-v2>\n");
}

void rm_style_qml(rm_text *out, const rm_result *result, const char *const *names,
                  const char *const *words, int32_t count, rm_language language)
{
    rm_text_add(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                     "<qgis version=\"3.22\" styleCategories=\"Symbology|Fields\">\n");
    add_renderer(out, result, language);
    rm_text_add(out, "<aliases>\n");
    for (int32_t c = 0; c < count; c++) {
        rm_text_addf(out, "<alias index=\"%d\" field=\"", c);
        rm_style_add_xml(out, names[c]);
        rm_text_add(out, "\" name=\"");
        rm_style_add_xml(out, words[c]);
        rm_text_add(out, "\"/>\n");
    }
    rm_text_add(out, "</aliases>\n<layerGeometryType>2</layerGeometryType>\n</qgis>\n");
}
