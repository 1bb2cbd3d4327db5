"""The model reader and the published JSON Schema must come to the same verdict."""

import copy
import json
import os
import pathlib
import random
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "examples" / "models" / "riskmap-model.schema.json"
VERDICT = pathlib.Path(os.environ.get("RISKMAP_BUILD", "")) / "tests/unit/model_verdict"

pytestmark = pytest.mark.skipif(not VERDICT.exists(), reason="RISKMAP_BUILD names no build folder")

# what a schema cannot know, by the words of our own refusal
OURS_ALONE = re.compile(
    r"is no layer|is no date|lies before|: character \d|less than the second|more than the one before"
    r"|has no \"time\"|no setting allows it|is this layer itself|own places by \"locate\"|areas are polygons|is the name of indicators|second time|must be finite|too large|not UTF-8"
)

COMMON = {"pillar": "p", "scale": "minmax", "weight": 1, "direction": "+", "label": "L", "why": "W"}

BASE = {
    "riskmap": 1,
    "name": "parks-2026",
    "purpose": "prioriteren van controles",
    "layers": {
        "parks": {"source": "parks.gpkg", "classification": "open"},
        "reports": {"source": "r.csv", "time": "date", "x": "rd_x", "y": "rd_y"},
        "roads": {"source": "roads.gpkg", "layer": "main"},
    },
    "areas": {"layer": "parks", "id": "code", "name": "naam", "type": "holiday-park"},
    "indicators": [
        {"name": "n", "measure": "count", "of": "reports", **COMMON},
        {"name": "far", "measure": "nearest", "of": "roads", "decay_m": 2000, **COMMON},
        {"name": "built", "measure": "age", "field": "bouwjaar", **COMMON},
    ],
    "score": {"min_coverage": 0.5},
}

GONE = object()

ADDRESS = {"postcode": "pc", "number": "nr", "letter": "l", "addition": "t", "line": "adres", "street": "straat",
           "place": "plaats"}
RULES = {"duplicates": "leave-out", "future": "leave-out", "before_1900": "leave-out", "outside": "leave-out",
         "spots": "leave-out", "spot_share": 0.02, "distinct_by": "place-week"}

# the least that each measure takes
MEASURES = {
    "count": {"of": "reports"},
    "density": {"of": "reports"},
    "sum": {"of": "reports", "field": "f"},
    "mean": {"of": "reports", "field": "f"},
    "median": {"of": "reports", "field": "f"},
    "share": {"of": "reports", "where": "a = 1"},
    "cover": {"of": "reports"},
    "nearest": {"of": "reports"},
    "rate": {"of": "reports", "per": "roads"},
    "age": {"field": "f"},
    "attribute": {"field": "f"},
}

KEYS = {
    "of": "reports", "where": "b > 2", "field": "g", "per": "roads", "per_units": 100, "min_per": 5,
    "shrink": "none", "by": "intersects", "within_m": 100, "from": "2024-01-01", "until": "2024-12-31",
    "half_life_days": 365, "decay_m": 1000, "bounds": [0, 1],
}


def changed(*changes):
    """The base with values put (or, GONE, taken away) at paths such as "indicators.0.scale"."""
    model = copy.deepcopy(BASE)
    for path, value in changes:
        *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        at = model
        for step in way:
            at = at[step]
        if value is GONE:
            del at[last]
        else:
            at[last] = value
    return model


def one(indicator):
    return changed(("indicators", [{"name": "x", **COMMON, **indicator}]))


def without(indicator, key):
    return {k: v for k, v in indicator.items() if k != key}


GOOD = {
    "base": changed(),
    "no score": changed(("score", GONE)),
    "every text": changed(("title", "T"), ("legal_basis", "B"), ("retain_until", "2027-12-31"),
                          ("crs", "EPSG:28992"), ("version", "1"), ("decided_by", "MT"),
                          ("decided_on", "2026-02-28"), ("$schema", "")),
    "version as a real": changed(("riskmap", 1.0)),
    "name of digits": changed(("name", "2026_parks-b")),
    "longest name": changed(("name", "a" * 100)),
    "areas by feature id": changed(("areas", {"layer": "parks"})),
    "open and shielded": changed(("layers.parks.classification", "shielded"),
                                 ("layers.roads.classification", "open")),
    "origin": changed(("layers.reports.origin", "reported"), ("layers.roads.origin", "registered")),
    "layer where": changed(("layers.parks.where", "naam IS NOT NULL"), ("layers.parks.crs", "EPSG:4258")),
    "max age": changed(("layers.parks.max_age_days", 365)),
    "profile": changed(("layers.parks.profile", "bag-light.pand"), ("layers.roads.profile", "none")),
    "locate": changed(("layers.reports.locate", "roads")),
    "locate, every part": changed(("layers.reports.locate", "roads"), ("layers.reports.address", ADDRESS)),
    "locate, one part": changed(("layers.reports.locate", "roads"), ("layers.reports.address", {"line": "adres"})),
    "rules, none stated": changed(("layers.reports.reports", {})),
    "every rule": changed(("layers.reports.reports", RULES)),
    "every rule, kept": changed(("layers.reports.reports", {
        **{key: "keep" for key in RULES if RULES[key] == "leave-out"}, "spot_share": 0.5, "distinct_by": "place-day"})),
    "rules without time": changed(("layers.roads.reports", {"spots": "leave-out", "duplicates": "keep",
                                                            "outside": "keep", "distinct_by": "none"})),
    "canonical names": changed(("areas.id", "bag.pand.identificatie"), ("areas.name", "cbs.buurt.buurtnaam"),
                               ("layers.reports.time", "bag.pand.documentDatum"),
                               ("indicators.0.where", "bag.pand.bouwjaar > 1990 AND a = 1"),
                               ("indicators.2.field", "bag.pand.bouwjaar"),
                               ("layers.roads.where", "top10nl.wegdeel.typeweg = 'a'")),
    "layer names": changed(("layers.A-b_9", {"source": "x"}), ("layers." + "a" * 64, {"source": "x"})),
    "weight 0 beside others": changed(("indicators.0.weight", 0), ("indicators.1.weight", 0.0)),
    "longest indicator": changed(("indicators.0.name", "a" * 48)),
    "almost taken": changed(("indicators.0.name", "score_a"), ("indicators.1.name", "ranked"),
                            ("indicators.2.name", "idx")),
    "rank for all": changed(("indicators.0.scale", "rank"), ("indicators.1.scale", "rank"),
                            ("indicators.2.scale", "rank")),
    "pillar of a taken name": changed(("indicators.0.pillar", "rank")),
    "english": changed(("indicators.0.label_en", "x"), ("indicators.0.why_en", "x")),
    "minus": changed(("indicators.0.direction", "-")),
    "fixed": changed(("indicators.0.scale", "fixed"), ("indicators.0.bounds", [-1.5, 3])),
    "zscore, linear": changed(("indicators.0.scale", "zscore"), ("score", {"aggregate": "linear"})),
    "geometric": changed(("score", {"aggregate": "geometric", "floor": 0.05, "missing": "leave"})),
    "one break": changed(("score", {"classes": [0.5]})),
    "eight breaks": changed(("score", {"classes": [k / 9 for k in range(1, 9)]})),
    "coverage 0": changed(("score", {"min_coverage": 0, "missing": "reweight"})),
    "coverage 1": changed(("score", {"min_coverage": 1})),
    "rate with everything": one({"measure": "rate", "of": "reports", "per": "roads", "per_units": 0.5,
                                 "min_per": 0, "shrink": "eb", "by": "point", "within_m": 0, "where": "a = 1",
                                 "from": "2024-01-01", "until": "2024-01-01", "half_life_days": 0.5}),
    "age of evidence": one({"measure": "age", "field": "f", "of": "roads", "where": "a = 1", "by": "point",
                            "within_m": 5}),
    "unicode": changed(("purpose", "één \u00a0"), ("indicators.0.label", "\u00a0")),
}

BAD = {
    "a list": [],
    "nothing": {},
    "null": None,
    "no version": changed(("riskmap", GONE)),
    "version 2": changed(("riskmap", 2)),
    "version as text": changed(("riskmap", "1")),
    "version true": changed(("riskmap", True)),
    "no name": changed(("name", GONE)),
    "name with capitals": changed(("name", "Parks")),
    "name with a line break": changed(("name", "parks\n")),
    "name ends in -": changed(("name", "parks-")),
    "name too long": changed(("name", "a" * 101)),
    "name empty": changed(("name", "")),
    "no purpose": changed(("purpose", GONE)),
    "blank purpose": changed(("purpose", " \t\r\n\v\f")),
    "title null": changed(("title", None)),
    "blank version": changed(("version", "")),
    "retain as a number": changed(("retain_until", 2027)),
    "retain Dutch": changed(("retain_until", "31-12-2027")),
    "retain with time": changed(("retain_until", "2027-12-31 00:00")),
    "decided month 13": changed(("decided_on", "2027-13-01")),
    "unknown key": changed(("titel", "T")),
    "schema as a number": changed(("$schema", 1)),
    "no layers": changed(("layers", GONE)),
    "layers empty": changed(("layers", {})),
    "layers a list": changed(("layers", [])),
    "layer name with a space": changed(("layers.a b", {"source": "x"})),
    "layer name with a digit first": changed(("layers.1a", {"source": "x"})),
    "layer name empty": changed(("layers", {**BASE["layers"], "": {"source": "x"}})),
    "layer name too long": changed(("layers." + "a" * 65, {"source": "x"})),
    "layer name with =": changed(("layers.a=b", {"source": "x"})),
    "layer a text": changed(("layers.roads", "roads.gpkg")),
    "layer without source": changed(("layers.roads.source", GONE)),
    "source blank": changed(("layers.roads.source", "")),
    "layer with an unknown key": changed(("layers.roads.located", "parks")),
    "classification": changed(("layers.roads.classification", "secret")),
    "origin": changed(("layers.roads.origin", "heard")),
    "max age of nothing": changed(("layers.parks.max_age_days", 0)),
    "max age as text": changed(("layers.parks.max_age_days", "a year")),
    "profile blank": changed(("layers.roads.profile", " ")),
    "profile a list": changed(("layers.roads.profile", ["bag-light.pand"])),
    "locate a number": changed(("layers.reports.locate", 1)),
    "locate an object": changed(("layers.reports.locate", {"layer": "roads"})),
    "address without locate": changed(("layers.reports.address", {"line": "adres"})),
    "address a text": changed(("layers.reports.locate", "roads"), ("layers.reports.address", "adres")),
    "address empty": changed(("layers.reports.locate", "roads"), ("layers.reports.address", {})),
    "address part unknown": changed(("layers.reports.locate", "roads"),
                                    ("layers.reports.address", {"huisnummer": "nr"})),
    "address part blank": changed(("layers.reports.locate", "roads"), ("layers.reports.address", {"line": ""})),
    "address part a number": changed(("layers.reports.locate", "roads"), ("layers.reports.address", {"number": 1})),
    "rules a text": changed(("layers.reports.reports", "keep")),
    "rules true": changed(("layers.reports.reports", True)),
    "rule unknown": changed(("layers.reports.reports", {"before-1900": "keep"})),
    "rule drop": changed(("layers.reports.reports", {"duplicates": "drop"})),
    "rule true": changed(("layers.reports.reports", {"future": True})),
    "rule null": changed(("layers.reports.reports", {"outside": None})),
    "spot share 0": changed(("layers.reports.reports", {"spot_share": 0})),
    "spot share 1": changed(("layers.reports.reports", {"spot_share": 1})),
    "spot share a text": changed(("layers.reports.reports", {"spot_share": "1%"})),
    "distinct by week": changed(("layers.reports.reports", {"distinct_by": "week"})),
    "distinct true": changed(("layers.reports.reports", {"distinct_by": True})),
    "x alone": changed(("layers.reports.y", GONE)),
    "y alone": changed(("layers.reports.x", GONE)),
    "where a number": changed(("layers.roads.where", 1)),
    "no areas": changed(("areas", GONE)),
    "areas without layer": changed(("areas.layer", GONE)),
    "areas with an unknown key": changed(("areas.where", "a = 1")),
    "areas a text": changed(("areas", "parks")),
    "area id a number": changed(("areas.id", 1)),
    "no indicators": changed(("indicators", GONE)),
    "indicators empty": changed(("indicators", [])),
    "indicators an object": changed(("indicators", {})),
    "indicator a text": changed(("indicators.0", "count")),
    "indicator with an unknown key": changed(("indicators.0.wieght", 1)),
    "indicator with a capital": changed(("indicators.0.name", "N")),
    "indicator with a digit first": changed(("indicators.0.name", "1n")),
    "indicator with a line break": changed(("indicators.0.name", "n\n")),
    "indicator too long": changed(("indicators.0.name", "a" * 49)),
    "indicator _score": changed(("indicators.0.name", "a_score")),
    "indicator _rank": changed(("indicators.0.name", "_rank")),
    "pillar with -": changed(("indicators.0.pillar", "a-b")),
    "measure": changed(("indicators.0.measure", "trend")),
    "measure an object": changed(("indicators.0.measure", {})),
    "scale": changed(("indicators.0.scale", "minmx")),
    "fixed without bounds": changed(("indicators.0.scale", "fixed")),
    "bounds without fixed": changed(("indicators.0.bounds", [0, 1])),
    "three bounds": changed(("indicators.0.scale", "fixed"), ("indicators.0.bounds", [0, 1, 2])),
    "bounds as texts": changed(("indicators.0.scale", "fixed"), ("indicators.0.bounds", ["0", "1"])),
    "weight below 0": changed(("indicators.0.weight", -1)),
    "weight true": changed(("indicators.0.weight", True)),
    "weight as text": changed(("indicators.0.weight", "1")),
    "all weights 0": changed(*((f"indicators.{k}.weight", 0) for k in range(3))),
    "direction a number": changed(("indicators.0.direction", 1)),
    "direction": changed(("indicators.0.direction", "up")),
    "label blank": changed(("indicators.0.label", " ")),
    "why blank": changed(("indicators.0.why", "")),
    "why_en blank": changed(("indicators.0.why_en", "")),
    "half life 0": changed(("indicators.0.half_life_days", 0)),
    "within below 0": changed(("indicators.0.within_m", -0.1)),
    "by": changed(("indicators.0.by", "area")),
    "decay 0": changed(("indicators.1.decay_m", 0)),
    "from as a number": changed(("indicators.0.from", 20240101)),
    "per_units 0": one({"measure": "rate", "of": "reports", "per": "roads", "per_units": 0}),
    "min_per below 0": one({"measure": "rate", "of": "reports", "per": "roads", "min_per": -1}),
    "shrink": one({"measure": "rate", "of": "reports", "per": "roads", "shrink": True}),
    "score a number": changed(("score", 1)),
    "score with an unknown key": changed(("score.weights", [])),
    "aggregate": changed(("score.aggregate", "max")),
    "missing": changed(("score.missing", "zero")),
    "coverage above 1": changed(("score.min_coverage", 1.1)),
    "coverage below 0": changed(("score.min_coverage", -0.1)),
    "classes empty": changed(("score.classes", [])),
    "nine breaks": changed(("score.classes", [k / 10 for k in range(1, 10)])),
    "break 0": changed(("score.classes", [0, 0.5])),
    "break 1": changed(("score.classes", [0.5, 1])),
    "break twice": changed(("score.classes", [0.5, 0.5])),
    "break a text": changed(("score.classes", ["0.5"])),
    "floor, linear": changed(("score.floor", 0.1)),
    "floor 0": changed(("score", {"aggregate": "geometric", "floor": 0})),
    "floor 1": changed(("score", {"aggregate": "geometric", "floor": 1})),
    "geometric with zscore": changed(("score", {"aggregate": "geometric"}), ("indicators.1.scale", "zscore")),
    "rank beside minmax": changed(("indicators.2.scale", "rank")),
    "minmax beside rank": changed(("indicators.0.scale", "rank"), ("indicators.2.scale", "rank")),
    "geometric with rank": changed(("score", {"aggregate": "geometric"}), ("indicators.2.scale", "rank")),
}
for taken in "fid geom id name type score rank rank_low rank_high class coverage".split():
    BAD[f"indicator {taken}"] = changed(("indicators.0.name", taken))
for key in ("name", "pillar", "measure", "scale", "weight", "direction", "label", "why"):
    BAD[f"indicator without {key}"] = changed((f"indicators.0.{key}", GONE))

TEXT = json.dumps(BASE)
ONLY_OURS = {
    "areas.layer dangling": json.dumps(changed(("areas.layer", "park"))),
    "of dangling": json.dumps(changed(("indicators.0.of", "report"))),
    "per dangling": json.dumps(one({"measure": "rate", "of": "reports", "per": "x"})),
    "name twice": json.dumps(changed(("indicators.1.name", "n"))),
    "no time": json.dumps(changed(("indicators.0.of", "roads"), ("indicators.0.from", "2024-01-01"))),
    "half life without time": json.dumps(changed(("indicators.0.of", "roads"),
                                                 ("indicators.0.half_life_days", 1))),
    "from after until": json.dumps(changed(("indicators.0.from", "2024-02-01"),
                                           ("indicators.0.until", "2024-01-01"))),
    "30 February": json.dumps(changed(("retain_until", "2027-02-30"))),
    "no leap year": json.dumps(changed(("indicators.0.from", "2023-02-29"))),
    "locate dangling": json.dumps(changed(("layers.reports.locate", "road"))),
    "locate itself": json.dumps(changed(("layers.reports.locate", "reports"))),
    "locate in turn": json.dumps(changed(("layers.reports.locate", "roads"), ("layers.roads.locate", "parks"))),
    "areas located": json.dumps(changed(("layers.parks.locate", "roads"))),
    "areas with rules": json.dumps(changed(("layers.parks.reports", {}))),
    "future without time": json.dumps(changed(("layers.roads.reports", {"future": "keep"}))),
    "1900 without time": json.dumps(changed(("layers.roads.reports", {"before_1900": "leave-out"}))),
    "distinct without time": json.dumps(changed(("layers.roads.reports", {"distinct_by": "place-day"}))),
    "name that ends in a point": json.dumps(changed(("layers.roads.where", "bag. = 1"))),
    "filter": json.dumps(changed(("layers.roads.where", "naam = "))),
    "filter of an indicator": json.dumps(changed(("indicators.0.where", "naam == 'a'"))),
    "bounds turned round": json.dumps(changed(("indicators.0.scale", "fixed"),
                                              ("indicators.0.bounds", [1, 0]))),
    "bounds equal": json.dumps(changed(("indicators.0.scale", "fixed"), ("indicators.0.bounds", [1, 1]))),
    "classes descending": json.dumps(changed(("score.classes", [0.6, 0.4]))),
    "refused field": json.dumps(one({"measure": "mean", "of": "roads", "field": "P_WEST_AL"})),
    "refused where": json.dumps(changed(("indicators.0.where", "g_ink_pi < 20"))),
    "refused where of a layer": json.dumps(changed(("layers.roads.where", "nationaliteit = 'x'"))),
    "refused name": json.dumps(changed(("indicators.0.name", "uitkeringen"))),
    "key twice": TEXT.replace('"riskmap": 1', '"riskmap": 1, "riskmap": 1'),
    "layer twice": TEXT.replace('"roads": {', '"roads": {"source": "a"}, "roads": {'),
    "NaN": TEXT.replace('"decay_m": 2000', '"decay_m": NaN'),
    "Infinity": TEXT.replace('"decay_m": 2000', '"decay_m": Infinity'),
    "too large": TEXT.replace('"decay_m": 2000', '"decay_m": 1e999'),
}


@pytest.fixture(scope="module")
def schema():
    reader = pytest.importorskip("fastjsonschema")
    return reader.compile(json.loads(SCHEMA.read_text(encoding="utf-8")), use_default=False)


def ours(folder, texts):
    """The reader's verdict on each text: "OK" or its message."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"m{number}.json")
        paths[-1].write_text(text, encoding="utf-8")
    done = subprocess.run([VERDICT, *map(str, paths)], check=True, capture_output=True, text=True)
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(texts)
    return verdicts


def theirs(validate, model):
    try:
        validate(model)
        return "OK"
    except ValueError as problem:  # what JsonSchemaValueException is
        return str(problem)


def compare(schema, folder, models):
    texts = [json.dumps(model) for model in models.values()]
    for (name, model), text in zip(models.items(), ours(folder, texts)):
        yield name, text, theirs(schema, model)


def test_enough_cases():
    assert len(GOOD) + len(BAD) >= 40


def test_good(schema, tmp_path):
    for name, reader, published in compare(schema, tmp_path, GOOD):
        assert (name, reader, published) == (name, "OK", "OK")


def test_bad(schema, tmp_path):
    for name, reader, published in compare(schema, tmp_path, BAD):
        assert reader != "OK" and published != "OK", (name, reader, published)


def test_only_ours(schema, tmp_path):
    for (name, text), reader in zip(ONLY_OURS.items(), ours(tmp_path, ONLY_OURS.values())):
        assert OURS_ALONE.search(reader), (name, reader)
        assert theirs(schema, json.loads(text)) == "OK", name


def test_every_key_of_every_measure(schema, tmp_path):
    """Each measure with its least, with each key added, and with each of its own keys taken away."""
    models = {}
    for measure, least in MEASURES.items():
        indicator = {"measure": measure, **least}
        models[measure] = one(indicator)
        for key, value in KEYS.items():
            models[f"{measure} with {key}"] = one({**indicator, key: value})
            models[f"{measure} of, with {key}"] = one({**indicator, "of": "reports", key: value})
        for key in least:
            models[f"{measure} without {key}"] = one(without(indicator, key))
    accepted = 0
    for name, reader, published in compare(schema, tmp_path, models):
        assert (reader == "OK") == (published == "OK"), (name, reader, published)
        accepted += reader == "OK"
    assert len(models) // 5 < accepted < len(models) * 4 // 5


def nodes(value):
    """Every container below and including value."""
    if isinstance(value, (dict, list)):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from nodes(child)


def mutate(model, dice):
    """One random change: a value replaced, taken away, copied to another key, or a key added."""
    values = [None, True, 0, 1, -1, 0.5, 100, "", " ", "count", "rate", "age", "share", "nearest", "reports", "minmax",
              "fixed", "zscore", "+", "geometric", "2024-01-01", [], [0, 1], {}, "a = 1", "x"]
    keys = [*KEYS, "name", "layer", "source", "time", "score", "aggregate", "floor", "classes", "weight", "scale",
            "measure", "title", "where", "x", "colour"]
    at = dice.choice([n for n in nodes(model) if n])
    place = dice.choice(list(at) if isinstance(at, dict) else range(len(at)))
    what = dice.randrange(4)
    if what == 0:
        at[place] = dice.choice(values)
    elif what == 1:
        del at[place]
    elif isinstance(at, dict):
        key = dice.choice(keys)
        at[key] = copy.deepcopy(at[place]) if what == 2 else KEYS.get(key, dice.choice(values))
    else:
        at.append(copy.deepcopy(at[place]))


def test_random_changes(schema, tmp_path):
    dice = random.Random(20261101)
    starts = list(GOOD.values())
    models = {}
    for number in range(4000):
        model = copy.deepcopy(dice.choice(starts))
        for _ in range(dice.randrange(1, 4)):
            mutate(model, dice)
        models[number] = model
    both = 0
    for number, reader, published in compare(schema, tmp_path, models):
        if OURS_ALONE.search(reader):
            continue
        assert (reader == "OK") == (published == "OK"), (reader, published, json.dumps(models[number]))
        both += reader == "OK"
    assert both > 200


def test_examples(schema, tmp_path):
    """Every model that is published beside the schema."""
    paths = sorted(p for p in SCHEMA.parent.glob("*.json") if p != SCHEMA)
    if not paths:
        pytest.skip("no example models")
    texts = [path.read_text(encoding="utf-8") for path in paths]
    for path, text, reader in zip(paths, texts, ours(tmp_path, texts)):
        assert (path.name, reader, theirs(schema, json.loads(text))) == (path.name, "OK", "OK")
