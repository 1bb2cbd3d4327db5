"""What is not declared open: results that only their owner may read, marked in every output, and not
one cell quoted in anything that is said."""

import json
import os
import sqlite3
import stat
import zipfile

import pytest

import flow
import rawgpkg as raw

SECRET = "geheim7391"
X, Y = 200000, 475000
LINE = "AFGESCHERMD"


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def classified(folder, **classes):
    """The simple model with other classifications; None takes the declaration out."""
    flow.simple_model(folder)
    model = json.loads((folder / "model.json").read_text())
    for name, value in classes.items():
        model["layers"][name].pop("classification")
        if value:
            model["layers"][name]["classification"] = value
    (folder / "model.json").write_text(json.dumps(model))
    return folder / "model.json"


@pytest.mark.parametrize("how", ["shielded", None])
@pytest.mark.parametrize("layer", ["punten", "gebieden"])
def test_shielded_is_marked_everywhere(layer, how, tmp_path):
    model = classified(tmp_path, **{layer: how})
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--table", tmp_path / "top.csv")
    assert done.returncode == 0, done.stderr
    assert LINE in done.stdout
    assert LINE in flow.run("riskmap-score", model, tmp_path / "en.gpkg", "--lang", "en").stdout
    flow.run("riskmap-score", model, tmp_path / "x.gpkg", "--table", tmp_path / "top.xlsx")
    for name in ("r.gpkg", "top.csv", "top.xlsx"):
        assert mode(tmp_path / name) == 0o600, name
    found = flow.tables(tmp_path / "r.gpkg")
    assert any(LINE in row["metadata"] for row in found["gpkg_metadata"])
    assert LINE in next(row["value"] for row in found["run"] if row["key"] == "classification")
    assert [row["classification"] for row in found["layers"] if row["name"] == layer] == ["shielded"]
    with sqlite3.connect(tmp_path / "r.gpkg") as database:
        (text,), = database.execute("SELECT description FROM gpkg_contents WHERE table_name = 'areas'")
        (style,), = database.execute("SELECT description FROM layer_styles")
    assert LINE in text and LINE in style
    assert LINE in (tmp_path / "top.csv").read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(tmp_path / "top.xlsx") as book:
        assert any(LINE in book.read(name).decode() for name in book.namelist())
    answer = json.loads(flow.run("riskmap-score", model, tmp_path / "j.gpkg", "--json").stdout)
    assert answer["shielded"] is True


def test_open_is_open(tmp_path):
    done = flow.run("riskmap-score", classified(tmp_path, punten="open"), tmp_path / "r.gpkg",
                    "--table", tmp_path / "top.csv")
    assert done.returncode == 0 and LINE not in done.stdout
    (tmp_path / "plain").write_text("")
    assert mode(tmp_path / "r.gpkg") == mode(tmp_path / "top.csv") == mode(tmp_path / "plain")
    found = flow.tables(tmp_path / "r.gpkg")
    assert not any(LINE in str(row) for rows in found.values() for row in rows)


def test_layer_that_nobody_asks_shields_nothing(tmp_path):
    model = json.loads(classified(tmp_path).read_text())
    model["layers"]["dossiers"] = {"source": "dossiers.csv", "classification": "shielded"}
    (tmp_path / "model.json").write_text(json.dumps(model))
    done = flow.run("riskmap-score", tmp_path / "model.json", tmp_path / "r.gpkg")
    assert done.returncode == 0 and LINE not in done.stdout


def test_shielded_replaces_open_with_its_own_mode(tmp_path):
    (tmp_path / "r.gpkg").write_text("open")
    os.chmod(tmp_path / "r.gpkg", 0o644)
    done = flow.run("riskmap-score", classified(tmp_path, punten=None), tmp_path / "r.gpkg", "--overwrite")
    assert done.returncode == 0 and mode(tmp_path / "r.gpkg") == 0o600


# ---- no cell is quoted ----

HEADER = "nr;datum;soort;waarde;x;y"
GOOD = "1;01-02-2025;s0;1,5;200010,00;475010,00"
ROWS = {
    "every cell": ";".join([SECRET] * 6),
    "date": f"2;{SECRET};s0;1,5;200010,00;475010,00",
    "number": f"2;01-02-2025;s0;{SECRET};200010,00;475010,00",
    "x": f"2;01-02-2025;s0;1,5;{SECRET};475010,00",
    "y": f"2;01-02-2025;s0;1,5;200010,00;{SECRET}",
    "too many cells": f"2;01-02-2025;s0;1,5;200010,00;475010,00;{SECRET};{SECRET}",
    "too few cells": SECRET,
    "quote that stays open": f'2;"{SECRET};s0;1,5;200010,00;475010,00',
    "quotes in the middle": f'2;01-02-2025;{SECRET}"x;1,5;200010,00;475010,00',
    "text that is not UTF-8": "2;01-02-2025;" + SECRET + "\udc81\udc8d;1,5;200010,00;475010,00",
    "nul": f"2;01-02-2025;{SECRET}\0;1,5;200010,00;475010,00",
    "far away": f"2;01-02-2025;{SECRET};1,5;9e99;475010,00",
    "long": f"2;01-02-2025;{SECRET * 5000};{SECRET};200010,00;475010,00",
}


def everything_said(done, result):
    """What was printed, and every table of the result but the areas themselves."""
    said = done.stdout + done.stderr
    if result.exists():
        found = flow.tables(result)
        said += json.dumps({name: rows for name, rows in found.items() if name not in ("areas", "reasons")})
    return said


@pytest.mark.parametrize("case", ROWS)
def test_no_cell_of_shielded_text_is_quoted(case, tmp_path):
    (tmp_path / "punten.csv").write_bytes(
        "\n".join([HEADER, GOOD, ROWS[case], ""]).encode("utf-8", "surrogateescape"))
    model = classified(tmp_path, punten="shielded")
    text = json.loads(model.read_text())
    text["indicators"].append({"name": "som", "measure": "sum", "of": "punten", "field": "waarde",
                               "half_life_days": 90, "where": "soort <> 'x'", **flow.COMMON})
    model.write_text(json.dumps(text))
    for program, *arguments in (("riskmap-score", tmp_path / "r.gpkg"), ("riskmap-check",)):
        done = flow.run(program, model, *arguments)
        assert SECRET not in everything_said(done, tmp_path / "r.gpkg"), program
        assert done.returncode in (0, 1) and (done.returncode == 0 or done.stderr)


def test_no_cell_of_a_shielded_layer_is_quoted(tmp_path):
    """Bad shapes and texts of all kinds in one GeoPackage, as evidence."""
    bad = [None, b"\x01\x02", raw.polygon([(X, Y), (X + 1, Y), (X, Y)]), raw.point(float("nan"), 5),
           raw.polygon([(X, Y), (X + 50, Y + 50), (X + 50, Y), (X, Y + 50), (X, Y)]), raw.point(X + 10, Y + 10),
           raw.point(9e9, 9e9)]
    raw.write(tmp_path / "slecht.gpkg", "slecht", [(wkb, SECRET) for wkb in bad])
    flow.simple_model(tmp_path)
    text = json.loads((tmp_path / "model.json").read_text())
    text["layers"]["slecht"] = {"source": "slecht.gpkg"}
    text["indicators"] += [
        {"name": "som", "measure": "sum", "of": "slecht", "field": "code", **flow.COMMON},
        {"name": "jaren", "measure": "age", "of": "slecht", "field": "code", **flow.COMMON},
        {"name": "vlak", "measure": "cover", "of": "slecht", "where": "code LIKE '%7391'", **flow.COMMON}]
    (tmp_path / "model.json").write_text(json.dumps(text))
    done = flow.run("riskmap-score", tmp_path / "model.json", tmp_path / "r.gpkg")
    assert done.returncode == 0, done.stderr
    assert "no-number" in flow.issue_codes(flow.tables(tmp_path / "r.gpkg"), "slecht")
    assert SECRET not in everything_said(done, tmp_path / "r.gpkg")


@pytest.mark.parametrize("trouble", ["same ids", "no number"])
def test_no_cell_of_shielded_areas_is_quoted_in_a_message(trouble, tmp_path):
    """Names and ids of areas are what a result is about; messages and issues are not."""
    same = trouble == "same ids"
    flow.geojson(tmp_path / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(X + 200 * k, Y)), code=SECRET if same else f"{SECRET}-{k}",
                               naam=SECRET, jaar=1990 if same else SECRET) for k in range(3)])
    model = classified(tmp_path, gebieden=None)
    done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", "--quiet")
    assert (done.returncode, bool(done.stderr)) == ((1, True) if same else (0, False))
    assert SECRET not in everything_said(done, tmp_path / "r.gpkg")


def test_password_in_a_source_is_not_repeated(tmp_path):
    text = json.loads(flow.simple_model(tmp_path).read_text())
    text["layers"]["punten"] = {"source": f"PG:host=localhost dbname=x user=me password={SECRET}"}
    (tmp_path / "model.json").write_text(json.dumps(text))
    for program, *arguments in (("riskmap-score", tmp_path / "r.gpkg"), ("riskmap-check",)):
        done = flow.run(program, tmp_path / "model.json", *arguments)
        assert done.returncode != 0
        assert SECRET not in done.stdout + done.stderr
