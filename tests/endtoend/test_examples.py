"""The three models on the made-up municipality, every figure of the result beside one that was
calculated independently (reference.py): the twin, committed, of the tests on real data."""

import json
import math

import pytest
from shapely import wkb

import compare
import flow
import reference

MODELS = ("bedrijventerreinen", "vakantieparken", "buitengebied")


@pytest.fixture(scope="module", params=MODELS)
def pair(request, tmp_path_factory):
    """(what riskmap wrote, what the reference found) for one model."""
    flow.program("riskmap-score")
    model = flow.EXAMPLES / "models" / f"{request.param}.json"
    result = tmp_path_factory.mktemp(request.param) / "result.gpkg"
    return flow.score(model, result), reference.Reference(model, flow.AS_OF)


def test_areas_are_those_of_the_layer(pair):
    found, expected = pair
    assert [row["fid"] for row in found["areas"]] == expected.ids
    assert [row["id"] for row in found["areas"]] == expected.labels
    for row, shape in zip(found["areas"], expected.areas):
        # a GeoPackage geometry: 40 bytes of header with an envelope, then WKB
        written = wkb.loads(row["geom"][40:])
        assert abs(written.area - shape.area) <= 1e-6 and written.symmetric_difference(shape).area <= 1e-6


def test_account_of_every_layer(pair):
    found, expected = pair
    flow.check_account(found)
    for row in found["layers"]:
        assert {key: row[key] for key in expected.accounts[row["name"]]} == expected.accounts[row["name"]], row["name"]


def test_values_features_and_missing(pair):
    compare.values(*pair)


def test_scaled_values(pair):
    compare.scaled(*pair)


def test_contributions_coverage_and_scores(pair):
    compare.scores(*pair)


def test_ranks_classes_and_pillars(pair):
    compare.standing(*pair)


def test_contributions_add_up_to_the_score(pair):
    compare.adds_up(pair[0])


def test_scaling_parameters_and_priors_are_stored(pair):
    found, expected = pair
    for row in found["indicators"]:
        values = [v for v in expected.outcomes[row["name"]][0] if not math.isnan(v)]
        if row["scale"] == "minmax":
            assert row["scale_a"] == pytest.approx(min(values), abs=1e-9)
            assert row["scale_b"] == pytest.approx(max(values), abs=1e-9)
        if row["measure"] == "rate":
            assert (row["prior_mean"], row["prior_variance"]) == pytest.approx(expected.prior[row["name"]], abs=1e-9)


def test_view_of_reasons_joins_all(pair):
    found, _ = pair
    assert len(found["reasons"]) == len(found["contributions"]) == len(found["areas"]) * len(found["indicators"])
    first = found["reasons"][0]
    assert first["label"] and first["why"] and first["pillar"]


def test_planted_truth_is_found(pair):
    """The areas in which the generator planted trouble rank above the others: of all pairs of a planted
    and another area nine in ten stand in the right order."""
    found, _ = pair
    truth = json.loads((flow.EXAMPLES / "data" / "truth.json").read_text(encoding="utf-8"))
    planted = {area["id"] for area in truth["areas"] if area["planted"]}
    rank = {row["id"]: row["rank"] for row in found["areas"] if row["rank"]}
    those, others = [rank[k] for k in rank if k in planted], [rank[k] for k in rank if k not in planted]
    assert those and others
    right = sum((a < b) + (a == b) / 2 for a in those for b in others)
    assert right / (len(those) * len(others)) >= 0.9
