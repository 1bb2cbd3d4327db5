"""riskmap-hotspots as people use it; its statistic against the definition, calculated here with numpy."""
import json
import math
import os
import pathlib
import re
import sqlite3
import stat
import subprocess

import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "examples/data"
BUILD = os.environ.get("RISKMAP_BUILD")
FINE, FAILED, USAGE = 0, 1, 2

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-hotspots").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)
PROGRAM = pathlib.Path(BUILD) / "examples/programs/riskmap-hotspots"
SIDE, CELL, X, Y = 16, 100, 200000, 470000


def run(*arguments, code=FINE):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def facts(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def square(x, y, size=CELL):
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


def layer(path, features):
    """features: (rings, properties)"""
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:28992"}},
                                "features": [{"type": "Feature", "properties": p, "geometry": {"type": "Polygon", "coordinates": r}}
                                             for r, p in features]}))
    return path


def values():
    """Noise, and a warm corner of 4 x 4."""
    out = numpy.random.default_rng(7).poisson(5, (SIDE, SIDE)).astype(float)
    out[:4, :4] += 8
    return out


@pytest.fixture()
def lattice(tmp_path):
    cells = [(square(X + CELL * c, Y + CELL * r), {"code": f"C{r:02d}{c:02d}", "naam": f"vak {r}-{c}", "n": values()[r, c], "adressen": 20})
             for r in range(SIDE) for c in range(SIDE)]
    return layer(tmp_path / "vakken.geojson", cells)


def table(path):
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM hotspots ORDER BY id")]


def gi_star(x):
    """z of Gi* with queen neighbours and the item itself."""
    n, out = x.size, numpy.empty(x.shape)
    s = math.sqrt((x ** 2).mean() - x.mean() ** 2)
    for r in range(SIDE):
        for c in range(SIDE):
            around = x[max(r - 1, 0):r + 2, max(c - 1, 0):c + 2]
            k = around.size
            out[r, c] = (around.sum() - k * x.mean()) / (s * math.sqrt((n * k - k * k) / (n - 1)))
    return out


def test_gi_star_is_the_definition_and_finds_the_warm_corner(lattice, tmp_path):
    done = run(lattice, tmp_path / "hot.gpkg", "--field", "n", "--id", "code", "--name", "naam")
    rows = table(tmp_path / "hot.gpkg")
    z = gi_star(values())
    assert [row["id"] for row in rows] == [f"C{r:02d}{c:02d}" for r in range(SIDE) for c in range(SIDE)]
    assert numpy.allclose([row["z"] for row in rows], z.ravel(), atol=1e-9)
    hot = {row["id"] for row in rows if row["class"] > 0}
    assert {f"C{r:02d}{c:02d}" for r in range(3) for c in range(3)} <= hot and len(hot) <= 25
    assert "AFGESCHERMD" in done.stdout and "geen verdenking" in done.stdout and "vak 1-1 (C0101)" in done.stdout
    assert stat.S_IMODE((tmp_path / "hot.gpkg").stat().st_mode) == 0o600
    assert all(row["neighbours"] == (8 if 0 < r < 15 and 0 < c < 15 else 5 if (0 < r < 15) != (0 < c < 15) else 3)
               for row, (r, c) in zip(rows, [(r, c) for r in range(SIDE) for c in range(SIDE)]))


def test_correction_lets_fewer_stand_out(lattice, tmp_path):
    corrected = facts(lattice, tmp_path / "a.gpkg", "--field", "n")
    plain = facts(lattice, tmp_path / "b.gpkg", "--field", "n", "--uncorrected")
    assert corrected["hot"] < plain["hot"] and corrected["expected_by_chance"] == pytest.approx(0.05 * SIDE * SIDE)
    assert corrected["moran_z"] > 3


def test_local_moran_has_its_own_classes(lattice, tmp_path):
    run(lattice, tmp_path / "hot.gpkg", "--field", "n", "--id", "code", "--statistic", "moran", "--lang", "en")
    rows = table(tmp_path / "hot.gpkg")
    assert {row["class"] for row in rows} <= {0, 1, 2, 3, 4}
    assert next(row for row in rows if row["id"] == "C0101")["class_text"] == "high among high"


@pytest.mark.parametrize("how", [["--p", "own"], ["--p", "analytic"], ["--neighbours", "rook"], ["--neighbours", "150m"],
                                 ["--neighbours", "8"]])
def test_other_ways_agree_on_the_warm_corner(how, lattice, tmp_path):
    run(lattice, tmp_path / "hot.gpkg", "--field", "n", "--id", "code", "--uncorrected", *how)
    rows = {row["id"]: row for row in table(tmp_path / "hot.gpkg")}
    assert rows["C0101"]["class"] == 3 and rows["C0101"]["p"] < 0.01


def test_threads_make_no_difference(lattice, tmp_path):
    outcomes = set()
    for threads in (1, 2, 4):
        run(lattice, tmp_path / f"{threads}.gpkg", "--field", "n", "--threads", threads)
        outcomes.add(json.dumps([{k: v for k, v in row.items() if k != "geom"} for row in table(tmp_path / f"{threads}.gpkg")]))
    assert len(outcomes) == 1


def test_points_are_counted_and_divided(lattice, tmp_path):
    points = tmp_path / "p.csv"
    places = [(X + 50 + CELL * c, Y + 50 + CELL * r) for r in range(SIDE) for c in range(SIDE) for _ in range(int(values()[r, c]))]
    points.write_text("x,y\n" + "\n".join(f"{x},{y}" for x, y in places) + "\n100000,400000\n")
    counted = facts(lattice, tmp_path / "a.gpkg", "--count", points, "--id", "code")
    assert (counted["counted"], counted["uncounted"]) == (len(places), 1)
    rows = table(tmp_path / "a.gpkg")
    assert [row["events"] for row in rows] == list(values().ravel())
    told = run(lattice, tmp_path / "c.gpkg", "--count", points, "--id", "code").stdout
    hottest = re.findall(r"C\d{4}: waarde (\S+), z", told)
    assert hottest and all(re.fullmatch(r"\d+", value) for value in hottest), "a count is whole"
    run(lattice, tmp_path / "b.gpkg", "--count", points, "--id", "code", "--per-field", "adressen")
    rated = table(tmp_path / "b.gpkg")
    mean = values().sum() / (20 * SIDE * SIDE) * 1000
    for row in rated:  # shrunk towards the mean
        crude = row["events"] / 20 * 1000
        assert min(crude, mean) - 1e-9 <= row["value"] <= max(crude, mean) + 1e-9


def test_islands_and_missing_values_are_told(tmp_path):
    cells = [(square(X + CELL * c, Y), {"n": c * c % 7}) for c in range(10)]
    cells += [(square(X + 5000, Y + 5000), {"n": 3}), (square(X + CELL * 10, Y), {"n": None})]
    found = facts(layer(tmp_path / "v.geojson", cells), tmp_path / "hot.gpkg", "--field", "n", "--statistic", "moran")
    assert (found["islands"], found["missing"]) == (1, 1)
    assert [row["class"] for row in table(tmp_path / "hot.gpkg") if row["neighbours"] == 0] == [6]


def test_the_made_up_municipality(tmp_path):
    done = run(f"{DATA / 'brk.gpkg'}|layername=perceel", tmp_path / "hot.gpkg", "--count", DATA / "meldingen.csv", "--tolerance", 0.01)
    assert "Moran's I" in done.stdout and (tmp_path / "hot.gpkg").exists()


@pytest.mark.parametrize("arguments, says", [
    ([], "field"), (["--field", "n", "--count", "x.csv"], "field"), (["--field", "bestaat_niet"], "bestaat_niet"),
    (["--field", "adressen"], "same"), (["--field", "n", "--neighbours", "0m"], "band"),
    (["--field", "n", "--neighbours", "400"], "fewer neighbours"), (["--field", "n", "--target-crs", "EPSG:4326"], "degree"),
    (["--field", "n", "--tolerance", "-1"], "tolerance"), (["--field", "n", "--where", "n > 1000"], "no areas"),
    (["--count", "nergens.csv"], "nergens.csv"),
    (["--field", "naam"], "field naam holds text, and the value of an area is a number"),
    (["--field", "n", "--per-field", "code"], "field code holds text, and what a value is divided by is a number"),
])
def test_what_is_wrong_is_said(arguments, says, lattice, tmp_path):
    done = run(lattice, tmp_path / "hot.gpkg", *arguments, code=FAILED)
    assert says in done.stderr and not (tmp_path / "hot.gpkg").exists()


@pytest.mark.parametrize("arguments", [["--statistic", "iets"], ["--neighbours", "veel"], ["--p", "groot"], ["--classification", "x"]])
def test_wrong_use(arguments, lattice, tmp_path):
    run(lattice, tmp_path / "hot.gpkg", "--field", "n", *arguments, code=USAGE)


def test_areas_that_do_not_touch_are_told_what_to_do(tmp_path):
    cells = [(square(X + 3 * CELL * c, Y), {"n": c * c % 7}) for c in range(10)]
    done = run(layer(tmp_path / "v.geojson", cells), tmp_path / "hot.gpkg", "--field", "n", code=FAILED)
    assert "no two of the 10 areas are neighbours" in done.stderr and "nearest" in done.stderr


def test_areas_are_not_written_over(lattice, tmp_path):
    (tmp_path / "hot.gpkg").symlink_to(lattice)
    before = pathlib.Path(lattice).read_bytes()
    done = run(lattice, tmp_path / "hot.gpkg", "--field", "n", "--overwrite", code=FAILED)
    assert "is one of the files that were read, and would be replaced" in done.stderr
    assert pathlib.Path(lattice).read_bytes() == before and (tmp_path / "hot.gpkg").is_symlink()


def test_a_geopackage_has_its_ending(lattice, tmp_path):
    assert "GeoPackage" in run(lattice, tmp_path / "hot", "--field", "n", code=USAGE).stderr


def test_existing_files_stay(lattice, tmp_path):
    (tmp_path / "hot.gpkg").write_text("mine")
    run(lattice, tmp_path / "hot.gpkg", "--field", "n", code=FAILED)
    assert (tmp_path / "hot.gpkg").read_text() == "mine"
