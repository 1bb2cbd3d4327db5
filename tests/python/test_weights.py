"""Spatial weights: made, looked at, and taken elsewhere and back."""

import gc
import sys

import numpy as np
import pytest

import riskmap
from riskmap import Layer, Weights


def grid(count):
    """count x count squares side by side."""
    features = []
    for k in range(count * count):
        x, y = 10 * (k % count), 10 * (k // count)
        ring = [[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10], [x, y]]
        features.append({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    return Layer({"type": "FeatureCollection", "features": features}, crs=28992)


def dice(count, seed=1):
    random = np.random.default_rng(seed)
    return random.uniform(0, 100, count), random.uniform(0, 100, count)


def distances(x, y):
    return np.hypot(x[:, None] - x, y[:, None] - y)


def links_of(weights):
    starts, to, weight = weights.to_rows()
    return np.repeat(np.arange(len(weights)), np.diff(starts)), to, weight


def test_squares_of_a_grid():
    queen, rook = Weights.queen(grid(4)), Weights.rook(grid(4))
    assert (len(queen), queen.links, rook.links) == (16, 84, 48)
    assert queen.of(5)[0].tolist() == [0, 1, 2, 4, 6, 8, 9, 10] and rook.of(5)[0].tolist() == [1, 4, 6, 9]
    assert queen.is_symmetric and queen.islands.tolist() == [] and queen.components.tolist() == [0] * 16


def test_the_tolerance_bridges_gaps():
    two = Layer(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {},
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[x, 0], [x + 10, 0], [x + 10, 10], [x, 10], [x, 0]]],
                    },
                }
                for x in (0, 10.5)
            ],
        },
        crs=28992,
    )
    assert Weights.queen(two).links == 0 and Weights.queen(two, tolerance_m=1).links == 2
    assert Weights.queen(two).islands.tolist() == [0, 1]


def test_a_band_against_all_distances():
    x, y = dice(300)
    weights = Weights.band((x, y), 12.5)
    from_, to = np.nonzero((distances(x, y) <= 12.5) & ~np.eye(300, dtype=bool))
    own_from, own_to, weight = links_of(weights)
    assert np.array_equal(own_from, from_) and np.array_equal(own_to, to) and (weight == 1).all()
    inverse = links_of(Weights.band((x, y), 12.5, weight="inverse_distance"))[2]
    assert inverse == pytest.approx(1 / distances(x, y)[from_, to])


def test_the_nearest_against_all_distances():
    x, y = dice(200)
    away = distances(x, y) + np.diag([np.inf] * 200)
    weights = Weights.nearest((x, y), 4)
    for item in range(200):
        assert weights.of(item)[0].tolist() == sorted(np.argsort(away[item], kind="stable")[:4].tolist())
    assert not weights.is_symmetric and weights.links == 800


def test_a_layer_stands_for_its_places():
    x, y = dice(50)
    arrays = Weights.nearest((x, y), 3).to_rows()
    layer = Weights.nearest(Layer.from_points(x, y, 28992), 3).to_rows()
    assert all(np.array_equal(a, b) for a, b in zip(arrays, layer))
    with pytest.raises(riskmap.CrsError, match="metres"):
        Weights.band(Layer.from_points(x, y, 4326), 5)


def test_links_from_elsewhere():
    weights = Weights.from_links(4, [2, 0, 2], [0, 1, 1], [0.5, 2, 3])
    assert [part.tolist() for part in weights.of(2)] == [[0, 1], [0.5, 3]]
    assert weights.islands.tolist() == [1, 3] and weights.components.tolist() == [0, 0, 0, 1]
    again = Weights.from_rows(*weights.to_rows())
    assert all(np.array_equal(a, b) for a, b in zip(again.to_rows(), weights.to_rows()))


@pytest.mark.parametrize(
    "arguments, says",
    [
        ((2, [0], [2]), "link 0 leads from 0 to 2; items are numbered 0 to 1"),
        ((2, [0], [0]), "link 0 leads from item 0 to itself"),
        ((2, [0, 0], [1, 1]), "links 0 and 1 both lead from item 0 to 1"),
        ((2, [1], [0], [-1]), "the weight of link 0 is -1"),
        ((2, [0], [1], [float("nan")]), "the weight of link 0 is nan"),
        ((2, [0, 1], [1]), "to has 1 entries where 2"),
        ((-1, [], []), "count is -1"),
    ],
)
def test_links_that_cannot_be(arguments, says):
    with pytest.raises(riskmap.Error, match=says):
        Weights.from_links(*arguments)


@pytest.mark.parametrize("starts", [[], [1, 2], [0, 1], [0, 2, 1, 2], [0, 3]])
def test_rows_that_cannot_be(starts):
    with pytest.raises(riskmap.ArgumentError, match="starts"):
        Weights.from_rows(starts, [1, 0])


def test_what_cannot_be_asked():
    x, y = dice(10)
    for call, says in [
        (lambda: Weights(), "made by Weights.queen"),
        (lambda: Weights.band((x, y), -1), "the band is -1 m"),
        (lambda: Weights.nearest((x, y), 10), "k is 10"),
        (lambda: Weights.band((x, y), 5, weight="gauss"), "'gauss' is not among one, inverse_distance"),
        (lambda: Weights.band((x, y[:3]), 5), "has 3 entries where 10"),
        (lambda: Weights.queen(Layer.from_points(x, y, 28992)), "feature 0 is a point"),
        (lambda: Weights.band((x, y), 500, most_links=5), "more than the 5 allowed"),
        (lambda: Weights.band((x[[0, 0]], y[[0, 0]]), 5, weight="inverse_distance"), "lie in the same place"),
        (lambda: Weights.from_libpysal(5), "libpysal"),
    ]:
        with pytest.raises(riskmap.Error, match=says):
            call()
    with pytest.raises(IndexError, match="no item 10"):
        Weights.nearest((x, y), 2).of(10)
    with pytest.raises(IndexError):
        Weights.nearest((x, y), 2).of(-1)


def test_views_keep_the_weights():
    weights = Weights.band(dice(2000), 20)
    to, _ = weights.of(7)
    expected = to.copy()
    assert np.shares_memory(to, weights.of(7)[0]) and not to.flags.writeable
    weights.close()
    del weights
    gc.collect()
    others = [Weights.band(dice(2000), 20) for _ in range(3)]  # would take the memory if it were free
    assert np.array_equal(to, expected) and len(others) == 3


def test_closed_weights_say_so():
    with Weights.from_links(2, [0], [1]) as weights:
        assert repr(weights) == "<riskmap.Weights: 2 items, 1 links, 1 islands>"
    assert "closed" in repr(weights)
    with pytest.raises(ValueError, match="was closed"):
        len(weights)


def test_as_libpysal_has_it():
    pytest.importorskip("pandas")
    weights = Weights.from_links(4, [2, 0, 2], [0, 1, 1], [0.5, 2, 3])
    adjacency = weights.to_adjacency()
    assert adjacency.index.names == ["focal", "neighbor"] and adjacency.name == "weight"
    assert adjacency.to_dict() == {(0, 1): 2, (1, 1): 0, (2, 0): 0.5, (2, 1): 3, (3, 3): 0}
    assert adjacency.index.is_monotonic_increasing


def test_libpysal_graphs_and_weights_come_in():
    pandas = pytest.importorskip("pandas")

    class Graph:
        unique_ids = ["b", "a", "c"]
        adjacency = pandas.Series(
            [1.0, 2.0, 0.0],
            pandas.MultiIndex.from_tuples([("b", "a"), ("a", "b"), ("c", "c")], names=["focal", "neighbor"]),
        )

    class W:
        id_order = ["b", "a", "c"]
        neighbors = {"a": ["b"], "b": ["a"], "c": []}
        weights = {"a": [2.0], "b": [1.0], "c": []}

    for given in (Graph(), W()):
        starts, to, weight = Weights.from_libpysal(given).to_rows()
        assert (starts.tolist(), to.tolist(), weight.tolist()) == ([0, 1, 2, 2], [1, 0], [1, 2])


def test_libpysal_agrees():
    graph = pytest.importorskip("libpysal.graph")
    frame = grid(5).to_geopandas()
    theirs, ours = graph.Graph.build_contiguity(frame.reset_index(drop=True), rook=False), Weights.queen(frame)
    assert ours.to_adjacency().astype(float).to_dict() == theirs.adjacency.astype(float).to_dict()
    assert np.array_equal(Weights.from_libpysal(theirs).to_rows()[1], ours.to_rows()[1])


def test_a_graph_of_libpysal_and_back():
    pytest.importorskip("libpysal.graph")
    weights = Weights.from_links(4, [2, 0, 2], [0, 1, 1], [0.5, 2, 3])
    names = np.array(["NL1", "NL0", "NL9", "NL5"])
    for ids, wanted in ((None, np.arange(4)), (names, names)):
        graph = weights.to_libpysal(ids)
        assert graph.unique_ids.tolist() == wanted.tolist() and graph.transformation == "O"
        assert graph.isolates.tolist() == wanted[[1, 3]].tolist()
        assert graph[wanted[2]].to_dict() == {wanted[0]: 0.5, wanted[1]: 3}
        for again in (graph, graph.to_W()):
            back = Weights.from_libpysal(again)
            assert all(np.array_equal(a, b) for a, b in zip(back.to_rows(), weights.to_rows()))
    assert Weights.from_libpysal(weights.to_libpysal().transform("r")).of(2)[1].tolist() == [0.5 / 3.5, 3 / 3.5]


def test_moran_of_esda_on_our_neighbours():
    esda = pytest.importorskip("esda")
    values, weights = np.random.default_rng(2).random(25), Weights.queen(grid(5))
    theirs = esda.Moran(values, weights.to_libpysal().transform("r"), permutations=0)
    assert riskmap.stats.moran(values, weights).statistic == pytest.approx(theirs.I, rel=1e-12)


@pytest.mark.parametrize("ids", [["a", "b"], ["a", "b", "a"], ["a", "b", None]])
def test_ids_are_one_each(ids):
    pytest.importorskip("pandas")
    with pytest.raises(riskmap.ArgumentError, match="ids: 3 are needed"):
        Weights.from_links(3, [0], [1]).to_adjacency(ids)


def test_libpysal_that_is_absent_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "libpysal.graph", None)
    with pytest.raises(ImportError, match="libpysal 4.9 or newer: pip install libpysal"):
        Weights.from_links(2, [0], [1]).to_libpysal()


def test_scipy_takes_the_rows():
    sparse = pytest.importorskip("scipy.sparse")
    weights = Weights.queen(grid(4))
    starts, to, weight = weights.to_rows()
    matrix = sparse.csr_matrix((weight, to, starts), shape=(16, 16))
    assert (matrix != matrix.T).nnz == 0 and matrix.nnz == 84
    assert Weights.from_rows(matrix.indptr, matrix.indices, matrix.data).links == 84


def test_points_whose_crs_is_stated():
    x, y = dice(20)
    free = Weights.nearest((x, y), 3)
    assert links_of(Weights.nearest((x, y), 3, crs="epsg:28992"))[1].tolist() == links_of(free)[1].tolist()
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": x, "y": y})
    assert links_of(Weights.nearest(table, 3, crs=28992))[1].tolist() == links_of(free)[1].tolist()
    assert Weights.band(table, 30, crs=28992).links == Weights.band((x, y), 30).links > 0
    for make in (lambda: Weights.nearest((x, y), 3, crs=4326), lambda: Weights.band((x, y), 30, crs="EPSG:4258")):
        with pytest.raises(riskmap.CrsError, match="points: .*degrees"):
            make()
