/* The files that the registers really deliver, where they are here: numbers known from elsewhere.
 */
#define _GNU_SOURCE
#include "model/official_area.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "formats.h"

static const char *shared(const char *name)
{
    static char path[4][700];
    static int next;
    const char *folder = getenv("RISKMAP_SHARED");
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/data/%s", folder ? folder : "", name);
    if (folder && access(path[next], R_OK) == 0)
        return path[next];
    printf("skipped: no %s in RISKMAP_SHARED\n", name);
    skip();
    return NULL;
}

static int64_t count_kind(const rm_layer *layer, rm_kind kind)
{
    int64_t count = 0;
    for (int64_t i = 0; i < layer->rows.table.rows; i++)
        count += layer->rows.geometry.kind[i] == kind;
    return count;
}

static void expect_kind(const char *source, const char *layer, rm_kind kind, int64_t count)
{
    rm_request request = ask(source, layer, NULL, 0);
    rm_layer *got = must_read(&request);
    if (got->rows.table.rows != count || count_kind(got, kind) != count)
        fail_msg("%s %s: %lld rows, %lld of the kind", source, layer ? layer : "",
                 (long long)got->rows.table.rows, (long long)count_kind(got, kind));
    rm_layer_free(got);
}

static void real_parcels(void **state)
{
    (void)state;
    static const char *const columns[] = {"kadastraleGrootte"};
    rm_request request =
        ask(shared("brk/input-v5/files/kadastralekaart_perceel.gml"), NULL, columns, 1);
    rm_layer *got = must_read(&request);
    double area[11], official = 0, outline = 0;
    assert_int_equal(got->rows.table.rows, 11);
    assert_int_equal(count_kind(got, RM_KIND_POLYGON), 11);
    for (int i = 0; i < 11; i++) {
        area[i] = rm_geometry_area(&got->rows.geometry, i);
        outline += area[i];
        official += got->rows.table.columns[0].data.f64[i];
    }
    assert_int_equal(rm_official_area_check(&got->rows, 0, area, &err), RM_OK);
    printf("Otterlo: 11 parcels, officially %.0f m2, outlines %.1f m2, %lld differ\n", official,
           outline, (long long)got->rows.issues.count);
    rm_layer_free(got);
    expect_kind(shared("brk/input-v4/files/dkk_perceel.gml"), NULL, RM_KIND_POLYGON, 8);
    static const char *const zips[] = {"brk/input-v5/sample.zip", "brk/input-v4/sample.zip"};
    static const int64_t counts[][4] = {{11, 10, 22, 10}, {8, 5, 13, 12}};
    for (int i = 0; i < 2; i++) {
        expect_kind(shared(zips[i]), "perceel", RM_KIND_POLYGON, counts[i][0]);
        expect_kind(shared(zips[i]), "kadastralegrens", RM_KIND_LINE, counts[i][1]);
        expect_kind(shared(zips[i]), "pand", RM_KIND_POLYGON, counts[i][2]);
        expect_kind(shared(zips[i]), "openbareruimtelabel", RM_KIND_POINT, counts[i][3]);
    }
}

/* The area of a ring of lines and arcs: the shoelace of its corners, and the segments of its arcs.
 * Written apart from the library's, by angles instead of coordinates. */
static double curve_area(OGRGeometryH curve, double ox, double oy)
{
    double area = 0;
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(curve)) == wkbCompoundCurve) {
        for (int i = 0; i < OGR_G_GetGeometryCount(curve); i++)
            area += curve_area(OGR_G_GetGeometryRef(curve, i), ox, oy);
        return area;
    }
    bool arcs = OGR_GT_Flatten(OGR_G_GetGeometryType(curve)) == wkbCircularString;
    int step = arcs ? 2 : 1;
    for (int i = 0; i + step < OGR_G_GetPointCount(curve); i += step) {
        double x0 = OGR_G_GetX(curve, i) - ox, y0 = OGR_G_GetY(curve, i) - oy;
        double x1 = OGR_G_GetX(curve, i + step) - ox, y1 = OGR_G_GetY(curve, i + step) - oy;
        area += (x0 * y1 - x1 * y0) / 2;
        if (!arcs)
            continue;
        double xm = OGR_G_GetX(curve, i + 1) - ox, ym = OGR_G_GetY(curve, i + 1) - oy;
        double a = hypot(xm - x0, ym - y0), b = hypot(x1 - xm, y1 - ym),
               c = hypot(x1 - x0, y1 - y0);
        double twice = (xm - x0) * (y1 - y0) - (ym - y0) * (x1 - x0);
        if (fabs(twice) < 1e-9 * a * b)
            continue;
        double r = a * b * c / (2 * fabs(twice));
        double turn = a * a + b * b < c * c ? 2 * asin(fmin(1, c / (2 * r)))
                                            : 2 * acos(-1.0) - 2 * asin(fmin(1, c / (2 * r)));
        area += (twice > 0 ? 1 : -1) * r * r / 2 * (turn - sin(turn));
    }
    return area;
}

static double surface_area(OGRGeometryH surface)
{
    double area = 0;
    OGREnvelope box;
    OGR_G_GetEnvelope(surface, &box);
    for (int i = 0; i < OGR_G_GetGeometryCount(surface); i++) {
        double ring = fabs(curve_area(OGR_G_GetGeometryRef(surface, i), box.MinX, box.MinY));
        area += i == 0 ? ring : -ring;
    }
    return area;
}

static void compare_curves(const char *zip, const char *name, double *worst, int64_t *curved)
{
    char path[900];
    rm_request request = ask(zip, name, NULL, 0);
    rm_layer *got = must_read(&request);
    snprintf(path, sizeof path, "/vsizip/%s/bgt_%s.gml", zip, name);
    static const char *const quiet[] = {"WRITE_GFS=NO", NULL};
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    GDALDatasetH data = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, quiet, NULL);
    OGRLayerH layer = GDALDatasetGetLayer(data, 0);
    for (int64_t i = 0; i < got->rows.table.rows; i++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        assert_non_null(feature);
        OGRGeometryH surface = OGR_F_GetGeometryRef(feature);
        if (OGR_GT_Flatten(OGR_G_GetGeometryType(surface)) == wkbCurvePolygon) {
            double exact = surface_area(surface), area = rm_geometry_area(&got->rows.geometry, i);
            double off = fabs(area - exact) / exact;
            *curved += OGR_G_HasCurveGeometry(surface, 1);
            *worst = off > *worst ? off : *worst;
        }
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    rm_gdal_leave(&ears);
    rm_layer_free(got);
}

static void real_large_scale_map(void **state)
{
    (void)state;
    static const char *const columns[] = {"eindRegistratie"};
    const char *zip = shared("bgt/bgt_otterlo_2020-08-05.zip");
    rm_request request = ask(zip, "pand", columns, 1);
    rm_layer *got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 2273);
    assert_int_equal(count_kind(got, RM_KIND_POLYGON), 2273);
    rm_layer_free(got);
    request.profile = NULL;
    got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 1711);
    assert_int_equal(got->provenance.ended, 562);
    rm_layer_free(got);
    static const char *const empty[] = {"buurt", "mast", "spoor", "waterschap"};
    for (int i = 0; i < 4; i++) {
        request.layer = empty[i];
        got = must_read(&request);
        assert_int_equal(got->rows.table.rows, 0);
        rm_layer_free(got);
    }
    static const char *const curvy[] = {"begroeidterreindeel",
                                        "onbegroeidterreindeel",
                                        "ondersteunendwaterdeel",
                                        "ondersteunendwegdeel",
                                        "waterdeel",
                                        "wegdeel"};
    double worst = 0;
    int64_t curved = 0;
    for (int i = 0; i < 6; i++)
        compare_curves(zip, curvy[i], &worst, &curved);
    printf("BGT Otterlo: %lld curved surfaces, areas off by at most %.1e\n", (long long)curved,
           worst);
    assert_true(curved > 2000);
    assert_true(worst < 1e-4);
}

static void real_bag(void **state)
{
    (void)state;
    static const char *const columns[] = {"identificatie"};
    const char *zip = shared("bag/lvbag-doesburg-0221/BAGNLDL-15092020-small.zip");
    static const struct {
        const char *layer;
        int64_t rows;
        rm_kind kind;
    } objects[] = {{"pand", 6, RM_KIND_POLYGON},         {"verblijfsobject", 5, RM_KIND_POINT},
                   {"ligplaats", 2, RM_KIND_POLYGON},    {"standplaats", 2, RM_KIND_POLYGON},
                   {"woonplaats", 1, RM_KIND_POLYGON},   {"nummeraanduiding", 14, RM_KIND_NONE},
                   {"openbareruimte", 201, RM_KIND_NONE}};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        rm_request request = ask(zip, objects[i].layer, columns, 1);
        request.geometry = objects[i].kind != RM_KIND_NONE;
        if (!request.geometry)
            request.target_crs = NULL;
        rm_layer *got = must_read(&request);
        assert_int_equal(got->rows.table.rows, objects[i].rows);
        if (!request.geometry) {
            request.geometry = true;
            expect_failure(&request, RM_EDATA, "has no geometry");
            request.geometry = false;
        }
        if (request.geometry)
            assert_int_equal(count_kind(got, objects[i].kind), objects[i].rows);
        rm_layer_free(got);
    }
    expect_kind(shared("bag/lvbag-doesburg-0221/0221PND15092020.zip"), NULL, RM_KIND_POLYGON,
                13098);
    expect_kind(shared("boundaries/top10nl_plaats_overijssel.gml.gz"), "plaats", RM_KIND_POLYGON,
                1587);
    rm_request request = ask(shared("bag/lvbag-mutaties-2022"), NULL, NULL, 0);
    expect_failure(&request, RM_EUNSUPPORTED, "mutations of the BAG");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(real_parcels),
        TEST(real_large_scale_map),
        TEST(real_bag),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
