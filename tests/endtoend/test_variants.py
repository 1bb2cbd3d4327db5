"""What the three models leave out: every measure with its options, every scale, both ways to combine and
both ways with missing values, on the made-up municipality and beside the same reference."""

import json

import pytest

import compare
import flow
import reference

DATA = flow.EXAMPLES / "data"


def source(name, **more):
    return {"source": str(DATA / name), "classification": "open", **more}


LAYERS = {
    "parken": source("vakantieparken.geojson"),
    "terreinen": source("bedrijventerreinen.gpkg", layer="bedrijventerrein"),
    "panden": source("bag-light.gpkg", layer="pand"),
    "adressen": source("bag-light.gpkg", layer="verblijfsobject"),
    "wegen": source("wegen.gpkg", layer="wegdeel"),
    "natuur": source("natura2000.geojson"),
    "havens": source("havens.geojson"),
    "meldingen": source("meldingen.csv", x="x", y="y", crs="EPSG:28992", time="datum"),
}


def indicator(name, measure, of=None, scale="minmax", direction="+", weight=1, pillar="structure", **more):
    layer = {"of": of} if of else {}
    return {"name": name, "measure": measure, **layer, "scale": scale, "direction": direction, "weight": weight,
            "pillar": pillar, "label": name, "why": "toets", **more}


EVERY_OPTION = [
    indicator("wegen_door_gebied", "count", "wegen", by="intersects", scale="percentile"),
    indicator("panden_in_of_deels", "count", "panden", by="intersects", scale="fixed", bounds=[0, 40]),
    indicator("panden_rondom", "count", "panden", by="intersects", within_m=75, weight=0.5),
    indicator("panden_dicht_rondom", "density", "panden", within_m=300, direction="-"),
    indicator("natuur_rondom", "cover", "natuur", within_m=500, scale="fixed", bounds=[0, 1]),
    indicator("havens_rondom", "cover", "havens", within_m=1000, scale="fixed", bounds=[0, 1], weight=0.3),
    indicator("meldingen_in_2024", "count", "meldingen", pillar="signals", **{"from": "2024-01-01", "until": "2024-12-31"}),
    indicator("meldingen_dicht", "density", "meldingen", pillar="signals", half_life_days=200, scale="percentile"),
    indicator("meldingen_kaal", "rate", "meldingen", pillar="signals", per="adressen", shrink="none", per_units=1000),
    indicator("meldingen_gekrompen", "rate", "meldingen", pillar="signals", per="panden", half_life_days=365,
              within_m=100, min_per=3, until="2026-06-30"),
    indicator("aandeel_drugs", "share", "meldingen", pillar="signals", where="categorie = 'drugs'",
              within_m=200, until="2026-06-30", direction="-"),
    indicator("oppervlakte_som", "sum", "adressen", field="oppervlakte", within_m=50),
    indicator("oppervlakte_midden", "median", "adressen", field="oppervlakte", within_m=100, weight=0.7),
    indicator("bouwjaar_gemiddeld", "mean", "panden", field="bouwjaar", by="intersects", direction="-"),
    indicator("ouderdom_rondom", "age", "panden", field="bouwjaar", within_m=60, weight=0),
    indicator("leeg", "count", "adressen", where="status = 'bestaat niet'", weight=0.4),
]


def other_scale(scale):
    return [{**{k: v for k, v in one.items() if k != "bounds"}, "scale": scale} for one in EVERY_OPTION]


SELDOM_MISSING = [one for one in EVERY_OPTION if one["scale"] == "fixed" or one["name"] == "meldingen_kaal"]

CASES = {
    "linear": (EVERY_OPTION, {"min_coverage": 0.7, "classes": [0.1, 0.25, 0.5]}),
    "geometric": (EVERY_OPTION, {"aggregate": "geometric", "floor": 0.05}),
    "nothing reweighted": (SELDOM_MISSING, {"missing": "leave", "min_coverage": 0}),
    "z-scores": (other_scale("zscore"), {"min_coverage": 0.5}),
    "ranks": (other_scale("rank"), {}),
}


@pytest.fixture(scope="module", params=["parken", "terreinen"])
def areas(request):
    return request.param


@pytest.mark.parametrize("case", CASES)
def test_every_figure(areas, case, tmp_path):
    flow.program("riskmap-score")
    indicators, rule = CASES[case]
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"riskmap": 1, "name": "varianten", "purpose": "toets", "layers": LAYERS,
                                "areas": {"layer": areas}, "indicators": indicators, "score": rule}))
    found, expected = flow.score(path, tmp_path / "result.gpkg"), reference.Reference(path, flow.AS_OF)
    flow.check_account(found)
    compare.values(found, expected)
    compare.scaled(found, expected)
    compare.scores(found, expected)
    compare.standing(found, expected)
    compare.adds_up(found)
    assert any(row["score"] is not None for row in found["areas"])
    constant = {row["name"] for row in found["indicators"] if row["name"] == "leeg"}
    assert flow.issue_codes(found).count("constant") >= len(constant)
