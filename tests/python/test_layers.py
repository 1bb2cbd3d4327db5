"""Layers from GeoDataFrames, GeoJSON, shapely and files: what goes in is what stands there, or an error that helps."""

import datetime
import decimal
import signal

import numpy as np
import pytest

import riskmap
from riskmap import Layer

pandas = pytest.importorskip("pandas")
geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")
from shapely.geometry import LineString, Point, Polygon, box  # noqa: E402

PLACES = [Point(200000, 500000), None, Point(200100, 500100)]
NEW_PANDAS = int(pandas.__version__.split(".")[0]) >= 2


def frame(geometry=PLACES, crs=28992, **columns):
    return geopandas.GeoDataFrame(columns, geometry=geometry, crs=crs)


def values(column):
    """The cells of the one field of a layer of that column, None where something is missing."""
    cells = Layer(frame(a=column))["a"]
    if isinstance(cells, np.ma.MaskedArray):
        return cells.tolist()
    return [
        None if cell is None or cell != cell else cell.item() if isinstance(cell, np.generic) else cell
        for cell in cells
    ]


# ---- columns ----


@pytest.mark.parametrize("dtype", "i1 u1 i2 u2 i4 u4 i8 u8 >i2 >i4 >i8 f2 f4 f8 >f8 longdouble bool".split())
def test_numbers_of_every_size_keep_their_value(dtype):
    assert values(np.array([1, 0, 100 if dtype != "bool" else 1], dtype)) == [1, 0, 100 if dtype != "bool" else 1]


def test_nan_is_missing():
    assert values([1.5, float("nan"), 3]) == [1.5, None, 3]


@pytest.mark.parametrize("dtype", ["Int8", "UInt16", "Int64", "Float32", "Float64", "string", "boolean"])
def test_nullable_types_keep_what_is_missing(dtype):
    cells = {"string": ["één", None, "x"], "boolean": [True, None, False]}.get(dtype, [1, None, 3])
    assert values(pandas.array(cells, dtype)) == cells


@pytest.mark.parametrize(
    "cells", [["b", None, "a"], ["é", "é", ""], [5, None, 3], [None, None, None], [1.5, None, 2.5]]
)
def test_categories_are_what_they_stand_for(cells):
    assert values(pandas.Categorical(cells)) == cells


def test_objects_go_by_what_they_are():
    assert values(np.array([1, None, 2**62], object)) == [1, None, 2**62]
    assert values(np.array([1, 2.5, None], object)) == [1, 2.5, None]
    assert values(np.array([True, None, False], object)) == [1, None, 0]
    assert values(np.array([decimal.Decimal("1.1"), None, 1], object)) == [1.1, None, 1]
    assert values(np.array([None, None, None], object)) == [None, None, None]
    assert values(np.array(["", "a\0b", "\U0001f600"], object)) == ["", "a\0b", "\U0001f600"]


def test_dates_and_times_are_what_the_clocks_said():
    day = datetime.date(1500, 1, 1)
    assert values([day, None, datetime.date(2020, 2, 29)]) == [day, None, datetime.date(2020, 2, 29)]
    noon = datetime.datetime(2020, 7, 1, 12)
    for zone in (None, "UTC", "Europe/Amsterdam"):
        assert values(pandas.Series([noon, pandas.NaT, noon]).dt.tz_localize(zone)) == [noon, None, noon]
    before = pandas.Series(
        pandas.to_datetime(["1969-12-31 23:59:59.500", None, "1900-01-01"], format="mixed" if NEW_PANDAS else None)
    )
    assert values(before) == [datetime.datetime(1969, 12, 31, 23, 59, 59, 500000), None, datetime.datetime(1900, 1, 1)]
    mixed = np.array([noon.replace(tzinfo=datetime.timezone.utc), day, None], object)
    assert values(mixed) == [noon, datetime.datetime(1500, 1, 1), None]
    assert values([pandas.NaT] * 3) == [None, None, None]


@pytest.mark.parametrize(
    "cells, says",
    [
        (np.array([1, "a", None], object), "int and str"),
        (np.array([True, 1, None], object), "bool and int"),
        ([[1], [2], None], "list"),
        ([b"a", b"b", b"c"], "bytes"),
        ([1j, 2, 3], "complex128"),
        (np.array([1, 2, 2**70], object), "beyond 64 bits"),
        (np.array([1, 2, 3], "m8[s]"), "timedelta64"),
    ],
)
def test_what_has_no_one_type_is_refused_by_name(cells, says):
    with pytest.raises(riskmap.DataError, match=f"column 'a'.*{says}.*astype"):
        Layer(frame(a=cells))


def test_periods_and_intervals_are_refused_by_name():
    for cells in (pandas.period_range("2020-01", periods=3, freq="M"), pandas.interval_range(0, 3)):
        with pytest.raises(riskmap.DataError, match="column 'a'.*drop it"):
            Layer(frame(a=cells))


def test_an_unsigned_number_too_large_is_missing_and_an_issue():
    layer = Layer(frame(geometry=[Point(1, 1)] * 3, a=np.array([1, 2, 2**63 + 5], np.uint64)))
    assert layer["a"].tolist() == [1, 2, None]
    assert [issue.feature for issue in layer.issues] == [2]


def test_halves_of_letters_are_replaced_and_an_issue():
    try:
        given = frame(geometry=[Point(1, 1)] * 3, a=["a\ud800b", "c", "d"])
    except UnicodeEncodeError:
        pytest.skip("this pandas holds no such texts")
    layer = Layer(given)
    assert layer["a"][0].startswith("a\ufffd") and layer.issue_count == 1


def test_arrow_types_of_pandas():
    pyarrow = pytest.importorskip("pyarrow")
    if not hasattr(pandas, "ArrowDtype"):
        pytest.skip("this pandas has no Arrow types")
    day, noon = datetime.date(1500, 1, 1), datetime.datetime(2020, 7, 1, 12)
    for cells, kind in [
        ([1, None, 3], pyarrow.int16()),
        ([True, None, False], pyarrow.bool_()),
        ([1.5, None, 2], pyarrow.float64()),
        (["x", None, "é"], pyarrow.large_string()),
        ([decimal.Decimal("1.5"), None, decimal.Decimal("2.5")], pyarrow.decimal128(10, 2)),
        ([day, None, day], pyarrow.date32()),
        ([noon, None, noon], pyarrow.timestamp("us")),
        (["x", None, "y"], pyarrow.dictionary(pyarrow.int8(), pyarrow.string())),
    ]:
        assert values(pandas.array(cells, pandas.ArrowDtype(kind))) == cells
    zoned = pandas.Series([noon, None, noon]).dt.tz_localize("Europe/Amsterdam")
    assert values(zoned.astype(pandas.ArrowDtype(pyarrow.timestamp("us", "Europe/Amsterdam")))) == [noon, None, noon]


# ---- geometry, rows and names ----


def test_no_geometry_and_empty_geometry_are_features_with_an_issue():
    layer = Layer(frame(geometry=[None, Point(), Polygon(), Point(1, 2)], a=[1, 2, 3, 4]))
    assert (len(layer), layer.extent, layer["a"].tolist()) == (4, (1, 2, 1, 2), [1, 2, 3, 4])
    assert [(issue.feature, issue.severity) for issue in layer.issues] == [
        (0, "rejected"),
        (1, "rejected"),
        (2, "rejected"),
    ]


def test_coordinates_that_are_not_finite_are_an_issue():
    layer = Layer(frame(geometry=[Point(float("nan"), 1), Point(float("inf"), 1), Point(1, 2)]))
    assert layer.extent == (1, 2, 1, 2) and layer.issue_count == 2


def test_heights_are_left_out():
    given = frame(
        geometry=[Point(1, 2, 3), LineString([(0, 0, 5), (1, 1, 5)]), Polygon([(0, 0, 1), (1, 0, 1), (1, 1, 1)])]
    )
    assert not any(shape.has_z for shape in Layer(given).to_geopandas().geometry)


@pytest.mark.parametrize("crs", [28992, None])
def test_no_rows(crs):
    for given in (frame(crs=crs).iloc[:0], geopandas.GeoDataFrame({"a": []}, geometry=[], crs=crs)):
        layer = Layer(given)
        assert (len(layer), layer.crs) == (0, crs and f"EPSG:{crs}")
        assert np.isnan(layer.extent).all() and len(layer.fids) == 0
        assert len(layer.to_geopandas()) == 0 and all(len(layer[field]) == 0 for field in layer.fields)


def test_no_active_geometry():
    with pytest.raises(riskmap.ArgumentError, match="set_geometry"):
        Layer(geopandas.GeoDataFrame({"a": [1]}))


def test_the_active_geometry_counts_and_other_geometry_does_not():
    given = frame(a=[1, 2, 3], other=geopandas.GeoSeries([Point(9, 9)] * 3)).rename_geometry("vorm")
    layer = Layer(given)
    assert layer.fields == ["a"] and layer.extent == (200000, 500000, 200100, 500100)
    assert Layer(given.set_geometry("other")).extent == (9, 9, 9, 9)


def test_the_index_is_left_out_and_rows_are_numbered():
    given = frame(a=[1, 2, 3]).set_index(pandas.MultiIndex.from_tuples([(1, 2), (3, 4), (5, 6)]))
    assert Layer(given).fields == ["a"] and Layer(given.iloc[::-1]).fids.tolist() == [0, 1, 2]


def test_a_field_fid_is_the_feature_id():
    layer = Layer(frame(fid=[7, 8, 9], a=[1, 2, 3]))
    assert (layer.fids.tolist(), layer.fields) == ([7, 8, 9], ["a"])
    assert Layer(frame(fid=["7", "8", "9"])).fields == ["fid"]


def test_names_must_be_there_once():
    with pytest.raises(riskmap.DataError, match="two columns .* 'a'"):
        Layer(frame(a=[1, 2, 3], b=[1, 2, 3]).set_axis(["a", "a", "geometry"], axis=1))
    with pytest.raises(riskmap.DataError, match="two columns .* '7'"):
        Layer(frame(a=[1, 2, 3], b=[1, 2, 3]).set_axis([7, "7", "geometry"], axis=1))
    with pytest.raises(riskmap.DataError, match="NUL"):
        Layer(frame(**{"a\0b": [1, 2, 3]}))
    assert Layer(frame(a=[1, 2, 3]).rename(columns={"a": 7})).fields == ["7"]


def test_a_series_is_a_layer():
    layer = Layer(geopandas.GeoSeries(PLACES, crs=28992))
    assert (len(layer), layer.crs, layer.fields) == (3, "EPSG:28992", [])


# ---- the CRS ----


def test_the_crs_of_the_data_holds_and_crs_is_for_data_without():
    assert Layer(frame(), crs=4258).crs == "EPSG:28992"
    assert Layer(frame(crs=None), crs=28992).crs == "EPSG:28992"
    assert Layer(frame(crs=None)).crs is None


def test_a_crs_without_a_code_survives():
    crs = "+proj=laea +lat_0=52 +lon_0=10 +ellps=GRS80"
    layer = Layer(frame(crs=crs))
    assert layer.to_geopandas().crs == frame(crs=crs).crs
    assert len(repr(layer)) < 100


@pytest.mark.parametrize("crs", ["EPSG:28992", 28992, np.int64(28992)])
def test_a_crs_is_written_in_many_ways(crs):
    assert Layer.from_points([1.0], [2.0], crs).crs == "EPSG:28992"


def test_a_crs_of_the_wrong_type():
    with pytest.raises(riskmap.CrsError, match="EPSG:28992.*float"):
        Layer.from_points([1.0], [2.0], 3.5)


# ---- GeoJSON and shapely ----


class Interface:
    def __init__(self, mapping):
        self.__geo_interface__ = mapping


def test_geojson_keeps_its_properties():
    features = [
        {
            "type": "Feature",
            "id": 12,
            "properties": {"a": 1, "n": np.int32(4)},
            "geometry": {"type": "Point", "coordinates": (5.5, 52.5)},
        },
        {"type": "Feature", "id": 13, "properties": {"a": 2, "n": None, "b": "é"}, "geometry": None},
    ]
    collection = {"type": "FeatureCollection", "features": features}
    for given in (collection, Interface(collection)):
        layer = Layer(given)
        assert (layer.crs, layer.fids.tolist(), layer["a"].tolist()) == ("EPSG:4326", [12, 13], [1, 2])
        assert layer["n"].tolist() == [4, None] and layer["b"].tolist() == [None, "é"]
        assert layer.extent == (5.5, 52.5, 5.5, 52.5)


def test_geojson_knows_no_nan_and_no_dates():
    properties = {"x": float("nan"), "d": datetime.date(2020, 1, 2), "t": pandas.NaT}
    layer = Layer({"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [5, 52]}})
    assert layer["d"][0] == np.datetime64("2020-01-02")


def test_geojson_in_metres_must_say_so():
    place = {"type": "Point", "coordinates": [200000, 500000]}
    with pytest.raises(riskmap.CrsError, match="crs=28992"):
        Layer(Interface(place))
    assert Layer(Interface(place), crs=28992).extent == (200000, 500000, 200000, 500000)
    stated = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    collection = {
        "type": "FeatureCollection",
        "crs": stated,
        "features": [{"type": "Feature", "properties": {}, "geometry": place}],
    }
    assert Layer(collection).crs == "EPSG:28992"


def test_what_is_no_geojson():
    for wrong in ({"type": "Nonsense"}, Interface({"type": "Nonsense"})):
        with pytest.raises(riskmap.FormatError, match="no GeoJSON"):
            Layer(wrong)
    with pytest.raises(riskmap.ArgumentError, match="mapping"):
        Layer(Interface(5))


def test_a_shapely_geometry_states_no_crs():
    assert Layer(box(0, 0, 2, 1)).extent == (0, 0, 2, 1) and Layer(Point(1, 2)).crs is None
    assert Layer(box(0, 0, 2, 1), crs=28992).crs == "EPSG:28992"
    assert Layer(Point()).issue_count == 1


# ---- files ----


def test_a_path_of_any_kind_is_read(root):
    names = {
        len(Layer(one))
        for one in ("examples/data/vakantieparken.geojson", root / "examples/data/vakantieparken.geojson")
    }
    assert names == {16}


def test_reading_takes_the_options_of_c(root):
    layer = riskmap.read(
        "examples/data/vakantieparken.geojson", target_crs=28992, columns=["naam"], where="parkcode = 'VP-000-01'"
    )
    assert (layer.crs, layer.fields, len(layer)) == ("EPSG:28992", ["naam", "parkcode"], 1)
    assert riskmap.read("examples/data/vakantieparken.geojson", columns=[]).fields == []


def test_a_path_that_is_not_there():
    with pytest.raises(riskmap.NotFound, match="areas: /nowhere.gpkg does not exist") as caught:
        riskmap.as_layer("/nowhere.gpkg", "areas")
    assert caught.value.layer == "areas" and isinstance(caught.value, FileNotFoundError)


def many_points(folder, count=400_000):
    path = folder / "many.csv"
    with path.open("w") as file:
        file.write("x,y,t\n")
        file.writelines(f"{200000 + k % 1000},{500000 + k // 1000},tekst {k}\n" for k in range(count))
    return path


def test_progress_is_told_and_can_stop(tmp_path):
    path, heard = many_points(tmp_path), []
    layer = riskmap.read(path, crs=28992, threads=2, progress=lambda fraction, message: heard.append(fraction))
    assert len(layer) == 400_000 and heard == sorted(heard) and heard[-1] == 1 and len(heard) > 2
    with pytest.raises(riskmap.Cancelled):
        riskmap.read(path, crs=28992, progress=lambda fraction, message: fraction > 0)
    with pytest.raises(ZeroDivisionError):
        riskmap.read(path, crs=28992, progress=lambda fraction, message: 1 / 0)
    with pytest.raises(riskmap.ArgumentError, match="callable"):
        riskmap.read(path, crs=28992, progress=5)


def test_ctrl_c_stops_reading(tmp_path):
    path = many_points(tmp_path)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for threads in (1, 2):
            signal.setitimer(signal.ITIMER_REAL, 0.03)
            with pytest.raises(KeyboardInterrupt):
                while True:
                    riskmap.read(path, crs=28992, threads=threads)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_bar_of_tqdm_is_filled_and_closed(tmp_path):
    tqdm = pytest.importorskip("tqdm")
    with open(tmp_path / "bar", "w") as sink:
        bar = tqdm.tqdm(total=10, file=sink)
        riskmap.read(many_points(tmp_path, 1000), crs=28992, progress=bar)
    assert bar.n == 10 and bar.disable


# ---- anything else ----


@pytest.mark.parametrize("wrong", [None, 5, [1, 2], object()])
def test_what_is_no_layer_says_what_is(wrong):
    with pytest.raises(riskmap.ArgumentError, match="areas: a layer is made of .*GeoDataFrame") as caught:
        riskmap.as_layer(wrong, "areas")
    assert caught.value.layer == "areas"


def test_a_plain_frame_has_no_geometry():
    with pytest.raises(riskmap.Error, match="(?i)geodataframe|no geometry column"):
        Layer(pandas.DataFrame({"a": [1]}))


def test_a_layer_is_its_own_layer():
    layer = Layer(frame())
    assert riskmap.as_layer(layer) is layer and len(Layer(layer)) == 3


def test_points_that_are_all_missing_have_no_place():
    x, y = riskmap.Layer.from_points([np.nan, np.inf], [1.0, 2.0], 28992).places()
    assert np.isnan(x).all() and np.isnan(y).all()
    with pytest.raises(riskmap.ArgumentError, match="there are no points"):
        riskmap.heatmap(riskmap.Layer.from_points([np.nan], [np.nan], 28992), bandwidth=100)
