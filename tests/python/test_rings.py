"""Study areas come in every form that holds a polygon."""

import numpy as np
import pytest

import riskmap
from riskmap import stats
from riskmap._rings import rings_of

OUTER = [(0.0, 0.0), (100.0, 0.0), (100.0, 60.0), (0.0, 60.0)]
HOLE = [(40.0, 20.0), (40.0, 40.0), (60.0, 40.0), (60.0, 20.0)]
WITH_HOLE = {"type": "Polygon", "coordinates": [OUTER + OUTER[:1], HOLE + HOLE[:1]]}
SECOND = [(200.0, 0.0), (250.0, 0.0), (250.0, 60.0)]


class Shape:
    """What shapely and others offer."""

    def __init__(self, mapping):
        self.__geo_interface__ = mapping


def assert_rings(found, rings):
    x, y, starts = found
    assert (x.dtype, y.dtype, starts.dtype) == (np.float64, np.float64, np.int64)
    assert starts.tolist() == np.cumsum([0, *map(len, rings)]).tolist()
    np.testing.assert_array_equal(np.column_stack([x, y]), np.concatenate(rings))


@pytest.mark.parametrize(
    "area",
    [
        np.array(OUTER),
        np.array(OUTER + OUTER[:1]),
        [list(place) for place in OUTER],
        tuple(np.array(OUTER).T),
        (*np.array(OUTER).T, [0, 4]),
        (0, 0, 100, 60),
        [0, 0, 100, 60],
        np.array([0.0, 0.0, 100.0, 60.0]),
        {"type": "Polygon", "coordinates": [OUTER + OUTER[:1]]},
        {"type": "Polygon", "coordinates": [[(*place, 7.0) for place in OUTER]]},
        Shape({"type": "MultiPolygon", "coordinates": [[OUTER + OUTER[:1]]]}),
    ],
)
def test_one_ring_in_every_form(area):
    assert_rings(rings_of(area), [OUTER])


def test_holes_and_parts_are_rings():
    assert_rings(rings_of(WITH_HOLE), [OUTER, HOLE])
    both = Shape({"type": "MultiPolygon", "coordinates": [WITH_HOLE["coordinates"], [SECOND]]})
    assert_rings(rings_of(both), [OUTER, HOLE, SECOND])


def test_shapely_polygons_and_frames():
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import MultiPolygon, Polygon

    holed, second = Polygon(OUTER, [HOLE]), Polygon(SECOND)
    assert_rings(rings_of(holed), [OUTER, HOLE])
    both = rings_of(MultiPolygon([holed, second]))
    assert both[2].tolist() == [0, 4, 8, 11]
    assert stats.ripley_envelope([1, 9], [1, 9], [1], both, simulations=1).area == 6000 - 400 + 1500
    one = geopandas.GeoDataFrame(geometry=[holed], crs=28992)
    two = geopandas.GeoDataFrame(geometry=[holed, second], crs=28992)
    assert len(rings_of(one)[2]) == 3 and len(rings_of(two)[2]) == 4
    next_to_it = Polygon([(100, 0), (150, 0), (150, 60), (100, 60)])
    beside = geopandas.GeoDataFrame(geometry=[Polygon(OUTER), next_to_it], crs=28992)
    assert len(rings_of(beside)[2]) == 2  # one area: the border between the two is none
    assert stats.ripley_envelope([1, 9], [1, 9], [1], beside, simulations=1).area == 9000


def test_a_file_and_its_layer_are_the_same_area(root):
    parks = riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)
    pytest.importorskip("shapely")
    x, y, starts = rings_of(parks)
    xmin, ymin, xmax, ymax = parks.extent
    assert (x.min(), y.min(), x.max(), y.max()) == pytest.approx((xmin, ymin, xmax, ymax))
    assert len(starts) > 16


def test_degrees_and_another_crs_are_refused(root):
    with pytest.raises(riskmap.CrsError, match="metres") as problem:
        rings_of("examples/data/vakantieparken.geojson", "border")
    assert problem.value.layer == "border"
    parks = riskmap.read("examples/data/vakantieparken.geojson", target_crs=28992)
    with pytest.raises(riskmap.CrsError, match="area: is in EPSG:28992, and what lies in it in EPSG:32631"):
        rings_of(parks, crs=32631)


@pytest.mark.parametrize(
    "area, words",
    [
        ((0, 0, 100, 0), "a box is"),
        ((0, 0, np.nan, 9), "a box is"),
        (([0, 1], [0]), "y has 1 entries where 2"),
        (([0, 1], [0, 1], [0], [1]), "a tuple holds"),
        (np.zeros(4), "a box is"),
        ([9, 9, 0, 0], "a box is"),
        (np.zeros(3), r"shape \(vertices, 2\)"),
        (np.array(4.0), r"shape \(vertices, 2\)"),
        (np.zeros((4, 5)), r"shape \(vertices, 2\)"),
        ([["a", "b"]], r"shape \(vertices, 2\)"),
        ([], r"shape \(vertices, 2\)"),
        ({"type": "Point", "coordinates": [1, 2]}, "a polygon is needed, not a Point"),
        (Shape({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}), "not a LineString"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty"),
        (None, "NoneType"),
        (7, "int"),
    ],
)
def test_what_is_no_area_is_refused(area, words):
    with pytest.raises(riskmap.Error, match=words):
        rings_of(area)


def test_points_are_no_area():
    with pytest.raises(riskmap.ArgumentError, match="a polygon is needed"):
        rings_of(riskmap.Layer.from_points([0.0, 1.0], [0.0, 1.0], 28992))


@pytest.mark.parametrize(
    "starts, words",
    [([0, 5], "ascend"), ([1, 4], "begin with 0"), ([0, 3, 2, 4], "ascend"), ([0], "ascend"), ([], "ascend")],
)
def test_rings_that_are_not_sound_do_not_reach_the_library(starts, words):
    x, y = np.array(OUTER).T
    with pytest.raises(ValueError, match=words):
        stats.ripley_k([1, 2], [1, 2], [1], (x, y, starts))


def test_a_layer_that_was_closed_is_refused():
    pytest.importorskip("geopandas")
    layer = riskmap.Layer.from_points([0.0], [0.0], 28992)
    layer.close()
    with pytest.raises(ValueError, match="closed"):
        rings_of(layer)
