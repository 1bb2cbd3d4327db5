"""riskmap-inspect and riskmap-check as people and other programs use them."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA, MODELS = ROOT / "examples/data", ROOT / "examples/models"
BUILD = os.environ.get("RISKMAP_BUILD")
SCREEN = 100

if not BUILD or not (pathlib.Path(BUILD) / "examples/programs/riskmap-inspect").exists():
    pytest.skip("RISKMAP_BUILD names no build folder with the programs", allow_module_level=True)

FINE, FAILED, USAGE, PROBLEMS, STOPPED = 0, 1, 2, 3, 130


def run(program, *arguments, code=FINE):
    done = subprocess.run([pathlib.Path(BUILD) / "examples/programs" / program, *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def lines_fit(text):
    return [line for line in text.splitlines() if len(line) > SCREEN or line != line.rstrip()]


def model_with(folder, name="bedrijventerreinen", **changes):
    """A model of the examples with other sources, written to a folder."""
    model = json.loads((MODELS / f"{name}.json").read_text())
    for layer in model["layers"].values():
        layer["source"] = str((MODELS / layer["source"]).resolve())
    for layer, change in changes.items():
        model["layers"][layer].update(change)
    path = folder / "model.json"
    path.write_text(json.dumps(model))
    return path


SOURCES = sorted(p.name for p in DATA.iterdir() if p.suffix in (".gpkg", ".geojson", ".csv"))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_inspect_is_readable(source, language):
    done = run("riskmap-inspect", DATA / source, "--lang", language)
    assert done.stderr == ""
    assert ("lagen" in done.stdout or "laag" in done.stdout) == (language == "nl")
    assert not [line for line in lines_fit(done.stdout) if str(ROOT) not in line]


@pytest.mark.parametrize("source", SOURCES)
def test_inspect_gives_the_same_as_json(source):
    found = json.loads(run("riskmap-inspect", DATA / source, "--json").stdout)
    assert found["source"] == str(DATA / source) and found["driver"]
    assert json.loads(run("riskmap-inspect", DATA / source, "--json", "--threads", 1).stdout) == found
    assert json.loads(run("riskmap-inspect", DATA / source, "--json", "--threads", 4).stdout) == found
    for layer in found["layers"]:
        assert layer["problem"] is None and layer["features"] > 0
        for field in layer["fields"]:
            assert 0 <= field["missing"] + field["sentinels"] <= layer["features"]
            assert field["numbers"] <= layer["features"] - field["missing"] - field["sentinels"]
            assert (field["lowest"] is None) == (field["numbers"] == 0)
            assert (field["first_date"] is None) == (field["dates"] == 0)


def test_inspect_recognises_the_made_up_municipality():
    taken = {}
    for source in SOURCES:
        for layer in json.loads(run("riskmap-inspect", DATA / source, "--json").stdout)["layers"]:
            taken[layer["name"]] = layer["taken_for"]
    for layer in ("pand", "verblijfsobject", "woonplaats", "standplaats", "ligplaats"):
        assert taken[layer] == f"BAG light: {layer}"
    assert taken["perceel"] == "BRK: perceel"
    assert taken["bedrijventerrein"] == "IBIS: bedrijventerreinen"
    assert taken["wegdeel"] == "TOP10NL: wegdeel"
    assert taken["meldingen"].startswith("meldingen")
    assert taken["natura2000"] is None


def test_inspect_counts_as_python_does():
    lines = (DATA / "meldingen.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(";") for line in lines[1:]]
    found = json.loads(run("riskmap-inspect", DATA / "meldingen.csv", "--crs", "EPSG:28992", "--json").stdout)
    layer = found["layers"][0]
    fields = {field["name"]: field for field in layer["fields"]}
    assert layer["features"] == len(rows)
    for number, name in enumerate(lines[0].split(";")):
        assert fields[name]["missing"] == sum(not row[number].strip() for row in rows)
    x = [float(row[3].replace(",", ".")) for row in rows if row[3]]
    assert fields["x"]["numbers"] == len(x)
    assert (fields["x"]["lowest"], fields["x"]["highest"]) == (min(x), max(x))
    assert layer["without_geometry"] == sum(not (row[3] and row[4]) for row in rows)
    assert layer["outside"] == 2


def test_inspect_never_shows_a_cell(tmp_path):
    (tmp_path / "geheim.csv").write_text("naam;datum;x;y\nJansenBSN;2024-01-01;200000;500000\n"
                                         "PietersenBSN;op een dag;200010;500010;te veel\n")
    for options in ([], ["--json"], ["--crs", "EPSG:28992"], ["--crs", "EPSG:4258"]):
        done = run("riskmap-inspect", tmp_path / "geheim.csv", *options)
        assert "BSN" not in done.stdout + done.stderr and "op een dag" not in done.stdout


def test_inspect_shows_no_persons(tmp_path):
    """Not by the lowest and highest of a column either, by its name or by what stands in it."""
    numbers = [n for n in range(100000000, 100002000)
               if sum(w * int(d) for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), str(n))) % 11 == 0]
    rows = [f"{n};{19500101 + k};{n};06{11234567 + 1234567 * (k % 38)};{1990 + k % 9}" for k, n in enumerate(numbers)]
    (tmp_path / "p.csv").write_text("\n".join(["bsn;geboortedatum;kenmerk;tel;jaar", *rows]) + "\n")
    for options in ([], ["--lang", "en"], ["--json"]):
        shown = run("riskmap-inspect", tmp_path / "p.csv", *options).stdout
        assert "1990" in shown, "the range of a year is shown"
        for row in rows:
            for cell in row.split(";")[:4]:
                assert cell.lstrip("0") not in shown, options
        assert "1950" not in shown
    assert run("riskmap-inspect", tmp_path / "p.csv").stdout.count("persoonsgegevens") == 4


def test_inspect_says_what_coordinates_look_like():
    layer = json.loads(run("riskmap-inspect", DATA / "meldingen.csv", "--json").stdout)["layers"][0]
    assert layer["crs"] is None and layer["looks_like"] == "EPSG:28992"
    assert "--crs EPSG:28992" in run("riskmap-inspect", DATA / "meldingen.csv").stdout


def inspected(path, *options):
    return json.loads(run("riskmap-inspect", path, "--json", *options).stdout)["layers"][0]


def roles(layer):
    return {role["role"]: (role["column"], role["sure"]) for role in layer["roles"]}


def test_inspect_tells_what_columns_are_taken_for(tmp_path):
    (tmp_path / "a.csv").write_bytes("Zaaknr;Datum melding;Postcode;Huisnr;Straat\n1;31-01-2024;7563 AJ;12a;Kade\n"
                                     "2;01-02-2024;7563AJ;14;Caf\xe9pad\n".encode("cp1252"))
    both = "name and content"
    assert roles(inspected(tmp_path / "a.csv")) == {
        "date": ("Datum melding", both), "postcode": ("Postcode", both), "house number": ("Huisnr", both),
        "street": ("Straat", both), "id": ("Zaaknr", both)}
    shown = run("riskmap-inspect", tmp_path / "a.csv").stdout
    assert "huisnummer: Huisnr (naam en inhoud)" in shown
    assert '"locate": "<laag met adressen>", "time": "Datum melding"' in shown
    assert "house number: Huisnr (name and content)" in run("riskmap-inspect", tmp_path / "a.csv", "--lang", "en").stdout
    (tmp_path / "b.csv").write_text("A;B;C\n31-01-2024;206432,33;472738,18\n01-02-2024;206433,1;472739\n")
    assert roles(inspected(tmp_path / "b.csv")) == {"x": ("B", "content"), "y": ("C", "content"), "date": ("A", "content")}
    assert '"x": "B", "y": "C", "crs": "EPSG:28992", "time": "A"' in run("riskmap-inspect", tmp_path / "b.csv").stdout
    (tmp_path / "c.csv").write_text("datum;soort\n31-01-2024;a\n")
    assert "geen plaats gevonden" in run("riskmap-inspect", tmp_path / "c.csv").stdout
    assert inspected(DATA / "havens.geojson")["roles"] == []


def test_inspect_tells_that_x_and_y_are_swapped(tmp_path):
    (tmp_path / "s.csv").write_text("x;y\n" + "".join(f"{472738 + i};{206432 + i}\n" for i in range(9)))
    layer = inspected(tmp_path / "s.csv")
    assert layer["xy_swapped"] and layer["swapped_rows"] == 0 and layer["looks_like"] == "EPSG:28992 with x and y swapped"
    shown = run("riskmap-inspect", tmp_path / "s.csv").stdout
    assert "EPSG:28992 met x en y verwisseld" in shown and '"x": "y", "y": "x", "crs": "EPSG:28992"' in shown
    layer = inspected(tmp_path / "s.csv", "--crs", "EPSG:28992")
    assert layer["swapped_rows"] == 9 and layer["outside"] == 0 and layer["extent"][0] == 206432
    assert "worden andersom" in " ".join(run("riskmap-inspect", tmp_path / "s.csv", "--crs", "EPSG:28992").stdout.split())


def test_inspect_of_a_title_above_the_header(tmp_path):
    (tmp_path / "t.csv").write_text("Meldingen 2026;;\nx;y;datum\n206432;472738;31-01-2024\n")
    assert "titel boven de kopregel" in run("riskmap-inspect", tmp_path / "t.csv").stdout


def test_inspect_of_an_archive_with_empty_layers(tmp_path):
    """A delivery of the BGT has a file for every kind, also for what an area does not have."""
    import zipfile
    empty = ('<?xml version="1.0"?><CityModel xmlns:gml="http://www.opengis.net/gml" '
             'xmlns:imgeo="http://www.geostandaarden.nl/imgeo/2.1"></CityModel>')
    with zipfile.ZipFile(tmp_path / "bgt.zip", "w") as archive:
        archive.write(DATA / "havens.geojson", "havens.geojson")
        archive.writestr("bgt_spoor.gml", empty)
    layers = {layer["name"]: layer for layer in json.loads(run("riskmap-inspect", tmp_path / "bgt.zip", "--json").stdout)["layers"]}
    assert layers["bgt_spoor"]["features"] == 0 and layers["bgt_spoor"]["problem"] is None
    assert layers["bgt_spoor"]["profile"] == "bgt.spoor"


def test_score_says_when_most_of_a_layer_does_not_count(tmp_path):
    rows = [f"{i};2026-01-0{1 + i};drugs;{472738 + i};{206432 + i}\n" for i in range(9)]
    (tmp_path / "s.csv").write_text("id;datum;categorie;x;y\n" + "".join(rows) + "9;2026-01-01;drugs;206432;472738\n")
    model = model_with(tmp_path, "vakantieparken", meldingen={"source": str(tmp_path / "s.csv")})
    done = run("riskmap-score", model, tmp_path / "r.gpkg", "--as-of", "2026-11-01")
    assert "meer dan de helft telt niet mee" in done.stdout
    (tmp_path / "s.csv").write_text("id;datum;categorie;x;y\n" + "".join(rows))
    changed = json.loads(model.read_text())
    del changed["layers"]["meldingen"]["x"], changed["layers"]["meldingen"]["y"]
    model.write_text(json.dumps(changed))
    done = run("riskmap-score", model, tmp_path / "r.gpkg", "--as-of", "2026-11-01", "--overwrite")
    assert "x en y stonden in elkaars kolom en zijn andersom gelezen" in " ".join(done.stdout.split())
    assert "telt niet mee" not in done.stdout


def test_inspect_one_layer():
    found = json.loads(run("riskmap-inspect", DATA / "bag-light.gpkg", "--layer", "pand", "--json").stdout)
    assert [layer["name"] for layer in found["layers"]] == ["pand"]
    same = json.loads(run("riskmap-inspect", f"{DATA}/bag-light.gpkg|layername=pand", "--json").stdout)
    assert same["layers"] == found["layers"]
    done = run("riskmap-inspect", DATA / "bag-light.gpkg", "--layer", "panden", code=FAILED)
    assert 'did you mean "pand"?' in done.stderr


@pytest.mark.parametrize("program,arguments", [
    ("riskmap-inspect", []), ("riskmap-inspect", ["a", "b"]), ("riskmap-inspect", ["a", "--crs"]),
    ("riskmap-inspect", ["a", "--lang", "fr"]), ("riskmap-inspect", ["a", "--threads", "65"]),
    ("riskmap-check", []), ("riskmap-check", ["a", "b"]), ("riskmap-check", ["a", "--layer", "meldingen"]),
    ("riskmap-check", ["a", "--layer", "=b"]), ("riskmap-check", ["--nonsense", "a"])])
def test_wrong_use(program, arguments):
    done = run(program, *arguments, code=USAGE)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("program", ["riskmap-inspect", "riskmap-check"])
def test_help_has_an_example(program):
    text = run(program, "--help").stdout
    assert "Example" in text and f"  {program} " in text and "Exit code" in text
    assert not [line for line in text.splitlines() if len(line) > SCREEN]
    assert run(program, "--version").stdout.startswith("riskmap 0.")


def test_inspect_bad_input(tmp_path):
    (tmp_path / "text.gpkg").write_text("no database")
    (tmp_path / "leeg.csv").write_text("")
    for name in ("nergens.gpkg", "text.gpkg", "leeg.csv"):
        for options in ([], ["--quiet"], ["--json"]):
            done = run("riskmap-inspect", tmp_path / name, *options, code=FAILED)
            assert name in done.stderr and len(done.stderr.splitlines()) == 1
            assert done.stdout == ""
    assert run("riskmap-inspect", DATA / "brk.gpkg", "--quiet").stdout == ""


def test_inspect_goes_on_past_a_layer_that_cannot_be_read(tmp_path):
    """Of an archive with a good and a broken file the good one is shown, and the command fails."""
    import zipfile
    with zipfile.ZipFile(tmp_path / "samen.zip", "w") as archive:
        archive.write(DATA / "havens.geojson", "havens.geojson")
        archive.writestr("stuk.geojson", "{\"type\": \"FeatureCollection\", \"features\": [")
    done = run("riskmap-inspect", tmp_path / "samen.zip", "--json", code=FAILED)
    layers = {layer["name"]: layer for layer in json.loads(done.stdout)["layers"]}
    assert layers["havens"]["problem"] is None and layers["havens"]["features"] == 2
    assert layers["stuk"]["problem"] and layers["stuk"]["problem"] in done.stderr


@pytest.mark.parametrize("model", ["bedrijventerreinen", "buitengebied", "vakantieparken"])
def test_check_of_the_examples(model):
    done = run("riskmap-check", MODELS / f"{model}.json")
    assert done.stdout.splitlines()[-1].startswith("Oordeel: dit model kan worden berekend (")
    assert not [line for line in lines_fit(done.stdout) if str(ROOT) not in line]
    done = run("riskmap-check", MODELS / f"{model}.json", "--lang", "en")
    assert done.stdout.splitlines()[-1].startswith("Verdict: this model can be computed (")
    found = json.loads(run("riskmap-check", MODELS / f"{model}.json", "--json").stdout)
    assert found["problems"] == 0 and found["model"]
    assert all(not layer["problem"] for layer in found["layers"])
    assert [layer["shielded"] for layer in found["layers"] if layer["name"] == "meldingen"] == [True]
    assert sum(layer["areas"] for layer in found["layers"]) == 1
    done = run("riskmap-check", MODELS / f"{model}.json", "--quiet")
    assert done.stdout + done.stderr == ""


TROUBLE = [
    ("meldingen", {"source": "nergens.csv"}, "nergens.csv does not exist"),
    ("panden", {"layer": "pandt"}, 'has no layer "pandt"; did you mean "pand"?'),
    ("meldingen", {"time": "dattum"}, 'has no field "dattum"; did you mean "datum"?'),
    ("terreinen", {"where": "GEMCODES = 'GM0000'"}, 'has no field "GEMCODES"; did you mean "GEM_CODES"?'),
    ("wegen", {"crs": "EPSG:99"}, "EPSG:99"),
]


@pytest.mark.parametrize("layer,change,message", TROUBLE)
def test_check_finds_trouble_and_says_it_once(tmp_path, layer, change, message):
    model = model_with(tmp_path, **{layer: change})
    done = run("riskmap-check", model, code=PROBLEMS)
    assert done.stdout.splitlines()[-1].startswith("Oordeel: dit model kan zo niet worden berekend")
    found = json.loads(run("riskmap-check", model, "--json", code=PROBLEMS).stdout)
    assert found["problems"] > 0
    findings = [f for f in found["findings"] if message in f["message"]]
    assert len(findings) == 1 and findings[0]["layer"] == layer and "\n" not in findings[0]["message"]
    quiet = run("riskmap-check", model, "--quiet", "--lang", "en", code=PROBLEMS)
    assert quiet.stdout == "" and quiet.stderr.startswith(f'layer "{layer}": ') and message in quiet.stderr
    done = run("riskmap-score", model, tmp_path / "uit.gpkg", "--quiet", code=FAILED)
    assert message in done.stderr and not (tmp_path / "uit.gpkg").exists()


def test_check_takes_a_layer_from_elsewhere(tmp_path):
    model = model_with(tmp_path, meldingen={"source": "nergens.csv"})
    run("riskmap-check", model, code=PROBLEMS)
    run("riskmap-check", model, "--layer", f"meldingen={DATA}/meldingen.csv")
    done = run("riskmap-check", model, "--layer", "melding=x.csv", code=FAILED)
    assert '"melding"' in done.stderr


def test_check_of_what_is_no_model(tmp_path):
    (tmp_path / "model.json").write_text('{"riskmap": 1,\n "naam": "x"}')
    done = run("riskmap-check", tmp_path / "model.json", code=FAILED)
    assert "line" in done.stderr and len(done.stderr.splitlines()) == 1
    assert "nergens.json" in run("riskmap-check", tmp_path / "nergens.json", code=FAILED).stderr


def test_stopped_by_the_user(tmp_path):
    """Ctrl-C in the midst of a long file ends with 130 and one line."""
    path = tmp_path / "lang.csv"
    with open(path, "w") as file:
        file.write("nr;datum;x;y\n")
        block = "".join(f"{i};01-02-2024;{200000 + i % 1000};{500000 + i % 999}\n" for i in range(50000))
        for _ in range(60):
            file.write(block)
    program = subprocess.Popen([pathlib.Path(BUILD) / "examples/programs/riskmap-inspect", path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=60)
    if program.returncode == FINE:
        pytest.skip("the file was read before the signal came")
    assert program.returncode == STOPPED and out == "" and len(err.splitlines()) == 1
