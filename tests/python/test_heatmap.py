"""Heat maps: those of the program to the last bit, of files and of layers in memory; what is told and refused."""

import base64
import datetime
import logging
import pathlib
import re
import stat
import struct
import tempfile

import numpy as np
import pytest

import riskmap
from riskmap import _riskmap, heatmap

from .interrupt import seconds_to_stop
from .programs import run
from .tif import read_tif

REPORTS = "examples/data/meldingen.csv"
ADDRESSES = "examples/data/bag-light.gpkg"
BUILT = "examples/data/bebouwde-kom.gpkg"
AS_OF = "2026-11-01"


@pytest.fixture(autouse=True)
def in_the_root(root):
    return root


def program(path, *options):
    """What the program writes."""
    run("riskmap-heatmap", REPORTS, path, "--as-of", AS_OF, *options)
    return read_tif(path)


def same(a, b):
    return np.array_equal(a, b, equal_nan=True)


# ---- as the program ----

WAYS = {
    "by rule": ([], {}),
    "cross-validated": (["--bandwidth", "cv"], {"bandwidth": "cv"}),
    "adaptive": (["--bandwidth", "300", "--adaptive"], {"bandwidth": 300, "adaptive": True}),
    "gaussian": (["--kernel", "gaussian", "--bandwidth", "90"], {"kernel": "gaussian", "bandwidth": 90}),
    "bounded": (
        ["--boundaries", BUILT, "--edge", "diggle", "--bandwidth", "300"],
        {"boundaries": BUILT, "edge": "diggle", "bandwidth": 300},
    ),
    "dated": (
        ["--from", "2026-01-01", "--until", "2026-06-30", "--half-life", "90", "--distinct", "week"],
        {"from_": "2026-01-01", "until": datetime.date(2026, 6, 30), "half_life_days": 90, "distinct": "week"},
    ),
    "selected": (
        ["--leave-out", "duplicates", "--leave-out", "spots", "--extent", "206000,473000,212000,478000"],
        {"leave_out_duplicates": True, "leave_out_spots": True, "extent": (206000, 473000, 212000, 478000)},
    ),
    "per": (
        ["--per", ADDRESSES, "--per-units", "100", "--per-floor", "5"],
        {"per": ADDRESSES, "per_units": 100, "per_floor": 5},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_as_the_program_writes_it(tmp_path, way):
    options, keywords = WAYS[way]
    values, transform, _, code = program(tmp_path / "theirs.tif", "--cell", "20", *options)
    heat = heatmap(REPORTS, as_of=AS_OF, cell=20, **keywords)
    raster = heat.raster()
    assert raster.values.dtype == np.float32 and same(raster.values, values) and np.nanmax(values) > 0
    assert raster.geotransform == transform and code == 28992 and raster.crs == "EPSG:28992"
    heat.write_raster(tmp_path / "ours.tif")
    assert same(read_tif(tmp_path / "ours.tif")[0], values)


def test_every_product_is_that_of_the_program(tmp_path):
    program(tmp_path / "theirs.tif", "--cell", "20", "--png", "--classes", "--contours", "--title", "Meldingen")
    heat = heatmap(REPORTS, as_of=AS_OF, cell=20)
    heat.write_raster(tmp_path / "ours.tif")
    heat.write_picture(tmp_path / "ours.png", title="Meldingen")
    heat.write_classes(tmp_path / "ours-classes.tif")
    heat.write_contours(tmp_path / "ours-contours.gpkg")
    for end in (".tif", ".qml", ".png", "-classes.tif", "-classes.qml"):
        assert (tmp_path / f"ours{end}").read_bytes() == (tmp_path / f"theirs{end}").read_bytes(), end
    ours, theirs = (riskmap.read(tmp_path / f"{whose}-contours.gpkg") for whose in ("ours", "theirs"))
    assert all((ours[name] == theirs[name]).all() for name in ours.fields)
    assert _riskmap.layer_wkb(ours._handle) == _riskmap.layer_wkb(theirs._handle)
    assert _riskmap.layer_wkb(heat.contours()._handle) == _riskmap.layer_wkb(theirs._handle)
    for path in tmp_path.iterdir():
        assert path.suffix == ".qml" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_period_shares_the_legend(tmp_path):
    days = ["--from", "2026-01-01", "--until", "2026-06-30", "--compare", "2025-01-01..2025-06-30"]
    values = program(tmp_path / "a.tif", "--cell", "20", *days)[0]
    other = read_tif(tmp_path / "a_2025-01-01_2025-06-30.tif")[0]
    heat = heatmap(
        REPORTS,
        cell=20,
        from_=np.datetime64("2026-01-01"),
        until="2026-06-30",
        compare_from=datetime.datetime(2025, 1, 1, 12),
        compare_until="2025-06-30",
        as_of=AS_OF,
    )
    assert same(heat.raster().values, values) and same(heat.raster(1).values, other) and not same(values, other)
    first, second = heat.periods
    assert (first.from_, first.until) == (datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))
    assert second.from_ == datetime.date(2025, 1, 1) and second.highest == np.nanmax(other)
    with pytest.raises(riskmap.ArgumentError, match="period 2"):
        heat.raster(2)


# ---- layers in memory ----


def facts(heat):
    """All that is told, but for where it was read from."""
    told = dict(vars(heat), grid=heat.grid)
    return repr({name: value for name, value in told.items() if name not in ("_handle", "guessed_crs")})


def test_layers_in_memory_are_the_files():
    keywords = {"as_of": AS_OF, "cell": 20, "from_": "2026-01-01", "bandwidth": 300, "edge": "uniform"}
    per = riskmap.read(ADDRESSES, layer="verblijfsobject")
    files = heatmap(REPORTS, boundaries=BUILT, per=ADDRESSES, per_layer="verblijfsobject", **keywords)
    memory = heatmap(riskmap.read(REPORTS, crs=28992), boundaries=riskmap.read(BUILT), per=per, **keywords)
    assert same(memory.raster().values, files.raster().values)
    assert facts(memory) == facts(files)


def test_addresses_in_memory_are_the_file(tmp_path):
    by_address = "examples/data/meldingen-adres.csv"
    keywords = {"as_of": AS_OF, "cell": 20, "bandwidth": 300}
    files = heatmap(by_address, locate=ADDRESSES, locate_layer="verblijfsobject", **keywords)
    memory = heatmap(by_address, locate=riskmap.read(ADDRESSES, layer="verblijfsobject"), **keywords)
    assert files.placed_by_address > 0
    assert same(memory.raster().values, files.raster().values) and facts(memory) == facts(files)


def test_a_geodataframe_is_the_file():
    geopandas = pytest.importorskip("geopandas")
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(REPORTS, sep=None, engine="python", dtype=str, keep_default_na=False)
    x, y = (pandas.to_numeric(table[name].str.replace(",", "."), errors="coerce") for name in "xy")
    frame = geopandas.GeoDataFrame(table, geometry=geopandas.points_from_xy(x, y), crs=28992)
    keywords = {"as_of": AS_OF, "cell": 20, "from_": "2026-01-01"}
    files, memory = heatmap(REPORTS, **keywords), heatmap(frame, **keywords)
    assert same(memory.raster().values, files.raster().values)
    assert (memory.used, memory.rejected, memory.is_shielded) == (files.used, files.rejected, True)
    bounds = geopandas.read_file(BUILT)
    bounded = heatmap(frame, boundaries=bounds, **keywords)
    assert same(bounded.raster().values, heatmap(REPORTS, boundaries=BUILT, **keywords).raster().values)


def test_arrays_are_points():
    layer = riskmap.read(REPORTS, crs=28992)
    x, y = layer.places()
    of_layer, of_arrays = heatmap(layer, cell=20, as_of=AS_OF), heatmap((x, y), crs=28992, cell=20, as_of=AS_OF)
    assert same(of_arrays.raster().values, of_layer.raster().values)
    assert of_arrays.rejected == of_layer.rejected > 0 and np.isnan(x).any()


def test_a_dataframe_with_coordinates_is_the_file():
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(REPORTS, sep=";", decimal=",")
    keywords = {"as_of": AS_OF, "cell": 20, "bandwidth": 300, "from_": "2026-01-01"}
    files = heatmap(REPORTS, **keywords)
    named = table.rename(columns={"x": "oost", "y": "noord"})
    for frame, columns in ((table, {}), (named, {"x": "oost", "y": "noord"})):
        memory = heatmap(frame, crs=28992, **columns, **keywords)
        assert same(memory.raster().values, files.raster().values)
        assert (memory.used, memory.rejected, memory.undated) == (files.used, files.rejected, files.undated)
    whole = pandas.DataFrame({"X": [200000, 200100], "Y": pandas.array([500000, None], "Int64")})
    assert heatmap(whole, bandwidth=100, crs=28992).used == 1


def test_a_dataframe_with_addresses_is_the_file():
    pandas = pytest.importorskip("pandas")
    by_address = REPORTS.replace("meldingen", "meldingen-adres")
    frame = pandas.read_csv(by_address, sep=";", dtype=str)
    keywords = {"as_of": AS_OF, "bandwidth": 300, "locate_layer": "verblijfsobject", "locate": ADDRESSES}
    files, memory = heatmap(by_address, **keywords), heatmap(frame, **keywords)
    assert same(memory.raster().values, files.raster().values)
    assert memory.placed_by_address == files.placed_by_address > 0


def test_a_dataframe_says_what_it_lacks():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [200000.0], "y": [500000.0], "tekst": ["208907,53"]})
    with pytest.raises(riskmap.CrsError, match="points: a DataFrame states no .*crs=28992"):
        heatmap(frame)
    with pytest.raises(riskmap.ArgumentError, match="no geometry and no columns .*points_from_xy.*locate="):
        heatmap(frame[["tekst"]], crs=28992)
    with pytest.raises(riskmap.NotFound, match="no column 'oost'; it has x, y, tekst"):
        heatmap(frame, x="oost", y="y", crs=28992)
    with pytest.raises(riskmap.ArgumentError, match="column 'tekst' holds .* decimal=','") as caught:
        heatmap(frame, x="tekst", y="y", crs=28992)
    assert "208907" not in str(caught.value)  # no message quotes a cell
    with pytest.raises(riskmap.DataError, match="points: two columns .* 'tekst'"):
        heatmap(pandas.concat([frame, frame[["tekst"]]], axis=1), crs=28992)
    with pytest.raises(riskmap.ArgumentError, match="per: a DataFrame has no geometry.*points_from_xy"):
        heatmap(REPORTS, per=frame)


def test_dates_of_a_frame():
    geopandas = pytest.importorskip("geopandas")
    pandas = pytest.importorskip("pandas")
    dates = pandas.to_datetime(pandas.Series(["2026-01-05", "2026-02-05", None, "2027-01-01", "2025-01-01"]))
    places = geopandas.points_from_xy([2e5] * 5, [5e5] * 5)
    frame = geopandas.GeoDataFrame({"datum": dates}, geometry=places, crs=28992)
    heat = heatmap(frame, bandwidth=100, from_="2026-01-01", until="2026-12-31", as_of=AS_OF)
    assert heat.time == "datum"
    assert (heat.read, heat.used, heat.undated, heat.ahead, heat.periods[0].points) == (5, 3, 1, 1, 2)


# ---- what it tells ----


def test_the_account_adds_up():
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF, from_="2026-01-01")
    assert heat.total == heat.ended + heat.outside + heat.filtered + heat.left_out + heat.read
    assert heat.read == heat.used + heat.rejected and heat.rejected > 0
    shown = repr(heat)
    assert "AFGESCHERMD" in shown and heat.disclaimer() in shown and "zonder bruikbare plaats" in shown
    english = heatmap(REPORTS, cell=50, as_of=AS_OF, language="en")
    assert "without a usable place" in repr(english) and english.unit == "reports per km²"


def test_what_is_shown_is_what_the_program_prints(tmp_path):
    options = ["--as-of", AS_OF, "--cell", "20", "--lang", "en"]
    printed = run("riskmap-heatmap", REPORTS, tmp_path / "a.tif", *options).splitlines()
    shown = repr(heatmap(REPORTS, as_of=AS_OF, cell=20, language="en")).replace(",", "").splitlines()
    assert shown[0] == printed[0].replace(",", "") and shown[-1] == printed[-1].replace(",", "")


def test_what_was_rejected_is_logged(caplog):
    with caplog.at_level(logging.INFO, "riskmap"):
        heat = heatmap(REPORTS, cell=50, as_of=AS_OF)
    assert f"{heat.rejected} of {heat.read} rejected" in caplog.text


def test_open_points_make_an_open_map(tmp_path):
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF, open=True)
    assert not heat.is_shielded and not heat.raster().shielded and "AFGESCHERMD" not in repr(heat)
    closed = heatmap(riskmap.read(REPORTS, crs=28992), cell=50, as_of=AS_OF)
    assert closed.is_shielded and closed.raster().shielded
    closed.raster().write(tmp_path / "a.tif")
    assert stat.S_IMODE((tmp_path / "a.tif").stat().st_mode) == 0o600


def test_a_notebook_shows_a_picture(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF, from_="2026-01-01", compare_until="2025-12-31")
    shown = heat._repr_html_()
    pictures = [base64.b64decode(text) for text in re.findall(r'src="data:image/png;base64,([^"]+)"', shown)]
    assert len(pictures) == 2
    for picture in pictures:
        assert picture[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", picture[16:24]) == (800, 600)
    heat.write_picture(tmp_path / "a.png", width=800, height=600)
    assert pictures[0] == (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").unlink()
    assert list(tmp_path.iterdir()) == []  # nothing lies about


def test_a_build_without_pictures_shows_its_words(monkeypatch):
    def refuse(*unused, **options):
        raise riskmap.UnsupportedError("no cairo")

    heat = heatmap(REPORTS, cell=50, as_of=AS_OF)
    monkeypatch.setattr(_riskmap, "heatmap_write_picture", refuse)
    assert heat._repr_html_().startswith("<pre>") and "AFGESCHERMD" in heat._repr_html_()


def test_a_picture_with_its_surroundings(tmp_path):
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF)
    heat.write_picture(tmp_path / "plain.png")
    context = ["examples/data/wegen.gpkg", (pathlib.Path(BUILT), "built")]
    heat.write_picture(tmp_path / "within.png", context=context)
    assert (tmp_path / "plain.png").read_bytes() != (tmp_path / "within.png").read_bytes()
    for wrong in ("examples/data/wegen.gpkg", [("a", "b", "c")], [5, 6]):
        with pytest.raises((riskmap.ArgumentError, TypeError)):
            heat.write_picture(tmp_path / "no.png", context=wrong)
    with pytest.raises(riskmap.ArgumentError, match="auto, boundary, road"):
        heat.write_picture(tmp_path / "no.png", context=[(BUILT, "house")])
    assert not (tmp_path / "no.png").exists()


def test_contours_of_levels():
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF)
    levels = [1000, 10]
    ours, theirs = heat.contours(levels), heat.raster().contours(levels)
    assert ours["level"].tolist() == levels and ours["area_m2"].tolist() == theirs["area_m2"].tolist()
    assert heat.contours()["top_percent"].tolist() == [20, 10, 5]


def test_contours_need_no_file(monkeypatch, tmp_path):
    heat = heatmap(REPORTS, cell=50, as_of=AS_OF)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    ours = heat.contours()
    heat.write_contours(tmp_path / "densest.gpkg")
    theirs = riskmap.read(tmp_path / "densest.gpkg")
    assert ours.fields == theirs.fields and ours.crs == theirs.crs
    assert all((ours[name] == theirs[name]).all() for name in ours.fields)
    assert _riskmap.layer_wkb(ours._handle) == _riskmap.layer_wkb(theirs._handle)
    with pytest.raises(riskmap.ArgumentError, match="period 1 does not exist"):
        heat.contours(period=1)
    for levels in (None, [10]):
        with pytest.raises(riskmap.Cancelled):
            heat.contours(levels, progress=lambda fraction, message: True)


# ---- what is refused ----


def test_words_that_are_none():
    for options, words in {
        ("kernel", "cone"): "quartic, gaussian",
        ("edge", "cut"): "none, uniform, diggle",
        ("distinct", "month"): "all, week, day",
        ("bandwidth", "best"): "rule, cv",
        ("language", "de"): '"nl" or "en"',
    }.items():
        with pytest.raises(riskmap.ArgumentError, match=words):
            heatmap(REPORTS, **dict([options]))


def test_names_that_say_another_format(tmp_path):
    heat = heatmap(REPORTS, cell=100, as_of=AS_OF)
    rasters = (heat.write_raster, ".tif"), (heat.write_classes, ".tif")
    for write, ending in (*rasters, (heat.write_contours, ".gpkg"), (heat.write_picture, ".png")):
        for name in ("heat.jpg", "heat"):
            with pytest.raises(riskmap.ArgumentError, match=f"{name}: an? .* is written as {ending}.*; give the name"):
                write(tmp_path / name, overwrite=True)
    assert list(tmp_path.iterdir()) == []


def test_points_are_not_written_over(tmp_path, monkeypatch):
    """Nor what is another name of theirs, nor from another folder, nor when they came as a layer."""
    points, link = tmp_path / "points.gpkg", tmp_path / "link.gpkg"
    heatmap(REPORTS, cell=100, as_of=AS_OF).write_contours(points)
    link.symlink_to(points)
    before = points.read_bytes()
    monkeypatch.chdir(tmp_path)
    for heat in (heatmap("points.gpkg", cell=100), heatmap(riskmap.read("points.gpkg"), cell=100)):
        monkeypatch.chdir("/")
        for target in (points, link, tmp_path / "." / "points.gpkg"):
            with pytest.raises(riskmap.ArgumentError, match="is one of the files that were read, and would"):
                heat.write_contours(target, overwrite=True)
    assert points.read_bytes() == before and link.is_symlink()


def test_a_weight_that_is_no_number():
    with pytest.raises(riskmap.ArgumentError, match="field categorie holds text, and a weight is a number"):
        heatmap(REPORTS, weight="categorie", as_of=AS_OF)


def test_days_that_are_none():
    for wrong in ("gisteren", np.datetime64("NaT"), 1.5):
        with pytest.raises(riskmap.ArgumentError, match="from_"):
            heatmap(REPORTS, from_=wrong)
    with pytest.raises(riskmap.ArgumentError, match="ends before it begins"):
        heatmap(REPORTS, from_="2026-02-01", until="2026-01-01")


def test_points_that_are_none():
    with pytest.raises(riskmap.NotFound):
        heatmap("examples/data/nowhere.csv")
    with pytest.raises(riskmap.ArgumentError, match="y has 1 entries where 2"):
        heatmap(([1.0, 2.0], [1.0]), crs=28992)
    with pytest.raises(riskmap.CrsError):
        heatmap(([2e5, 2e5], [5e5, 5e5]))  # of which CRS?
    with pytest.raises(riskmap.CrsError, match="metres"):
        heatmap(REPORTS, target_crs=4326)
    with pytest.raises(riskmap.ArgumentError):
        heatmap(5)
    with pytest.raises(riskmap.ArgumentError):
        heatmap(None)
    with pytest.raises(riskmap.NotFound):
        heatmap(REPORTS, weight="nothing")
    with pytest.raises(riskmap.ArgumentError):
        heatmap(riskmap.read(REPORTS, crs=28992), layer="meldingen")  # names a part of a file
    with pytest.raises((TypeError, ValueError)):
        heatmap(REPORTS, extent=(1, 2, 3))
    closed = riskmap.read(REPORTS, crs=28992)
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        heatmap(closed)


def test_an_empty_frame():
    geopandas = pytest.importorskip("geopandas")
    empty = geopandas.GeoDataFrame({"a": []}, geometry=geopandas.GeoSeries([], crs=28992))
    with pytest.raises(riskmap.Error):
        heatmap(empty)
    blank = heatmap(empty, bandwidth=100, extent=(0, 0, 1000, 1000), cell=100)
    assert (blank.raster().values == 0).all() and blank.periods[0].points == 0


def test_points_and_boundaries_in_two_systems():
    pytest.importorskip("geopandas")
    degrees = riskmap.read(BUILT).to_geopandas().to_crs(4326)
    keywords = {"bandwidth": 300, "cell": 50, "extent": (206000, 473000, 212000, 478000), "as_of": AS_OF}
    found = heatmap(REPORTS, boundaries=degrees, **keywords).raster().values
    wanted = heatmap(REPORTS, boundaries=BUILT, **keywords).raster().values
    assert (np.isnan(found) != np.isnan(wanted)).mean() < 1e-3  # a centre may lie on the boundary
    both = ~np.isnan(found) & ~np.isnan(wanted)
    assert (found[both] == wanted[both]).all() and both.any()


def test_after_close():
    with heatmap(REPORTS, cell=50) as heat:
        raster = heat.raster()
    with pytest.raises(ValueError, match="closed"):
        heat.raster()
    with pytest.raises(ValueError, match="closed"):
        heat.write_raster("/nowhere/a.tif")
    assert repr(heat) == "<riskmap.Heatmap, closed>" and "closed" in heat._repr_html_() and raster.values.max() > 0


def test_what_the_functions_of_c_refuse():
    heat = heatmap(REPORTS, cell=50)
    cells = heat.grid.columns * heat.grid.rows
    shape = heat.grid.rows, heat.grid.columns
    for wrong in (np.empty(cells - 1, np.float32), np.empty(cells), np.empty(shape, np.float32)):
        with pytest.raises((ValueError, TypeError), match="values"):
            _riskmap.heatmap_values(wrong, heat._handle, 0)
    still = np.empty(cells, np.float32)
    still.flags.writeable = False
    with pytest.raises(TypeError, match="written to"):
        _riskmap.heatmap_values(still, heat._handle, 0)
    with pytest.raises(TypeError, match="riskmap.Heatmap"):
        _riskmap.heatmap_values(still, riskmap.read(BUILT)._handle, 0)
    with pytest.raises(ValueError, match="context_kinds has 2 entries where 1"):
        kinds = np.zeros(2, np.int32)
        _riskmap.heatmap_write_picture(heat._handle, 0, "/nowhere/a.png", context_sources=["a"], context_kinds=kinds)


def test_it_is_interrupted_within_a_fifth_of_a_second():
    x, y = np.random.default_rng(3).uniform(0, 30000, (2, 100000)) + [[120000], [450000]]
    layer = riskmap.Layer.from_points(x, y, crs=28992)
    assert seconds_to_stop(lambda: heatmap(layer, bandwidth=3000, adaptive=True, cell=10), after=0.4) < 0.2
