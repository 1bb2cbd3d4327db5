"""What cannot be done is refused: one line that says what, where and what to do; nothing is left behind."""

import gzip
import json
import os
import sqlite3

import pytest

import flow
import rawgpkg as raw

X, Y = 200000, 475000


def layers(folder, **changes):
    """The layers of the simple model, with keys of one layer changed: gebieden={...}, punten={...}; None
    takes a key out."""
    flow.simple_model(folder)
    model = json.loads((folder / "model.json").read_text())["layers"]
    for name, keys in changes.items():
        model[name].update(keys)
        model[name] = {key: value for key, value in model[name].items() if value is not None}
    return model


def indicator(**changes):
    one = {"name": "aantal", "measure": "count", "of": "punten", **flow.COMMON, **changes}
    return [{key: value for key, value in one.items() if value is not None}]


def points(folder, rows, header="nr;datum;soort;waarde;x;y"):
    (folder / "punten.csv").write_text("\n".join([header, *rows]) + "\n")


def with_points(rows, **keys):
    def make(folder):
        points(folder, [f"{n};01-01-2025;s;1;{x};{y}" for n, (x, y) in enumerate(rows)])
        return flow.simple_model(folder, layers=layers(folder, punten=keys))
    return make


def with_layers(**changes):
    return lambda folder: flow.simple_model(folder, layers=layers(folder, **changes))


def with_model(**changes):
    return lambda folder: flow.simple_model(folder, **changes)


def with_indicator(**changes):
    return with_model(indicators=indicator(**changes))


def with_text(text):
    def make(folder):
        flow.simple_model(folder)
        (folder / "model.json").write_text(text, encoding="utf-8")
        return folder / "model.json"
    return make


def edited(old, new):
    """The simple model with one piece of its text replaced."""
    def make(folder):
        path = flow.simple_model(folder)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return path
    return make


def geopackage(srs, shape=None, named="gebieden", **keys):
    def make(folder):
        shape_ = shape or raw.polygon([(X, Y), (X + 100, Y), (X + 100, Y + 100), (X, Y)])
        raw.write(folder / "g.gpkg", named, [(shape_, "A")], srs=srs)
        return flow.simple_model(folder, areas={"layer": "gebieden", "id": "code"}, indicators=indicator(),
                                 layers=layers(folder, gebieden={"source": "g.gpkg", **keys}))
    return make


def same_ids(classification):
    def make(folder):
        flow.geojson(folder / "gebieden.geojson",
                     [flow.feature(flow.polygon(flow.square(X + 200 * k, Y)), code=code, naam="", jaar=1990)
                      for k, code in enumerate(("dubbel-1", "B", "dubbel-1", "dubbel-2", "dubbel-2", "dubbel-1"))])
        return flow.simple_model(folder, layers=layers(folder, gebieden={"classification": classification}))
    return make


def no_areas(folder):
    flow.geojson(folder / "gebieden.geojson", [])
    return flow.simple_model(folder, indicators=indicator(), areas={"layer": "gebieden"})


def broken_file(name, content=b"\x00\x01 no layer at all"):
    def make(folder):
        (folder / name).write_bytes(content)
        return flow.simple_model(folder, layers=layers(folder, gebieden={"source": name}))
    return make


def old_result(change):
    def make(folder):
        path = flow.simple_model(folder)
        flow.score(path, folder / "old.gpkg")
        database = sqlite3.connect(folder / "old.gpkg")
        database.execute(change)
        database.commit()
        database.close()
        return path
    return make


def elevens(count):
    """Made-up numbers that pass the 11-test of a BSN."""
    found, number = [], 100000000
    while len(found) < count:
        digits = [int(d) for d in str(number)]
        if sum(w * d for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits)) % 11 == 0:
            found.append(number)
        number += 1
    return found


def iban(number):
    """Made up, of a bank that does not exist, with the right check digits."""
    account = f"{number + 1:010d}"
    check = 98 - int(f"33333333{account}232100") % 97  # XXXX in digits, the number, NL00
    return f"NL{check:02d}XXXX{account}"


def with_cells(cells, **keys):
    """Points with these cells in the column `kenmerk`, which an indicator adds up."""
    def make(folder):
        points(folder, [f"{n};01-01-2025;s;{cell};{X + n};{Y}" for n, cell in enumerate(cells)],
               header="nr;datum;soort;kenmerk;x;y")
        return flow.simple_model(folder, indicators=indicator(measure="sum", field="kenmerk"), layers=layers(folder))
    return make


def packed(name, text, times):
    def make(folder):
        with gzip.open(folder / name, "wt", compresslevel=6) as file:
            file.write("nr;datum;soort;waarde;x;y\n")
            for _ in range(times // 1000):
                file.write(text * 1000)
        return flow.simple_model(folder, layers=layers(folder, punten={"source": name}))
    return make


def database(sql):
    """A GeoPackage with a view `gebieden`, by which a hostile file would have us compute."""
    def make(folder):
        path = geopackage(28992, named="echt", layer="gebieden")(folder)
        with sqlite3.connect(folder / "g.gpkg") as file:
            file.executescript(sql + """
                INSERT INTO gpkg_contents SELECT 'gebieden', data_type, 'gebieden', description, last_change, min_x,
                  min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE table_name = 'echt';
                INSERT INTO gpkg_geometry_columns SELECT 'gebieden', column_name, geometry_type_name, srs_id, z, m
                  FROM gpkg_geometry_columns WHERE table_name = 'echt';""")
        file.close()
        return path
    return make


LAUGHS = ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
          + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij"))
          + ']><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&j;</name></Placemark></Document></kml>')
VRT = ("<OGRVRTDataSource><OGRVRTLayer name='gebieden'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
       "</OGRVRTDataSource>")

LONLAT = [(6.18, 52.25), (6.19, 52.26)]
RD_POINTS = [(X + 10, Y + 10), (X + 20, Y + 10)]

# what is wrong: (makes the model, words that the message must hold, further arguments)
REFUSED = {
    # sources
    "file is missing": (with_layers(punten={"source": "punten_2025.csv"}),
                        ["punten", "does not exist", 'did you mean "punten.csv"']),
    "folder is missing": (with_layers(punten={"source": "nergens/punten.csv"}), ["nergens/punten.csv", "does not exist"]),
    "layer is missing": (geopackage(28992, named="gebied", layer="gebeid"),
                         ['has no layer "gebeid"', 'did you mean "gebied"']),
    "field of an indicator is missing": (with_indicator(measure="sum", field="waard"),
                                         ['has no field "waard"', 'did you mean "waarde"']),
    "field of a where is missing": (with_indicator(where="sort = 's0'"), ["sort", 'did you mean "soort"']),
    "field of a layer's where is missing": (with_layers(punten={"where": "sooort = 's0'"}), ["sooort", 'did you mean "soort"']),
    "field with the id is missing": (with_model(areas={"layer": "gebieden", "id": "cod"}),
                                     ['has no field "cod"', 'did you mean "code"']),
    "field with the date is missing": (with_layers(punten={"time": "dag"}), ['has no field "dag"', "datum"]),
    "column with x is missing": (with_layers(punten={"x": "xx"}), ["xx"]),
    "file that is no layer": (broken_file("gebieden.gpkg"), ["gebieden.gpkg"]),
    "file of an unknown kind": (broken_file("gebieden.docx"), ["gebieden.docx"]),
    "no areas at all": (no_areas, ["no areas", "nothing to score"]),
    "where leaves no areas": (with_layers(gebieden={"where": "code = 'Z'"}), ["no areas", "nothing to score"]),
    "ids that are not unique": (same_ids("open"), ["2 area ids are not unique", '"dubbel-1"', '"dubbel-2"',
                                                   "feature ids"]),
    "ids that are not unique, shielded": (same_ids("shielded"), ["2 area ids are not unique", "feature 2", "feature ids"]),
    "override of a layer that is not there": (with_model(), ['no layer "punt"', 'did you mean "punten"'], "--layer", "punt=a.csv"),
    # coordinate reference systems
    "no crs": (geopackage(-1), ["states no coordinate reference system", '"crs"', "EPSG:28992"]),
    "text without a crs": (with_points(RD_POINTS, crs=None), ["states no coordinate reference system", '"crs"']),
    "crs that does not exist": (with_points(RD_POINTS, crs="EPSG:99999"),
                                ["EPSG:99999", "no coordinate reference system"]),
    "lon/lat labelled RD": (with_points(LONLAT), ["none of the 2 features", "look like longitude/latitude", "EPSG:4258"]),
    "lat/lon labelled RD": (with_points([(y, x) for x, y in LONLAT]), ["latitude/longitude, swapped"]),
    "latitude as longitude": (with_points([(y, x) for x, y in LONLAT], crs="EPSG:4258"),
                              ["latitude and longitude are swapped"]),
    "RD with x and y swapped": (with_points([(y, x) for x, y in RD_POINTS]), ["x and y swapped", "easting"]),
    "RD labelled lon/lat": (with_points(RD_POINTS, crs="EPSG:4258"), ["look like RD New", "EPSG:28992"]),
    "RD labelled web Mercator": (with_points(RD_POINTS, crs="EPSG:3857"), ["look like RD New"]),
    "crs that puts points elsewhere": (with_points(RD_POINTS, crs="EPSG:32631"), ["none of the 2 features", '"crs"']),
    "areas lon/lat labelled RD": (geopackage(28992, raw.polygon([(6.1, 52.2), (6.2, 52.2), (6.2, 52.3), (6.1, 52.2)])),
                                  ["look like longitude/latitude"]),
    # the model file
    "model is missing": (lambda folder: folder / "geen.json", ["cannot read", "geen.json", "No such file"]),
    "model is no JSON": (with_text("{ riskmap: 1 }"), ["model.json", "line 1"]),
    "model stops in the middle": (with_text('{"riskmap": 1,\n "name": '), ["model.json", "line 2"]),
    "model is a list": (with_text("[1]"), ["model.json"]),
    "model is empty": (with_text(""), ["model.json"]),
    "key twice": (edited('"name": "proef"', '"name": "proef", "name": "proef"'), ["line", "name"]),
    "unknown key": (edited('"purpose"', '"purpos"'), ["purpos", 'did you mean "purpose"']),
    "unknown measure": (with_indicator(measure="cuont"), ['"cuont" is no measure', 'did you mean "count"']),
    "unknown layer": (with_indicator(of="punt"), ['"punt" is no layer', "punten"]),
    "unknown scale": (with_indicator(scale="minmx"), ['"minmx" is no scale', 'did you mean "minmax"']),
    "negative weight": (with_indicator(weight=-1), ["indicators[0].weight"]),
    "weight that is NaN": (edited('"weight": 1', '"weight": NaN'), ["line", "NaN"]),
    "all weights zero": (with_indicator(weight=0), ["every weight is 0"]),
    "where that is no condition": (with_indicator(where="soort ="), ["indicators[0].where"]),
    "dates without a column": (with_model(layers={
        "gebieden": {"source": "gebieden.geojson"}, "punten": {"source": "punten.csv"}},
        indicators=indicator(half_life_days=10)), ['has no "time"']),
    # persons and what is no ground
    "column of persons by its name": (with_model(areas={"layer": "gebieden", "name": "Naam eigenaar"}),
                                      ['"Naam eigenaar" holds names of persons', "by its name", "take it out of the model"]),
    "where on a column of persons": (with_indicator(where="geboortedatum > '2000-01-01'"),
                                     ["dates of birth or death", "scores places"]),
    "numbers that are BSNs": (with_cells(elevens(60)),
                              ['"kenmerk" holds citizen service numbers (BSN)', "11-test"]),
    "e-mail addresses": (with_cells(f"iemand{n}@post.example.nl" for n in range(30)), ['"kenmerk" holds e-mail addresses']),
    "telephone numbers": (with_cells(f"06-{12345678 + 1234567 * n}" for n in range(40)),
                          ['"kenmerk" holds telephone numbers']),
    "bank accounts": (with_cells(map(iban, range(30))), ['"kenmerk" holds bank account numbers']),
    "migration background": (with_indicator(measure="mean", field="percentage_niet_westerse_migratieachtergrond"),
                             ["line", "indicators[0].field", "origin, nationality or migration background",
                              "no setting allows it", "Grondwet, article 1"]),
    "income of an area": (with_indicator(measure="mean", field="G_INK_PI"),
                          ["the income or wealth of households", "of an area either", "SyRI"]),
    "benefits in a where": (with_indicator(where="A_SOZ_WW > 100"), ["indicators[0].where", "benefits or debt relief"]),
    "nationality in a layer's where": (with_layers(punten={"where": "nationaliteit <> 'NL'"}),
                                       ["layers.punten.where", "nationality"]),
    "care": (with_indicator(measure="sum", field="aantal_wmo_clienten"), ["health, care or disability", "GDPR, article 9"]),
    "religion as the name of an indicator": (with_indicator(name="moskeeen_per_inwoner"), ["indicators[0].name", "religion"]),
    # files that came from anywhere
    "text that unpacks without end": (packed("b.csv.gz", "1;01-01-2025;s;1;200000;475000\n", 4000000),
                                      ["b.csv.gz", "unpacks to over 100 MB"]),
    "entities in XML": (broken_file("b.kml", LAUGHS.encode()), ["b.kml", "entit"]),
    "a list of sources under another name": (broken_file("b.geojson", VRT.encode()), ["b.geojson"]),
    "a view that never ends": (database("CREATE VIEW gebieden AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
                                        "SELECT x + 1 FROM c) SELECT x AS fid, x AS geom FROM c;"),
                               ["g.gpkg", '"gebieden" recurses', "make it a table"]),
    "a table that reads other files": (
        database("PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES ('table', 'gebieden', 'gebieden', 0, "
                 "'CREATE VIRTUAL TABLE gebieden USING VirtualText(''/etc/passwd'')');"),
        ["g.gpkg", "VirtualText", "can read other files"]),
    # earlier results
    "reference that is missing": (with_model(), ["oud.gpkg", "does not exist"], "--reference", "{}/oud.gpkg"),
    "reference that is no result": (geopackage(28992), ["reference"], "--reference", "{}/g.gpkg"),
    "reference of another model": (old_result("UPDATE indicators SET name = 'iets' WHERE indicator = 1"),
                                   ["reference", '"aantal"'], "--reference", "{}/old.gpkg"),
    "reference scaled otherwise": (old_result("UPDATE indicators SET scale = 'fixed' WHERE indicator = 1"),
                                   ["reference", "otherwise"], "--reference", "{}/old.gpkg"),
}


def check_refused(done, words, code=1):
    print(done.stderr, end="")
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), "one line"
    for word in words:
        assert word in done.stderr, word


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, tmp_path):
    make, words, *arguments = REFUSED[case]
    flow.program("riskmap-score")
    model = make(tmp_path)
    before = sorted(os.listdir(tmp_path))
    done = flow.run("riskmap-score", model, tmp_path / "result.gpkg", "--as-of", flow.AS_OF,
                    *(argument.format(tmp_path) for argument in arguments))
    check_refused(done, words)
    assert sorted(os.listdir(tmp_path)) == before


WRONG_USE = {
    "no arguments": [],
    "no result": ["{}/model.json"],
    "too many": ["{}/model.json", "{}/r.gpkg", "more"],
    "unknown option": ["{}/model.json", "{}/r.gpkg", "--fast"],
    "no such day": ["{}/model.json", "{}/r.gpkg", "--as-of", "2026-02-30"],
    "day in another order": ["{}/model.json", "{}/r.gpkg", "--as-of", "01-11-2026"],
    "override without a name": ["{}/model.json", "{}/r.gpkg", "--layer", "punten.csv"],
    "threads": ["{}/model.json", "{}/r.gpkg", "--threads", "-1"],
    "language": ["{}/model.json", "{}/r.gpkg", "--lang", "fr"],
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use(case, tmp_path):
    flow.simple_model(tmp_path)
    before = sorted(os.listdir(tmp_path))
    check_refused(flow.run("riskmap-score", *(a.format(tmp_path) for a in WRONG_USE[case])), [], code=2)
    assert sorted(os.listdir(tmp_path)) == before


def test_existing_result_is_kept(tmp_path):
    model = flow.simple_model(tmp_path)
    (tmp_path / "r.gpkg").write_text("eerder werk")
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg")
    check_refused(done, ["r.gpkg", "exists", "overwrite"])
    assert (tmp_path / "r.gpkg").read_text() == "eerder werk"
    flow.score(model, tmp_path / "r.gpkg", "--overwrite")


def test_existing_table_is_kept(tmp_path):
    model = flow.simple_model(tmp_path)
    (tmp_path / "top.csv").write_text("eerder werk")
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--table", tmp_path / "top.csv")
    check_refused(done, ["top.csv", "exists"])
    assert (tmp_path / "top.csv").read_text() == "eerder werk"
    assert not (tmp_path / "r.gpkg").exists(), "refused before the run, not after half of the writing"


def test_failed_overwrite_keeps_the_old_result(tmp_path):
    model = flow.simple_model(tmp_path)
    before = flow.score(model, tmp_path / "r.gpkg")
    os.remove(tmp_path / "punten.csv")
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--overwrite")
    check_refused(done, ["punten.csv"])
    assert flow.tables(tmp_path / "r.gpkg") == before


@pytest.mark.parametrize("target, words", [
    ("nergens/r.gpkg", ["the folder of", "nergens/r.gpkg does not exist"]), ("map.gpkg", ["map.gpkg is a folder"])])
def test_nowhere_to_write(target, words, tmp_path):
    model = flow.simple_model(tmp_path)
    (tmp_path / "map.gpkg").mkdir()
    before = sorted(os.listdir(tmp_path))
    for more in ([], ["--overwrite"]):
        check_refused(flow.run("riskmap-score", model, tmp_path / target, *more), words)
        assert sorted(os.listdir(tmp_path)) == before and os.listdir(tmp_path / "map.gpkg") == []


@pytest.mark.parametrize("result, table, words", [
    ("r.shp", "top.csv", "r.shp: a GeoPackage is written as .gpkg; give the name such an ending"),
    ("r.gpkg", "top.ods", "top.ods: de lijst is een werkblad, top.xlsx, of tekst, top.csv")])
def test_another_ending_is_refused_before_the_run(result, table, words, tmp_path):
    model = flow.simple_model(tmp_path)
    before = sorted(os.listdir(tmp_path))
    done = flow.run("riskmap-score", model, tmp_path / result, "--table", tmp_path / table)
    assert done.returncode != 0 and words in done.stderr
    assert sorted(os.listdir(tmp_path)) == before


def test_what_was_read_is_not_written_over(tmp_path):
    """Not even when asked to overwrite, nor under another name of the same file."""
    geopackage(28992)(tmp_path)
    flow.score(tmp_path / "model.json", tmp_path / "old.gpkg")
    (tmp_path / "link.gpkg").symlink_to("g.gpkg")
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    read = "is one of the files that were read"
    for target, words in (("g.gpkg", read), ("link.gpkg", read), ("old.gpkg", read),
                          ("model.json", "a GeoPackage is written as .gpkg")):
        done = flow.run("riskmap-score", tmp_path / "model.json", tmp_path / target, "--overwrite",
                        "--reference", tmp_path / "old.gpkg")
        check_refused(done, [target, words])
    done = flow.run("riskmap-score", tmp_path / "model.json", tmp_path / "new.gpkg", "--overwrite", "--layer",
                    f"punten={tmp_path}/punten.csv", "--table", tmp_path / "punten.csv")
    check_refused(done, ["punten.csv", read])
    os.remove(tmp_path / "new.gpkg")
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_only_best_needs_its_grid(tmp_path):
    flow.geojson(tmp_path / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(6.1 + k / 10, 52.2, 0.01)), code=k, naam="", jaar=1990 + k)
                  for k in (0, 1)],
                 crs="EPSG:4258")
    model = flow.simple_model(tmp_path)
    found = flow.score(model, tmp_path / "r.gpkg")
    grid = found["layers"][0]["missing_grid"]
    if not grid:
        pytest.skip("the Dutch grids are on this machine: nothing better is missing")
    done = flow.run("riskmap-score", model, tmp_path / "best.gpkg", "--only-best")
    check_refused(done, [grid, "projsync"])
    assert not (tmp_path / "best.gpkg").exists()


def test_some_outside_is_no_refusal(tmp_path):
    """One point in the sea off Africa (0, 0) is rejected by itself."""
    model = with_points([*RD_POINTS, (0, 0), (5, 51)])(tmp_path)
    found = flow.score(model, tmp_path / "r.gpkg")
    assert flow.issue_codes(found, "punten") == ["outside-crs", "outside-crs"]
