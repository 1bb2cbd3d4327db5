"""Laying evidence over areas: against shapely, cell by cell."""

import signal

import numpy as np
import pytest

import riskmap
from riskmap import Layer


def feature(ring, **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def squares(side, count, overlap=0.0):
    """count x count squares side by side, as a layer in RD."""
    features = []
    for k in range(count * count):
        x, y, s = side * (k % count), side * (k // count), side + overlap
        features.append(feature([[x, y], [x + s, y], [x + s, y + s], [x, y + s], [x, y]]))
    return Layer({"type": "FeatureCollection", "features": features}, crs=28992)


def dice(count, top, seed=1):
    random = np.random.default_rng(seed)
    return random.uniform(0, top, count), random.uniform(0, top, count)


def test_points_are_counted_where_they_lie():
    x, y = dice(5000, 100)
    counts = riskmap.count_in_areas(squares(10, 10), Layer.from_points(x, y, 28992))
    assert counts.dtype == np.int64
    assert np.array_equal(counts, np.histogram2d(y, x, 10, [[0, 100]] * 2)[0].ravel())
    assert riskmap.count_in_areas(squares(10, 2), Layer.from_points([10.0], [10.0], 28992)).tolist() == [1, 1, 1, 1]


def test_cover_counts_ground_once_or_as_often_as_it_is_covered():
    areas, evidence = squares(10, 2), squares(5, 4, overlap=1)
    once, often = riskmap.cover_of_areas(areas, evidence), riskmap.cover_of_areas(areas, evidence, sum_overlaps=True)
    assert once == pytest.approx([100] * 4, rel=1e-12)
    shapely = pytest.importorskip("shapely")
    pytest.importorskip("geopandas")
    shapes, others = areas.to_geopandas().geometry, evidence.to_geopandas().geometry
    assert often == pytest.approx(
        [sum(shape.intersection(other).area for other in others) for shape in shapes], rel=1e-12
    )
    assert shapely and (often > once).all()


def test_distances_to_the_nearest():
    pytest.importorskip("geopandas")
    areas, (x, y) = squares(10, 5), dice(40, 300)
    metres = riskmap.nearest_to_areas(areas, Layer.from_points(x, y, 28992))
    points = Layer.from_points(x, y, 28992).to_geopandas().geometry
    assert metres == pytest.approx([points.distance(shape).min() for shape in areas.to_geopandas().geometry], abs=1e-9)
    assert np.isnan(riskmap.nearest_to_areas(areas, Layer.from_points([], [], 28992))).all()


def test_anything_is_areas_or_evidence():
    geopandas = pytest.importorskip("geopandas")
    areas, x = squares(10, 3), [5.0, 25.0]
    expected = riskmap.count_in_areas(areas, Layer.from_points(x, x, 28992))
    points = geopandas.GeoSeries(geopandas.points_from_xy(x, x), crs=28992)
    assert np.array_equal(riskmap.count_in_areas(areas.to_geopandas(), points), expected)
    assert expected.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_threads_change_nothing():
    areas, evidence = squares(7, 20), squares(5, 30, overlap=2)
    one, two = (riskmap.cover_of_areas(areas, evidence, threads=threads) for threads in (1, 2))
    assert one.tobytes() == two.tobytes()


def test_layers_must_agree_on_the_crs():
    areas, x = squares(10, 2), [5.0]
    with pytest.raises(riskmap.CrsError, match="EPSG:28992.*EPSG:4258"):
        riskmap.count_in_areas(areas, Layer.from_points(x, x, 4258))
    with pytest.raises(riskmap.CrsError, match="evidence: its CRS is not known.*EPSG:28992"):
        riskmap.count_in_areas(areas, Layer.from_points(x, x))
    with pytest.raises(riskmap.CrsError, match="areas: its CRS is not known.*EPSG:28992"):
        riskmap.nearest_to_areas(Layer.from_points(x, x), areas)
    assert riskmap.nearest_to_areas(Layer.from_points(x, x), Layer.from_points(x, [9.0])).tolist() == [4]


def test_what_looks_like_degrees_is_not_measured_in():
    degrees, elsewhere = Layer.from_points([5.0, 6.5], [52.0, 51.0]), Layer.from_points([50.0, 60.0], [52.0, 51.0])
    for call in (riskmap.cover_of_areas, riskmap.nearest_to_areas):
        with pytest.raises(riskmap.CrsError, match="state no CRS, and look like degrees"):
            call(degrees, degrees)
        assert len(call(elsewhere, degrees)) == len(call(degrees, elsewhere)) == 2
    none = Layer.from_points([], [])
    assert riskmap.count_in_areas(degrees, degrees).tolist() == [0, 0]  # nothing is measured
    assert np.isnan(riskmap.nearest_to_areas(degrees, none)).all()


def test_degrees_are_not_measured_in():
    degrees = Layer.from_points([5.0], [52.0], 4326)
    for measure in (riskmap.cover_of_areas, riskmap.nearest_to_areas):
        with pytest.raises(riskmap.CrsError, match="degree.*EPSG:28992"):
            measure(degrees, degrees)


@pytest.mark.parametrize("call", [riskmap.count_in_areas, riskmap.cover_of_areas, riskmap.nearest_to_areas])
def test_no_areas_and_what_is_none(call):
    assert len(call(Layer.from_points([], [], 28992), squares(10, 2))) == 0
    with pytest.raises(riskmap.ArgumentError, match="^evidence: a layer is made of"):
        call(squares(10, 2), 5)
    with pytest.raises(riskmap.ArgumentError, match="threads"):
        call(squares(10, 2), squares(10, 2), threads=-1)


def test_progress_can_stop_it():
    areas = squares(10, 30)
    with pytest.raises(riskmap.Cancelled):
        riskmap.cover_of_areas(areas, areas, progress=lambda fraction, message: True)
    heard = []
    riskmap.cover_of_areas(areas, areas, progress=lambda fraction, message: heard.append(fraction))
    assert heard and heard == sorted(heard)


def test_ctrl_c_stops_it():
    areas = squares(10, 60, overlap=5)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            while True:
                riskmap.cover_of_areas(areas, areas)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
