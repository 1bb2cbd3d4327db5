"""Hot spots: those of the program to the last bit, of files and of layers in memory; what is told and refused."""

import stat

import numpy as np
import pytest

import riskmap
from riskmap import _riskmap, hotspots

from .interrupt import seconds_to_stop
from .programs import run

AREAS = "examples/data/brk.gpkg"
REPORTS = "examples/data/meldingen.csv"
ADDRESSES = "examples/data/bag-light.gpkg"


@pytest.fixture(autouse=True)
def in_the_root(root):
    return root


def same_tables(ours, theirs):
    """Every cell and every geometry of two layers."""
    assert ours.fields == theirs.fields and ours.crs == theirs.crs and len(ours) > 0
    assert (ours.fids == theirs.fids).all()
    for name in ours.fields:
        a, b = ours[name], theirs[name]
        if a.dtype.kind == "f":
            assert np.array_equal(a, b, equal_nan=True), name
        else:
            assert np.ma.allequal(np.ma.getmaskarray(a), np.ma.getmaskarray(b)) and (a == b).all(), name
    assert _riskmap.layer_wkb(ours._handle) == _riskmap.layer_wkb(theirs._handle)


# ---- as the program ----

WAYS = {
    "queen": ([], {}),
    "rook": (["--neighbours", "rook", "--tolerance", "0.5"], {"neighbours": "rook", "tolerance_m": 0.5}),
    "band": (["--neighbours", "250m", "--p", "analytic"], {"neighbours": "band", "metres": 250, "p_by": "analytic"}),
    "nearest": (
        ["--neighbours", "6", "--p", "own", "--permutations", "199", "--seed", "7"],
        {"neighbours": "nearest", "nearest": 6, "p_by": "own", "permutations": 199, "seed": 7},
    ),
    "moran": (["--statistic", "moran", "--uncorrected"], {"statistic": "moran", "uncorrected": True}),
    "per": (["--per", ADDRESSES, "--per-units", "100"], {"per": ADDRESSES, "per_units": 100}),
}


@pytest.mark.parametrize("way", WAYS)
def test_as_the_program_writes_it(tmp_path, way):
    options, keywords = WAYS[way]
    run("riskmap-hotspots", AREAS, tmp_path / "theirs.gpkg", "--count", REPORTS, *options)
    theirs = riskmap.read(tmp_path / "theirs.gpkg")
    found = hotspots(AREAS, count=REPORTS, **keywords)
    same_tables(found.table(), theirs)
    found.write(tmp_path / "ours.gpkg")
    same_tables(riskmap.read(tmp_path / "ours.gpkg"), theirs)
    assert stat.S_IMODE((tmp_path / "ours.gpkg").stat().st_mode) == 0o600
    assert np.nansum(found["value"]) > 0 and np.isfinite(found["z"]).any()


def test_what_is_shown_is_what_the_program_prints(tmp_path):
    options = ["--count", REPORTS, "--lang", "en", "--id", "perceelnummer"]
    printed = run("riskmap-hotspots", AREAS, tmp_path / "a.gpkg", *options).splitlines()
    shown = repr(hotspots(AREAS, count=REPORTS, id="perceelnummer", language="en")).replace(",", "").splitlines()
    rows = [line.replace(",", "") for line in printed if line.startswith("  ")]
    assert [line for line in shown if line.startswith("  ")] == rows and len(rows) == 10
    assert shown[0] == printed[0].replace(",", "") and shown[-1] == printed[-1].replace(",", "")


# ---- layers in memory ----


def test_layers_in_memory_are_the_files():
    files = hotspots(AREAS, count=REPORTS, per=ADDRESSES, per_layer="verblijfsobject", p_by="analytic")
    memory = hotspots(
        riskmap.read(AREAS),
        count=riskmap.read(REPORTS, crs=28992),
        per=riskmap.read(ADDRESSES, layer="verblijfsobject"),
        p_by="analytic",
    )
    same_tables(memory.table(), files.table())
    assert (memory.moran, memory.counted, memory.is_shielded) == (files.moran, files.counted, True)


def test_a_geodataframe_is_the_file():
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.read_file(AREAS)
    frame["meldingen"] = riskmap.count_in_areas(AREAS, riskmap.read(REPORTS, crs=28992))
    found, wanted = hotspots(frame, field="meldingen"), hotspots(AREAS, count=REPORTS)
    for name in ("value", "class", "z", "p", "p_corrected", "neighbours"):
        assert np.array_equal(found[name], wanted[name], equal_nan=found[name].dtype.kind == "f"), name


def test_out_as_frames():
    geopandas = pytest.importorskip("geopandas")
    found = hotspots(AREAS, count=REPORTS, p_by="analytic")
    frame = found.to_geopandas()
    assert isinstance(frame, geopandas.GeoDataFrame) and frame.crs.to_epsg() == 28992 and len(frame) == len(found)
    assert (frame["z"].to_numpy() == found["z"]).all() and frame.geometry.notna().all()
    assert list(found.to_pandas()["class_text"]) == list(frame["class_text"])


def test_out_as_arrow():
    pyarrow = pytest.importorskip("pyarrow")
    found = hotspots(AREAS, count=REPORTS, p_by="analytic")
    table = pyarrow.table(found)
    table.validate(full=True)
    assert table.num_rows == len(found) and "p_corrected" in table.column_names


# ---- areas ----


def test_areas_are_those_of_the_table():
    found = hotspots(AREAS, count=REPORTS, id="perceelnummer", p_by="analytic")
    for index in (0, 17, len(found) - 1):
        area = found[index]
        assert (area.id, area.value, area.z) == (found["id"][index], found["value"][index], found["z"][index])
        assert area.class_ == found["class"][index] and area.class_text == found["class_text"][index]
        assert area.fid == found.table().fids[index]
    assert repr(found[-1]) == repr(found[len(found) - 1])
    for wrong in (len(found), -len(found) - 1):
        with pytest.raises(IndexError):
            found[wrong]
    assert sum(1 for _ in found) == len(found)
    assert "z" in found and "id" in found and "no such" not in found
    assert 0 not in found and None not in found


def test_the_top_is_the_hottest_first():
    found = hotspots(AREAS, count=REPORTS)
    top = found.top(len(found))
    assert len(top) == found.hot and repr(found.top(3)) == repr(top[:3])
    assert [(area.class_, area.z) for area in top] == sorted(((area.class_, area.z) for area in top), reverse=True)
    moran = hotspots(AREAS, count=REPORTS, statistic="moran")
    assert all(area.class_ == 1 for area in moran.top()) and 0 < len(moran.top(10**6)) == moran.hot


def test_an_area_without_a_value_has_no_class():
    geopandas = pytest.importorskip("geopandas")
    import shapely.geometry

    squares = [shapely.geometry.box(x, y, x + 1, y + 1) for x in range(8) for y in range(8)]
    value = [float(x >= 6) * 10 + y % 3 for x in range(8) for y in range(8)]
    value[5] = None
    frame = geopandas.GeoDataFrame({"waarde": value}, geometry=squares, crs=28992)
    frame.geometry = frame.geometry.affine_transform([100, 0, 0, 100, 200000, 480000])
    found = hotspots(frame, field="waarde", p_by="analytic", uncorrected=True)
    assert found.missing == 1 and found[5].class_ is None and np.isnan(found[5].z)
    assert all(area.fid for area in found.top()) and found.hot > 0
    classes = found.to_pandas()["class"]
    assert classes.isna().sum() == 1 and found["class"].mask.sum() == 1
    assert not found.is_corrected and "niet gecorrigeerd" in repr(found)


def test_words_of_classes():
    found = hotspots(AREAS, count=REPORTS, p_by="analytic")
    assert found.class_text(3) == "hotspot, 99% zeker" and found.class_text(3, "en") == "hot spot, 99% confidence"
    assert found.class_text(None) != ""
    with pytest.raises(riskmap.ArgumentError, match='"nl" or "en"'):
        found.class_text(3, "de")


# ---- what it tells ----


def test_it_tells_what_it_is():
    found = hotspots(AREAS, count=REPORTS)
    shown = repr(found)
    for words in ("Moran's I", "gecorrigeerd voor hun aantal", "punten liggen in een gebied", "AFGESCHERMD"):
        assert words in shown
    assert shown.endswith(found.disclaimer())
    page = found._repr_html_()
    assert page.count("<tr>") == 11 and "AFGESCHERMD" in page
    assert found.counted + found.uncounted == 3005 and found.is_corrected
    assert "AFGESCHERMD" not in repr(hotspots(AREAS, count=REPORTS, open=True, p_by="analytic"))


def test_names_are_escaped_in_a_notebook():
    pytest.importorskip("geopandas")
    frame = riskmap.read(AREAS).to_geopandas()
    frame["naam"] = "<script>alert(1)</script>"
    found = hotspots(frame, count=REPORTS, name="naam", p_by="analytic", uncorrected=True)
    assert found.top(1) and "<script>" not in found._repr_html_()


# ---- what is refused ----


def test_words_that_are_none():
    for options, words in {
        ("statistic", "gi"): "gi\\*, moran",
        ("neighbours", "knn"): "queen, rook, band, nearest",
        ("p_by", "guess"): "shared, own, analytic",
        ("language", "de"): '"nl" or "en"',
    }.items():
        with pytest.raises(riskmap.ArgumentError, match=words):
            hotspots(AREAS, count=REPORTS, **dict([options]))


def test_areas_and_values_that_are_none():
    with pytest.raises(riskmap.ArgumentError, match="either the field"):
        hotspots(AREAS)
    with pytest.raises(riskmap.ArgumentError):
        hotspots(AREAS, field="perceelnummer", count=REPORTS)
    with pytest.raises(riskmap.NotFound):
        hotspots(AREAS, field="nothing")
    with pytest.raises(riskmap.NotFound):
        hotspots("examples/data/nowhere.gpkg", count=REPORTS)
    with pytest.raises(riskmap.ArgumentError, match="99999"):
        hotspots(AREAS, count=REPORTS, permutations=99)
    with pytest.raises(riskmap.ArgumentError):
        hotspots(AREAS, count=REPORTS, neighbours="band")
    with pytest.raises(riskmap.ArgumentError):
        hotspots(5, count=REPORTS)
    with pytest.raises(riskmap.ArgumentError):
        hotspots(None, count=REPORTS)
    with pytest.raises(riskmap.CrsError) as problem:
        hotspots(AREAS, count=([1.0], [2.0]))
    assert problem.value.layer == "count"
    with pytest.raises(riskmap.ArgumentError):
        hotspots(riskmap.read(AREAS), count=REPORTS, layer="perceel")  # names a part of a file
    with pytest.raises(riskmap.CrsError):
        hotspots(AREAS, count=REPORTS, target_crs=4326)
    with pytest.raises(riskmap.CrsError):
        hotspots(AREAS, count=riskmap.Layer.from_points([2e5], [5e5]))
    with pytest.raises(ValueError, match="out of range"):
        hotspots(AREAS, count=REPORTS, seed=-1)


def test_fields_that_hold_no_numbers():
    with pytest.raises(riskmap.ArgumentError, match="field sectie holds text, and the value of an area is a number"):
        hotspots(AREAS, field="sectie")
    with pytest.raises(riskmap.ArgumentError, match="field sectie holds text, and what a value is divided by is a num"):
        hotspots(AREAS, count=REPORTS, per_field="sectie")


def test_counts_are_shown_whole():
    found = hotspots(AREAS, count=REPORTS, p_by="analytic")
    assert found.top(1)[0].value.is_integer() and f"waarde {found.top(1)[0].value:.0f}, z" in repr(found)
    rates = hotspots(AREAS, count=REPORTS, per_field="kadastrale_grootte_waarde", per_units=1e4, p_by="analytic")
    assert not rates.top(1)[0].value.is_integer() and f"{rates.top(1)[0].value:.2f}".replace(".", ",") in repr(rates)


def test_an_empty_frame():
    geopandas = pytest.importorskip("geopandas")
    empty = geopandas.GeoDataFrame({"a": []}, geometry=geopandas.GeoSeries([], crs=28992))
    with pytest.raises(riskmap.Error):
        hotspots(empty, field="a")
    with pytest.raises(riskmap.Error):
        hotspots(empty, count=REPORTS)


def test_an_existing_file_stays(tmp_path):
    found = hotspots(AREAS, count=REPORTS, p_by="analytic")
    found.write(tmp_path / "a.gpkg")
    with pytest.raises(FileExistsError):
        found.write(tmp_path / "a.gpkg")
    found.write(tmp_path / "a.gpkg", overwrite=True, language="en")
    assert "hot spot" in " ".join(riskmap.read(tmp_path / "a.gpkg")["class_text"])


def test_what_was_read_is_not_written_over(tmp_path):
    areas, link = tmp_path / "areas.gpkg", tmp_path / "link.gpkg"
    areas.write_bytes(open(AREAS, "rb").read())
    link.symlink_to(areas)
    for given in (areas, riskmap.read(areas)):
        found = hotspots(given, count=REPORTS, p_by="analytic")
        for target in (areas, link):
            with pytest.raises(riskmap.ArgumentError, match="is one of the files that were read"):
                found.write(target, overwrite=True)
    with pytest.raises(riskmap.ArgumentError, match="hot.shp: a GeoPackage is written as .gpkg"):
        found.write(tmp_path / "hot.shp")
    assert areas.read_bytes() == open(AREAS, "rb").read() and sorted(tmp_path.iterdir()) == [areas, link]


def test_after_close():
    with hotspots(AREAS, count=REPORTS, p_by="analytic") as found:
        table = found.table()
    for call in (found.table, found.top, found.to_pandas, lambda: len(found), lambda: found[0], lambda: found["z"]):
        with pytest.raises(ValueError, match="closed"):
            call()
    assert repr(found) == "<riskmap.Hotspots, closed>" and "closed" in found._repr_html_()
    assert len(table) == 2376 and table["z"].size == 2376


def test_it_is_interrupted_within_a_fifth_of_a_second():
    call = {"count": REPORTS, "p_by": "own", "permutations": 99999}
    assert seconds_to_stop(lambda: hotspots(AREAS, **call), after=0.4) < 0.2


# ---- points and frames ----


@pytest.mark.parametrize("form", ["arrays", "frame", "layer", "path", "arrow", "polars"])
def test_points_in_every_form(form):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(REPORTS, sep=";", decimal=",").dropna(subset=["x", "y"]).reset_index(drop=True)
    arrays = frame["x"].to_numpy(), frame["y"].to_numpy()
    given = {"arrays": arrays, "frame": frame, "layer": riskmap.Layer.from_points(*arrays, 28992), "path": REPORTS}
    if form in ("arrow", "polars"):
        given["arrow"] = pytest.importorskip("pyarrow").table({"x": arrays[0], "y": arrays[1]})
        given["polars"] = pytest.importorskip("polars").from_arrow(given["arrow"])
    made = {"p_by": "analytic", "per": ADDRESSES}
    found = hotspots(AREAS, count=given[form], count_crs=28992, **made)
    files = hotspots(AREAS, count=REPORTS, **made)
    assert found["z"].tobytes() == files["z"].tobytes() and found.counted == files.counted
    if form not in ("path", "layer"):
        with pytest.raises(riskmap.CrsError, match="count: a.* no coordinate reference system.*count_crs=28992"):
            hotspots(AREAS, count=given[form])


def test_what_the_rate_is_per_can_be_arrays_too():
    homes = riskmap.read(ADDRESSES, "verblijfsobject")
    made = {"count": REPORTS, "p_by": "analytic"}
    found = hotspots(AREAS, per=homes.places(), per_crs="EPSG:28992", **made)
    files = hotspots(AREAS, per=ADDRESSES, per_layer="verblijfsobject", **made)
    assert found["value"].tobytes() == files["value"].tobytes()


def test_hot_spots_line_up_with_the_frame():
    geopandas = pytest.importorskip("geopandas")
    plots = geopandas.read_file(AREAS)
    plots = plots[plots.index % 3 == 1].sample(frac=1, random_state=5)
    field = "kadastrale_grootte_waarde"
    found = hotspots(plots, field=field, neighbours="nearest", p_by="analytic")
    for table in (found.to_pandas(), found.to_geopandas()):
        assert table.index.equals(plots.index.rename("fid")) and (table["value"] == plots[field]).all()
    assert all(plots.loc[area.fid, field] == area.value for area in found.top())
