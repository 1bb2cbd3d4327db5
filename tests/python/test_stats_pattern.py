"""riskmap.stats: Knox, near repeats, nearest neighbours, Ripley."""

import datetime
import json
import math

import numpy as np
import pytest

import riskmap
from riskmap import stats

from .stats_data import golden, table

RANDOM = np.random.default_rng(7)
X, Y = RANDOM.random(80) * 1000, RANDOM.random(80) * 800
DAYS = RANDOM.integers(20000, 20060, 80)
FIRST, SECOND = np.triu_indices(80, 1)
APART = np.hypot(X[FIRST] - X[SECOND], Y[FIRST] - Y[SECOND])
BETWEEN = abs(DAYS[FIRST] - DAYS[SECOND])
BOX = (0, 0, 1000, 800)


def test_a_knox_table_counts_pairs():
    space, time = [0, 100, 300, np.inf], [0, 1, 7, 30]
    found = stats.knox(X, Y, DAYS, space, time, permutations=99)
    observed, _, _ = np.histogram2d(APART, BETWEEN, [[0, 100, 300, 1e9], [0, 1, 7, 29.5]])
    np.testing.assert_array_equal(found.observed, observed)
    rows = np.histogram(APART, [0, 100, 300, 1e9])[0]
    columns = np.histogram(BETWEEN, [0, 1, 7, 29.5])[0]
    np.testing.assert_allclose(found.expected, np.outer(rows, columns) / len(APART), rtol=1e-13)
    np.testing.assert_allclose(found.ratio, observed / found.expected, rtol=1e-13)
    np.testing.assert_allclose(found.mean, found.expected, rtol=0.2)
    assert ((found.p * 100).round(9) % 1 == 0).all() and (found.p > 0).all()
    assert np.isnan(stats.knox(X, Y, DAYS, space, time, permutations=0).p).all()


def test_distances_may_be_along_the_axes():
    along = abs(X[FIRST] - X[SECOND]) + abs(Y[FIRST] - Y[SECOND])
    found = stats.knox(X, Y, DAYS, [0, 200], [0, 100], metric="manhattan", permutations=0)
    assert found.observed.tolist() == [[np.count_nonzero(along < 200)]]


def test_dates_come_in_every_form():
    texts = ["2026-10-30", "2026-11-01", "2026-11-02"]
    dates = [datetime.date.fromisoformat(text) for text in texts]
    forms = [
        texts,
        dates,
        [datetime.datetime(d.year, d.month, d.day, 23, 59) for d in dates],
        np.array(texts, "datetime64[D]"),
        np.array(texts, "datetime64[ns]"),
        [20756, 20758, 20759],
        np.array([20756.0, 20758.0, 20759.0]),
    ]
    try:
        import pandas
    except ImportError:
        pass
    else:
        forms += [pandas.to_datetime(pandas.Series(texts)), pandas.to_datetime(pandas.Series(texts)).dt.date]
    for form in forms:
        found = stats.knox([0, 0, 0], [0, 0, 0], form, [0, 1], [0, 1, 2, 3, 4], permutations=0)
        assert found.observed.tolist() == [[0, 1, 1, 1]], form


def test_a_knox_table_has_labels_and_is_a_frame():
    pandas = pytest.importorskip("pandas")
    found = stats.knox(X, Y, DAYS, [0, 100, np.inf], [0, 7, 14], permutations=9)
    frame = found.to_pandas()
    assert found.space_labels == ["[0,100)", "[100,inf)"]
    assert isinstance(frame.index, pandas.MultiIndex)
    assert frame.loc[("[100,inf)", "[7,14)"), "observed"] == found.observed[1, 1]
    assert "[100,inf) m by [0,7), [7,14) days" in repr(found)


def test_the_test_of_knox_is_closed():
    test = stats.knox_test([0, 100, 300], [0, 0, 0], [0, 7, 0], 100, 7, permutations=0)
    assert (test.pairs, test.close_space, test.close_time, test.close) == (3, 1, 3, 1)
    assert (test.expected, test.ratio) == (1, 1)
    assert test.p_poisson == pytest.approx(1 - math.exp(-1))
    assert test.p_above == pytest.approx(1 - 2 * math.exp(-1))
    assert math.isnan(test.p)


def test_near_repeats_are_the_pairs():
    found = stats.near_repeats(X, Y, DAYS, (50, 200), (1, 8))
    near = (APART >= 50) & (APART < 200) & (BETWEEN >= 1) & (BETWEEN < 8)
    assert len(found) == near.sum() > 0
    swap = DAYS[FIRST] > DAYS[SECOND]
    earlier, later = np.where(swap, SECOND, FIRST)[near], np.where(swap, FIRST, SECOND)[near]
    order = np.lexsort((later, earlier))
    np.testing.assert_array_equal(found.earlier, earlier[order])
    np.testing.assert_array_equal(found.later, later[order])
    np.testing.assert_allclose(found.distance, APART[near][order], rtol=1e-14)


def test_near_repeats_may_be_none():
    found = stats.near_repeats([0, 9], [0, 9], [0, 0], (0, 1), (0, 1))
    assert len(found) == 0 and found.distance.dtype == np.float64


def test_near_repeats_of_more_threads_are_the_same():
    one, four = (stats.near_repeats(X, Y, DAYS, (0, 300), (0, 30), threads=threads) for threads in (1, 4))
    for name in ("earlier", "later", "distance"):
        np.testing.assert_array_equal(getattr(one, name), getattr(four, name))


def test_near_repeats_are_counted_and_listed_in_one_progress():
    fractions = []
    stats.near_repeats(X, Y, DAYS, (0, 300), (0, 30), progress=lambda fraction, message: fractions.append(fraction))
    assert fractions[0] == 0 and fractions[-1] == 1 and fractions == sorted(fractions)


def test_nearest_neighbours_are_those_of_trying_all():
    apart = np.hypot(X[:, None] - X, Y[:, None] - Y)
    np.fill_diagonal(apart, np.inf)
    found = stats.nearest_neighbours(X, Y)
    np.testing.assert_array_equal(found.nearest, apart.argmin(axis=1))
    ordered = np.sort(apart, axis=1)
    np.testing.assert_allclose(found.distance, ordered[:, 0], rtol=1e-14)
    np.testing.assert_allclose(found.second, ordered[:, 1], rtol=1e-14)


def test_the_nearest_neighbour_index_is_its_formula():
    found = stats.nearest_index(X, Y, area=800000, perimeter=3600)
    mean = stats.nearest_neighbours(X, Y).distance.mean()
    assert found.mean == pytest.approx(mean, rel=1e-14)
    assert found.ratio == pytest.approx(mean / (0.5 * math.sqrt(800000 / 80)), rel=1e-14)
    assert not math.isnan(found.donnelly_ratio)
    assert math.isnan(stats.nearest_index(X, Y, 800000).donnelly_ratio)
    within = stats.nearest_index_within(X, Y, BOX)
    assert (within.ratio, within.donnelly_ratio) == (pytest.approx(found.ratio), pytest.approx(found.donnelly_ratio))
    assert within.cdf_mean > 0


def test_ripley_without_correction_counts_pairs():
    r = np.array([20.0, 50.0, 200.0])
    found = stats.ripley_k(X, Y, r, BOX, correction="none")
    pairs = np.array([2 * np.count_nonzero(APART <= reach) for reach in r])
    np.testing.assert_allclose(found.k, 800000 * pairs / (80 * 79), rtol=1e-12)
    np.testing.assert_allclose(found.l, np.sqrt(found.k / math.pi), rtol=1e-12)


def test_corrections_raise_what_the_edge_hides():
    r = [50, 200]
    plain = stats.ripley_k(X, Y, r, BOX, correction="none").k
    for correction in ("border", "translate", "isotropic"):
        assert stats.ripley_k(X, Y, r, BOX, correction=correction).k[1] > plain[1]
    capped = stats.ripley_k(X, Y, r, BOX, max_weight=1).k
    np.testing.assert_allclose(capped, plain, rtol=1e-12)


def test_an_envelope_judges_the_whole_curve():
    r = np.arange(10, 200, 10)
    cluster = np.concatenate([RANDOM.normal(300, 20, 30), RANDOM.random(30) * 1000]), RANDOM.random(60) * 100 + 200
    found = stats.ripley_envelope(*cluster, r, BOX, simulations=39)
    assert found.p == 1 / 40 and found.deviation > found.critical
    assert found.area == 800000
    np.testing.assert_array_equal(found.l, stats.ripley_k(*cluster, r, BOX).l)
    assert (found.low <= found.high).all() and (found.l > found.high).any()
    wider = stats.ripley_envelope(*cluster, r, BOX, simulations=39, rank=5)
    assert (wider.high <= found.high).all() and (wider.high < found.high).any()


def test_golden_chicago():
    folder = golden("chicago-knox")
    events, expected = table(folder / "input.csv"), table(folder / "expected.csv")
    for case in json.loads((folder / "config.json").read_text())["cases"]:
        # the last bands are open-ended
        space, time = case["space"] + [np.inf], case["time"] + [np.inf]
        found = stats.knox(
            events["x"], events["y"], events["date"], space, time, metric=case["metric"], permutations=0
        )
        rows = expected["case"] == case["name"]
        np.testing.assert_array_equal(found.observed.ravel(), expected["observed"][rows])
        np.testing.assert_allclose(found.expected.ravel(), expected["expected_exact"][rows], rtol=1e-10)
    closed = table(folder / "expected_surveillance.csv")
    test = stats.knox_test(events["x"], events["y"], events["date"], closed["eps_s"][0], closed["eps_t"][0])
    assert test.close == closed["close_pairs"][0]
    assert test.p_above == pytest.approx(closed["p_poisson"][0], rel=1e-9)


def test_golden_ripley():
    folder = golden("ripley-nn")
    points, windows, expected = (table(folder / f"{name}.csv") for name in ("input", "windows", "expected"))
    near = table(folder / "expected_nn.csv")
    index = table(folder / "expected_clarkevans.csv")
    for name, tolerance in (("nztrees", 1e-6), ("redwood", 1e-6), ("chorley_larynx", 2.5e-3)):
        x, y = (points[axis][points["set"] == name] for axis in "xy")
        area = np.column_stack([windows[axis][windows["set"] == name] for axis in "xy"])
        rows = expected["set"] == name
        for correction, limit in (("none", 1e-10), ("translate", tolerance), ("isotropic", tolerance)):
            found = stats.ripley_k(x, y, expected["r"][rows], area, correction=correction)
            np.testing.assert_allclose(found.k, expected[f"K_{correction}"][rows], rtol=limit, atol=1e-12)
        distance = stats.nearest_neighbours(x, y).distance
        np.testing.assert_allclose(distance, near["nn_dist"][near["set"] == name], rtol=1e-10)
        row = int(np.flatnonzero(index["set"] == name)[0])
        within = stats.nearest_index_within(x, y, area, cdf_steps=512)
        assert within.ratio == pytest.approx(index["R_naive"][row], rel=1e-9)
        assert within.cdf_ratio == pytest.approx(index["R_cdf"][row], rel=1e-6)


@pytest.mark.parametrize(
    "call, words, row",
    [
        (lambda: stats.knox(X, Y[:79], DAYS, [0, 1], [0, 1]), "y has 79 entries where 80", None),
        (lambda: stats.knox(X, Y, DAYS[:79], [0, 1], [0, 1]), "dates has 79 entries where 80", None),
        (lambda: stats.knox(X, Y, DAYS, [0], [0, 1]), "0 distance bands; 1 to 100", None),
        (lambda: stats.knox(X, Y, DAYS, [], []), "two edges", None),
        (lambda: stats.knox(X, Y, DAYS, np.arange(102), [0, 1]), "101 distance bands; 1 to 100", None),
        (lambda: stats.knox(X, Y, DAYS, np.arange(40000), [0, 1]), "100 bands", None),
        (lambda: stats.knox(X, Y, DAYS, [0, 5, 5], [0, 1]), "", None),
        (lambda: stats.knox(X, Y, DAYS, [0, 1], [0, 1], metric="road"), "euclidean, manhattan", None),
        (lambda: stats.knox([0, np.nan], [0, 0], [1, 2], [0, 1], [0, 1]), "", 1),
        (lambda: stats.knox([0, 1], [0, 0], ["2026-11-01", None], [0, 1], [0, 1]), "dates", None),
        (lambda: stats.knox([0, 1], [0, 0], np.array(["2026-11-01", "NaT"], "M8"), [0, 1], [0, 1]), "row 1.*NaT", None),
        (lambda: stats.knox([0, 1], [0, 0], ["2026-11-01", "1 nov"], [0, 1], [0, 1]), "dates: row 1 is no date like", None),
        (lambda: stats.knox_test(X, Y, DAYS, -1, 7), "metres or days", None),
        (lambda: stats.near_repeats(X, Y, DAYS, (0, 1, 2), (0, 1)), "space has 3 entries where 2", None),
        (lambda: stats.near_repeats(X, Y, DAYS, (0, np.inf), (0, 1)), "", None),
        (lambda: stats.nearest_neighbours([0, 1], [0]), "y has 1 entries where 2", None),
        (lambda: stats.nearest_neighbours([0, np.inf], [0, 0]), "", 1),
        (lambda: stats.nearest_index(X, Y, area=0), "area", None),
        (lambda: stats.nearest_index_within([5, 50], [5, 5], (0, 0, 10, 10)), "", 1),
        (lambda: stats.ripley_k(X, Y, [1], BOX, correction="toroidal"), "none, border, translate, isotropic", None),
        (lambda: stats.ripley_k(X, Y, [2, 1], BOX), "not above the one before", None),
        (lambda: stats.ripley_k(X, Y, [], BOX), "0 distances", None),
        (lambda: stats.ripley_k([5, 50], [5, 5], [1], (0, 0, 10, 10)), "", 1),
        (lambda: stats.ripley_envelope(X, Y, [1], BOX, simulations=0), "simulations", None),
        (lambda: stats.ripley_envelope(X, Y, [1], BOX, rank=100), "rank", None),
    ],
)
def test_what_is_no_pattern_is_refused(call, words, row):
    with pytest.raises(ValueError, match=words or None) as problem:
        call()
    assert getattr(problem.value, "row", None) == row


def test_one_point_is_no_pattern():
    for call in (
        lambda: stats.knox([0], [0], [0], [0, 1], [0, 1]),
        lambda: stats.nearest_neighbours([0], [0]),
        lambda: stats.ripley_k([5], [5], [1], (0, 0, 10, 10)),
    ):
        with pytest.raises(riskmap.DataError):
            call()
