"""MapServer as a municipality or province runs it: WFS 2.0 with paging, and OGC API Features, give the
same scores as the file that it serves."""

import json

import pytest

import servers
from servers import flow


def write_layers(folder):
    flow.geojson(folder / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(200000 + 200 * k, 475000)), id=k, code=f"A{k:03d}",
                               naam=f"Gebied {k} é & <ü>", jaar=1950 + 3 * k, waarde=k / 4)
                  for k in range(40)])
    flow.geojson(folder / "punten.geojson",
                 [flow.feature(flow.point(200000 + 137 * k % 8000 + 0.25, 475000 + k % 90 + 0.5), id=k, soort=f"s{k % 3}",
                               datum=f"2025-{k % 12 + 1:02d}-{k % 28 + 1:02d}", gewicht=k / 8)
                  for k in range(230)])


def in_lonlat(folder):
    """The points in lon/lat, by PROJ: MapServer itself brings RD to WGS 84 without a datum shift, 114 m off."""
    from osgeo import gdal

    gdal.UseExceptions()
    gdal.VectorTranslate(str(folder / "ll.geojson"), str(folder / "punten.geojson"), dstSRS="EPSG:4258", reproject=True,
                         layerName="ll", layerCreationOptions=["COORDINATE_PRECISION=9"])
    return folder / "ll.geojson"


LAYERS = {"gebieden": {"type": "POLYGON", "types": {"jaar": "Integer", "waarde": "Real"}},
          "punten": {"type": "POINT", "types": {"gewicht": "Real"}}}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ms")
    write_layers(folder)
    layers = {name: {**layer, "path": folder / f"{name}.geojson", "data": name} for name, layer in LAYERS.items()}
    layers["lonlat"] = {**layers["punten"], "srs": "EPSG:4258"}
    layers["ll"] = {**layers["punten"], "path": in_lonlat(folder), "data": "ll", "srs": "EPSG:4326", "crs": "epsg:4326"}
    with servers.map_server(folder, layers, page=50) as web:
        yield folder, web


def model(folder, name, sources):
    layers = {key: {"source": str(source), "classification": "open", **({"layer": layer} if layer else {})}
              for key, (source, layer) in sources.items()}
    layers["punten"]["time"] = "datum"
    return flow.simple_model(folder, name, layers=layers, indicators=[
        {"name": "aantal", "measure": "count", "of": "punten", "where": "soort <> 's1'", **flow.COMMON},
        {"name": "som", "measure": "sum", "of": "punten", "field": "gewicht", "half_life_days": 200, **flow.COMMON},
        {"name": "ouderdom", "measure": "age", "field": "jaar", **flow.COMMON},
        {"name": "waarde", "measure": "attribute", "field": "waarde", **flow.COMMON}])


def by_code(found):
    return {row["id"]: (row["score"], row["rank"], row["aantal"], row["som"], row["ouderdom"], row["waarde"], row["name"])
            for row in found["areas"]}


def test_the_layers_are_listed(world):
    _, web = world
    done = flow.run("riskmap-inspect", web.url + "/wfs?service=WFS", "--json")
    listed = {layer["name"]: layer for layer in json.loads(done.stdout)["layers"]}
    assert set(listed) == {"ms:gebieden", "ms:punten", "ms:lonlat", "ms:ll"}
    assert {f["name"]: f["type"] for f in listed["ms:gebieden"]["fields"]}["jaar"] == "integer"
    assert listed["ms:gebieden"]["features"] == 40 and listed["ms:gebieden"]["crs"] == "EPSG:28992"
    done = flow.run("riskmap-inspect", web.url + "/ogc/proef/ogcapi", "--json")
    listed = {layer["name"]: layer for layer in json.loads(done.stdout)["layers"]}
    assert {name: layer["features"] for name, layer in listed.items()} == {"gebieden": 40, "punten": 230, "lonlat": 230, "ll": 230}


def test_wfs_gives_the_scores_of_the_file(world, tmp_path):
    folder, web = world
    of_file = flow.score(model(tmp_path, "f.json", {"gebieden": (folder / "gebieden.geojson", None),
                                                    "punten": (folder / "punten.geojson", None)}), tmp_path / "f.gpkg")
    web.asked.clear()
    url = web.url + "/wfs?service=WFS"
    of_wfs = flow.score(model(tmp_path, "w.json", {"gebieden": (url, "gebieden"), "punten": ("WFS:" + url, "ms:punten")}),
                        tmp_path / "w.gpkg")
    assert by_code(of_file) == by_code(of_wfs) and len(by_code(of_wfs)) == 40
    pages = {path.split("STARTINDEX=")[1].split("&PROPERTYNAME")[0] for path in web.asked_for("STARTINDEX=") if "ms:punten" in path}
    assert pages == {"0&COUNT=50", "50&COUNT=50", "100&COUNT=50", "150&COUNT=50", "200&COUNT=50"}
    account = {row["name"]: row for row in of_wfs["layers"]}
    assert (account["punten"]["total"], account["punten"]["driver"]) == (230, "WFS")
    assert url in account["punten"]["source"] and account["punten"]["fingerprint"].startswith("retrieved 20")
    flow.check_account(of_wfs)


def test_what_is_not_asked_for_is_not_fetched(world):
    folder, web = world
    web.asked.clear()
    done = flow.run("riskmap-score", model(folder, "n.json", {
        "gebieden": (folder / "gebieden.geojson", None), "punten": (web.url + "/wfs?service=WFS", "punten")}),
        folder / "n.gpkg", "--overwrite")
    assert done.returncode == 0, done.stderr
    pages = web.asked_for("STARTINDEX=")
    assert pages and all("PROPERTYNAME=" in path for path in pages)
    assert all("soort" in path and "gewicht" in path and "ms:id" not in path for path in pages)


def test_lonlat_by_wfs_lies_in_its_place(world):
    """EPSG:4258 has latitude first in WFS; both readings of one place agree within 0.25 m."""
    _, web = world
    extents = []
    for layer in ("punten", "lonlat"):
        done = flow.run("riskmap-inspect", web.url + "/wfs?service=WFS", "--layer", layer, "--json")
        extents.append(json.loads(done.stdout)["layers"][0]["extent"])
    assert all(abs(a - b) < 0.3 for a, b in zip(*extents)), extents


def test_ogc_api_gives_the_counts_of_the_file(world, tmp_path):
    """In lon/lat, as GDAL before 3.7 reads it, places move by centimetres: counts stay, and so does the rest."""
    folder, web = world
    sources = {"gebieden": (folder / "gebieden.geojson", None), "punten": (folder / "punten.geojson", None)}
    of_file = flow.score(model(tmp_path, "f.json", sources), tmp_path / "f.gpkg")
    of_api = flow.score(model(tmp_path, "a.json", {**sources, "punten": (web.url + "/ogc/proef/ogcapi", "ll")}),
                        tmp_path / "a.gpkg")
    assert by_code(of_file) == by_code(of_api)
    row = {row["name"]: row for row in of_api["layers"]}["punten"]
    assert (row["total"], row["driver"]) == (230, "OAPIF")
    assert row["crs"] in ("EPSG:4326", "OGC:CRS84", "EPSG:28992")
    assert row["crs"] == "EPSG:28992" or row["crs_operation"]


def test_what_the_server_says_is_shown(world):
    _, web = world
    done = flow.run("riskmap-inspect", web.url + "/wfs?service=WFS", "--layer", "bestaat-niet")
    assert done.returncode == 1 and 'no layer "bestaat-niet"' in done.stderr and "ms:gebieden" in done.stderr
    done = flow.run("riskmap-inspect", web.url + "/ogc/proef/ogcapi/collections/bestaat-niet", "--layer", "x")
    assert done.returncode == 1 and "HTTP 404" in done.stderr
