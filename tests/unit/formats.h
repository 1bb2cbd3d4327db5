/* What the tests of formats share: files made up for them, asking and comparing. Includes what the
 * helpers need; the test includes cmocka's own headers first. */
#ifndef RM_TESTS_UNIT_FORMATS_H
#define RM_TESTS_UNIT_FORMATS_H

#include "io/reader.h"
#include "layers.h"
#include "scratch.h"

#include <cpl_string.h>
#include <cpl_vsi.h>

static rm_error err;

static inline const char *keep_path(const char *name)
{
    static char kept[16][600];
    static int next;
    next = (next + 1) % 16;
    snprintf(kept[next], sizeof kept[next], "%s", scratch_path(name));
    return kept[next];
}

static inline void write_bytes(const char *path, const char *text, size_t size)
{
    VSILFILE *file = VSIFOpenL(path, "wb");
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(text, 1, size, file), size);
    assert_int_equal(VSIFCloseL(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

/* A file for a test: removed with the folder. */
static inline const char *made(const char *name, const char *text)
{
    const char *path = keep_path(name);
    write_text(path, text);
    return path;
}

static inline void zip_member(const char *zip, const char *member, const char *text, size_t size)
{
    rm_text path = {0};
    rm_text_addf(&path, "/vsizip/%s/%s", zip, member);
    write_bytes(path.data, text, size);
    rm_text_clear(&path);
}

static inline char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = malloc(1 << 20);
    *size = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

static inline void zip_file(const char *zip, const char *member, const char *from)
{
    size_t size;
    char *text = slurp(from, &size);
    zip_member(zip, member, text, size);
    free(text);
}

static inline rm_request ask(const char *source, const char *layer, const char *const *columns,
                             int count)
{
    return (rm_request){.source = source,
                        .layer = layer,
                        .columns = columns,
                        .column_count = count,
                        .geometry = true,
                        .target_crs = "EPSG:28992",
                        .profile = "none",
                        .threads = 2};
}

static inline rm_layer *must_read(const rm_request *request)
{
    rm_layer *got = NULL;
    if (read_layer(&got, open_any, request, &err) != RM_OK)
        fail_msg("%s: %s", request->source, err.message);
    return got;
}

/* Nothing may be left in GDAL's memory either. */
static inline void expect_no_rooms(void)
{
    char **names = VSIReadDir("/vsimem/");
    for (int i = 0; names && names[i]; i++)
        assert_null(strstr(names[i], "riskmap"));
    CSLDestroy(names);
}

static inline void expect_rows(const rm_request *request, const char *rows)
{
    int before = scratch_count(NULL);
    rm_layer *got = must_read(request);
    rm_text text = render_layer(got);
    assert_string_equal(text.data ? text.data : "", rows);
    assert_int_equal(scratch_count(NULL), before);
    rm_text_clear(&text);
    rm_layer_free(got);
    expect_no_rooms();
}

static inline void expect_failure(const rm_request *request, rm_status status, const char *says)
{
    rm_layer *got = NULL;
    int before = scratch_count(NULL);
    rm_status is = read_layer(&got, open_any, request, &err);
    rm_layer_free(got);
    if (is != status || !strstr(err.message, says))
        fail_msg("%s: expected %d with \"%s\", got %d: %s", request->source, (int)status, says,
                 (int)is, is ? err.message : "");
    assert_null(strchr(err.message, '\n'));
    assert_null(strstr(err.message, "/vsimem/"));
    assert_int_equal(scratch_count(NULL), before);
    expect_no_rooms();
}

/* --- made-up registers, of the municipality of Woldermark ---------------------------------- */

#define RING(list)                                                                                 \
    "<gml:exterior><gml:LinearRing><gml:posList>" list "</gml:posList></gml:LinearRing>"           \
    "</gml:exterior>"
#define OUTLINE RING("155000 463000 155100 463000 155100 463100 155000 463100 155000 463000")

static const char brk5_head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made up -->\n"
    "<kk:DKK xmlns:gml=\"http://www.opengis.net/gml/3.2\""
    " xmlns:oz=\"http://www.kadaster.nl/schemas/brkkadastralekaart/v5/imkad-onroerendezaak/x\""
    " xmlns:kk=\"http://www.kadaster.nl/schemas/brkkadastralekaart/v5/stand/x\">\n";
#define PARCEL5(id, number, size)                                                                  \
    "<kk:perceelMember><oz:Perceel gml:id=\"NL.IMKAD.KadastraalObject." id "\">"                   \
    "<oz:identificatie domein=\"NL.IMKAD.KadastraalObject\">" id "</oz:identificatie>"             \
    "<oz:historie><oz:beginGeldigheid>2020-01-02T03:04:05+01:00</oz:beginGeldigheid>"              \
    "<oz:statusHistorie><oz:StatusHistorie><oz:code>G</oz:code><oz:waarde>Geldig</oz:waarde>"      \
    "</oz:StatusHistorie></oz:statusHistorie></oz:historie>"                                       \
    "<oz:kadastraleAanduiding><oz:TypeKadastraleAanduiding><oz:kadastraleGemeente>"                \
    "<oz:KadastraleGemeente><oz:code>099</oz:code><oz:waarde>Woldermark</oz:waarde>"               \
    "</oz:KadastraleGemeente></oz:kadastraleGemeente><oz:sectie>A</oz:sectie>"                     \
    "<oz:perceelnummer>" number "</oz:perceelnummer><oz:aKRKadastraleGemeenteCode>"                \
    "<oz:AKRKadastraleGemeenteCode><oz:code>9</oz:code><oz:waarde>WDM00</oz:waarde>"               \
    "</oz:AKRKadastraleGemeenteCode></oz:aKRKadastraleGemeenteCode>"                               \
    "</oz:TypeKadastraleAanduiding></oz:kadastraleAanduiding>"                                     \
    "<oz:begrenzingPerceel><gml:Polygon srsName=\"urn:ogc:def:crs:EPSG::28992\">" OUTLINE          \
    "</gml:Polygon></oz:begrenzingPerceel><oz:kadastraleGrootte><oz:TypeOppervlak>"                \
    "<oz:waarde>" size "</oz:waarde><oz:soortGrootte><oz:SoortGrootte><oz:code>1</oz:code>"        \
    "<oz:waarde>Vastgesteld</oz:waarde></oz:SoortGrootte></oz:soortGrootte></oz:TypeOppervlak>"    \
    "</oz:kadastraleGrootte><oz:plaatscoordinaten><gml:Point srsName=\"28992\">"                   \
    "<gml:pos>155050 463050</gml:pos></gml:Point></oz:plaatscoordinaten></oz:Perceel>"             \
    "</kk:perceelMember>\n"
static const char brk5_tail[] = "</kk:DKK>\n";

static inline const char *brk5(void)
{
    static char text[8192];
    snprintf(text, sizeof text, "%s%s%s%s", brk5_head, PARCEL5("00990000170000", "17", "9998"),
             PARCEL5("00990000180000", "18", "12000"), brk5_tail);
    return text;
}
#define OUTLINE_ROW                                                                                \
    " polygon ((155000 463000,155100 463000,155100 463100,155000 463100,155000 463000)) "

#define LVBAG_HEAD                                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sl-bag-extract:bagStand"                         \
    " xmlns:Objecten=\"www.kadaster.nl/schemas/lvbag/imbag/objecten/v20200601\""                   \
    " xmlns:gml=\"http://www.opengis.net/gml/3.2\""                                                \
    " xmlns:Historie=\"www.kadaster.nl/schemas/lvbag/imbag/historie/v20200601\""                   \
    " xmlns:Objecten-ref=\"www.kadaster.nl/schemas/lvbag/imbag/objecten-ref/v20200601\""           \
    " xmlns:sl-bag-extract=\"http://www.kadaster.nl/schemas/lvbag/extract-deelbestand-lvc/"        \
    "v20200601\" xmlns:sl=\"http://www.kadaster.nl/schemas/standlevering-generiek/1.0\">"          \
    "<sl:standBestand><sl:dataset>LVBAG</sl:dataset><sl:inhoud><sl:gebied>GEMEENTE</sl:gebied>"    \
    "<sl:leveringsId>0000000001</sl:leveringsId><sl:objectTypen><sl:objectType>"
#define LVBAG_TAIL "</sl:standBestand></sl-bag-extract:bagStand>\n"
#define LVBAG_OBJECT(inside)                                                                       \
    "<sl:stand><sl-bag-extract:bagObject>" inside "</sl-bag-extract:bagObject></sl:stand>\n"
#define LVBAG_HISTORY                                                                              \
    "<Objecten:voorkomen><Historie:Voorkomen>"                                                     \
    "<Historie:voorkomenidentificatie>1</Historie:voorkomenidentificatie>"                         \
    "<Historie:beginGeldigheid>2010-05-01</Historie:beginGeldigheid>"                              \
    "</Historie:Voorkomen></Objecten:voorkomen>"
#define LVBAG_PAND(id)                                                                             \
    LVBAG_OBJECT("<Objecten:Pand><Objecten:identificatie domein=\"NL.IMBAG.Pand\">" id             \
                 "</Objecten:identificatie><Objecten:geometrie><gml:Polygon srsName="              \
                 "\"urn:ogc:def:crs:EPSG::28992\" srsDimension=\"2\">" OUTLINE                     \
                 "</gml:Polygon></Objecten:geometrie><Objecten:oorspronkelijkBouwjaar>1960"        \
                 "</Objecten:oorspronkelijkBouwjaar><Objecten:status>Pand in gebruik"              \
                 "</Objecten:status>" LVBAG_HISTORY "</Objecten:Pand>")
#define LVBAG_VBO(id)                                                                              \
    LVBAG_OBJECT(                                                                                  \
        "<Objecten:Verblijfsobject><Objecten:identificatie "                                       \
        "domein=\"NL.IMBAG.Verblijfsobject\">" id                                                  \
        "</Objecten:identificatie><Objecten:geometrie><Objecten:punt><gml:Point srsName="          \
        "\"urn:ogc:def:crs:EPSG::28992\" srsDimension=\"2\"><gml:pos>155050 463050</gml:pos>"      \
        "</gml:Point></Objecten:punt></Objecten:geometrie>"                                        \
        "<Objecten:gebruiksdoel>woonfunctie</Objecten:gebruiksdoel>"                               \
        "<Objecten:gebruiksdoel>winkelfunctie</Objecten:gebruiksdoel>"                             \
        "<Objecten:oppervlakte>80</Objecten:oppervlakte><Objecten:maaktDeelUitVan>"                \
        "<Objecten-ref:PandRef domein=\"NL.IMBAG.Pand\">0099100000000001</Objecten-ref:PandRef>"   \
        "<Objecten-ref:PandRef domein=\"NL.IMBAG.Pand\">0099100000000002</Objecten-ref:PandRef>"   \
        "</Objecten:maaktDeelUitVan>" LVBAG_HISTORY "</Objecten:Verblijfsobject>")
static const char pand_xml[] =
    LVBAG_HEAD "PND</sl:objectType></sl:objectTypen></sl:inhoud>" LVBAG_PAND("0099100000000001")
        LVBAG_PAND("0099100000000002") LVBAG_TAIL;
static const char more_xml[] = LVBAG_HEAD
    "PND</sl:objectType></sl:objectTypen></sl:inhoud>" LVBAG_PAND("0099100000000003") LVBAG_TAIL;
static const char vbo_xml[] = LVBAG_HEAD
    "VBO</sl:objectType></sl:objectTypen></sl:inhoud>" LVBAG_VBO("0099010000000001") LVBAG_TAIL;

#endif
