"""A run from Python is that of the program to the last bit, from files and from memory, and it can be stopped."""

import os
import pathlib
import signal
import sqlite3
import threading
import time

import numpy as np
import pytest

import riskmap

from . import programs

MODELS = ["vakantieparken", "bedrijventerreinen", "buitengebied"]
AS_OF = "2026-11-01"
PARKS = "examples/models/vakantieparken.json"


def stored(path):
    """What a written result has: every number of every area, and every contribution."""
    with sqlite3.connect(path) as file:
        columns = [row[1] for row in file.execute("pragma table_info(areas)")]
        columns = [name for name in columns if name not in ("geom", "geometry")]
        wanted = ", ".join(f'"{name}"' for name in columns)
        areas = file.execute(f"select {wanted} from areas order by fid")
        parts = file.execute(
            "select area, indicator, value, scaled, contribution, features, missing from contributions order by 1, 2"
        )
        return {"columns": columns, "areas": areas.fetchall(), "contributions": parts.fetchall()}


def column(layer, name):
    values = layer[name]
    if values.dtype.kind == "f":
        return [None if np.isnan(value) else value for value in values.tolist()]
    return values.tolist()


def of_result(result, columns):
    areas = result.areas
    rows = zip(areas.fids.tolist(), *(column(areas, name) for name in columns if name != "fid"))
    parts = result.contributions
    names = ["area", "indicator", "value", "scaled", "contribution", "features", "missing"]
    table = zip(*(column(parts, name) for name in names))
    return {"columns": columns, "areas": list(rows), "contributions": sorted(table, key=lambda row: row[:2])}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What the program writes for each of the three models."""
    folder, out = tmp_path_factory.mktemp("program"), {}
    for model in MODELS:
        path = folder / f"{model}.gpkg"
        programs.run("riskmap-score", f"examples/models/{model}.json", path, "--quiet", "--as-of", AS_OF)
        out[model] = stored(path)
    return out


def shown(result):
    """All places to the last bit, of which NaN is equal to itself."""
    return repr(list(result))


def sources(model):
    """Name, path, layer in it, and CRS that the model states, of every layer."""
    for name, layer in model.to_dict()["layers"].items():
        yield name, layer["source"], layer.get("layer"), layer.get("crs")


@pytest.mark.parametrize("name", MODELS)
def test_from_files(root, written, name):
    result = riskmap.run(f"examples/models/{name}.json", as_of=AS_OF)
    assert of_result(result, written[name]["columns"]) == written[name]
    assert [place.score for place in result.top(10**6)] == sorted(
        (row[written[name]["columns"].index("score")] for row in written[name]["areas"] if row[4]), reverse=True
    )


@pytest.mark.parametrize("name", MODELS)
def test_with_every_layer_read_before(root, written, name):
    model = riskmap.Model(f"examples/models/{name}.json")
    layers = {layer: riskmap.read(path, inside, crs=crs) for layer, path, inside, crs in sources(model)}
    result, from_files = model.run(layers, as_of=AS_OF), model.run(as_of=AS_OF)
    assert of_result(result, written[name]["columns"]) == written[name]
    assert issues(result) == issues(from_files) != []


def issues(result):
    return [result.issue(index) for index in range(result.issue_count)]


@pytest.mark.parametrize("name", MODELS)
def test_with_every_layer_a_geodataframe(root, written, name):
    pytest.importorskip("geopandas")
    model = riskmap.Model(f"examples/models/{name}.json")
    layers = {layer: frame_of(path, inside, crs) for layer, path, inside, crs in sources(model)}
    result = model.run(layers, as_of=AS_OF)
    assert counted(of_result(result, written[name]["columns"])) == counted(written[name])


def counted(all_of_it):
    """The areas by their order: a GeoDataFrame knows no feature ids."""
    order = {row[0]: number for number, row in enumerate(all_of_it["areas"])}
    return {
        "areas": [row[1:] for row in all_of_it["areas"]],
        "contributions": [(order[row[0]], *row[1:]) for row in all_of_it["contributions"]],
    }


def frame_of(path, layer, crs):
    """As geopandas itself reads it, which is not riskmap's reading."""
    import geopandas
    import pandas

    if not path.endswith(".csv"):
        return geopandas.read_file(path, **({"layer": layer} if layer else {}))
    table = pandas.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False)
    x, y = (pandas.to_numeric(table[name].str.replace(",", "."), errors="coerce") for name in "xy")
    return geopandas.GeoDataFrame(table, geometry=geopandas.points_from_xy(x, y), crs=crs)


def test_written_as_the_program_writes_it(root, written, tmp_path):
    riskmap.run(PARKS, as_of=AS_OF).write(tmp_path / "parks.gpkg")
    assert stored(tmp_path / "parks.gpkg") == written["vakantieparken"]
    assert (tmp_path / "parks.gpkg").stat().st_mode & 0o777 == 0o600


def test_threads_do_not_matter(root):
    one, three = (riskmap.run(PARKS, as_of=AS_OF, threads=threads) for threads in (1, 3))
    assert shown(one) == shown(three)


# ---- layers from elsewhere ----


def test_a_path_in_place_of_a_source(root, tmp_path):
    some = tmp_path / "some.csv"
    lines = pathlib.Path("examples/data/meldingen.csv").read_text().splitlines()
    some.write_text("\n".join(lines[:501]) + "\n")
    before, after = riskmap.run(PARKS), riskmap.run(PARKS, {"meldingen": some})
    assert after.layers["total"][-1] == 500 < before.layers["total"][-1]
    assert after["VP-000-01"].score != before["VP-000-01"].score


def test_a_dataframe_is_read_as_the_model_says(root):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv("examples/data/meldingen.csv", sep=";", decimal=",")
    files = riskmap.run(PARKS, as_of=AS_OF)
    for columns in (["x", "y"], ["oost", "noord"]):
        model = riskmap.Model(PARKS).to_dict()
        model["layers"]["meldingen"] |= dict(zip("xy", columns))
        result = riskmap.run(model, {"meldingen": frame.rename(columns=dict(zip("xy", columns)))}, as_of=AS_OF)
        assert result.areas["score"].tobytes() == files.areas["score"].tobytes()
        assert result.layers["rejected"].tolist() == files.layers["rejected"].tolist()
    with pytest.raises(riskmap.ArgumentError, match='grens: the table has no geometry and no columns "x" and "y"'):
        riskmap.run(PARKS, {"grens": frame[["datum"]]})


@pytest.mark.parametrize("order", ["some", "mixed"])
def test_results_line_up_with_the_frame(root, order):
    geopandas = pytest.importorskip("geopandas")
    parks = geopandas.read_file("examples/data/vakantieparken.geojson")
    parks = parks[5:] if order == "some" else parks.sample(frac=1, random_state=3)
    lost = int(parks.index[4])
    parks.loc[lost, "geometry"] = None
    result = riskmap.run(PARKS, {"parken": parks}, as_of=AS_OF)
    for table in (result.to_pandas(), result.to_geopandas()):
        assert table.index.equals(parks.index.rename("fid")) and (table["id"] == parks["parkcode"]).all()
    scores = parks.assign(score=result.to_pandas()["score"]).set_index("parkcode")["score"]
    assert np.isnan(scores[parks.loc[lost, "parkcode"]]) and scores.notna().sum() == result.ranked > 8
    reasons = result.to_pandas("reasons")
    assert (parks.loc[reasons["area"], "parkcode"].to_numpy() == reasons["id"]).all()
    assert len(reasons) == 10 * len(parks)
    assert all(parks.loc[place.fid, "parkcode"] == place.id for place in result)
    assert [result.issue(k).feature for k in range(result.issue_count) if result.issue(k).layer == "parken"] == [lost]


def test_issues_name_the_index_of_a_dataframe(root):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv("examples/data/meldingen.csv", sep=";", decimal=",")[1000:].sample(frac=1, random_state=2)
    lost = frame.index[frame["x"].isna() | frame["y"].isna()]
    result = riskmap.run(PARKS, {"meldingen": frame}, as_of=AS_OF)
    issues = result.to_pandas("issues")
    without = issues["code"].isin(["not-finite", "no-geometry"])
    assert len(lost) > 1 and set(issues[without]["feature"]) == set(lost)
    found = [result.issue(k).feature for k in range(result.issue_count) if result.issue(k).layer == "meldingen"]
    assert found and set(found) <= set(frame.index)


def test_a_fid_that_stands_twice_mixes_no_reasons(root):
    geopandas = pytest.importorskip("geopandas")
    parks = geopandas.read_file("examples/data/vakantieparken.geojson")
    result = riskmap.run(PARKS, {"parken": parks.assign(fid=7)}, as_of=AS_OF)
    files = riskmap.run(PARKS, as_of=AS_OF)
    columns = ["id", "label", "value", "contribution"]
    ours, theirs = (found.to_pandas("reasons")[columns].reset_index(drop=True) for found in (result, files))
    assert len(ours) == 160 and ours.equals(theirs)
    said = [result.issue(k) for k in range(result.issue_count) if result.issue(k).code == "feature-id"]
    assert [(issue.layer, issue.feature) for issue in said] == [("parken", None)]


def test_addresses_in_a_dataframe_are_placed(root):
    pandas = pytest.importorskip("pandas")
    source = "examples/data/meldingen-adres.csv"
    model = riskmap.Model(PARKS).to_dict()
    model["layers"]["meldingen"] = {"source": source, "time": "datum", "locate": "adressen"}
    files = riskmap.run(model, as_of=AS_OF)
    result = riskmap.run(model, {"meldingen": pandas.read_csv(source, sep=";", dtype=str)}, as_of=AS_OF)
    assert result.areas["score"].tobytes() == files.areas["score"].tobytes()
    assert result.layers["address_exact"].tolist() == files.layers["address_exact"].tolist()
    assert result.layers["address_exact"][-1] > 0


def test_a_layer_in_a_source_is_named_behind_it(root):
    again = riskmap.run(PARKS, {"wegen": "examples/data/wegen.gpkg|layername=wegdeel"}, as_of=AS_OF)
    assert shown(again) == shown(riskmap.run(PARKS, as_of=AS_OF))


def test_an_unknown_layer(root):
    with pytest.raises(riskmap.NotFound, match='no layer "weg"; its layers are: parken, adressen, grens, wegen'):
        riskmap.run(PARKS, {"weg": "x.gpkg"})
    with pytest.raises(riskmap.ArgumentError, match="a dict of names and sources is needed, not list"):
        riskmap.run(PARKS, ["x.gpkg"])


def test_errors_name_the_layer(root):
    with pytest.raises(riskmap.NotFound, match="nowhere.gpkg does not exist") as missing:
        riskmap.run(PARKS, {"wegen": "nowhere.gpkg"})
    assert missing.value.layer == "wegen" and missing.value.code == 10 and missing.value.row is None
    with pytest.raises(riskmap.Error) as areas:
        riskmap.run(PARKS, {"parken": "examples/data/meldingen.csv"})
    assert areas.value.layer == "parken"
    with pytest.raises(riskmap.Error) as data:
        riskmap.run(PARKS, {"wegen": 3})
    assert data.value.layer == "wegen"


def test_a_layer_without_a_crs(root):
    """The model has a "crs" for its reports, which then holds, and none for its border."""
    bare = riskmap.Layer.from_points([206700.0], [475000.0])
    with pytest.raises(riskmap.CrsError) as problem:
        riskmap.run(PARKS, {"grens": bare})
    assert problem.value.layer == "grens"
    reports = riskmap.read("examples/data/meldingen.csv")
    assert reports.crs is None
    assert shown(riskmap.run(PARKS, {"meldingen": reports}, as_of=AS_OF)) == shown(riskmap.run(PARKS, as_of=AS_OF))


def test_a_closed_layer(root):
    layer = riskmap.read("examples/data/wegen.gpkg", "wegdeel")
    layer.close()
    with pytest.raises(ValueError, match="closed"):
        riskmap.run(PARKS, {"wegen": layer})


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"as_of": "soon"}, "as_of"),
        ({"threads": 65}, "threads is 65"),
        ({"threads": "two"}, "threads: a whole number is needed"),
        ({"language": "fr"}, '"nl" or "en" is needed'),
        ({"progress": 3}, "progress"),
        ({"reference": 3}, "reference: a path is needed"),
        ({"command": 3}, "command: a text"),
    ],
)
def test_wrong_options(root, wrong, message):
    with pytest.raises((ValueError, TypeError), match=message):
        riskmap.run(PARKS, **wrong)


def test_an_earlier_result_as_reference(root, tmp_path):
    riskmap.run(PARKS, as_of=AS_OF).write(tmp_path / "old.gpkg")
    again = riskmap.run(PARKS, as_of=AS_OF, reference=tmp_path / "old.gpkg")
    assert shown(again) == shown(riskmap.run(PARKS, as_of=AS_OF))
    with pytest.raises(riskmap.NotFound):
        riskmap.run(PARKS, reference=tmp_path / "none.gpkg")


def test_a_remark_is_kept(root):
    table = riskmap.run(PARKS, command="for the meeting").run
    assert dict(zip(table["key"], table["value"]))["command"] == "for the meeting"


# ---- progress, and stopping ----


@pytest.fixture
def long_run(root):
    """Takes about five seconds on one core when nobody stops it: the nearest of many points."""
    source = {"source": "examples/data/vakantieparken.geojson"}
    indicator = {"name": "near", "pillar": "structure", "measure": "nearest", "of": "points", "scale": "minmax"}
    indicator |= {"weight": 1, "direction": "+", "label": "near", "why": "near"}
    model = riskmap.Model(
        {
            "riskmap": 1,
            "name": "long",
            "purpose": "to be stopped",
            "layers": {"parks": source, "points": {"source": "none.gpkg"}},
            "areas": {"layer": "parks", "id": "parkcode"},
            "indicators": [indicator],
        }
    )
    draw = np.random.default_rng(1)
    points = riskmap.Layer.from_points(
        draw.uniform(206000, 213000, 3_000_000), draw.uniform(472000, 478000, 3_000_000), 28992
    )
    return lambda **options: model.run({"points": points}, threads=1, **options)


def test_progress_is_told(root):
    told = []
    riskmap.run(PARKS, progress=lambda fraction, message: told.append((fraction, message)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert told[0] == (0.0, "parken")


def test_progress_may_stop(root):
    with pytest.raises(riskmap.Cancelled):
        riskmap.run(PARKS, progress=lambda fraction, message: True)


def test_what_progress_raises_comes_out(root):
    def broken(fraction, message):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        riskmap.run(PARKS, progress=broken)


def interrupted_after(seconds, call):
    """How long after Ctrl-C a call ended; it must end by KeyboardInterrupt."""
    old = signal.signal(signal.SIGALRM, signal.default_int_handler)
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
        return time.perf_counter() - start - seconds
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("after", [0.05, 0.3, 0.7])
def test_ctrl_c_stops_a_run(long_run, after):
    assert min(interrupted_after(after, long_run) for _ in range(2)) < 0.2


def test_ctrl_c_leaves_nothing_half_written(root, tmp_path):
    result = riskmap.run(PARKS)

    def interrupt(fraction, message):
        os.kill(os.getpid(), signal.SIGINT)

    for write in (result.write, result.write_table):
        target = tmp_path / ("x.gpkg" if write == result.write else "x.csv")
        try:
            write(target, progress=interrupt)
        except KeyboardInterrupt:
            assert list(tmp_path.iterdir()) == []
        else:  # a list is written before anything asks
            assert write == result.write_table and target.exists()


def test_another_thread_goes_on_during_a_run(long_run):
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.005):
            ticks.append(time.perf_counter())

    other = threading.Thread(target=tick)
    other.start()
    start = time.perf_counter()
    try:
        long_run(progress=lambda fraction, message: time.perf_counter() - start > 1)
    except riskmap.Cancelled:
        pass
    end = time.perf_counter()
    done.set()
    other.join()
    during = [at for at in ticks if start < at < end]
    assert len(during) > 20 * (end - start), "the GIL was held"


def test_two_threads_on_one_model(root):
    model, out = riskmap.Model(PARKS), []
    threads = [threading.Thread(target=lambda: out.append(shown(model.run(as_of=AS_OF)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(out) == 4 and len(set(out)) == 1
