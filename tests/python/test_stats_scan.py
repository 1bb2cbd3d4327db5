"""riskmap.stats: Kulldorff's scan."""

import gc
import math

import numpy as np
import pytest

import riskmap
from riskmap import stats

from .stats_data import golden, table

RANDOM = np.random.default_rng(11)
X, Y = RANDOM.random(30) * 100, RANDOM.random(30) * 100
POPULATION = RANDOM.integers(50, 300, 30).astype(float)
CASES = RANDOM.poisson(POPULATION / 20) + np.where(np.hypot(X - X[4], Y - Y[4]) < 25, 12, 0)


def llr(cases, expected, all_cases):
    if cases <= expected or cases < 2:
        return 0.0
    rest = all_cases - cases
    return cases * math.log(cases / expected) + (rest * math.log(rest / (all_cases - expected)) if rest else 0.0)


def best_of(centre):
    """(LLR, areas) of the best circle round a centre, by trying all."""
    order = np.argsort(np.hypot(X - X[centre], Y - Y[centre]), kind="stable")
    best = (0.0, ())
    for size in range(1, 31):
        inside = order[:size]
        if POPULATION[inside].sum() > POPULATION.sum() / 2:
            break
        expected = CASES.sum() * POPULATION[inside].sum() / POPULATION.sum()
        value = llr(CASES[inside].sum(), expected, CASES.sum())
        if value > best[0]:
            best = (value, tuple(inside.tolist()))
    return best


def test_the_best_circles_are_those_of_trying_all():
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=99)
    centres = [best_of(centre) for centre in range(30)]
    for centre, (value, areas) in enumerate(centres):
        found = scan.centre(centre)
        assert found.llr == pytest.approx(value, rel=1e-10)
        assert tuple(found.areas.tolist()) == areas
    top = scan.clusters[0]
    assert top.llr == pytest.approx(max(centres)[0], rel=1e-12)
    assert top.cases == CASES[top.areas].sum()
    assert top.p == (np.count_nonzero(scan.maxima >= top.llr) + 1) / 100
    taken = np.concatenate([cluster.areas for cluster in scan.clusters])
    assert len(set(taken.tolist())) == len(taken)


def test_the_scan_as_a_whole():
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=19, seed=3)
    assert (scan.areas, scan.steps, scan.cases, scan.population) == (30, 1, CASES.sum(), POPULATION.sum())
    assert (scan.replicates, scan.replicates_asked, scan.stopped) == (19, 19, False)
    text = repr(scan)
    assert f"{len(scan.clusters)} clusters" in text and "p = " in text


def test_the_outcome_depends_on_the_seed_alone():
    one = stats.scan_space(X, Y, POPULATION, CASES, replicates=50, threads=1).maxima
    np.testing.assert_array_equal(one, stats.scan_space(X, Y, POPULATION, CASES, replicates=50, threads=2).maxima)
    assert (one != stats.scan_space(X, Y, POPULATION, CASES, replicates=50, seed=2).maxima).any()


def test_without_replicates_there_are_no_p_values():
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=0)
    assert math.isnan(scan.clusters[0].p) and len(scan.maxima) == 0


def test_a_scan_for_low_rates_finds_few_cases():
    cluster = stats.scan_space(X, Y, POPULATION, CASES, rates="low", replicates=0).clusters[0]
    assert cluster.low and cluster.cases < cluster.expected


def test_circles_keep_their_bounds():
    scan = stats.scan_space(X, Y, POPULATION, CASES, max_radius=20, max_population_share=0.2, replicates=0)
    for cluster in scan.clusters:
        assert cluster.radius <= 20
        assert cluster.population <= 0.2 * POPULATION.sum()


def test_views_outlive_their_scan():
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=9)
    areas, maxima = scan.clusters[0].areas, scan.maxima
    copies = areas.copy(), maxima.copy()
    del scan
    gc.collect()
    np.ones(1 << 20)  # something else where it was
    np.testing.assert_array_equal(areas, copies[0])
    np.testing.assert_array_equal(maxima, copies[1])
    with pytest.raises(ValueError):
        areas[0] = 1


def test_rows_add_up_to_the_table():
    cases = RANDOM.integers(0, 4, (30, 6))
    area, step = np.nonzero(cases)
    whole = stats.scan_space_time(X, Y, POPULATION, cases, replicates=19)
    rows = stats.scan_space_time_rows(X, Y, POPULATION, area, step, cases[area, step], steps=6, replicates=19)
    single = np.repeat(np.arange(len(area)), cases[area, step])
    ones = stats.scan_space_time_rows(X, Y, POPULATION, area[single], step[single], steps=6, replicates=19)
    for other in (rows, ones):
        np.testing.assert_array_equal(whole.maxima, other.maxima)
        assert whole.to_pandas().equals(other.to_pandas())


def test_a_population_by_step_that_is_the_same_in_each_changes_nothing():
    cases = RANDOM.integers(0, 4, (30, 6))
    one = stats.scan_space_time(X, Y, POPULATION, cases, replicates=0)
    by_step = np.repeat(POPULATION[:, None], 6, axis=1)
    each = stats.scan_space_time(X, Y, by_step, cases, replicates=0)
    assert each.population == 6 * one.population
    assert [c.areas.tolist() for c in one.clusters] == [c.areas.tolist() for c in each.clusters]
    area, step = np.nonzero(cases)
    rows = stats.scan_space_time_rows(X, Y, by_step, area, step, cases[area, step], steps=6, replicates=0)
    assert rows.clusters[0].llr == each.clusters[0].llr


def test_a_prospective_scan_reaches_the_last_step():
    cases = RANDOM.integers(0, 3, (30, 6))
    scan = stats.scan_space_time(X, Y, POPULATION, cases, prospective=True, replicates=0)
    assert {cluster.t_end for cluster in scan.clusters} == {5}


def test_a_table_lists_the_clusters():
    pytest.importorskip("pandas")
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=9)
    frame = scan.to_pandas()
    assert frame["areas"].tolist() == [cluster.areas.tolist() for cluster in scan.clusters]
    assert frame["p"].tolist() == [cluster.p for cluster in scan.clusters]


def test_golden_new_york():
    folder = golden("ny8-kulldorff")
    data, expected = table(folder / "input.csv"), table(folder / "expected_clusters_50pct.csv")
    scan = stats.scan_space(data["x"], data["y"], data["population"], data["cases"])
    for row, ids in enumerate(expected["ids"][:2]):
        cluster = scan.clusters[row]
        assert (cluster.areas + 1).tolist() == [int(text) for text in str(ids).split(";")]
        assert (cluster.cases, cluster.centre + 1) == (expected["cases"][row], expected["centre_id"][row])
        assert cluster.llr == pytest.approx(expected["llr"][row], abs=1e-6)
        p = expected["p_value"][row]
        assert abs(cluster.p - p) <= 4 * math.sqrt(p * (1 - p) * (1 / 999 + 1 / 99999)) + 2 / 1000


def test_golden_new_mexico():
    folder = golden("nm-spacetime-scan")
    places, rows = table(folder / "input_locations.csv"), table(folder / "input_cases.csv")
    expected = table(folder / "expected_s50_t50.csv")
    ground = places["x"], places["y"], places["population"]
    scan = stats.scan_space_time_rows(
        *ground, rows["id"] - 1, rows["t"] - 1, rows["cases"], steps=19, replicates=0
    )
    top = scan.clusters[0]
    assert (top.areas + 1).tolist() == [int(text) for text in str(expected["ids"][0]).split(";")]
    assert (top.t_start + 1, top.t_end + 1) == (expected["t_start"][0], expected["t_end"][0])
    assert top.llr == pytest.approx(expected["llr"][0], rel=1e-9)


SQUARE = (np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.ones(3))


@pytest.mark.parametrize(
    "call, words, row",
    [
        (lambda: stats.scan_space(X, Y[:29], POPULATION, CASES), "y has 29 entries where 30", None),
        (lambda: stats.scan_space(X, Y, POPULATION[:29], CASES), "population has 29 entries where 30", None),
        (lambda: stats.scan_space(X, Y, POPULATION, CASES[:29]), "cases has 29 entries where 30", None),
        (lambda: stats.scan_space(X, Y, POPULATION, CASES + 0.5), "row 0 is missing or not a whole number", None),
        (lambda: stats.scan_space(*SQUARE, [1, None, 2]), "row 1 is missing", None),
        (lambda: stats.scan_space(*SQUARE, [1, -1, 2]), "negative", 1),
        (lambda: stats.scan_space([0, np.nan, 1], *SQUARE[1:], [1, 1, 1]), "", 1),
        (lambda: stats.scan_space(*SQUARE, [0, 0, 0]), "", None),
        (lambda: stats.scan_space([], [], [], []), "no areas", None),
        (lambda: stats.scan_space(*SQUARE, [1, 2, 3], rates="up"), "high, low, both", None),
        (lambda: stats.scan_space_time(*SQUARE, [1, 2, 3]), r"\(areas, steps\) with 3 areas", None),
        (lambda: stats.scan_space_time(*SQUARE, np.ones((2, 4))), r"not \(2, 4\)", None),
        (lambda: stats.scan_space_time(*SQUARE, np.ones((3, 1))), "1 time steps", None),
        (lambda: stats.scan_space_time(*SQUARE[:2], np.ones((3, 2)), np.ones((3, 4))), "has 6 entries where 12", None),
        (lambda: stats.scan_space_time(*SQUARE, np.ones((3, 4)), secondary="all"), "periods, one_each, apart", None),
        (lambda: stats.scan_space_time_rows(*SQUARE, [0, 3], [0, 0], steps=2), "row 1 stands for an area", 1),
        (lambda: stats.scan_space_time_rows(*SQUARE, [0, 1], [0, 2], steps=2), "row 1 stands for an area or a step", 1),
        (lambda: stats.scan_space_time_rows(*SQUARE, [0, 1], [0], steps=2), "step has 1 entries where 2", None),
        (lambda: stats.scan_space_time_rows(*SQUARE, [0], [0], [1, 2], steps=2), "count has 2 entries where 1", None),
    ],
)
def test_what_cannot_be_scanned_is_refused(call, words, row):
    with pytest.raises(riskmap.ArgumentError, match=words or None) as problem:
        call()
    assert problem.value.row == row


def test_a_centre_that_is_not_there_is_refused():
    scan = stats.scan_space(X, Y, POPULATION, CASES, replicates=0)
    for area in (-1, 30):
        with pytest.raises(riskmap.ArgumentError, match="no centre"):
            scan.centre(area)
