"""What riskmap.inspect finds is what the program finds; how it looks; its factsheet."""

import datetime
import json
import pathlib

import pytest

import riskmap

from . import programs

SOURCES = [
    "meldingen.csv",
    "meldingen-adres.csv",
    "bag-light.gpkg",
    "brk.gpkg",
    "vakantieparken.geojson",
    "wegen.gpkg",
]


@pytest.mark.parametrize("source", SOURCES)
def test_as_the_program_finds_it(root, source):
    expected = programs.told("riskmap-inspect", f"examples/data/{source}")
    found = riskmap.inspect(f"examples/data/{source}")
    assert (found.source, found.driver) == (expected["source"], expected["driver"])
    assert len(found) == len(expected["layers"]) > 0
    for layer, wanted in zip(found, expected["layers"]):
        compare(layer, wanted)


def compare(layer, wanted):
    fields, roles, extent = wanted.pop("fields"), wanted.pop("roles"), wanted.pop("extent")
    assert {name: programs.as_json(getattr(layer, name)) for name in wanted} == wanted
    assert [programs.as_json(value) for value in layer.extent] == (extent or [None] * 4)
    assert [(role.role, role.column, role.sure) for role in layer.roles] == [tuple(role.values()) for role in roles]
    assert [field.name for field in layer.fields] == [field["name"] for field in fields]
    for field, one in zip(layer.fields, fields):
        if (one["first_date"] or "").startswith("0-"):  # Python has no year 0
            one["first_date"] = one["last_date"] = None
        assert {name: programs.as_json(getattr(field, name)) for name in one} == one


@pytest.fixture
def reports(root):
    return riskmap.inspect("examples/data/meldingen.csv", crs=28992)


def test_a_layer_and_its_fields(reports):
    layer = reports["meldingen"]
    assert layer is reports.layers[0] and list(reports) == [layer]
    assert layer.crs == "EPSG:28992" and layer.crs_operation is None and layer.problem is None
    assert (layer.duplicate_rows, layer.duplicate_ids) == (None, None)
    date = [field for field in layer.fields if field.name == "datum"][0]
    assert date.first_date == datetime.date(1026, 6, 12) and date.last_date == datetime.date(2031, 5, 19)
    assert date.lowest != date.lowest  # NaN
    with pytest.raises(riskmap.NotFound, match="there is no layer 'x'; there are: meldingen"):
        reports["x"]


def test_one_layer_alone(root):
    roads = riskmap.inspect("examples/data/wegen.gpkg", "aansluiting")
    assert [layer.name for layer in roads] == ["aansluiting"]


def test_duplicates_are_counted_when_asked(root, tmp_path):
    lines = pathlib.Path("examples/data/meldingen.csv").read_text().splitlines()
    (tmp_path / "twice.csv").write_text("\n".join([*lines[:11], lines[3], lines[3]]) + "\n")
    assert riskmap.inspect(tmp_path / "twice.csv", duplicates=True).layers[0].duplicate_rows == 2


def test_to_pandas_has_a_row_for_each_field(reports):
    pytest.importorskip("pandas")
    table = reports.to_pandas()
    assert len(table) == 5 and table["layer"].unique().tolist() == ["meldingen"]
    assert table.set_index("name").loc["x", "missing"] == 2


def test_shown_as_a_table(reports):
    assert repr(reports).splitlines() == [
        "examples/data/meldingen.csv (Delimited text): 1 laag",
        "",
        "meldingen: 3.009 (Point)",
        "  herkend als meldingen: datum en coördinaten",
        "  CRS EPSG:28992",
        "  2 zonder bruikbare geometrie",
        "  2 buiten het gebied van het CRS",
        "  kolommen: x: x, y: y, datum: datum, nummer: meldingnummer",
        "",
        "  veld           type   ontbreekt  waarden",
        "  meldingnummer  tekst          -  1 t/m 90000007",
        "  datum          tekst          -  1026-06-12 t/m 2031-05-19 (1 geen datum)",
        "  categorie      tekst          -",
        "  x              tekst   2 (0,1%)  6,1583 t/m 475020",
        "  y              tekst   1 (0,0%)  52,2612 t/m 478508",
    ]
    reports.language = "en"
    assert "meldingen: 3,009 (Point)" in repr(reports) and "2 without usable geometry" in repr(reports)
    by_address = riskmap.inspect("examples/data/meldingen-adres.csv")
    assert "meldingen-adres: 350 (geen geometrie)" in repr(by_address)


def test_persons_are_not_shown(root, tmp_path):
    (tmp_path / "x.csv").write_text("naam,telefoonnummer,aantal\nA,0612345678,1\nB,0687654321,2\n")
    found = riskmap.inspect(tmp_path / "x.csv")
    phone = [field for field in found.layers[0].fields if field.name == "telefoonnummer"][0]
    assert phone.person and phone.lowest != phone.lowest
    assert "persoonsgegevens" in repr(found) and "0612345678" not in repr(found)


@pytest.mark.parametrize(
    "source, options, error, message",
    [
        ("nowhere.gpkg", {}, riskmap.NotFound, "nowhere.gpkg"),
        ("examples/data/wegen.gpkg", {"layer": "x"}, riskmap.NotFound, "x"),
        ("examples/data/wegen.gpkg", {"target_crs": "EPSG:1"}, riskmap.CrsError, "EPSG:1"),
        ("examples/data/wegen.gpkg", {"crs": 1.5}, riskmap.CrsError, "EPSG:28992"),
        ("examples/data/wegen.gpkg", {"threads": 99}, riskmap.ArgumentError, "threads"),
        ("examples/data/wegen.gpkg", {"language": "de"}, riskmap.ArgumentError, '"nl" or "en"'),
        (3, {}, riskmap.ArgumentError, "source: a path is needed"),
        ("", {}, riskmap.ArgumentError, "no source"),
    ],
)
def test_bad_input(root, source, options, error, message):
    with pytest.raises(error, match=message):
        riskmap.inspect(source, **options)


def test_progress_may_stop(root):
    with pytest.raises(riskmap.Cancelled):
        riskmap.inspect("examples/data/bag-light.gpkg", progress=lambda fraction, message: True)


# ---- factsheets ----


def test_a_factsheet_in_two_forms(reports, tmp_path):
    reports.write_factsheet(tmp_path / "facts.md", today="2026-11-01", model="examples/models/vakantieparken.json")
    facts = json.loads((tmp_path / "facts.json").read_text())
    text = (tmp_path / "facts.md").read_text()
    assert "2026-11-01" in text and "ernstige_meldingen" in json.dumps(facts)
    assert "475020" not in text  # no extremes of what is not open
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    with pytest.raises(riskmap.ExistsError):
        reports.write_factsheet(tmp_path / "facts")
    reports.write_factsheet(tmp_path / "facts", True, open=True, language="en", today=datetime.date(2026, 11, 1))
    assert "475020" in (tmp_path / "facts.md").read_text().replace(",", "").replace(".", "")


def test_a_factsheet_as_the_program_writes_it(root, tmp_path):
    source = "examples/data/wegen.gpkg"
    programs.run("riskmap-inspect", source, "--open", "--factsheet", tmp_path / "theirs.md")
    riskmap.inspect(source, duplicates=True).write_factsheet(tmp_path / "ours.md", open=True)
    assert (tmp_path / "ours.json").read_text() == (tmp_path / "theirs.json").read_text()
    assert (tmp_path / "ours.md").read_text() == (tmp_path / "theirs.md").read_text()


def test_where_no_factsheet_can_be(reports, tmp_path):
    with pytest.raises(riskmap.NotFound):
        reports.write_factsheet(tmp_path / "no/facts.md")
    with pytest.raises(riskmap.ModelError):
        reports.write_factsheet(tmp_path / "facts.md", model={})
    assert list(tmp_path.iterdir()) == []
