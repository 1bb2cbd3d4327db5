"""A checklist from Python is that of the program; gaps, layers in memory, how it looks."""

import datetime

import pytest

import riskmap

from . import programs

PARKS = "examples/models/vakantieparken.json"
MODELS = ["vakantieparken", "bedrijventerreinen", "buitengebied"]


def compare(checklist, expected):
    assert checklist.problems == expected["problems"]
    for kind in ("layers", "indicators", "findings"):
        ours, theirs = getattr(checklist, kind), expected[kind]
        assert len(ours) == len(theirs)
        for one, wanted in zip(ours, theirs):
            if kind == "layers":
                wanted["fields"] = wanted["fields"].split(", ") if wanted["fields"] else []
            found = {name: getattr(one, name) for name in wanted if hasattr(one, name)}
            if kind == "layers":
                found["fields"] = list(found["fields"])
            found = {name: programs.as_json(value) for name, value in found.items()}
            assert len(found) > 2 and found == {name: wanted[name] for name in found}


@pytest.mark.parametrize("model", MODELS)
def test_as_the_program_finds_it(root, model):
    expected = programs.told("riskmap-check", f"examples/models/{model}.json")
    checklist = riskmap.check(f"examples/models/{model}.json")
    compare(checklist, expected)
    assert checklist.ok and checklist and checklist.findings == ()


def test_gaps_as_the_program_finds_them(root):
    expected = programs.told("riskmap-check", PARKS, "--layer", "wegen=nowhere.gpkg", codes=(3,))
    checklist = riskmap.check(PARKS, {"wegen": "nowhere.gpkg"})
    compare(checklist, expected)
    assert not checklist and not checklist.ok and checklist.problems == 2
    assert checklist["wegen"].state == "missing" and checklist["parken"].state == "present"
    assert str(checklist.findings[0]) == 'layer "wegen": nowhere.gpkg does not exist'
    assert checklist.effect.fallen == 1 and 0 < checklist.effect.lost_share < 0.1
    broken = [indicator for indicator in checklist.indicators if indicator.problem]
    assert [(one.name, one.problem_layer) for one in broken] == [("nabij_snelweg", "wegen")]


def test_fields_are_measured_unless_not_asked(root):
    checklist = riskmap.check(PARKS, as_of="2026-11-01")
    dates = [field for field in checklist.fields if field.layer == "meldingen" and field.field == "datum"]
    assert [field.rows for field in dates] == [3009] and dates[0].enough
    assert checklist["meldingen"].data_date == datetime.date(2026, 10, 31)
    assert checklist["meldingen"].dated_by == "field datum" and checklist["meldingen"].max_age_days is None
    assert "parkcode" in checklist["parken"].fields and checklist["parken"].areas
    quick = riskmap.check(PARKS, complete_from=None)
    assert quick.fields == () and quick.effect is None and quick["meldingen"].data_date is None and quick.ok


def test_what_is_incomplete_and_too_old(root):
    model = riskmap.Model(PARKS).to_dict()
    model["layers"]["meldingen"]["max_age_days"] = 30
    checklist = riskmap.check(model, as_of="2027-06-01", complete_from=1.0)
    assert checklist["meldingen"].state == "too-old" and checklist["meldingen"].too_old
    assert checklist["parken"].state == "incomplete"
    assert checklist.ok  # it can be computed


def test_layers_in_memory_are_there(root):
    model = riskmap.Model(PARKS).to_dict()
    for name in ("wegen", "meldingen"):
        model["layers"][name]["source"] = "nowhere.gpkg"
    reports = riskmap.read("examples/data/meldingen.csv", crs=28992)
    assert not riskmap.check(model).ok
    roads = riskmap.read("examples/data/wegen.gpkg", "wegdeel")
    checklist = riskmap.check(model, {"wegen": roads, "meldingen": reports})
    assert checklist.ok, checklist
    assert checklist["meldingen"].data_date == datetime.date(2026, 10, 31)
    lacking = riskmap.check(model, {"meldingen": roads, "wegen": reports})
    assert not lacking.ok and {lacking["wegen"].state, lacking["meldingen"].state} == {"lacking"}


def test_shown(root):
    shown = repr(riskmap.check(PARKS, {"wegen": "nowhere.gpkg"}))
    assert "  ONTBREEKT    wegen" in shown and "  FOUT   Nabij een snelweg (nearest): laag wegen" in shown
    assert '  - layer "wegen": nowhere.gpkg does not exist' in shown
    assert "1 indicator valt weg: 96% van het gewicht blijft over" in shown
    assert shown.endswith("2 lagen en indicatoren zijn niet in orde.")
    english = repr(riskmap.check(PARKS, language="en"))
    assert english.endswith("This model can be computed.") and "2026-10-31 (field datum)" in english


@pytest.mark.parametrize(
    "options, message",
    [
        ({"layers": {"weg": "x.gpkg"}}, "its layers are: parken"),
        ({"complete_from": 1.5}, "complete_from is 0 to 1"),
        ({"complete_from": float("nan")}, "complete_from is 0 to 1"),
        ({"threads": -1}, "threads"),
        ({"as_of": "2026-13-01"}, "as_of"),
    ],
)
def test_wrong_options(root, options, message):
    with pytest.raises(riskmap.Error, match=message):
        riskmap.check(PARKS, **options)


def test_progress_may_stop(root):
    with pytest.raises(riskmap.Cancelled):
        riskmap.check(PARKS, progress=lambda fraction, message: True)
