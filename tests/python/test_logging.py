"""What a run tells through logging: counts and names, and never a cell of the data."""

import logging
import pathlib
import subprocess
import sys

import pytest

import riskmap

PARKS = "examples/models/vakantieparken.json"


@pytest.fixture
def told(root, caplog):
    """What a run of the holiday parks tells, as (level, text)."""
    with caplog.at_level(logging.INFO, logger="riskmap"):
        riskmap.run(PARKS, as_of="2026-11-01")
    assert {record.name for record in caplog.records} == {"riskmap"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_line_for_each_layer(told):
    lines = [text for level, text in told if level == "INFO"]
    assert [line.split(":")[0].removeprefix("layer ") for line in lines] == riskmap.Model(PARKS).layers
    assert lines[1] == "layer adressen: 2035 read, 2035 used, 0 rejected; 170 outside the areas; in EPSG:28992"
    assert "from EPSG:4326, transformed by: " in lines[0]


def test_what_was_rejected_and_why(told):
    warnings = [text for level, text in told if level == "WARNING"]
    rejected = [text for text in warnings if "rejected" in text]
    assert rejected == ["layer meldingen: 6 of 2759 rejected: no-coordinate 2, outside-crs 2, future 1, no-date 1"]


def test_missing_grids(told):
    grids = [text for level, text in told if level == "WARNING" and "grid" in text]
    for text in grids:  # none where the grids are installed
        assert "placed to within 0.25 m" in text and "projsync --file" in text
    assert len(grids) in (0, 3)


def test_a_layer_of_which_nothing_is_read(root, tmp_path, caplog):
    head = pathlib.Path("examples/data/meldingen.csv").read_text().splitlines()[0]
    (tmp_path / "empty.csv").write_text(head + "\n")
    riskmap.run(PARKS, {"meldingen": tmp_path / "empty.csv"})
    assert "layer meldingen: nothing was read; indicators on this layer say nothing" in caplog.messages


def test_never_a_cell(root, tmp_path, caplog):
    secret = "geheim-kenmerk-4711"
    lines = pathlib.Path("examples/data/meldingen.csv").read_text().splitlines()
    sign = next(sign for sign in ";,\t" if sign in lines[0])
    row = [secret] * len(lines[0].split(sign))
    (tmp_path / "some.csv").write_text("\n".join([*lines[:200], sign.join(row)]) + "\n")
    with caplog.at_level(logging.DEBUG, logger="riskmap"):
        riskmap.run(PARKS, {"meldingen": tmp_path / "some.csv"})
    assert any("rejected: " in text for text in caplog.messages)
    assert secret not in caplog.text


def test_placed_by_address(root, caplog):
    model = riskmap.Model(PARKS).to_dict()
    reports = model["layers"]["meldingen"]
    for key in ("x", "y", "crs"):
        del reports[key]
    reports |= {"source": "examples/data/meldingen-adres.csv", "locate": "adressen"}
    with caplog.at_level(logging.INFO, logger="riskmap"):
        riskmap.run(model)
    line = [text for text in caplog.messages if text.startswith("layer meldingen:") and "read" in text][0]
    assert "placed by address" in line


def test_nothing_is_printed_unless_asked(root):
    """A script without a word about logging stays silent; after basicConfig the warnings come."""
    script = f"import logging, riskmap; {{}}riskmap.run({PARKS!r})"
    quiet, heard = (
        subprocess.run([sys.executable, "-c", script.format(setting)], capture_output=True, text=True, check=True)
        for setting in ("", "logging.basicConfig(); ")
    )
    assert quiet.stdout == quiet.stderr == ""
    assert "WARNING:riskmap:layer meldingen: 6 of 2759 rejected" in heard.stderr and "INFO" not in heard.stderr


def test_a_level_that_nobody_wants_costs_nothing(root, caplog, monkeypatch):
    calls = []
    monkeypatch.setattr(riskmap._riskmap, "result_table", lambda *arguments: calls.append(arguments))
    with caplog.at_level(logging.ERROR, logger="riskmap"):
        riskmap.run(PARKS)
    assert calls == [] and caplog.messages == []


def test_what_is_wrong_with_data_in_memory(caplog):
    riskmap.Layer.from_points([1.0, float("nan"), float("inf")], [1.0, 2.0, 3.0])
    assert ["2 issues" in text for text in caplog.messages] == [True]
    feature = {"type": "Feature", "properties": {}, "geometry": None}
    riskmap.as_layer({"type": "FeatureCollection", "features": [feature] * 3})
    assert ["3 issues" in text for text in caplog.messages] == [False, True]


def test_a_file_is_told_of_once(tmp_path, caplog):
    (tmp_path / "some.geojson").write_text('{"type": "Feature", "properties": {}, "geometry": null}')
    riskmap.Layer(tmp_path / "some.geojson")
    riskmap.Layer(riskmap.Layer.from_points([1.0], [1.0]))
    assert ["1 issues" in text for text in caplog.messages] == [True]


def test_what_is_wrong_with_a_table(caplog):
    pandas = pytest.importorskip("pandas")
    with pytest.raises(riskmap.ArgumentError, match="point 1"):
        riskmap.bandwidth_rule(pandas.DataFrame({"x": [1.0, float("nan")], "y": [1.0, 2.0]}), crs=28992)
    assert ["1 issues" in text for text in caplog.messages] == [True]
