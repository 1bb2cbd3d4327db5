"""Layers, contours and weights that take long tell how far they are, and stop when they are asked to."""

import json

import numpy as np
import pytest

import riskmap
from riskmap import Layer, Raster, Weights, stats

from .interrupt import seconds_to_stop

RANDOM = np.random.default_rng(1)
COUNT = 1_000_000


def noise():
    return Raster(RANDOM.random((2500, 2500)), 0, 25000, 10, 28992)


def links():
    from_, to = np.arange(COUNT * 4) % COUNT, RANDOM.permutation(COUNT * 4) % COUNT
    both = np.unique((from_ * COUNT + to)[from_ != to])
    return divmod(RANDOM.permutation(both), COUNT)


def collection(count):
    one = {"type": "Feature", "properties": {"a": 1, "b": "x"}, "geometry": {"type": "Point", "coordinates": [5, 52]}}
    return '{"type":"FeatureCollection","features":[' + ",".join([json.dumps(one)] * count) + "]}"


def many_parts(rows, parts):
    """rows multipolygons of WKB, each of that many squares side by side."""
    corner = np.stack([200000 + np.arange(parts) % 100 * 20.0, 480000 + np.arange(parts) // 100 * 20.0], 1)
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]])
    record = np.zeros(parts, np.dtype([("order", "u1"), ("head", "<u4", 3), ("points", "<f8", (5, 2))]))
    record["order"], record["head"] = 1, (3, 1, 5)
    record["points"] = corner[:, None] + square
    one = b"\x01" + np.array([6, parts], "<u4").tobytes() + record.tobytes()
    return np.arange(rows + 1, dtype=np.int64) * len(one), one * rows


def columns(rows, parts):
    offsets, values = many_parts(rows, parts)
    return rows, (("geometry", "Z", None, offsets, values),), "EPSG:28992"


@pytest.fixture(scope="module")
def long():
    """Calls that take long, by name."""
    raster, (from_, to), text, shapes = noise(), links(), collection(300_000), columns(40, 4000)
    events, exposure = RANDOM.poisson(3, COUNT * 2), np.ones(COUNT * 2)
    x, y = RANDOM.random((2, COUNT))
    many = RANDOM.random(COUNT * 4)
    weights = Weights.nearest((x * 1e5, y * 1e5), 10)
    callable_of = riskmap._progress.callable_of
    return {
        "contours": lambda progress=None: raster.contours([0.3, 0.5], progress=progress),
        "from_links": lambda progress=None: Weights.from_links(COUNT, from_, to, progress=progress),
        "from_geojson": lambda progress=None: riskmap._riskmap.layer_from_geojson(text, None, callable_of(progress)),
        "from_columns": lambda progress=None: riskmap._riskmap.layer_from_columns(*shapes, callable_of(progress)),
        "probability_map": lambda progress=None: stats.probability_map(events, exposure, progress=progress),
        "rates_local": lambda progress=None: stats.rates_local(
            events[:COUNT], exposure[:COUNT], weights, progress=progress
        ),
        "scale": lambda progress=None: stats.scale(many, "percentile", progress=progress),
    }


NAMES = ["contours", "from_links", "from_geojson", "from_columns", "probability_map", "rates_local", "scale"]


@pytest.mark.parametrize("name", NAMES)
def test_ctrl_c_stops_within_a_fifth_of_a_second(name, long):
    assert seconds_to_stop(long[name], after=0.1) < 0.2


def test_ctrl_c_stops_frames_on_their_way_in_and_out():
    """Where shapely takes arrays; shapely 1 goes shape by shape, in Python."""
    shapely, geopandas = pytest.importorskip("shapely"), pytest.importorskip("geopandas")
    if shapely.__version__ < "2":
        pytest.skip("shapely is older than 2")
    x, y = RANDOM.random((2, COUNT))
    frame = geopandas.GeoDataFrame(geometry=shapely.box(x, y, x + 1, y + 1), crs=28992)
    assert seconds_to_stop(lambda: Layer(frame), after=0.1) < 0.2
    layer = Layer(frame)
    assert seconds_to_stop(layer.to_geopandas, after=0.1) < 0.2


@pytest.mark.parametrize("name", NAMES)
def test_a_progress_that_answers_true_stops_it(name, long):
    calls = []

    def progress(fraction, message):
        calls.append(fraction)
        return len(calls) == 2

    with pytest.raises(riskmap.Cancelled):
        long[name](progress=progress)
    assert len(calls) == 2 and calls[0] == 0


class Stream:
    """A table of two points, that is no Layer."""

    def __arrow_c_stream__(self, requested_schema=None):
        return Layer.from_points([0.0, 1.0], [0.0, 1.0], crs=28992).__arrow_c_stream__()


@pytest.mark.parametrize(
    "call",
    [
        lambda progress: Raster(RANDOM.random((99, 99)), 0, 990, 10).contours([0.2, 0.5], progress=progress),
        lambda progress: Weights.from_links(3, [0, 1], [1, 0], progress=progress),
        lambda progress: Weights.from_rows([0, 1, 2], [1, 0], progress=progress),
        lambda progress: Layer(json.loads(collection(20)), progress=progress),
        lambda progress: Layer(Stream(), progress=progress),
        lambda progress: Layer("examples/data/vakantieparken.geojson", progress=progress),
        lambda progress: Layer.from_points([0.0, 1.0], [0.0, 1.0]).places(progress=progress),
        lambda progress: stats.probability_map([1, 2], [3, 4], progress=progress),
        lambda progress: stats.rates_local([1, 2], [3, 4], Weights.from_links(2, [0], [1]), progress=progress),
        lambda progress: stats.scale([1, 2, 3], progress=progress),
    ],
)
def test_progress_goes_from_its_beginning_to_its_end(call, root):
    calls = []
    call(lambda fraction, message: calls.append(fraction))
    assert calls[0] == 0 and calls[-1] == pytest.approx(1) and len(calls) > 1
    assert calls == sorted(calls)


def test_the_areas_of_a_run_stop_it():
    handle = riskmap._riskmap.layer_from_columns(*columns(40, 4000), None)
    areas = Layer._of(handle)
    layers = {"parken": areas, "meldingen": Layer.from_points([5.0], [5.0], 28992)}
    model = {
        "riskmap": 1,
        "name": "areas",
        "purpose": "to be stopped",
        "crs": "EPSG:28992",
        "layers": {
            "parken": {"source": "parken.gpkg", "classification": "open"},
            "meldingen": {"source": "meldingen.gpkg", "classification": "open"},
        },
        "areas": {"layer": "parken"},
        "indicators": [
            {
                "name": "meldingen",
                "pillar": "reports",
                "measure": "count",
                "of": "meldingen",
                "scale": "minmax",
                "weight": 1,
                "direction": "+",
                "label": "Meldingen",
                "why": "Een toets",
            }
        ],
    }
    assert seconds_to_stop(lambda: riskmap.run(model, layers), after=0.1) < 0.2
