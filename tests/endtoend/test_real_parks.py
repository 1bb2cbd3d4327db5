"""Real data: the 342 holiday parks of Overijssel and the 22 business parks of Rijssen-Holten with the
583,365 addresses of the province, Natura 2000, the built-up areas and the parks' own building years.
Every figure beside an independent calculation, feature by feature. Skips where RISKMAP_SHARED is absent;
test_examples.py does the same on made-up data. No name is read, and none is printed."""

import json
import os
import pathlib
import shutil

import pytest
from shapely import wkb

import compare
import flow
import reference

ADDRESSES = 583365


def indicator(name, measure, of=None, weight=1, scale="minmax", direction="+", pillar="structure", **more):
    layer = {"of": of} if of else {}
    return {"name": name, "measure": measure, **layer, "pillar": pillar, "scale": scale, "weight": weight,
            "direction": direction, "label": name, "why": "toets", **more}


EVIDENCE = [
    indicator("adressen", "count", "adressen", scale="percentile"),
    indicator("adressen_rondom", "count", "adressen", within_m=250, scale="percentile", weight=0.5),
    indicator("adressen_per_km2", "density", "adressen", scale="zscore", direction="-"),
    indicator("aandeel_standplaatsen", "share", "adressen", where="typeadresseerbaarobject <> 'VBO'"),
    indicator("standplaatsen", "rate", "adressen", where="typeadresseerbaarobject = 'STA'", per="adressen",
              per_units=100, min_per=5, pillar="signals"),
    indicator("huisnummer", "mean", "adressen", field="huisnummer", weight=0.1),
    indicator("huisnummer_midden", "median", "adressen", field="huisnummer", weight=0.1),
    indicator("natura2000", "cover", "natuur", scale="fixed", bounds=[0, 1]),
    indicator("afstand_tot_kom", "nearest", "kom"),
    indicator("nabij_kom", "nearest", "kom", decay_m=1000, weight=0.2, direction="-"),
]


def model(folder, areas, own):
    layers = {
        "gebieden": areas,
        "adressen": {"source": str(flow.shared("addresses", "bag_adressen_overijssel_2018-11.csv.gz")),
                     "classification": "open"},
        "natuur": {"source": str(flow.shared("nature", "natura2000_natura.geojson")), "classification": "open"},
        "kom": {"source": str(flow.shared("boundaries", "top10nl_plaats_overijssel.gml.gz")),
                "where": "bebouwdeKom = 'ja'", "crs": "EPSG:28992", "classification": "open"},
    }
    path = folder / "model.json"
    path.write_text(json.dumps({
        "riskmap": 1, "name": "echte-parken", "purpose": "toets", "crs": "EPSG:28992", "layers": layers,
        "areas": {"layer": "gebieden"}, "indicators": [*EVIDENCE, *own]}))
    return path


def holiday_parks(folder):
    source = flow.shared("holiday-parks", "vakantieparken_final.zip")
    areas = {"source": str(source), "where": "provincien = 'Overijssel'", "classification": "open"}
    return 342, model(folder, areas, [
        indicator("ouderdom", "age", field="bouwjaar_m", scale="percentile"),
        indicator("oppervlakte", "attribute", field="area", weight=0)])


def business_parks(folder):
    source = flow.shared("business-parks", "ibis_rijssen_holten_2017.geojson")
    areas = {"source": str(source), "classification": "open"}
    return 22, model(folder, areas, [indicator("bruto", "attribute", field="OPPBRUTO"),
                                     indicator("ouderdom", "age", field="JAAR")])


class Real(tuple):
    """(how many areas there must be, what riskmap wrote, what the reference found)"""

    def __repr__(self):
        return "real places, not printed"


@pytest.fixture(scope="module", params=[holiday_parks, business_parks], ids=["holiday-parks", "business-parks"])
def real(request, tmp_path_factory):
    flow.program("riskmap-score")
    folder = tmp_path_factory.mktemp("real")
    count, path = request.param(folder)
    found = flow.score(path, folder / "result.gpkg", "--threads", 1)
    same = flow.comparable(flow.score(path, folder / "two.gpkg", "--threads", 2)) == flow.comparable(found)
    assert same, "one and two threads differ"
    yield Real((count, found, reference.Reference(path, flow.AS_OF)))
    shutil.rmtree(folder)  # scores of real places are not left lying about


def test_all_areas_and_all_addresses(real):
    count, found, expected = real
    assert len(found["areas"]) == len(expected.areas) == count
    assert next(row["total"] for row in found["layers"] if row["name"] == "adressen") == ADDRESSES


def test_account_of_every_layer(real):
    _, found, expected = real
    flow.check_account(found)
    for row in found["layers"]:
        assert {key: row[key] for key in expected.accounts[row["name"]]} == expected.accounts[row["name"]], row["name"]


def test_the_way_to_rd_is_on_record(real):
    """Both calculations take the same operation, and the result says which and how accurate it is."""
    _, found, _ = real
    layer = {row["name"]: row for row in found["layers"]}
    for name in ("adressen", "natuur"):
        assert layer[name]["crs_operation"].endswith(reference.operation_name())
        assert (layer[name]["crs_accuracy_m"] < 0.01) == (layer[name]["missing_grid"] is None)
    assert layer["kom"]["crs_operation"] is None


def test_counts_equal_exactly(real):
    _, found, expected = real
    for name in ("adressen", "adressen_rondom"):
        values = compare.column(found, name, "value")
        unequal = sum(a != b for a, b in zip(values, expected.outcomes[name][0], strict=True))
        assert unequal == 0, f"{name}: {unequal} areas"
    assert sum(expected.outcomes["adressen"][0]) > 500  # there is something to count


def test_cover_distance_and_age(real):
    _, found, expected = real
    for name, tolerance in (("natura2000", 1e-9), ("afstand_tot_kom", 1e-6), ("ouderdom", 0)):
        values, wanted = compare.column(found, name, "value"), expected.outcomes[name][0]
        away = max((abs(a - b) for a, b in zip(values, wanted, strict=True) if a is not None), default=0.0)
        missing = sum((a is None) != (b != b) for a, b in zip(values, wanted))
        assert (missing, away <= tolerance) == (0, True), f"{name}: {missing} missing otherwise, {away:g} away"


def test_every_value_scaled_value_contribution_and_score(real):
    _, found, expected = real
    compare.values(found, expected)
    compare.scaled(found, expected)
    compare.scores(found, expected)
    compare.standing(found, expected)
    compare.adds_up(found)


def test_official_grid_is_used_where_it_is(tmp_path):
    """With the grids of RDNAPTRANS2018 the best operation is taken: 1 mm, nothing missing. Without them
    places lie up to 25 cm off."""
    grids = flow.shared("rdnaptrans", "nl_nsgi_rdtrans2018.tif").parent
    source = str(flow.shared("business-parks", "ibis_rijssen_holten_2017.geojson"))
    path = tmp_path / "model.json"
    path.write_text(json.dumps({
        "riskmap": 1, "name": "parken", "purpose": "toets", "areas": {"layer": "gebieden"},
        "layers": {"gebieden": {"source": source, "classification": "open"}},
        "indicators": [indicator("bruto", "attribute", field="OPPBRUTO")]}))
    helmert = flow.score(path, tmp_path / "helmert.gpkg", environment={"PROJ_DATA": "/usr/share/proj"})
    best = flow.score(path, tmp_path / "best.gpkg", "--only-best",
                      environment={"PROJ_DATA": f"{grids}:/usr/share/proj"})
    if helmert["layers"][0]["missing_grid"] is None:
        pytest.skip("the grids are on this machine already: there is nothing to compare with")
    assert (best["layers"][0]["crs_accuracy_m"], best["layers"][0]["missing_grid"]) == (0.001, None)
    for a, b in zip(best["areas"], helmert["areas"], strict=True):
        centres = [wkb.loads(row["geom"][40:]).centroid for row in (a, b)]
        assert 0.0001 < centres[0].distance(centres[1]) < 0.25


def test_nothing_is_written_beside_the_data(tmp_path):
    """Drivers like to leave templates and indexes beside what they read."""
    for parts in (("boundaries", "top10nl_plaats_overijssel.gml.gz"),
                  ("business-parks", "ibis_rijssen_holten_2017.geojson")):
        shutil.copy(flow.shared(*parts), tmp_path)
    before = sorted(os.listdir(tmp_path))
    done = flow.run("riskmap-inspect", tmp_path / "top10nl_plaats_overijssel.gml.gz", "--crs", "EPSG:28992")
    assert done.returncode == 0, done.stderr
    path = pathlib.Path(tmp_path, "model.json")
    path.write_text(json.dumps({
        "riskmap": 1, "name": "parken", "purpose": "toets",
        "layers": {"gebieden": {"source": "ibis_rijssen_holten_2017.geojson", "classification": "open"},
                   "kom": {"source": "top10nl_plaats_overijssel.gml.gz", "crs": "EPSG:28992", "classification": "open"}},
        "areas": {"layer": "gebieden"}, "indicators": [indicator("afstand_tot_kom", "nearest", "kom")]}))
    flow.score(path, tmp_path / "result.gpkg")
    assert sorted(os.listdir(tmp_path)) == sorted([*before, "model.json", "result.gpkg"])
