"""riskmap.stats: rates per exposure."""

import math

import numpy as np
import pytest

import riskmap
from riskmap import stats

from .stats_data import golden, grid, pairs, table

EVENTS = np.array([3.0, 0.0, 40.0, 7.0])
EXPOSURE = np.array([100.0, 50.0, 1000.0, 20.0])


def marshall(events, exposure):
    b = events.sum() / exposure.sum()
    rate = events / exposure
    s2 = (exposure * (rate - b) ** 2).sum() / exposure.sum()
    a = max(0.0, s2 - b / exposure.mean())
    return b, a, b + a * (rate - b) / (a + b / exposure)


def test_crude_and_shrunk_rates_are_their_formulas():
    np.testing.assert_array_equal(stats.rates(EVENTS, EXPOSURE), EVENTS / EXPOSURE)
    b, a, estimate = marshall(EVENTS, EXPOSURE)
    assert a > 0
    np.testing.assert_allclose(stats.rates(EVENTS, EXPOSURE, method="global"), estimate, rtol=1e-13)
    z = (EVENTS / EXPOSURE - b) / np.sqrt(a + b / EXPOSURE)
    np.testing.assert_allclose(stats.rate_deviates(EVENTS, EXPOSURE), z, rtol=1e-12)


def test_small_and_missing_areas_have_no_rate():
    rate = stats.rates([1, None, 2, 3], [10, 10, 0, 5], min_exposure=6)
    np.testing.assert_array_equal(rate, [0.1, np.nan, np.nan, np.nan])


def test_local_rates_shrink_towards_the_neighbourhood():
    near, weights = grid(3)
    rng = np.random.default_rng(2)
    events, exposure = rng.integers(0, 30, 9).astype(float), rng.integers(50, 500, 9).astype(float)
    found = stats.rates_local(events, exposure, weights)
    around = near + np.eye(9)
    np.testing.assert_allclose(found.mean, around @ events / (around @ exposure), rtol=1e-14)
    for area in range(9):
        inside = around[area] > 0
        b, a, estimate = marshall(events[inside], exposure[inside])
        assert found.variance[area] == pytest.approx(a, rel=1e-10, abs=1e-18)
        assert found.rate[area] == pytest.approx(estimate[np.flatnonzero(inside) == area][0], rel=1e-12)


def test_probabilities_are_of_poisson():
    found = stats.probability_map([3, 0, 5], [100, 50, 100])
    mean = 8 / 250 * np.array([100.0, 50.0, 100.0])
    np.testing.assert_allclose(found.expected, mean, rtol=1e-15)
    np.testing.assert_allclose(found.relative_risk, np.array([3, 0, 5]) / mean, rtol=1e-15)
    below = [sum(math.exp(-m) * m**k / math.factorial(k) for k in range(n + 1)) for n, m in zip([3, 0, 5], mean)]
    at = [math.exp(-m) * m**n / math.factorial(n) for n, m in zip([3, 0, 5], mean)]
    np.testing.assert_allclose(found.at_most, below, rtol=1e-12)
    np.testing.assert_allclose(found.at_least, 1 - np.array(below) + at, rtol=1e-12)


def test_intervals_are_those_of_garwood():
    chi2 = pytest.importorskip("scipy.stats", reason="scipy is not installed").chi2
    events, exposure = np.array([0.0, 3.0, 250.0]), np.array([10.0, 100.0, 1e4])
    found = stats.rate_intervals(events, exposure, confidence=0.9)
    np.testing.assert_array_equal(found.rate, events / exposure)
    lower = np.where(events > 0, chi2.ppf(0.05, 2 * np.maximum(events, 1)) / 2, 0) / exposure
    np.testing.assert_allclose(found.lower, lower, rtol=1e-9)
    np.testing.assert_allclose(found.upper, chi2.ppf(0.95, 2 * (events + 1)) / 2 / exposure, rtol=1e-9)


def test_change_of_two_counts_is_an_exact_binomial_test():
    binomtest = pytest.importorskip("scipy.stats", reason="scipy is not installed").binomtest
    c1, e1, c2, e2 = [67, 3, 0], [13466, 100, 10], [75, 9, 0], [10241, 120, 10]
    doubled = stats.rate_change(c1, e1, c2, e2)
    likely = stats.rate_change(c1, e1, c2, e2, two_sided="likelihood")
    for i in range(2):
        share = e2[i] / (e1[i] + e2[i])
        sides = ("greater", "less", "two-sided")
        expected = {side: binomtest(c2[i], c1[i] + c2[i], share, side).pvalue for side in sides}
        assert doubled.greater[i] == pytest.approx(expected["greater"], rel=1e-9)
        assert doubled.less[i] == pytest.approx(expected["less"], rel=1e-9)
        assert doubled.two_sided[i] == pytest.approx(2 * min(expected["greater"], expected["less"]), rel=1e-9)
        assert likely.two_sided[i] == pytest.approx(expected["two-sided"], rel=1e-9)
    assert doubled.two_sided[2] == 1


def test_one_exposure_serves_all_areas():
    spread = stats.rate_change([67, 5], [13466, 13466], [75, 9], [10241, 10241])
    one = stats.rate_change([67, 5], 13466, [75, 9], 10241)
    np.testing.assert_array_equal(one.ratio, spread.ratio)
    assert one.ratio[0] == pytest.approx(1.472, abs=5e-4)


def test_results_are_frames_with_the_index_of_their_values():
    pandas = pytest.importorskip("pandas")
    events = pandas.Series([3, 0], index=["noord", "zuid"])
    frame = stats.rate_intervals(events, [100, 50]).to_pandas(events.index)
    assert list(frame.columns) == ["rate", "lower", "upper"]
    assert frame.loc["noord", "rate"] == 0.03


def test_golden_auckland():
    folder = golden("auckland-eb")
    expected = table(folder / "expected.csv")
    cases, base = expected["cases"], expected["base"]
    weights = pairs(folder / "queen_pairs.csv", len(cases))
    local = stats.rates_local(cases, base, weights)
    for answer, name in (
        (stats.rates(cases, base), "raw"),
        (stats.rates(cases, base, method="global"), "eb_global"),
        (stats.rates(cases, base, method="global_binomial"), "eb_global_binomial"),
        (local.rate, "eb_local"),
        (local.mean, "local_m"),
        (stats.probability_map(cases, base).at_most, "probmap_pmap"),
    ):
        np.testing.assert_allclose(answer, expected[name], rtol=1e-10)
    whole = table(folder / "expected_global.csv")
    wanted = whole["value"][whole["stat"] == "EB_moran_I"][0]
    assert stats.moran(stats.rate_deviates(cases, base), weights).statistic == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    "call, words, row",
    [
        (lambda: stats.rates([1, -2], [1, 1]), "negative", 1),
        (lambda: stats.rates([1], [1, 2]), "exposure has 2 entries where 1", None),
        (lambda: stats.rates([1], [1], method="smooth"), "crude, global, global_binomial", None),
        (lambda: stats.rates([5], [2], method="global_binomial"), "more", 0),
        (lambda: stats.rate_intervals([1, 1.5], [1, 1]), "whole number", 1),
        (lambda: stats.rate_intervals([1], [1], confidence=1.0), "confidence", None),
        (lambda: stats.rate_change([1, 2], [1], [1, 2], [1, 1]), "e1 has 1 entries where 2", None),
        (lambda: stats.rate_change([1], 1, [1], 1, two_sided="both"), "doubled, likelihood", None),
        (lambda: stats.rates_local([1, 2], [1, 1], grid(2)[1]), "2 areas, but weights of 4", None),
    ],
)
def test_what_has_no_rate_is_refused(call, words, row):
    with pytest.raises(riskmap.ArgumentError, match=words) as problem:
        call()
    assert problem.value.row == row
