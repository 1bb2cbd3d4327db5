"""What a result gives, shows and writes."""

import csv
import gc
import html
import math
import os
import pathlib
import re
import sqlite3
import threading

import numpy as np
import pytest

import riskmap

PARKS = "examples/models/vakantieparken.json"
AS_OF = "2026-11-01"


@pytest.fixture
def result(root):
    return riskmap.run(PARKS, as_of=AS_OF)


# ---- places ----


def test_places_come_by_rank(result):
    places = list(result)
    assert len(result) == len(places) == 16 and result.ranked == 15
    assert [place.rank for place in places] == [*range(1, 16), None]
    assert [place.score for place in places[:15]] == sorted((place.score for place in places[:15]), reverse=True)
    assert math.isnan(places[15].score) and places[15].class_ is None and places[15].coverage < 0.6
    assert repr(result.top(3)) == repr(places[:3]) and repr(result.top(99)) == repr(places[:15])
    assert result.top(0) == []


def test_a_place_by_its_id(result):
    place = result["VP-000-01"]
    assert (place.rank, place.id, place.name, place.type, place.class_) == (
        1,
        "VP-000-01",
        "De Heidehoeve",
        "holiday-park",
        5,
    )
    assert "VP-000-01" in result and "VP-999-01" not in result
    with pytest.raises(riskmap.NotFound, match='no place has the id "VP-999-01"'):
        result["VP-999-01"]
    with pytest.raises(LookupError):
        result.reasons("VP-999-01")


def test_reasons_as_text_and_as_data(result):
    place = result["VP-000-01"]
    first = place.reasons[0]
    assert str(first) == first.text == "Aantal eigenaren: 38 (draagt 0,18 bij)"
    assert (first.indicator, first.label, first.value) == ("aantal_eigenaren", "Aantal eigenaren", 38.0)
    assert place.reasons == result.reasons("VP-000-01")
    contributions = [reason.contribution for reason in place.reasons]
    assert contributions == sorted(contributions, reverse=True)
    assert math.isclose(sum(contributions), place.score, rel_tol=1e-12)


def test_a_place_without_a_score_says_what_is_known_and_what_is_missing(result):
    result.language = "en"
    place = result["VP-000-14"]
    known = [reason.indicator for reason in place.reasons]
    assert known[:2] == ["aantal_eigenaren", "nabij_rijksgrens"] and len(known) == 6  # by weight in the model
    assert repr(place.reasons) == repr(result.reasons("VP-000-14"))
    assert all(math.isnan(one.contribution) and not math.isnan(one.value) for one in place.reasons)
    assert str(place.reasons[0]) == "Number of owners: 1"
    assert set(place.missing) == {
        "Age of the cottages",
        "Share of addresses with a dwelling use",
        "Mean floor area per address (m2)",
        "Reports per 100 addresses",
    }
    weights = dict(zip(result.indicators["name"], result.indicators["weight"]))
    assert math.isclose(sum(weights[name] for name in known) / sum(weights.values()), place.coverage)
    assert place.min_coverage == 0.6
    lines = repr(place).splitlines()
    assert len(lines) == 8 and lines[-1].endswith("Reports per 100 addresses; the model asks 60%>")
    assert lines[-1].startswith("  missing: Age of the cottages, ")
    scored = next(one for one in result.top(99) if one.coverage < 1)
    assert scored.missing == ("Reports per 100 addresses",)
    assert repr(scored).endswith("\n  missing: Reports per 100 addresses>")
    assert result["VP-000-01"].missing == ()


@pytest.mark.parametrize("score, asked", [({}, 0.6), ({"min_coverage": 0.5}, 0.5), ({"missing": "leave"}, 1.0)])
def test_what_the_model_asks_is_what_it_scores_by(root, score, asked):
    model = riskmap.Model(PARKS).to_dict()
    model["score"] = score
    result = riskmap.run(model, as_of=AS_OF)
    assert result.model.min_coverage == asked
    assert {place.coverage >= asked for place in result if not math.isnan(place.score)} == {True}
    assert all(place.coverage < asked == place.min_coverage for place in result if math.isnan(place.score))
    assert riskmap.Model(model).check().effect.min_coverage == asked


def test_pillars_are_those_of_the_table(result):
    areas = result.areas
    row = areas["id"].tolist().index("VP-000-01")
    pillars = result["VP-000-01"].pillars
    assert set(pillars) == {"structure", "signals"}
    assert pillars["signals"].score == areas["signals_score"][row]
    assert pillars["signals"].rank == areas["signals_rank"][row]


def test_english(result):
    english = riskmap.run(PARKS, as_of=AS_OF, language="en")
    assert str(english["VP-000-01"].reasons[0]) == "Number of owners: 38 (adds 0.18)"
    result.language = "en"
    assert result["VP-000-01"].reasons == english["VP-000-01"].reasons
    assert result.disclaimer("nl").startswith("Vergelijkend cijfer") and result.disclaimer() == english.disclaimer()
    with pytest.raises(riskmap.ArgumentError, match='"nl" or "en" is needed'):
        result.language = "de"


def test_areas_without_an_id_of_their_own(root):
    model = riskmap.Model(PARKS).to_dict()
    del model["areas"]["id"]
    result = riskmap.run(model)
    assert result[0].name == result["0"].name == "De Heidehoeve"


# ---- tables ----


def test_tables_are_layers_made_once(result):
    assert [len(result.table(name)) for name in ("areas", "indicators", "contributions", "layers")] == [16, 10, 160, 7]
    assert result.areas is result.table("areas") is result.table("areas", "nl")
    assert result.areas.crs == "EPSG:28992"
    assert result.issues["code"].tolist().count("no-coordinate") == 2
    assert result.layers["rejected"].tolist() == [0, 0, 0, 0, 0, 0, 6]
    assert "key" in result.run.fields
    with pytest.raises(riskmap.NotFound, match="reasons"):
        result.table("reasons")
    with pytest.raises(riskmap.ArgumentError):
        result.table("areas", "de")


@pytest.mark.parametrize(
    "language, first", [("nl", ["Ouderdom van de huisjes", "jaar"]), ("en", ["Age of the cottages", "years"])]
)
def test_the_reasons_as_a_table_are_those_of_the_file(result, tmp_path, language, first):
    pytest.importorskip("pandas")
    result.language = language
    result.write(tmp_path / "result.gpkg")
    with sqlite3.connect(tmp_path / "result.gpkg") as file:
        rows = file.execute("select * from reasons order by fid")
        names, stored = [column[0] for column in rows.description], rows.fetchall()
    table = result.to_pandas("reasons").reset_index()
    assert table.columns.tolist() == names and len(table) == 160
    given = table.astype(object).where(table.notna(), None)
    assert [tuple(row) for row in given.itertuples(index=False)] == stored
    assert table[["label", "unit"]].iloc[0].tolist() == first
    reasons = {reason.label: (reason.unit, reason.why) for reason in result["VP-000-01"].reasons}
    assert {row.label: (row.unit, row.why) for row in table.head(10).itertuples()} == reasons


def test_issues_one_by_one(result):
    table = result.issues
    assert result.issue_count == len(table) == 6
    assert [result.issue(index).code for index in range(6)] == table["code"].tolist()
    first = result.issue(0)
    assert (first.severity, first.layer, first.feature) == ("rejected", "meldingen", table["feature"][0])
    for index in (-1, 6):
        with pytest.raises(riskmap.ArgumentError):
            result.issue(index)


def test_to_pandas(result):
    pytest.importorskip("pandas")
    areas = result.to_pandas()
    assert areas.set_index("id").loc["VP-000-01", "score"] == result["VP-000-01"].score
    assert len(result.to_pandas("contributions")) == 160
    with pytest.raises(riskmap.NotFound, match="issues"):
        result.to_pandas("reden")
    assert result.to_pandas("layers")["name"].tolist()[0] == "parken"


def test_to_geopandas(result):
    pytest.importorskip("geopandas")
    areas = result.to_geopandas()
    assert areas.crs.to_epsg() == 28992 and (areas.geom_type == "Polygon").all()
    place = result["VP-000-01"]
    row = areas[areas["id"] == "VP-000-01"].iloc[0]
    assert row["score"] == place.score and math.isclose(row.geometry.area, place.area_m2, rel_tol=1e-9)


def test_arrow(result):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(result)
    table.validate(full=True)
    assert table["score"].to_pylist()[0] == result["VP-000-01"].score


# ---- shown ----


def test_repr_is_the_top_with_its_reasons(result):
    lines = repr(result).splitlines()
    assert lines[0] == "Vakantieparken: waar eerst kijken?"
    assert lines[2] == "   1. 0,80  De Heidehoeve (VP-000-01)"
    assert lines[3] == "        - Aantal eigenaren: 38 (draagt 0,18 bij)"
    assert lines[6] == "   2. 0,80  Het Wolderbos (VP-000-02)"
    assert lines[-3:] == [
        "16 gebieden, 15 gerangschikt; 1 niet: te weinig gegevens of geen geometrie.",
        "AFGESCHERMD: niet verspreiden.",
        result.disclaimer(),
    ]
    result.language = "en"
    assert "16 areas, 15 ranked" in repr(result) and "AFGESCHERMD (shielded)" in repr(result)
    assert "0.80  De Heidehoeve" in repr(result)


def test_layers_that_say_nothing_are_noted(root):
    note = "Let op: laag meldingen: "
    assert "Let op" not in repr(riskmap.run(PARKS, as_of=AS_OF))
    places = [[212591, 475779], *[[6.1, 52.1]] * 3]  # degrees, said to be metres
    facts = {"type": "Feature", "properties": {"datum": "2026-01-05", "categorie": "drugs"}}
    features = [facts | {"geometry": {"type": "Point", "coordinates": place}} for place in places]
    wrong = riskmap.Layer({"type": "FeatureCollection", "features": features}, 28992)
    result = riskmap.run(PARKS, {"meldingen": wrong}, as_of=AS_OF)
    assert note + "3 van 4 tellen niet mee; zie result.issues." in repr(result)
    assert note + "3 van 4" in result._repr_html_()
    model = riskmap.Model(PARKS).to_dict()
    model["layers"]["meldingen"]["where"] = "categorie = 'zwerfafval'"
    result = riskmap.run(model, as_of=AS_OF, language="en")
    assert "Note: layer meldingen: nothing was read; indicators on this layer say nothing." in repr(result)


def test_a_place_shows_its_reasons(result):
    lines = repr(result["VP-000-01"]).splitlines()
    assert lines[0] == "<riskmap.Place De Heidehoeve (VP-000-01), rank 1, score 0.8006, class 5"
    assert lines[1] == "  Aantal eigenaren: 38 (draagt 0,18 bij)" and len(lines) == 11 and lines[-1].endswith(">")
    reason = result.reasons("VP-000-01")[0]
    assert repr(reason) == "<riskmap.Reason aantal_eigenaren: Aantal eigenaren: 38 (draagt 0,18 bij)>"
    last = list(result)[-1]
    assert "not ranked, no score, 51% of the weight is known" in repr(last).splitlines()[0]


def test_html_is_a_table_without_markup_of_the_data(root):
    model = riskmap.Model(PARKS).to_dict()
    model["title"] = "<script>alert(1)</script>"
    model["indicators"][1]["label"] = 'A & B "<b>"'
    result = riskmap.run(model)
    shown = result._repr_html_()
    tags = set(re.findall(r"</?([a-z0-9]+)", shown))
    assert tags == {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "p", "em"}
    assert "&lt;script&gt;" in shown and html.escape('A & B "<b>"') in shown
    assert shown.count("<tr>") == 11 and "AFGESCHERMD" in shown and html.escape(result.disclaimer()) in shown
    assert shown.index("AFGESCHERMD") < shown.index(html.escape(result.disclaimer()))


def test_open_results_are_not_called_shielded(root):
    model = riskmap.Model(PARKS).to_dict()
    model["layers"]["meldingen"]["classification"] = "open"
    result = riskmap.run(model)
    assert not result.is_shielded
    assert "AFGESCHERMD" not in repr(result) and "AFGESCHERMD" not in result._repr_html_()


# ---- files ----


def test_write_refuses_and_replaces(result, tmp_path):
    path = tmp_path / "parks.gpkg"
    result.write(path, language="en")
    with pytest.raises(riskmap.ExistsError):
        result.write(path)
    result.write(path, overwrite=True)
    with sqlite3.connect(path) as file:
        assert file.execute("select count(*) from areas where rank = 1").fetchone() == (1,)
    with pytest.raises(riskmap.NotFound):
        result.write(tmp_path / "no/parks.gpkg")
    assert [one.name for one in tmp_path.iterdir()] == ["parks.gpkg"]


def test_a_result_does_not_replace_what_it_was_made_of(result):
    before = os.stat("examples/data/meldingen.csv").st_mtime_ns
    with pytest.raises(riskmap.ArgumentError, match="meldingen.csv is one of the files that were read"):
        result.write_table("examples/data/meldingen.csv", overwrite=True)
    assert os.stat("examples/data/meldingen.csv").st_mtime_ns == before


def test_nor_from_another_folder_or_what_came_as_a_layer(tmp_path, monkeypatch):
    parks = tmp_path / "parks.csv"
    parks.write_bytes(open("examples/data/meldingen.csv", "rb").read())
    reports = riskmap.read(parks, crs=28992)
    result = riskmap.run("examples/models/vakantieparken.json", layers={"meldingen": reports}, as_of="2026-11-01")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(riskmap.ArgumentError, match="is one of the files that were read"):
        result.write_table("parks.csv", overwrite=True)
    assert list(tmp_path.iterdir()) == [parks]


def test_a_name_that_says_another_format(result, tmp_path):
    for name in ("parks.shp", "parks", "parks.csv"):
        for write in (result.write, riskmap.check_target):
            with pytest.raises(riskmap.ArgumentError, match=f"{name}: a GeoPackage is written as .gpkg; give the name"):
                write(tmp_path / name)
    with pytest.raises(riskmap.ArgumentError, match="a list is written as .csv or .xlsx"):
        result.write_table(tmp_path / "parks.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_a_target_is_judged_before_the_run(tmp_path):
    (tmp_path / "parks.gpkg").touch()
    with pytest.raises(riskmap.ExistsError, match="parks.gpkg exists already"):
        riskmap.check_target(tmp_path / "parks.gpkg")
    riskmap.check_target(tmp_path / "parks.gpkg", overwrite=True)
    with pytest.raises(riskmap.NotFound, match="the folder of .* does not exist"):
        riskmap.check_target(tmp_path / "no/parks.gpkg")


def test_a_database_is_tried_before_the_run(tmp_path):
    riskmap.check_target(tmp_path / "parks.gpkg")
    try:
        with pytest.raises(riskmap.FileError):
            riskmap.check_target("PG:host=127.0.0.1 port=1 dbname=none connect_timeout=2")
    except riskmap.UnsupportedError:
        pytest.skip("built without PostGIS")


def test_a_shielded_file_is_for_its_owner_alone(result, tmp_path):
    result.write(tmp_path / "parks.gpkg")
    result.write_table(tmp_path / "parks.csv")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_the_list_for_the_meeting(result, tmp_path):
    result.write_table(tmp_path / "top.csv", rows=3)
    text = (tmp_path / "top.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    named = [row for row in rows if any("Heidehoeve" in cell for cell in row)]
    assert len(named) == 1 and "De Jutberg" not in text
    result.write_table(tmp_path / "top.xlsx", language="en")
    assert (tmp_path / "top.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(riskmap.ArgumentError, match="rows is -1"):
        result.write_table(tmp_path / "more.csv", rows=-1)


@pytest.mark.parametrize("name", ["top.csv", "top.xlsx"])
def test_the_list_tells_its_progress_and_can_be_stopped(result, tmp_path, name):
    told = []
    result.write_table(tmp_path / name, progress=lambda fraction, message: told.append((fraction, message)))
    assert told[0] == (0.0, "list") and all(0 <= fraction <= 1 for fraction, _ in told)
    with pytest.raises(riskmap.Cancelled):
        result.write_table(tmp_path / f"no-{name}", progress=lambda fraction, message: True)
    assert [path.name for path in tmp_path.iterdir()] == [name]


# ---- ending ----


def test_after_close(result):
    areas, score = result.areas, result.areas["score"]
    with result as same:
        assert same is result
    assert repr(result) == "<riskmap.Result, closed>" and "closed" in result._repr_html_()
    uses = [
        lambda: len(result),
        lambda: list(result),
        lambda: result.top(),
        lambda: result["VP-000-01"],
        lambda: "VP-000-01" in result,
        lambda: result.areas,
        lambda: result.is_shielded,
        lambda: result.disclaimer(),
        lambda: result.write("x.gpkg"),
        lambda: result.__arrow_c_stream__(),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="riskmap.Result was closed; make it again"):
            use()
    result.close()  # twice does no harm
    gc.collect()
    assert len(areas) == 16 and areas["score"][0] == score[0]  # layers that were taken stay


def test_a_result_outlives_its_model_and_its_layers(root):
    layers = {"wegen": riskmap.read("examples/data/wegen.gpkg", "wegdeel")}
    result = riskmap.Model(PARKS).run(layers, as_of=AS_OF)
    layers["wegen"].close()
    del layers
    gc.collect()
    assert result["VP-000-01"].score == riskmap.run(PARKS, as_of=AS_OF)["VP-000-01"].score


def test_many_threads_on_one_result(result, tmp_path):
    expected, out = repr(list(result)), []

    def use(number):
        result.write(tmp_path / f"{number}.gpkg")
        out.append(repr(list(result)))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert out == [expected] * 4


def test_closing_while_another_thread_writes(result, tmp_path):
    started = threading.Event()

    def write():
        result.write(tmp_path / "parks.gpkg", progress=lambda fraction, message: started.set())

    writer = threading.Thread(target=write)
    writer.start()
    started.wait(10)
    result.close()
    writer.join()
    with sqlite3.connect(pathlib.Path(tmp_path / "parks.gpkg")) as file:
        assert file.execute("select count(*) from areas").fetchone() == (16,)


def test_numbers_are_those_of_numpy(result):
    assert isinstance(result.areas["score"], np.ndarray) and result.areas["score"].dtype == np.float64
