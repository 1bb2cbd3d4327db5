"""Layers going out: GeoDataFrames, Arrow, views on the layer's own memory, and what is left after close()."""

import datetime
import gc
import threading

import numpy as np
import pytest

import riskmap
from riskmap import Layer, _table

SHAPES = ["POINT (200000 500000)", None, "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0), (0.5 0.5, 0.5 1, 1 1, 1 0.5, 0.5 0.5))"]


@pytest.fixture
def frame():
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    from shapely import wkt

    assert shapely
    columns = {"whole": [1, 2, 3], "real": [1.5, float("nan"), -0.0], "text": ["x", None, "één"]}
    return geopandas.GeoDataFrame(columns, geometry=[one and wkt.loads(one) for one in SHAPES], crs=28992)


def same_places(one, other):
    """Geometry that is equal point for point, None where the other is."""
    return [(a is None and b is None) or a.equals(b) for a, b in zip(one, other)] == [True] * len(other)


# ---- GeoDataFrames ----


def test_a_frame_that_went_in_comes_out(frame):
    out = Layer(frame).to_geopandas()
    assert out["whole"].tolist() == [1, 2, 3] and out["text"].tolist()[::2] == ["x", "één"] and out["text"].isna()[1]
    assert np.array_equal(out["real"], frame["real"], equal_nan=True) and np.signbit(out["real"][2])
    assert same_places(out.geometry, frame.geometry) and out.crs == frame.crs
    assert out.index.name == "fid" and out.index.tolist() == [0, 1, 2]


def test_whole_numbers_with_gaps_stay_whole(frame):
    import pandas

    out = Layer(frame.assign(whole=pandas.array([2**60 + 1, None, 3], "Int64"))).to_pandas()
    assert str(out["whole"].dtype) == "Int64" and out["whole"][0] == 2**60 + 1 and out["whole"].isna()[1]


def test_dates_far_away_come_out(frame):
    days = [datetime.date(1500, 1, 1), None, datetime.date(9999, 12, 31)]
    out = Layer(frame.assign(day=days)).to_pandas()["day"]
    assert [str(out[0])[:10], str(out[2])[:10]] == ["1500-01-01", "9999-12-31"] and out.isna()[1]


def test_a_field_called_geometry_is_not_overwritten(frame):
    layer = Layer(frame.rename_geometry("vorm").assign(geometry=["a", "b", "c"]))
    out = layer.to_geopandas()
    assert out["geometry"].tolist() == ["a", "b", "c"] and out.geometry.name == "geometry_"
    assert same_places(out.geometry, frame.geometry)


def test_a_layer_of_a_file_is_what_geopandas_reads(root):
    geopandas = pytest.importorskip("geopandas")
    pytest.importorskip("pyogrio" if geopandas.__version__ >= "1" else "fiona")
    ours = riskmap.read("examples/data/vakantieparken.geojson").to_geopandas()
    theirs = geopandas.read_file("examples/data/vakantieparken.geojson")
    assert same_places(ours.geometry, theirs.geometry) and ours.crs == theirs.crs
    assert ours["naam"].tolist() == theirs["naam"].tolist()


# ---- Arrow ----


def test_pyarrow_finds_nothing_wrong(frame):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(Layer(frame))
    table.validate(full=True)
    assert table.column_names == ["fid", "whole", "real", "text", "geometry"] and table["text"].to_pylist() == [
        "x",
        None,
        "één",
    ]
    assert Layer(frame).to_arrow().equals(table)
    pyarrow.table(Layer(frame.iloc[:0])).validate(full=True)


@pytest.mark.parametrize("crs", [28992, None, "+proj=laea +lat_0=52 +lon_0=10 +ellps=GRS80"])
def test_geopandas_reads_the_stream(frame, crs):
    geopandas = pytest.importorskip("geopandas", "1.0")
    pytest.importorskip("pyarrow")
    frame = frame.set_crs(crs, allow_override=True)
    out = geopandas.GeoDataFrame.from_arrow(Layer(frame))
    assert same_places(out.geometry, frame.geometry)
    assert out.crs == frame.crs or out.crs.to_string() == frame.crs.to_string()


def test_polars_reads_the_stream(frame):
    polars = pytest.importorskip("polars")
    out = polars.DataFrame(Layer(frame))
    assert out.columns == ["fid", "whole", "real", "text", "geometry"] and out["text"].to_list() == ["x", None, "één"]
    pyarrow = pytest.importorskip("pyarrow")
    assert polars.from_arrow(pyarrow.table(Layer(frame)))["whole"].to_list() == [1, 2, 3]


def test_duckdb_reads_the_stream(frame):
    duckdb = pytest.importorskip("duckdb")
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(Layer(frame))
    connection = duckdb.connect()
    connection.register("laag", table)
    assert connection.sql("select sum(whole), count(text), count(geometry) from laag").fetchall() == [(6, 2, 2)]


def test_names_are_there_once(frame):
    pyarrow = pytest.importorskip("pyarrow")
    layer = Layer(frame.rename_geometry("vorm").assign(geometry=["a", "b", "c"], fid=["a", "b", "c"]))
    assert pyarrow.table(layer).column_names == ["fid_", "whole", "real", "text", "geometry", "fid", "geometry_"]


# ---- Arrow in ----


def test_tables_of_pyarrow(frame):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(Layer(frame))
    for given in (
        table,
        table.to_batches()[0],
        table.to_reader(),
        pyarrow.concat_tables([table.slice(0, 1), table.slice(1)]),
    ):
        layer = Layer(given)
        assert layer.crs == "EPSG:28992" and same_places(layer.to_geopandas().geometry, frame.geometry)
    assert Layer(table.slice(1, 2))["whole"].tolist() == [2, 3]
    assert len(Layer(table.slice(0, 0))) == 0 and len(Layer(pyarrow.Table.from_batches([], table.schema))) == 0
    with pytest.raises(riskmap.ArgumentError, match=r"a Table has no geometry.*Layer.from_points\(table\["):
        Layer(table.drop_columns(["geometry"]))
    with pytest.raises(riskmap.FormatError, match="no geometry column"):
        Layer(table.drop_columns(["geometry"]).to_reader())


def test_what_numbers_the_features_of_a_table(frame):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(Layer(frame))
    assert table.column_names[0] == "fid"
    for fids, given in [([9, 5, 7], [9, 5, 7]), ([9, 5, 9], [0, 1, 2]), ([9, None, 7], [0, 1, 2])]:
        layer = Layer(table.set_column(0, "fid", [pyarrow.array(fids, pyarrow.uint64())]))
        assert layer.fids.tolist() == given and ("fid" in layer.fields) == (fids != given)
        assert layer.to_pandas().index.tolist() == given and layer["whole"].tolist() == [1, 2, 3]
        assert [issue.feature for issue in layer.issues if issue.code == "no-geometry"] == [given[1]]


def test_names_of_a_table_must_be_there_once(frame):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(Layer(frame))
    with pytest.raises(riskmap.DataError, match='two columns of the Arrow stream are called "whole"; rename or drop'):
        Layer(table.append_column("whole", [[7, 8, 9]]))


def test_tables_with_x_and_y_are_points():
    """As a DataFrame, where a CRS can be stated; whole numbers of which some are missing stay whole."""
    pyarrow, polars = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    pytest.importorskip("pandas")
    table = pyarrow.table({"x": [0, 3, 10], "y": [0.0, 4.0, 0.0], "n": [2**53 + 1, None, 3]})
    for given in (table, polars.from_arrow(table), table.to_batches()[0]):
        assert riskmap.Weights.band(given, 5, crs=28992).of(0)[0].tolist() == [1]
        layer = _table.layer_of_table(given, "points", "EPSG:28992")
        assert (layer.extent, layer["n"].tolist()) == ((0, 0, 10, 4), [2**53 + 1, None, 3])
        with pytest.raises(riskmap.CrsError, match="points: a .* states no .*crs=28992"):
            riskmap.Weights.nearest(given, 1)


def test_what_geopandas_hands_over(frame):
    pytest.importorskip("geopandas", "1.0")
    pytest.importorskip("pyarrow")
    for encoding in ("WKB", "geoarrow"):
        layer = Layer(frame.iloc[:1].to_arrow(geometry_encoding=encoding))
        assert (layer.crs, layer.extent) == ("EPSG:28992", (200000, 500000, 200000, 500000))


def test_a_stream_is_read_once(frame):
    pyarrow = pytest.importorskip("pyarrow")
    reader = pyarrow.table(Layer(frame)).to_reader()
    assert len(Layer(reader)) == 3
    with pytest.raises(riskmap.ArgumentError, match="read already"):
        Layer(reader)
    capsule = Layer(frame).__arrow_c_stream__()
    riskmap._riskmap.layer_from_arrow(capsule, None, None)
    with pytest.raises(riskmap.ArgumentError, match="used already"):
        riskmap._riskmap.layer_from_arrow(capsule, None, None)
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        riskmap._riskmap.layer_from_arrow(5, None, None)


def test_polars_and_duckdb_hand_over_wkb(frame):
    wkb = riskmap._riskmap.layer_wkb(Layer(frame)._handle)
    polars = pytest.importorskip("polars")
    layer = Layer(polars.DataFrame({"a": [1, 2, None], "s": ["p", None, "q"], "geometry": wkb}), crs=28992)
    assert (layer["a"].tolist(), layer["s"].tolist(), layer.crs) == ([1, 2, None], ["p", None, "q"], "EPSG:28992")
    duckdb = pytest.importorskip("duckdb")
    pyarrow = pytest.importorskip("pyarrow")
    connection = duckdb.connect()
    connection.register("vormen", pyarrow.table({"geom": wkb}))
    relation = connection.sql(
        "select geom, 1.5::decimal(10, 2) as d, date '2020-01-02' as day, {'a': 1} as nested from vormen"
    )
    layer = Layer(relation, crs=28992)
    assert same_places(layer.to_geopandas().geometry, frame.geometry)
    assert (layer["d"].tolist(), str(layer["day"][0])) == ([1.5] * 3, "2020-01-02")
    assert "nested" not in layer.fields and any("nested" in issue.message for issue in layer.issues)


# ---- views ----


def test_a_field_is_a_view_without_a_copy():
    layer = Layer(
        {"type": "Feature", "properties": {"a": 7, "r": 0.5}, "geometry": {"type": "Point", "coordinates": [5, 52]}}
    )
    for view, again in ((layer["a"], layer["a"]), (layer["r"], layer["r"]), (layer.fids, layer.fids)):
        assert np.shares_memory(view, again) and not view.flags.writeable
        with pytest.raises(ValueError, match="read-only|WRITEABLE"):
            view[0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True


def test_a_view_outlives_its_layer():
    layer = Layer.from_points(np.arange(1e6), np.arange(1e6))
    fids, stream = layer.fids, layer.__arrow_c_stream__()
    layer.close()
    del layer
    gc.collect()
    others = [
        Layer.from_points(np.arange(1e6), np.arange(1e6)) for _ in range(3)
    ]  # would take the memory if it were free
    assert np.array_equal(fids, np.arange(1000000)) and len(others) == 3
    assert Layer._of(riskmap._riskmap.layer_from_arrow(stream, None, None)).extent == (0, 0, 999999, 999999)


def test_views_of_many_threads():
    layer = Layer.from_points(np.arange(100000.0), np.arange(100000.0))
    wrong = []

    def look():
        try:
            for _ in range(50):
                if layer.fids.sum() != 4999950000:
                    wrong.append("a view of other memory")
        except ValueError as problem:
            if "was closed" not in str(problem):
                wrong.append(problem)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    kept = layer.fids
    layer.close()  # while the others look: they hold it, or find it closed
    for thread in threads:
        thread.join()
    assert not wrong and kept.sum() == 4999950000


def test_fields_are_what_it_holds(root):
    layer = Layer("examples/data/vakantieparken.geojson")
    assert list(layer) == layer.fields and {name: len(layer[name]) for name in layer} == dict.fromkeys(layer.fields, 16)
    assert "naam" in layer and "geometry" not in layer and 0 not in layer and None not in layer


def test_a_missing_field_names_those_there_are(root):
    with pytest.raises(riskmap.NotFound, match="no field 'x'; there are: parkcode, naam"):
        Layer("examples/data/vakantieparken.geojson")["x"]


def test_single_cells(root):
    layer = Layer("examples/data/vakantieparken.geojson")
    names = layer["naam"]
    assert [layer.text(k, "naam") for k in range(len(layer))] == names.tolist()
    owners = np.ma.filled(layer["aantal_eigenaren"].astype(float), np.nan)
    assert np.array_equal([layer.number(k, "aantal_eigenaren") for k in range(len(layer))], owners, equal_nan=True)
    assert np.isnan(layer.number(0, "naam")) and layer.text(0, "aantal_eigenaren") is None
    for place in (-1, 16):
        with pytest.raises(IndexError, match="there are 16, numbered from 0"):
            layer.text(place, "naam")


# ---- after close() ----


@pytest.mark.parametrize(
    "use",
    [
        len,
        Layer,
        lambda layer: layer["a"],
        lambda layer: layer.fields,
        lambda layer: layer.crs,
        lambda layer: layer.fids,
        lambda layer: layer.issues,
        lambda layer: layer.places(),
        lambda layer: layer.to_pandas(),
        lambda layer: layer.__arrow_c_stream__(),
        lambda layer: riskmap.count_in_areas(layer, layer),
    ],
)
def test_a_closed_layer_says_so(use):
    pytest.importorskip("pandas")
    with Layer.from_points([1.0], [2.0]) as layer:
        assert len(layer) == 1
    assert "closed" in repr(layer)
    layer.close()
    with pytest.raises(ValueError, match="was closed"):
        use(layer)


def test_a_layer_shows_itself():
    layer = Layer({"type": "Feature", "properties": {"<b>": 1}, "geometry": {"type": "Point", "coordinates": [5, 52]}})
    assert repr(layer) == "<riskmap.Layer: 1 features, EPSG:4326, fields: <b>>"
    assert "<b>" not in layer._repr_html_()
