"""riskmap-heatmap as people use it; its values against the definition, calculated here with numpy."""
import csv
import json
import math
import os
import pathlib
import signal
import sqlite3
import stat
import subprocess
import time

import numpy
import pytest
from osgeo import gdal, ogr

gdal.UseExceptions()
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "examples/data"
REPORTS = DATA / "meldingen.csv"
BUILD = os.environ.get("RISKMAP_BUILD")
FINE, FAILED, USAGE, STOPPED = 0, 1, 2, 130

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-heatmap").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)
PROGRAM = pathlib.Path(BUILD) / "examples/programs/riskmap-heatmap"


def run(*arguments, code=FINE):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def facts(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def reports():
    """x, y, date and kind of every report of the made-up municipality."""
    def number(cell):
        try:
            return float(cell.replace(",", "."))
        except ValueError:
            return math.nan
    with open(REPORTS, encoding="utf-8", errors="replace") as source:
        rows = list(csv.DictReader(source, delimiter=";"))
    points = [(number(r["x"]), number(r["y"]), r["datum"], r["categorie"]) for r in rows]
    return [p for p in points if math.isfinite(p[0]) and math.isfinite(p[1])]


def raster(path):
    opened = gdal.Open(str(path))
    band = opened.GetRasterBand(1)
    return opened, band.ReadAsArray(), opened.GetGeoTransform()


def centres(transform, shape):
    x = transform[0] + (numpy.arange(shape[1]) + 0.5) * transform[1]
    y = transform[3] + (numpy.arange(shape[0]) + 0.5) * transform[5]
    return numpy.meshgrid(x, y)


def quartic(points, x, y, radius):
    """Reports per km2 by the definition."""
    out = numpy.zeros(x.shape)
    for px, py, *_ in points:
        u = ((x - px) ** 2 + (y - py) ** 2) / radius ** 2
        out += numpy.where(u < 1, 3 / (math.pi * radius ** 2) * (1 - u) ** 2, 0)
    return out * 1e6


MAP = ["--cell", 100, "--bandwidth", 500]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The map of all reports, with everything that comes beside it."""
    folder = tmp_path_factory.mktemp("heat")
    done = run(REPORTS, folder / "heat.tif", *MAP, "--png", "--title", "Meldingen in Woldermark", "--classes", "--contours",
               "--context", DATA / "wegen.gpkg", "--context", f"built={DATA / 'bebouwde-kom.gpkg'}")
    return done, folder


def test_values_are_the_definition(made):
    _, folder = made
    _, values, transform = raster(folder / "heat.tif")
    assert transform[1] == 100 and transform[5] == -100
    inside = [p for p in reports() if 0 < p[0] < 300000]
    expected = quartic(inside, *centres(transform, values.shape), 500)
    assert numpy.nanmax(abs(values - expected)) < 1e-6 * expected.max()


def test_the_map_adds_up_to_the_points(made):
    _, folder = made
    _, values, _ = raster(folder / "heat.tif")
    used = facts(REPORTS, folder / "again.tif", *MAP)["used"]
    assert abs(numpy.nansum(values) * 0.01 / used - 1) < 1e-3  # a cell is 0.01 km2


def test_the_raster_says_what_it_is(made):
    _, folder = made
    opened, _, _ = raster(folder / "heat.tif")
    tags = opened.GetMetadata()
    assert tags["RISKMAP_KERNEL"] == "quartic" and float(tags["RISKMAP_BANDWIDTH_M"]) == 500
    assert tags["RISKMAP_BANDWIDTH_BY"] == "stated" and "AFGESCHERMD" in tags["RISKMAP_CLASSIFICATION"]
    assert opened.GetRasterBand(1).GetUnitType() == "meldingen per km²"
    assert math.isnan(opened.GetRasterBand(1).GetNoDataValue())
    assert opened.GetMetadata("IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert opened.GetSpatialRef().GetAuthorityCode(None) == "28992"


def test_everything_is_shielded(made):
    done, folder = made
    assert "AFGESCHERMD" in done.stdout
    names = {p.name for p in folder.iterdir()} - {"again.tif", "again.qml"}
    assert names == {"heat.tif", "heat.qml", "heat.png", "heat-classes.tif", "heat-classes.qml", "heat-contours.gpkg"}
    for name in names:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
    assert b"AFGESCHERMD" in (folder / "heat.png").read_bytes()
    with sqlite3.connect(folder / "heat-contours.gpkg") as database:
        assert any("AFGESCHERMD" in text for (text,) in database.execute("SELECT metadata FROM gpkg_metadata"))


def test_points_that_are_public_make_an_open_map(tmp_path):
    done = run(REPORTS, tmp_path / "heat.tif", *MAP, "--classification", "open")
    assert "AFGESCHERMD" not in done.stdout
    assert stat.S_IMODE((tmp_path / "heat.tif").stat().st_mode) != 0o600
    assert gdal.Open(str(tmp_path / "heat.tif")).GetMetadata()["RISKMAP_CLASSIFICATION"].startswith("open")


def test_open_is_refused_and_says_why(tmp_path):
    done = run(REPORTS, tmp_path / "heat.tif", "--open", code=USAGE)
    assert "onthullingscontrole" in done.stderr
    assert "disclosure control" in run(REPORTS, tmp_path / "heat.tif", "--open", "--lang", "en", code=USAGE).stderr
    assert not list(tmp_path.iterdir())


def test_classes_are_coloured_by_their_own_palette(made):
    _, folder = made
    opened, classes, _ = raster(folder / "heat-classes.tif")
    _, values, _ = raster(folder / "heat.tif")
    band = opened.GetRasterBand(1)
    assert band.DataType == gdal.GDT_Byte and band.GetNoDataValue() == 0
    table, names = band.GetColorTable(), [band.GetMetadata().get(f"RISKMAP_CLASS_{c}") for c in range(6)]
    assert classes.max() == 5 and len({table.GetColorEntry(c)[:3] for c in range(1, 6)}) == 5
    assert all(names[c] for c in range(1, 6))
    for c in range(1, 5):  # higher classes hold higher values
        assert values[classes == c].max() < values[classes == c + 1].min() or not (classes == c + 1).any()
    assert values[classes == 0].max() < values[classes == 1].min()


def test_contours_hold_the_densest_part(made):
    _, folder = made
    _, values, transform = raster(folder / "heat.tif")
    x, y = centres(transform, values.shape)
    opened = ogr.Open(str(folder / "heat-contours.gpkg"))
    layer = opened.GetLayer("contours")
    shares = []
    for feature in layer:
        shape = feature.GetGeometryRef()
        assert shape.IsValid()
        shares.append(feature["top_percent"])
        assert abs(feature["share_percent"] - feature["top_percent"]) < 0.5
        assert abs(feature["area_km2"] - shape.GetArea() / 1e6) < 1e-6
        inside = numpy.array([shape.Contains(point(px, py)) for px, py in zip(x[::7, ::7].ravel(), y[::7, ::7].ravel())])
        assert (inside == (values[::7, ::7].ravel() > feature["value"])).all()
    assert sorted(shares) == [5, 10, 20]


def point(x, y):
    made_point = ogr.Geometry(ogr.wkbPoint)
    made_point.AddPoint_2D(x, y)
    return made_point


def test_where_and_period(tmp_path):
    chosen = facts(REPORTS, tmp_path / "heat.tif", *MAP, "--where", "categorie = 'drugs'", "--from", "2024-01-01",
                   "--until", "2024-12-31")
    expected = sum(1 for x, y, date, kind in reports() if kind == "drugs" and date.endswith("2024") and 0 < x < 300000)
    assert chosen["periods"][0]["points"] == expected > 0


def test_comparing_two_periods_shares_one_legend(tmp_path):
    run(REPORTS, tmp_path / "heat.tif", *MAP, "--from", "2024-01-01", "--until", "2024-12-31",
        "--compare", "2023-01-01..2023-12-31")
    other = tmp_path / "heat_2023-01-01_2023-12-31"
    assert (tmp_path / "heat.qml").read_text() == other.with_suffix(".qml").read_text()
    _, now, _ = raster(tmp_path / "heat.tif")
    _, then, _ = raster(other.with_suffix(".tif"))
    assert now.shape == then.shape and abs(now - then).max() > 0


def test_half_life_counts_back_from_the_end_of_the_period(tmp_path):
    (tmp_path / "two.csv").write_text("x,y,datum\n200000,470000,2024-12-31\n203000,470000,2024-12-21\n")
    run(tmp_path / "two.csv", tmp_path / "heat.tif", "--crs", "EPSG:28992", *MAP, "--half-life", 10, "--until", "2024-12-31")
    _, values, transform = raster(tmp_path / "heat.tif")
    column = int((201500 - transform[0]) / 100)
    assert abs(values[:, column:].sum() / values[:, :column].sum() - 0.5) < 1e-6


def test_addresses_give_reports_their_place(tmp_path):
    placed = facts(DATA / "meldingen-adres.csv", tmp_path / "heat.tif", *MAP,
                   "--locate", f"{DATA / 'bag-light.gpkg'}|layername=verblijfsobject")
    assert placed["used"] > 100 and placed["used"] == placed["periods"][0]["points"]


def test_within_a_name(tmp_path):
    kommen = DATA / "bebouwde-kom.gpkg"
    opened = ogr.Open(str(kommen))
    layer = opened.GetLayer(0)
    name = next(f["naam"] for f in layer if f["naam"])
    shapes = [f.GetGeometryRef().Clone() for f in layer if f["naam"] == name]
    run(REPORTS, tmp_path / "heat.tif", *MAP, "--within", name.upper(), "--boundaries", kommen)
    _, values, transform = raster(tmp_path / "heat.tif")
    x, y = centres(transform, values.shape)
    inside = [any(s.Contains(point(px, py)) for s in shapes) for px, py in zip(x.ravel(), y.ravel())]
    assert (numpy.isfinite(values).ravel() == inside).all() and any(inside)
    done = run(REPORTS, tmp_path / "no.tif", *MAP, "--within", "Nergenshuizen", "--boundaries", kommen, code=FAILED)
    assert "Nergenshuizen" in done.stderr and "riskmap-inspect" in done.stderr


def box_of(folder, x, y, size):
    path = folder / "vak.geojson"
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:28992"}},
        "features": [{"type": "Feature", "properties": {"naam": "vak"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}))
    return path


def test_what_lies_around_the_area_neither_counts_nor_makes_the_bandwidth(tmp_path):
    near = [(200000 + 37 * k % 900, 470000 + 91 * k % 900) for k in range(60)]
    far = [(220000 + 997 * k % 30000, 480000 + 613 * k % 30000) for k in range(200)]
    vak = box_of(tmp_path, 199000, 469000, 3000)
    for name, points in (("near", near), ("all", near + far)):
        (tmp_path / f"{name}.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in points))
    few, many = (facts(tmp_path / f"{n}.csv", tmp_path / f"{n}.tif", "--crs", "EPSG:28992", "--within", vak) for n in ("near", "all"))
    assert few["bandwidth_m"] == many["bandwidth_m"] and many["periods"][0]["points"] == 60
    assert (raster(tmp_path / "near.tif")[1] == raster(tmp_path / "all.tif")[1]).all()
    told = run(tmp_path / "all.csv", tmp_path / "told.tif", "--crs", "EPSG:28992", "--within", vak).stdout
    assert "Van 260 punten zijn er 60 gebruikt; 200 buiten de periode of het gebied." in told
    nowhere = box_of(tmp_path, 100000, 400000, 3000)
    assert "none of the 260 points" in bad(tmp_path, "--crs", "EPSG:28992", "--within", nowhere, source=tmp_path / "all.csv")


def test_a_name_needs_boundaries_and_a_raster_its_ending(tmp_path):
    assert "--boundaries" in bad(tmp_path, "--within", "Woldermark", code=USAGE)
    assert "--png" in run(REPORTS, tmp_path / "heat.png", code=USAGE).stderr and not list(tmp_path.iterdir())
    assert "quartic, gaussian" in bad(tmp_path, "--kernel", "rond", code=USAGE)


def test_of_a_bag_the_addresses_are_taken(tmp_path):
    bag = DATA / "bag-light.gpkg"
    named = facts(DATA / "meldingen-adres.csv", tmp_path / "a.tif", *MAP, "--locate", f"{bag}|layername=verblijfsobject")
    assert facts(DATA / "meldingen-adres.csv", tmp_path / "b.tif", *MAP, "--locate", bag)["used"] == named["used"] > 100
    run(REPORTS, tmp_path / "c.tif", *MAP, "--per", bag)
    run(REPORTS, tmp_path / "d.tif", *MAP, "--per", f"{bag}|layername=verblijfsobject")
    assert raster(tmp_path / "c.tif")[1].tobytes() == raster(tmp_path / "d.tif")[1].tobytes()
    assert "|layername=" in run(bag, tmp_path / "e.tif", code=FAILED).stderr


def test_files_and_open_periods_are_told(tmp_path):
    done = run(REPORTS, tmp_path / "heat.tif", *MAP, "--from", "2025-01-01", "--png")
    assert "Vanaf 2025-01-01: " in done.stdout and "t/m :" not in done.stdout
    assert f"Geschreven: {tmp_path / 'heat.png'}, {tmp_path / 'heat.tif'}" in done.stdout
    assert len(facts(REPORTS, tmp_path / "two.tif", *MAP, "--classes")["files"]) == 2


def test_after_a_failure_no_part_stays(tmp_path):
    (tmp_path / "heat-contours.gpkg").write_text("mine")
    run(REPORTS, tmp_path / "heat.tif", *MAP, "--png", "--contours", code=FAILED)
    assert [p.name for p in tmp_path.iterdir()] == ["heat-contours.gpkg"]


def test_edge_correction_keeps_the_mass_within(tmp_path):
    box = tmp_path / "box.geojson"
    box.write_text(json.dumps({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:28992"}},
        "features": [{"type": "Feature", "properties": {"naam": "vak"}, "geometry": {"type": "Polygon", "coordinates":
            [[[200000, 470000], [204000, 470000], [204000, 473000], [200000, 473000], [200000, 470000]]]}}]}))
    (tmp_path / "p.csv").write_text("x,y\n200010,470010\n203990,471500\n202000,471500\n")
    options = [tmp_path / "p.csv", tmp_path / "heat.tif", "--crs", "EPSG:28992", "--cell", 25, "--bandwidth", 600, "--within", box,
               "--overwrite"]
    run(*options, "--edge", "diggle")
    _, values, _ = raster(tmp_path / "heat.tif")
    assert abs(values.sum() * 0.025 ** 2 - 3) < 0.01
    run(*options)
    _, plain, _ = raster(tmp_path / "heat.tif")
    assert plain.sum() * 0.025 ** 2 < 2.1  # a quarter, a half and a whole
    run(*options, "--edge", "uniform")
    _, uniform, _ = raster(tmp_path / "heat.tif")
    assert (uniform >= plain * (1 - 1e-6)).all() and uniform[0, 0] == plain[0, 0] == 0


def test_per_addresses_with_a_floor(tmp_path):
    bag = f"{DATA / 'bag-light.gpkg'}|layername=verblijfsobject"
    run(REPORTS, tmp_path / "heat.tif", *MAP, "--per", bag, "--per-floor", 50)
    run(bag, tmp_path / "bag.tif", *MAP, "--extent", extent_of(tmp_path / "heat.tif"))
    run(REPORTS, tmp_path / "plain.tif", *MAP, "--extent", extent_of(tmp_path / "heat.tif"))
    _, rate, _ = raster(tmp_path / "heat.tif")
    _, below, _ = raster(tmp_path / "bag.tif")
    _, plain, _ = raster(tmp_path / "plain.tif")
    assert (numpy.isnan(rate) == (below < 50)).mean() > 0.9999  # float32 beside double at the floor itself
    both = numpy.isfinite(rate) & (below > 51)
    assert numpy.allclose(rate[both], plain[both] / below[both] * 1000, rtol=1e-5)


def extent_of(path):
    _, values, t = raster(path)
    return f"{t[0]},{t[3] + t[5] * values.shape[0]},{t[0] + t[1] * values.shape[1]},{t[3]}"


@pytest.mark.parametrize("by", ["rule", "cv"])
def test_a_bandwidth_is_chosen_and_told(by, tmp_path):
    done = run(REPORTS, tmp_path / "heat.tif", "--bandwidth", by, "--cell", 200, "--lang", "en")
    assert ("by rule" if by == "rule" else "cross-validation") in done.stdout
    tags = gdal.Open(str(tmp_path / "heat.tif")).GetMetadata()
    assert float(tags["RISKMAP_BANDWIDTH_M"]) > 10
    assert ("rule" if by == "rule" else "cross") in tags["RISKMAP_BANDWIDTH_BY"]


def test_one_command_with_nothing_stated(tmp_path):
    run(REPORTS, tmp_path / "heat.tif")
    _, values, _ = raster(tmp_path / "heat.tif")
    assert values.max() > 0


def test_threads_and_order_make_no_difference(tmp_path):
    rows = REPORTS.read_text().splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([rows[0], *rows[:0:-1]]) + "\n")
    outcomes = []
    for number, (source, threads) in enumerate([(REPORTS, 1), (REPORTS, 2), (REPORTS, 4), (turned, 2)]):
        run(source, tmp_path / f"{number}.tif", *MAP, "--crs", "EPSG:28992", "--threads", threads, "--half-life", 300, "--as-of", "2026-11-01")
        outcomes.append(raster(tmp_path / f"{number}.tif")[1].tobytes())
    assert len(set(outcomes)) == 1


def test_a_spot_is_named(tmp_path):
    lines = ["x,y"] + ["201000.0,471000.0"] * 40 + [f"{200000 + 37 * k % 4000},{470000 + 91 * k % 4000}" for k in range(60)]
    (tmp_path / "p.csv").write_text("\n".join(lines) + "\n")
    options = [tmp_path / "p.csv", tmp_path / "heat.tif", "--crs", "EPSG:28992", *MAP, "--overwrite"]
    assert "40 punten (40%)" in run(*options).stdout
    assert facts(*options, "--leave-out", "spots")["left_out"] == 40
    assert "201000" not in run(*options).stdout


def bad(folder, *arguments, code=FAILED, source=REPORTS):
    done = run(source, folder / "heat.tif", *arguments, code=code)
    assert not list(folder.glob("heat*")), "something was left"
    return done.stderr


@pytest.mark.parametrize("arguments, says", [
    (["--bandwidth", 0], "bandwidth is 0"), (["--bandwidth", -5], "bandwidth is -5"), (["--bandwidth", "nan"], "bandwidth is nan"),
    (["--cell", -1], "cell is -1"), (["--cell", "nan"], "cell is nan"),
    (["--target-crs", "EPSG:4326"], "degree"), (["--target-crs", "EPSG:2263"], "foot"),
    (["--where", "bestaat_niet = 1"], "bestaat_niet"), (["--time", "geen"], "geen"),
    (["--weight", "geen"], "geen"), (["--weight", "categorie"], "field categorie holds text, and a weight is a number"),
    (["--edge", "diggle"], "study area"),
    (["--cell", 0.001, "--bandwidth", 500], "too many"), (["--class-count", 2], "classes is 2"),
    (["--from", "2025-01-01", "--until", "2024-01-01"], "ends before it begins"),
    (["--context", "nergens.gpkg", "--png"], "nergens.gpkg"),
])
def test_what_is_wrong_is_said(arguments, says, tmp_path):
    assert says in bad(tmp_path, *arguments)


@pytest.mark.parametrize("arguments", [["--bandwidth", "veel"], ["--kernel", "rond"], ["--compare", "2024"], ["--extent", "1,2,3"],
                                       ["--from", "2024-02-31"], ["--leave-out", "alles"], ["--size", "groot"]])
def test_wrong_use(arguments, tmp_path):
    assert bad(tmp_path, *arguments, code=USAGE)


def test_points_are_not_written_over(tmp_path):
    """The contours would be called as the points are; nothing is left of the picture before them."""
    points = tmp_path / "heat-contours.gpkg"
    gdal.VectorTranslate(str(points), str(DATA / "vakantieparken.geojson"), format="GPKG")
    before = points.read_bytes()
    done = run(points, tmp_path / "heat.tif", *MAP, "--png", "--contours", "--overwrite", code=FAILED)
    assert "heat-contours.gpkg is one of the files that were read, and would be replaced" in done.stderr
    assert points.read_bytes() == before and list(tmp_path.iterdir()) == [points]


def test_no_points_need_an_extent(tmp_path):
    none = tmp_path / "none.csv"
    none.write_text("x,y\n")
    assert "no extent" in bad(tmp_path, "--crs", "EPSG:28992", *MAP, source=none)
    run(none, tmp_path / "heat.tif", "--crs", "EPSG:28992", *MAP, "--extent", "200000,470000,201000,471000", "--png", "--classes",
        "--contours")
    assert not raster(tmp_path / "heat.tif")[1].any()


def test_all_points_the_same(tmp_path):
    same = tmp_path / "same.csv"
    same.write_text("x,y\n" + "200050,470050\n" * 5)
    run(same, tmp_path / "heat.tif", "--crs", "EPSG:28992", *MAP, "--classes", "--contours")
    assert abs(raster(tmp_path / "heat.tif")[1].max() - 5e6 * 3 / (math.pi * 500 ** 2)) < 1e-3
    for by in ("rule", "cv"):
        message = run(same, tmp_path / "by.tif", "--crs", "EPSG:28992", "--bandwidth", by, code=FAILED).stderr
        assert "place" in message and "bandwidth" in message


def test_a_bandwidth_below_a_cell_is_told(tmp_path):
    assert "kleiner dan een cel" in run(REPORTS, tmp_path / "heat.tif", "--cell", 100, "--bandwidth", 50).stdout


def test_existing_files_stay(tmp_path):
    (tmp_path / "heat.tif").write_text("mine")
    assert "--overwrite" in run(REPORTS, tmp_path / "heat.tif", *MAP, code=FAILED).stderr
    assert (tmp_path / "heat.tif").read_text() == "mine"
    (tmp_path / "other.qml").write_text("mine")
    assert "other.qml" in run(REPORTS, tmp_path / "other.tif", *MAP, code=FAILED).stderr
    assert not (tmp_path / "other.tif").exists() and (tmp_path / "other.qml").read_text() == "mine"


def test_stopped_in_the_middle_nothing_stays(tmp_path):
    process = subprocess.Popen([PROGRAM, REPORTS, tmp_path / "heat.tif", "--cell", "1", "--bandwidth", "4000"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == STOPPED and "niets geschreven" in said
    assert not list(tmp_path.iterdir())


def test_no_cell_of_a_report_is_quoted(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("x,y,datum\n200000,470000,geheim7391\n200100,geheim7391,2024-01-01\n200200,470100,2024-01-01\n")
    done = run(secret, tmp_path / "heat.tif", "--crs", "EPSG:28992", *MAP, "--from", "2023-01-01", "--time", "datum")
    assert "geheim7391" not in done.stdout + done.stderr
    assert "1 zonder bruikbare datum" in done.stdout
