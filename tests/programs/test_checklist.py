"""riskmap-check as the checklist before a case: missing, too old, incomplete, and what that does to the score."""
import datetime
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA, MODELS = ROOT / "examples/data", ROOT / "examples/models"
BUILD = os.environ.get("RISKMAP_BUILD")

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-check").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)

FINE, FAILED, USAGE, PROBLEMS = 0, 1, 2, 3
SCREEN = 100
TODAY = datetime.date.today()


def run(program, *arguments, code=FINE):
    done = subprocess.run([pathlib.Path(BUILD) / "examples/programs" / program, *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def parks(tmp_path):
    """The example of the holiday parks with data of its own: model, and how to write it again."""
    data = tmp_path / "data"
    data.mkdir()
    model = json.loads((MODELS / "vakantieparken.json").read_text())
    for layer in model["layers"].values():
        name = pathlib.Path(layer["source"]).name
        if not (data / name).exists():
            shutil.copy(DATA / name, data / name)
        layer["source"] = f"data/{name}"
    path = tmp_path / "model.json"

    def write():
        path.write_text(json.dumps(model))
        return path
    return model, data, write


def found(model, code=FINE, *options):
    return json.loads(run("riskmap-check", model, "--json", *options, code=code).stdout)


def layer_of(checked, name):
    return [layer for layer in checked["layers"] if layer["name"] == name][0]


def date_of(text):
    """A day that exists and is not in the future; the example has some that are not so."""
    try:
        day = datetime.datetime.strptime(text, "%d-%m-%Y").date()
    except ValueError:
        return None
    return day if day <= TODAY else None


def weight(model, *names):
    total = sum(i["weight"] for i in model["indicators"])
    return sum(i["weight"] for i in model["indicators"] if i["name"] in names) / total


def test_all_is_there(parks):
    model, data, write = parks
    checked = found(write())
    assert {layer["state"] for layer in checked["layers"]} == {"present"}
    assert checked["effect"] == {"fallen": 0, "lost_share": 0, "coverage": 1, "min_coverage": 0.6, "areas": 16,
                                 "below": 0, "at_least": True}
    assert "Gaten" not in run("riskmap-check", write()).stdout
    assert layer_of(checked, "meldingen")["dated_by"] == "field datum"
    assert layer_of(checked, "parken")["weight_share"] == pytest.approx(1)
    assert layer_of(checked, "wegen")["weight_share"] == pytest.approx(weight(model, "nabij_snelweg"))


def test_fields_are_counted_as_python_does(parks):
    model, data, write = parks
    fields = {(f["layer"], f["field"]): f for f in found(write())["fields"]}
    features = json.loads((data / "vakantieparken.geojson").read_text())["features"]
    filled = sum(f["properties"]["bouwjaar_m"] is not None for f in features)
    assert fields["parken", "bouwjaar_m"] == {"layer": "parken", "field": "bouwjaar_m", "rows": len(features),
                                              "filled": filled, "enough": filled >= 0.9 * len(features)}
    assert ("parken", "parkcode") not in fields  # no indicator reads it
    assert fields["meldingen", "datum"]["rows"] == len((data / "meldingen.csv").read_text().splitlines()) - 1


def test_a_missing_layer(parks):
    model, data, write = parks
    (data / "meldingen.csv").unlink()
    checked = found(write(), PROBLEMS)
    lost = weight(model, "meldingen_per_100_adressen", "ernstige_meldingen")
    assert layer_of(checked, "meldingen")["state"] == "missing"
    assert checked["effect"]["fallen"] == 2
    assert checked["effect"]["lost_share"] == pytest.approx(lost)
    assert checked["effect"]["coverage"] == pytest.approx(1 - lost)
    shown = run("riskmap-check", write(), code=PROBLEMS).stdout
    gaps = " ".join(shown.split("Gaten, en wat ze doen met de score")[1].split())
    assert f"meldingen ontbreekt: er valt {round(100 * lost)}% van het gewicht weg (Meldingen per 100" in gaps
    assert f"blijft {round(100 - 100 * lost)}% van het gewicht over; het model vraagt per gebied ten minste 60%" in gaps
    assert not [line for line in shown.splitlines() if len(line) > SCREEN and "Oordeel" not in line and str(ROOT) not in line]


def test_a_missing_field_is_not_a_missing_layer(parks):
    model, data, write = parks
    model["layers"]["meldingen"]["time"] = "wanneer"
    checked = found(write(), PROBLEMS)
    assert layer_of(checked, "meldingen")["state"] == "lacking"
    assert checked["effect"]["fallen"] == 1  # the rate needs no dates
    shown = " ".join(run("riskmap-check", write(), "--lang", "en", code=PROBLEMS).stdout.split())
    assert "meldingen is there and cannot be used so: lost is" in shown


def test_areas_below_the_coverage_are_counted(parks):
    """Areas that lack their own fields too fall below it: read from the file, by hand."""
    model, data, write = parks
    (data / "meldingen.csv").unlink()
    lost = weight(model, "meldingen_per_100_adressen", "ernstige_meldingen")
    own = weight(model, "ouderdom_huisjes")
    features = json.loads((data / "vakantieparken.geojson").read_text())["features"]
    lacking = sum(f["properties"]["bouwjaar_m"] is None for f in features)
    assert lacking > 0
    for min_coverage, below in ((1 - lost - own - 0.01, 0), (1 - lost - own + 0.01, lacking), (1 - lost, lacking),
                                (1 - lost + 0.01, len(features))):
        model["score"]["min_coverage"] = min_coverage
        effect = found(write(), PROBLEMS)["effect"]
        assert (effect["areas"], effect["below"]) == (len(features), below)
    gaps = run("riskmap-check", write(), code=PROBLEMS).stdout
    assert "16 van de 16 gebieden, en krijgen dan geen score" in " ".join(gaps.split())


def test_without_the_areas_nothing_can_be_told(parks):
    model, data, write = parks
    (data / "vakantieparken.geojson").unlink()
    checked = found(write(), PROBLEMS)
    assert checked["effect"]["areas"] is None and checked["effect"]["coverage"] == 0
    shown = " ".join(run("riskmap-check", write(), code=PROBLEMS).stdout.split())
    assert "parken ontbreekt: zonder de gebieden is er niets te berekenen" in shown
    assert "hoeveel gebieden geen score krijgen is zo niet te zeggen" in shown


def test_too_old_by_the_dates_in_it(parks):
    model, data, write = parks
    newest = max(filter(None, (date_of(line.split(";")[1])
                               for line in (data / "meldingen.csv").read_text().splitlines()[1:])))
    assert newest <= TODAY
    age = (TODAY - newest).days
    for most, old in ((age, False), (age - 1, True)):
        model["layers"]["meldingen"]["max_age_days"] = most
        checked = layer_of(found(write()), "meldingen")  # it can be computed all the same
        assert (checked["state"], checked["too_old"]) == (("too-old" if old else "present"), old)
        assert checked["data_date"] == newest.isoformat() and checked["max_age_days"] == most
    shown = " ".join(run("riskmap-check", write()).stdout.split())
    assert f"meldingen is te oud: van {newest} (veld datum), {age} dagen oud; het model staat {age - 1} dagen toe" in shown
    # a report of tomorrow does not make it younger
    with open(data / "meldingen.csv", "a") as file:
        file.write(f"99999999;{TODAY + datetime.timedelta(days=1):%d-%m-%Y};drugs;208909,53;474825,00\n")
    assert layer_of(found(write()), "meldingen")["data_date"] == newest.isoformat()


def test_too_old_by_its_metadata_or_its_file(parks):
    model, data, write = parks
    model["layers"]["natuur"]["max_age_days"] = 365
    year = TODAY - datetime.timedelta(days=400)
    stamp = datetime.datetime(year.year, year.month, year.day, 12).timestamp()
    os.utime(data / "natura2000.geojson", (stamp, stamp))
    checked = layer_of(found(write()), "natuur")
    assert (checked["state"], checked["dated_by"], checked["data_date"]) == ("too-old", "file", year.isoformat())
    (data / "natura2000.txt").write_text(f"Peildatum: {TODAY - datetime.timedelta(days=3)}\n")
    checked = layer_of(found(write()), "natuur")
    assert (checked["state"], checked["dated_by"]) == ("present", "metadata")


def test_incomplete(parks):
    model, data, write = parks
    parks_ = json.loads((data / "vakantieparken.geojson").read_text())
    for number, feature in enumerate(parks_["features"]):
        feature["properties"]["aantal_eigenaren"] = None if number % 4 else feature["properties"]["aantal_eigenaren"]
    (data / "vakantieparken.geojson").write_text(json.dumps(parks_))
    assert layer_of(found(write()), "parken")["state"] == "incomplete"
    shown = " ".join(run("riskmap-check", write()).stdout.split())
    assert "parken is onvolledig: veld aantal_eigenaren is gevuld bij 4 van 16 (25%)" in shown
    assert layer_of(found(write(), FINE, "--complete", 25), "parken")["state"] == "present"
    assert layer_of(found(write(), FINE, "--complete", 26), "parken")["state"] == "incomplete"
    for wrong in ("-1", "101", "veel"):
        run("riskmap-check", write(), f"--complete={wrong}", code=USAGE)


def test_quick_only_opens(parks):
    model, data, write = parks
    model["layers"]["meldingen"]["max_age_days"] = 1
    checked = found(write(), FINE, "--quick")
    assert "effect" not in checked and layer_of(checked, "meldingen")["state"] == "present"
    assert "gegevens van" not in run("riskmap-check", write(), "--quick").stdout
