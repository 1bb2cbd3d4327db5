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


@pytest.mark.parametrize("dtype", ["int64", "uint64", "int32"])
def test_an_index_of_numbers_gives_the_feature_ids(dtype):
    given = frame(a=[1, 2, 3]).set_index(pandas.Index(np.array([40, 5, 0], dtype)))
    layer = Layer(given)
    assert (layer.fids.tolist(), layer.fields, layer["a"].tolist()) == ([40, 5, 0], ["a"], [1, 2, 3])
    assert [issue.feature for issue in layer.issues] == [5]
    assert layer.to_geopandas().index.tolist() == layer.to_pandas().index.tolist() == [40, 5, 0]
    assert Layer(frame(a=[1, 2, 3])[1:]).fids.tolist() == [1, 2]
    assert Layer(given.geometry).fids.tolist() == [40, 5, 0]


@pytest.mark.parametrize("index", ["abc", [1.0, 2.0, 3.0], [7, 7, 8], [1, -1, 2], [True, False, True]])
def test_another_index_is_left_out_and_rows_are_numbered(index, caplog):
    layer = Layer(frame(geometry=PLACES[:1] * 3, a=[1, 2, 3]).set_index(pandas.Index(list(index))))
    assert (layer.fids.tolist(), layer.fields) == ([0, 1, 2], ["a"])
    assert ["reset_index(drop=True)" in text for text in caplog.messages] == [True] * (index in ([7, 7, 8], [1, -1, 2]))


def test_levels_of_an_index_are_left_out():
    given = frame(a=[1, 2, 3]).set_index(pandas.MultiIndex.from_tuples([(1, 2), (3, 4), (5, 6)]))
    assert Layer(given).fields == ["a"] and Layer(given.iloc[::-1]).fids.tolist() == [0, 1, 2]


def test_a_field_fid_is_the_feature_id(caplog):
    layer = Layer(frame(fid=[7, 8, 9], a=[1, 2, 3]).set_index(pandas.Index([7, 8, 9])))
    assert (layer.fids.tolist(), layer.fields) == ([7, 8, 9], ["a"])
    assert not any("column fid" in text for text in caplog.messages)
    assert Layer(frame(fid=[1, 2, 3])).fids.tolist() == [1, 2, 3]
    assert any("column fid" in text for text in caplog.messages)
    assert Layer(frame(fid=["7", "8", "9"])).fields == ["fid"]


@pytest.mark.parametrize("fids", [[7, 7, 8], [7, None, 8], [7, -8, 9]])
def test_a_field_fid_that_numbers_nothing_stays_a_field(fids):
    layer = Layer(frame(geometry=PLACES[:1] * 3, fid=pandas.array(fids, "Int64")))
    assert (layer.fids.tolist(), layer["fid"].tolist()) == ([0, 1, 2], fids)
    assert [(issue.code, issue.severity, issue.feature) for issue in layer.issues] == [("feature-id", "warning", None)]
    out = layer.to_pandas()
    assert out.index.name == "fid_" and out.groupby("fid").size().sum() == 3 - (None in fids)


def test_names_must_be_there_once():
    with pytest.raises(riskmap.DataError, match="two columns .* 'a'"):
        Layer(frame(a=[1, 2, 3], b=[1, 2, 3]).set_axis(["a", "a", "geometry"], axis=1))
    with pytest.raises(riskmap.DataError, match="two columns .* '7'"):
        Layer(frame(a=[1, 2, 3], b=[1, 2, 3]).set_axis([7, "7", "geometry"], axis=1))
    with pytest.raises(riskmap.DataError, match="NUL"):
        Layer(frame(**{"a\0b": [1, 2, 3]}))
    assert Layer(frame(a=[1, 2, 3]).rename(columns={"a": 7})).fields == ["7"]


def test_a_dataframe_with_geometry_is_a_geodataframe():
    plain = pandas.DataFrame(frame(a=[1, 2, 3]))
    assert type(plain) is pandas.DataFrame
    for name in ("geometry", "geom", "vorm"):
        layer = Layer(plain.rename(columns={"geometry": name}))
        assert (len(layer), layer.crs, layer.fields) == (3, "EPSG:28992", ["a"])
    merged = pandas.merge(pandas.DataFrame({"a": [3, 1]}), frame(a=[1, 2, 3]), on="a")
    assert type(merged) is pandas.DataFrame and Layer(merged)["a"].tolist() == [3, 1]
    assert Layer(plain.assign(other=plain["geometry"])).extent == Layer(plain).extent
    shapes = plain.assign(geometry=plain["geometry"].astype(object))
    assert Layer(shapes, 28992).extent == Layer(plain).extent
    with pytest.raises(riskmap.ArgumentError, match="'vorm', 'other': choose one with geopandas.GeoDataFrame"):
        Layer(plain.rename(columns={"geometry": "vorm"}).assign(other=plain["geometry"]))


def test_a_series_is_a_layer():
    layer = Layer(geopandas.GeoSeries(PLACES, crs=28992))
    assert (len(layer), layer.crs, layer.fields) == (3, "EPSG:28992", [])


# ---- the CRS ----


STATED = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}


def features(place, **members):
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
    return {"type": "FeatureCollection", "features": [feature]} | members


@pytest.mark.parametrize("words", ["epsg:28992", "urn:ogc:def:crs:EPSG::28992", "WKT"])
def test_one_crs_in_other_words_is_the_same(root, words):
    crs = frame().crs.to_wkt() if words == "WKT" else words
    points = Layer.from_points([0.0, 100.0], [0.0, 100.0], 28992)
    for layer in (
        Layer.from_points([1.0], [2.0], crs),
        Layer(frame(crs=None), crs),
        Layer({"type": "Point", "coordinates": [1, 2]}, crs),
        riskmap.read("examples/data/vakantieparken.geojson", target_crs=crs),
        riskmap.read("examples/data/meldingen.csv", crs=crs),
    ):
        assert layer.crs == "EPSG:28992"
    cells, same = (riskmap.Raster([[1.0, 2.0], [3.0, 4.0]], 0, 20, 10, one) for one in (crs, 28992))
    area = frame(geometry=[box(-10, -10, 110, 110)])
    assert riskmap.density(points, bandwidth=10, grid=cells).crs == "EPSG:28992"
    assert riskmap.density_ratio(cells, same).values.tolist() == [[1, 1], [1, 1]]
    assert len(riskmap.density_at(([0.0], [0.0]), points, bandwidth=10, crs=crs)) == 1
    arrays = [0.0, 100.0], [0.0, 100.0]
    assert riskmap.density(arrays, bandwidth=10, crs=crs, area=area, edge="diggle").crs == "EPSG:28992"


def test_a_crs_without_a_code_is_kept_whole(tmp_path):
    laea = "+proj=laea +lat_0=52 +lon_0=5 +ellps=GRS80 +units=m +type=crs"
    given = frame(geometry=[Point(1000, 2000)], crs=laea)
    given.to_file(tmp_path / "laea.gpkg", driver="GPKG")
    for layer in (Layer(given), Layer(tmp_path / "laea.gpkg"), riskmap.read(tmp_path / "laea.gpkg", target_crs=laea)):
        assert [place.tolist() for place in layer.places()] == [[1000], [2000]]  # a name alone says nothing of metres
        assert layer.to_geopandas().crs.to_dict()["lat_0"] == 52


def test_crs_is_for_data_without():
    assert Layer(frame(crs=None), crs=28992).crs == "EPSG:28992"
    assert Layer(frame(crs=None)).crs is None
    with pytest.raises(riskmap.CrsError, match="make it again with crs=28992"):
        Layer(Layer(frame(crs=None)), crs=28992)


@pytest.mark.parametrize(
    "make",
    [
        frame,
        lambda: frame().geometry,
        lambda: Layer(frame()),
        lambda: features([200000, 500000], crs=STATED),
        lambda: pytest.importorskip("pyarrow").table(Layer(frame())),
    ],
    ids=["frame", "series", "layer", "geojson", "arrow"],
)
def test_data_are_in_the_crs_that_they_state(make):
    for crs in (28992, "epsg:28992", "EPSG:7415", frame().crs, frame().crs.to_wkt()):
        assert Layer(make(), crs=crs).crs == "EPSG:28992"
        assert riskmap.as_layer(make(), "areas", crs).crs == "EPSG:28992"
    with pytest.raises(riskmap.CrsError, match="the data state EPSG:28992 .* not EPSG:4258: leave crs out, .*to_crs"):
        Layer(make(), crs=4258)
    with pytest.raises(riskmap.CrsError, match="areas: the data state EPSG:28992"):
        riskmap.as_layer(make(), "areas", 4258)
    with pytest.raises(riskmap.CrsError, match="EPSG:99999.* is no coordinate reference system"):
        Layer(make(), crs="EPSG:99999")


def test_lon_lat_has_two_names():
    assert Layer(frame(crs=4326), crs="OGC:CRS84").crs == "EPSG:4326"
    assert Layer(frame(crs="OGC:CRS84"), crs=4326).crs == "OGC:CRS84"


def test_geojson_that_states_nothing_useful_takes_the_crs():
    for stated in (None, {}, {"type": "link", "properties": {"href": "x"}}):
        assert Layer(features([200000, 500000], crs=stated), crs=28992).crs == "EPSG:28992"


def test_the_label_of_a_file_can_be_wrong(root):
    assert Layer("examples/data/vakantieparken.geojson", crs=4258).crs == "EPSG:4258"


@pytest.mark.parametrize("crs", ["EPSG:99999", 99999, "28992", "nonsense"])
def test_a_crs_that_proj_does_not_know_is_refused_at_once(crs):
    places = ([200000.0], [500000.0])
    for call in (
        lambda: Layer(frame(crs=None), crs=crs),
        lambda: Layer(Point(1, 2), crs=crs),
        lambda: Layer(features([5, 52]), crs=crs),
        lambda: Layer.from_points(*places, crs),
        lambda: riskmap.density(places, bandwidth=100, crs=crs),
        lambda: riskmap.density(pandas.DataFrame({"x": places[0], "y": places[1]}), bandwidth=100, crs=crs),
    ):
        with pytest.raises(riskmap.CrsError, match='is no coordinate reference system .*write one such as "EPSG:28992"'):
            call()


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
    assert Layer(features(place["coordinates"], crs=STATED)).crs == "EPSG:28992"


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


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_stream_of_python_is_not_swallowed(error):
    """pyarrow tells it in a message alone."""
    pyarrow = pytest.importorskip("pyarrow")
    schema = pyarrow.schema([("a", pyarrow.int64()), ("geometry", pyarrow.binary())])

    def batches():
        yield pyarrow.record_batch([pyarrow.array([1]), pyarrow.array([Point(2e5, 5e5).wkb])], schema=schema)
        raise error

    with pytest.raises(error):
        riskmap.Layer(pyarrow.RecordBatchReader.from_batches(schema, batches()), 28992)


@pytest.mark.parametrize("values", [[10**400, 1.5], [decimal.Decimal("Infinity"), 10**400]], ids=["int", "Decimal"])
def test_numbers_that_float64_does_not_have(values):
    column = pandas.Series(values, dtype=object)
    frame = geopandas.GeoDataFrame({"a": column}, geometry=geopandas.points_from_xy([0, 1], [0, 1]), crs=28992)
    with pytest.raises(riskmap.DataError, match="column 'a' of the GeoDataFrame holds a number that float64 does not"):
        riskmap.Layer(frame)


def test_a_column_name_that_utf8_has_no_bytes_for():
    try:
        frame = geopandas.GeoDataFrame({"a\ud800": [1]}, geometry=geopandas.points_from_xy([0], [0]), crs=28992)
    except UnicodeEncodeError:
        pytest.skip("this pandas holds no such names")
    with pytest.raises(riskmap.DataError, match="holds half a character; rename it"):
        riskmap.Layer(frame)
