"""Models as file, text, dict and object, edited in Python and saved."""

import datetime
import json
import os
import pathlib

import numpy as np
import pytest

import riskmap

PARKS = "examples/models/vakantieparken.json"
AS_OF = "2026-11-01"
LAYERS = ["parken", "adressen", "grens", "wegen", "natuur", "kommen", "meldingen"]


def shown(model):
    return repr(list(riskmap.run(model, as_of=AS_OF)))


@pytest.fixture
def model(root):
    return riskmap.Model(PARKS)


def test_what_it_says_of_itself(model):
    assert model.name == "vakantieparken-woldermark"
    assert model.title == "Vakantieparken: waar eerst kijken?"
    assert model.layers == LAYERS
    assert model.text == pathlib.Path(PARKS).read_text()
    assert repr(model) == "<riskmap.Model vakantieparken-woldermark: 7 layers, 10 indicators>"


def test_from_path_text_dict_and_model(model):
    expected = shown(model)
    for source in (pathlib.Path(PARKS), model, model.to_dict(), model.to_json(), "\n " + model.to_json()):
        assert shown(riskmap.Model(source)) == expected
        assert shown(source) == expected


def test_a_dict_is_the_file(model):
    before, after = json.loads(model.text), model.to_dict()
    for name, layer in before["layers"].items():
        original = pathlib.Path("examples/models") / layer.pop("source")
        assert os.path.samefile(original, after["layers"][name].pop("source"))
    assert before == after and list(before) == list(after)


def test_sources_of_text_are_beside_the_base(root, tmp_path, monkeypatch):
    text = pathlib.Path(PARKS).read_text()
    expected = shown(PARKS)
    folder = pathlib.Path("examples/models").resolve()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(riskmap.NotFound):
        riskmap.Model(text).run()
    for source in (text, json.loads(text)):
        assert shown(riskmap.Model(source, base=folder)) == expected
    assert riskmap.Model(text, base=folder).check().ok
    with pytest.raises(riskmap.NotFound, match="base: nowhere is no folder"):
        riskmap.Model(text, base="nowhere")


def test_a_base_for_a_file_that_stands_elsewhere(root, tmp_path):
    moved = tmp_path / "moved.json"
    moved.write_text(pathlib.Path(PARKS).read_text())
    assert not riskmap.Model(moved).check().ok
    assert riskmap.Model(moved, base="examples/models").check().ok
    assert riskmap.Model(riskmap.Model(moved), base="examples/models").check().ok


def test_a_dict_of_another_working_directory(model, tmp_path, monkeypatch):
    expected = shown(model)
    model = riskmap.Model(pathlib.Path(PARKS).resolve())
    monkeypatch.chdir(tmp_path)
    assert shown(riskmap.Model(model.to_dict())) == expected


def test_editing_in_python(model):
    edited = model.to_dict()
    edited["indicators"] = [one for one in edited["indicators"] if one["name"] == "aantal_eigenaren"]
    edited["indicators"][0]["weight"] = np.float64(2)
    edited["decided_on"] = datetime.date(2026, 11, 2)
    edited["layers"]["parken"]["source"] = pathlib.Path(edited["layers"]["parken"]["source"])
    result = riskmap.Model(edited).run()
    assert {reason.indicator for place in result for reason in place.reasons} == {"aantal_eigenaren"}
    assert riskmap.Model(edited).to_dict()["decided_on"] == "2026-11-02"
    assert len(model.to_dict()["indicators"]) == 10  # the model itself stays


# ---- saving ----


@pytest.mark.parametrize("elsewhere", ["mine.json", "deep/er/mine.json"])
def test_a_saved_model_has_the_same_files(model, tmp_path, elsewhere):
    path = tmp_path / elsewhere
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    assert shown(path) == shown(model)
    text = path.read_text()
    assert text.startswith('{\n  "riskmap": 1,\n') and text.endswith("}\n")
    for name, layer in json.loads(text)["layers"].items():
        assert not os.path.isabs(layer["source"])
        original = json.loads(model.text)["layers"][name]["source"]
        assert os.path.samefile(path.parent / layer["source"], pathlib.Path("examples/models") / original)
    assert list(path.parent.iterdir()) == [path]  # nothing beside it


def test_saved_beside_the_original_nothing_moves(model, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "data").symlink_to(pathlib.Path("examples/data").resolve())
    first = tmp_path / "models/first.json"
    first.write_text(model.text)
    riskmap.Model(first).save(tmp_path / "models/second.json")
    assert (tmp_path / "models/second.json").read_text() != ""
    assert riskmap.Model(tmp_path / "models/second.json").check().ok


def test_what_is_no_relative_path_stays(root, tmp_path):
    model = riskmap.Model(PARKS).to_dict()
    whole = os.path.abspath("examples/data/natura2000.geojson")
    sources = {
        "natuur": whole,
        "grens": "https://geo.example.org/grens.geojson",
        "wegen": "PG:host=db.example.org dbname=wegen",
        "kommen": "WFS:https://geo.example.org/wfs",
        "adressen": "/vsizip/bag.zip/bag.gpkg",
    }
    for name, source in sources.items():
        model["layers"][name]["source"] = source
    riskmap.Model(model).save(tmp_path / "mine.json")
    saved = json.loads((tmp_path / "mine.json").read_text())["layers"]
    assert {name: saved[name]["source"] for name in sources} == sources


def test_a_layer_named_behind_its_source(root, tmp_path):
    model = riskmap.Model(PARKS).to_dict()
    model["layers"]["wegen"]["source"] += "|layername=wegdeel"
    del model["layers"]["wegen"]["layer"]
    riskmap.Model(model).save(tmp_path / "mine.json")
    saved = json.loads((tmp_path / "mine.json").read_text())["layers"]["wegen"]["source"]
    file, _, layer = saved.partition("|")
    assert layer == "layername=wegdeel" and os.path.samefile(tmp_path / file, "examples/data/wegen.gpkg")


def test_an_existing_file_is_not_replaced_unless_asked(model, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text("mine")
    with pytest.raises(riskmap.ExistsError, match="overwrite=True"):
        model.save(path)
    assert path.read_text() == "mine"
    model.save(path, overwrite=True)
    assert riskmap.Model(path).name == model.name
    assert list(tmp_path.iterdir()) == [path]


def test_where_a_model_cannot_be_saved(model, tmp_path):
    with pytest.raises(riskmap.NotFound, match="the folder .* does not exist"):
        model.save(tmp_path / "no/mine.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises((riskmap.FileError, riskmap.ExistsError)):
        model.save(tmp_path / "folder", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_model_does_not_replace_its_own_data(model, tmp_path):
    data = tmp_path / "wegen.gpkg"
    data.write_bytes(pathlib.Path("examples/data/wegen.gpkg").read_bytes())
    edited = model.to_dict()
    edited["layers"]["wegen"]["source"] = str(data)
    with pytest.raises(riskmap.ArgumentError, match='the source of layer "wegen"'):
        riskmap.Model(edited).save(data, overwrite=True)
    assert data.read_bytes()[:6] == b"SQLite"


# ---- what is wrong with a model ----


def test_errors_have_line_and_place(model):
    edited = model.to_dict()
    edited["indicators"][2]["scale"] = "minimax"
    with pytest.raises(riskmap.ModelError, match=r"line \d+, indicators\[2\].scale: .*minmax") as wrong:
        riskmap.Model(edited)
    assert isinstance(wrong.value, ValueError)
    line = int(str(wrong.value).split("line ")[1].split(",")[0])
    pretty = json.dumps(edited, indent=2, ensure_ascii=False).splitlines()
    assert "minimax" in pretty[line - 1]


@pytest.mark.parametrize(
    "source, error, message",
    [
        ("nowhere.json", riskmap.NotFound, "nowhere.json"),
        ("{ not json", riskmap.ModelError, "line 1"),
        ({}, riskmap.ModelError, "riskmap"),
        ({"riskmap": float("nan")}, riskmap.ModelError, "cannot be written as JSON"),
        ({"riskmap": {1, 2}}, riskmap.ModelError, "a set has no form there"),
        ({"riskmap": "\ud800"}, (ValueError, TypeError), "text"),
        (3, riskmap.ArgumentError, "a model is a path, a dict or a JSON text, not int"),
        (None, riskmap.ArgumentError, "a model is a path, a dict or a JSON text, not NoneType"),
    ],
)
def test_what_is_no_model(root, source, error, message):
    with pytest.raises(error, match=message):
        riskmap.Model(source)


def test_a_dict_that_holds_itself(root):
    endless = {}
    endless["layers"] = endless
    with pytest.raises(riskmap.ModelError, match="cannot be written as JSON"):
        riskmap.Model(endless)


def test_secrets_are_refused(model):
    edited = model.to_dict()
    edited["layers"]["wegen"]["source"] = "PG:host=db.example.org password=geheim"
    with pytest.raises(riskmap.ModelError, match="password") as refused:
        riskmap.Model(edited)
    assert "geheim" not in str(refused.value)
