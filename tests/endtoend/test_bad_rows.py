"""Features that are no good: each is a row in `issues`, is left out or repaired, and the rest goes on."""

import math

import pytest

import flow
import rawgpkg as raw

X, Y = 200000, 475000
SHIFTED = X + 5000


def ring(x, y, size=100):
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


def deeper(points, *more):
    return [(*point, *more) for point in points]


# name: (geometry, codes that must be reported, whether it is used)
POLYGONS = {
    "sound": (raw.polygon(ring(X, Y)), [], True),
    "nan": (raw.polygon([(X, Y), (math.nan, Y), (X, Y + 9), (X, Y)]), ["not-finite"], False),
    "infinite": (raw.polygon([(X, Y), (X + 9, math.inf), (X, Y + 9), (X, Y)]), ["not-finite"], False),
    "null": (None, ["no-geometry"], False),
    "empty": (raw.polygon(), ["no-geometry"], False),
    "unclosed": (raw.polygon(ring(X, Y)[:4]), ["unclosed"], False),
    "half a millimetre open": (raw.polygon([*ring(X + 200, Y)[:4], (X + 200, Y + 0.0005)]), ["closed"], True),
    "bow tie": (raw.polygon([(X + 400, Y), (X + 500, Y + 100), (X + 500, Y), (X + 400, Y + 100), (X + 400, Y)]),
                ["repaired"], True),
    "spike": (raw.polygon([(X + 600, Y), (X + 700, Y), (X + 700, Y + 100), (X + 700, Y + 400), (X + 700, Y + 100),
                           (X + 600, Y + 100), (X + 600, Y)]), ["repaired"], True),
    "hole outside its shell": (raw.polygon(ring(X + 800, Y), ring(X + 950, Y, 20)), ["repaired"], True),
    "curve": (raw.curve_polygon((X + 1200, Y), (X + 1250, Y + 50), (X + 1200, Y + 100), (X + 1150, Y + 50),
                                (X + 1200, Y)), [], True),
    "z": (raw.polygon(deeper(ring(X + 1400, Y), 7), kind=raw.POLYGON + raw.Z), [], True),
    "m": (raw.polygon(deeper(ring(X + 1600, Y), 7), kind=raw.POLYGON + raw.M), [], True),
    "zm": (raw.polygon(deeper(ring(X + 1800, Y), 7, 8), kind=raw.POLYGON + raw.Z + raw.M), [], True),
    "nan in z": (raw.polygon(deeper(ring(X + 2000, Y), math.nan), kind=raw.POLYGON + raw.Z), [], True),
    "three points": (raw.polygon([(X, Y), (X + 1, Y), (X, Y)]), ["too-few-points"], False),
    "cut off": (raw.polygon(ring(X, Y))[:40], ["malformed"], False),
    "no geometry at all": (b"\x01\x02\x03", ["malformed"], False),
    "mixed": (raw.collection(raw.point(X, Y), raw.polygon(ring(X, Y))), ["mixed-collection"], False),
    "two polygons": (raw.collection(raw.polygon(ring(X + 2200, Y)), raw.polygon(ring(X + 2400, Y))), [], True),
    "on another continent": (raw.polygon(ring(X + 4000000, Y)), ["outside-crs"], False),
    "flat": (raw.polygon([(X, Y), (X + 100, Y), (X + 50, Y), (X, Y)]), ["not-repairable"], False),
}
NOT_POLYGONS = {
    "point": (raw.point(X, Y), ["not-polygon"], False),
    "line": (raw.line((X, Y), (X + 10, Y)), ["not-polygon"], False),
}
POINTS_AND_LINES = {
    "point": (raw.point(X + 5, Y + 5), [], True),
    "point with z and m": (raw.point(X + 5, Y + 5, 1, 2, kind=raw.POINT + raw.Z + raw.M), [], True),
    "nan point": (raw.point(math.nan, Y), ["not-finite"], False),
    "empty point": (raw.point(math.nan, math.nan), ["no-geometry"], False),
    "line": (raw.line((X + 5, Y + 5), (X + 9, Y + 9), (X + 12, Y + 9)), [], True),
    "line of one point": (raw.line((X, Y)), ["too-few-points"], False),
    "infinite line": (raw.line((X, Y), (-math.inf, Y)), ["not-finite"], False),
    "points": (raw.collection(raw.point(X + 5, Y + 5), raw.point(X + 6, Y + 6), kind=raw.MULTIPOINT), [], True),
}


def codes_by_name(found, cases, layer):
    """{case: codes}: features are numbered from 1 in the order in which they were written."""
    codes = {name: [] for name in cases}
    for row in found["issues"]:
        if row["layer"] == layer and row["feature"] > 0:
            codes[list(cases)[row["feature"] - 1]].append(row["code"])
    return codes


def as_areas(folder, cases):
    raw.write(folder / "slecht.gpkg", "slecht", [(wkb, name) for name, (wkb, _, _) in cases.items()])
    return flow.simple_model(
        folder, areas={"layer": "slecht", "id": "code"},
        layers={"slecht": {"source": "slecht.gpkg", "classification": "open"},
                "punten": {"source": "punten.csv", "x": "x", "y": "y", "crs": "EPSG:28992", "classification": "open"}},
        indicators=[{"name": "aantal", "measure": "count", "of": "punten", **flow.COMMON, "scale": "fixed",
                     "bounds": [0, 10]}])


def test_areas(tmp_path):
    cases = {**POLYGONS, **NOT_POLYGONS}
    found = flow.score(as_areas(tmp_path, cases), tmp_path / "r.gpkg")
    flow.check_account(found)
    assert codes_by_name(found, cases, "slecht") == {name: codes for name, (_, codes, _) in cases.items()}
    # all keep a row; those without a usable shape have no score, no rank, no class, no shape
    assert [row["id"] for row in found["areas"]] == list(cases)
    for row in found["areas"]:
        used = cases[row["id"]][2]
        for column in ("score", "rank", "class", "aantal", "geom"):
            assert (row[column] is not None) == used, (row["id"], column)
        assert row["coverage"] == (1.0 if used else 0.0)
    account = found["layers"][0]
    assert account["total"] == account["read"] == len(cases)
    assert account["used"] == sum(used for _, _, used in cases.values())


@pytest.mark.parametrize("measure", ["count", "nearest", "density"])
def test_evidence_of_any_kind(measure, tmp_path):
    cases = {**POLYGONS, **POINTS_AND_LINES}
    check_evidence(tmp_path, cases, {"measure": measure, "of": "slecht"})


def test_evidence_that_must_be_polygons(tmp_path):
    cases = {**POLYGONS, **NOT_POLYGONS}
    check_evidence(tmp_path, cases, {"measure": "cover", "of": "slecht"})


def check_evidence(folder, cases, measure):
    """The bad features lie over the first of the four areas."""
    raw.write(folder / "slecht.gpkg", "slecht", [(wkb, name) for name, (wkb, _, _) in cases.items()])
    flow.geojson(folder / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(X - 100, Y - 100, 5000)), code="A"),
                  flow.feature(flow.polygon(flow.square(X - 10000, Y, 100)), code="B")])
    model = flow.simple_model(
        folder, areas={"layer": "gebieden", "id": "code"},
        layers={"gebieden": {"source": "gebieden.geojson", "classification": "open"},
                "slecht": {"source": "slecht.gpkg", "classification": "open"}},
        indicators=[{"name": "maat", **flow.COMMON, **measure}])
    found = flow.score(model, folder / "r.gpkg")
    flow.check_account(found)
    assert codes_by_name(found, cases, "slecht") == {name: codes for name, (_, codes, _) in cases.items()}
    used = sum(used for _, _, used in cases.values())
    account = next(row for row in found["layers"] if row["name"] == "slecht")
    assert (account["read"], account["used"], account["rejected"]) == (len(cases), used, len(cases) - used)
    if measure["measure"] != "nearest":
        assert flow.contributions(found)[found["areas"][0]["fid"], "maat"]["features"] == used
    assert all(row["severity"] == "rejected" for row in found["issues"]
               if row["feature"] > 0 and not cases[list(cases)[row["feature"] - 1]][2])


def test_repair_tells_the_area_before_and_after(tmp_path):
    found = flow.score(as_areas(tmp_path, POLYGONS), tmp_path / "r.gpkg")
    message = next(row["message"] for row in found["issues"]
                   if row["feature"] == 1 + list(POLYGONS).index("hole outside its shell"))
    assert "9600.00 m2" in message and "10400.00 m2" in message


TEXT_ROWS = """nr;datum;soort;waarde;x;y
1;01-02-2025;s0;1,5;200010,00;475010,00
2;01-02-2025;s0;1,5;;475010,00
3;01-02-2025;s0;1,5;tweehonderd;475010,00
4;01-02-2025;s0;1,5;NaN;475010,00
5;01-02-2025;s0;1,5;2000100000;475010,00
6;;s0;1,5;200010,00;475010,00
7;31-02-2025;s0;1,5;200010,00;475010,00
8;01-02-2027;s0;1,5;200010,00;475010,00
9;01-02-2025;s0;veel;200010,00;475010,00
10;01-02-2025;s0;;200010,00;475010,00
11;01-02-2025;s0;1,5;200010,00
12;01-02-2025;s0;1,5;200010,00;475010,00;nog;twee
"""


def test_rows_of_text(tmp_path):
    (tmp_path / "punten.csv").write_text(TEXT_ROWS)
    model = flow.simple_model(tmp_path, indicators=[
        {"name": "recent", "measure": "count", "of": "punten", "half_life_days": 100, **flow.COMMON},
        {"name": "som", "measure": "sum", "of": "punten", "field": "waarde", **flow.COMMON}])
    found = flow.score(model, tmp_path / "r.gpkg")
    flow.check_account(found)
    codes = {row["feature"]: row["code"] for row in found["issues"] if row["feature"] > 0}
    assert codes == {2: "no-coordinate", 3: "no-coordinate", 4: "no-coordinate", 5: "outside-crs", 6: "no-date",
                     7: "no-date", 8: "future", 9: "no-number", 11: "no-coordinate", 12: "bad-row"}
    part = flow.contributions(found)
    first = found["areas"][0]["fid"]
    assert part[first, "som"]["value"] == 1.5
    assert (part[first, "som"]["features"], part[first, "som"]["missing"]) == (1, 2)
    assert part[first, "recent"]["features"] == 3


def test_floor_of_the_geometric_mean_is_reported(tmp_path):
    model = flow.simple_model(tmp_path, score={"aggregate": "geometric", "floor": 0.02})
    found = flow.score(model, tmp_path / "r.gpkg")
    floors = [row["message"] for row in found["issues"] if row["code"] == "floor"]
    assert len(floors) == 2  # the lowest of each indicator scales to 0
    for name, message in zip(("aantal", "ouderdom"), floors):
        assert f"({name})" in message and "in 1 areas" in message


def test_overlapping_areas_are_reported(tmp_path):
    flow.geojson(tmp_path / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(X + shift, Y)), code=code, naam=code, jaar=1990 + shift // 50)
                  for code, shift in (("A", 0), ("B", 50), ("C", 100))])
    found = flow.score(flow.simple_model(tmp_path), tmp_path / "r.gpkg")
    overlaps = [row for row in found["issues"] if row["code"] == "overlap"]
    assert len(overlaps) == 2  # A and C share a border alone
    assert all("5000.00 m2" in row["message"] for row in overlaps)


def test_zero_evidence_is_not_missing_evidence(tmp_path):
    """A layer without a feature in any area: counted as zero, scored, and said."""
    (tmp_path / "punten.csv").write_text("nr;datum;soort;waarde;x;y\n")
    indicators = [{"name": "aantal", "measure": "count", "of": "punten", **flow.COMMON, "scale": "fixed",
                   "bounds": [0, 5]},
                  {"name": "nabij", "measure": "nearest", "of": "punten", **flow.COMMON, "weight": 0.5},
                  {"name": "gemiddeld", "measure": "mean", "of": "punten", "field": "waarde", **flow.COMMON,
                   "weight": 0.1}]
    found = flow.score(flow.simple_model(tmp_path, indicators=indicators), tmp_path / "r.gpkg")
    assert "no-evidence" in flow.issue_codes(found, "punten")
    for row in found["areas"]:
        assert (row["aantal"], row["nabij"], row["gemiddeld"], row["score"]) == (0.0, None, None, 0.0)
        assert row["coverage"] == pytest.approx(1 / 1.6)


def test_missing_values_and_coverage(tmp_path):
    """Below min_coverage no score, no rank, no class, and the screen says how many and why."""
    flow.geojson(tmp_path / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(X + 200 * k, Y)), code=f"A{k}", naam="", jaar=year)
                  for k, year in enumerate((1970, 9999, None, 1990))])
    model = flow.simple_model(tmp_path, score={"min_coverage": 0.6})
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--as-of", flow.AS_OF)
    assert done.returncode == 0, done.stderr
    found = flow.tables(tmp_path / "r.gpkg")
    assert [row["ouderdom"] for row in found["areas"]] == [56.0, None, None, 36.0]
    assert [row["rank"] is None for row in found["areas"]] == [False, True, True, False]
    assert [row["class"] is None and row["score"] is None for row in found["areas"]] == [False, True, True, False]
    assert "2 niet: 0 zonder bruikbare geometrie, 2 met te weinig gegevens" in done.stdout
