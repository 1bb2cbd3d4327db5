"""Which files of a folder hold the layers of a model, from Python as by the program."""

import gc
import json
import pathlib
import shutil
import threading

import pytest

import riskmap

from . import programs

PARKS = "examples/models/vakantieparken.json"
DATA = "examples/data"


@pytest.fixture
def found(root):
    return riskmap.match(PARKS, DATA)


def test_every_layer_is_found(found):
    assert {layer.state for layer in found.layers} == {"taken"} and found.unclear == []
    assert [layer.name for layer in found.layers] == riskmap.Model(PARKS).layers
    roads = found["wegen"]
    assert (roads.chosen.path, roads.chosen.layer) == ("examples/data/wegen.gpkg", "wegdeel")
    assert roads.chosen == roads.fits[0] and roads.chosen in found.sources
    assert roads.fields == ("typeweg",) and roads.chosen.taken_for == "TOP10NL: wegdeel"
    with pytest.raises(riskmap.NotFound, match="there is no layer 'weg'; there are: parken, adressen"):
        found["weg"]


def test_as_the_program_finds_it(found, tmp_path):
    expected = programs.told("riskmap-check", PARKS, "--data", DATA, codes=(0, 3, 4))["match"]
    assert [(layer.name, layer.state, layer.source) for layer in found.layers] == [
        (layer["name"], layer["state"], layer["source"]) for layer in expected["layers"]
    ]
    for layer, wanted in zip(found.layers, expected["layers"]):
        assert [(fit.path, fit.layer) for fit in layer.fits] == [(fit["path"], fit["layer"]) for fit in wanted["fits"]]
    unreadable = [source.path for source in found.sources if source.problem]
    assert unreadable == [source["path"] for source in expected["unreadable"]]


def test_what_is_written_has_the_same_scores(found, tmp_path):
    found.write(tmp_path / "mine.json")
    mine, theirs = (riskmap.run(model, as_of="2026-11-01") for model in (tmp_path / "mine.json", PARKS))
    assert repr(list(mine)) == repr(list(theirs))
    with pytest.raises(riskmap.ExistsError):
        found.write(tmp_path / "mine.json")
    found.write(tmp_path / "mine.json", overwrite=True)
    with pytest.raises(riskmap.ArgumentError, match="is one of the files that were read"):
        found.write("examples/data/wegen.gpkg", overwrite=True)


def test_choosing(found, tmp_path):
    fits = found["kommen"].fits
    found.choose("kommen", None)
    assert found["kommen"].state == "kept" and found["kommen"].chosen is None
    found.choose("kommen", fits[0])
    assert found["kommen"].chosen == fits[0] and found["kommen"].state == "taken"
    found.choose("kommen", found.sources.index(fits[0]))
    assert found["kommen"].chosen == fits[0]
    for layer, source, error in (
        ("kom", fits[0], riskmap.NotFound),
        ("kommen", 99, riskmap.ArgumentError),
        ("kommen", "wegen.gpkg", TypeError),
    ):
        with pytest.raises(error):
            found.choose(layer, source)


def test_a_source_of_another_match(found, root, tmp_path):
    shutil.copy("examples/data/wegen.gpkg", tmp_path)
    other = riskmap.match(PARKS, tmp_path)["wegen"].fits[0]
    with pytest.raises(riskmap.NotFound, match="none of the sources of this match"):
        found.choose("wegen", other)


def test_giving(found, tmp_path):
    found.give("wegen", pathlib.Path("elsewhere/roads.gpkg|layername=deel"))
    assert found["wegen"].state == "taken" and found["wegen"].source == "elsewhere/roads.gpkg|layername=deel"
    (tmp_path / "elsewhere").mkdir()
    found.write(tmp_path / "mine.json")
    assert json.loads((tmp_path / "mine.json").read_text())["layers"]["wegen"]["layer"] == "deel"
    with pytest.raises(riskmap.NotFound, match='no layer "weg"'):
        found.give("weg", "x.gpkg")


def test_unclear_until_chosen(root, tmp_path):
    for name in ("wegen een.gpkg", "wegen twee.gpkg"):
        shutil.copy("examples/data/wegen.gpkg", tmp_path / name)
    found = riskmap.match(PARKS, tmp_path)
    assert found.unclear == ["wegen"] and len(found["wegen"].fits) == 2
    assert "onduidelijk" in repr(found) and "2 bronnen passen" in repr(found)
    found.choose("wegen", found["wegen"].fits[1])
    assert found.unclear == []


def test_shown(found, root, tmp_path):
    assert repr(found).splitlines()[0] == "Lagen en hun bronnen"
    assert "  gevonden     wegen      examples/data/wegen.gpkg|layername=wegdeel (TOP10NL: wegdeel)" in repr(found)
    (tmp_path / "broken.gpkg").write_bytes(b"no database")
    broken = riskmap.match(PARKS, tmp_path, language="en")
    assert "Unreadable" in repr(broken) and "broken.gpkg" in repr(broken).split("Unreadable")[1]


def test_a_match_outlives_its_model(root):
    found = riskmap.match(riskmap.Model(PARKS).to_dict(), DATA)
    gc.collect()
    assert found["wegen"].state == "taken"
    assert found.model.name == "vakantieparken-woldermark"


def test_bad_input(root):
    for folder, error in (("nowhere", riskmap.NotFound), (3, riskmap.ArgumentError), ("", riskmap.ArgumentError)):
        with pytest.raises(error):
            riskmap.match(PARKS, folder)
    with pytest.raises(riskmap.Cancelled):
        riskmap.match(PARKS, DATA, progress=lambda fraction, message: True)


def test_two_threads_change_one_match(found):
    """One of them may be told that the other is at it; neither crashes, and the match stays sound."""
    problems = []

    def change():
        for turn in range(300):
            try:
                found.choose("wegen", None if turn % 2 else found["wegen"].fits[0])
            except RuntimeError as problem:
                problems.append(problem)

    threads = [threading.Thread(target=change) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found["wegen"].state in ("taken", "kept")
    assert all("another call" in str(problem) for problem in problems)
