"""riskmap.stats: scales, combination, ranks."""

import numpy as np
import pytest

import riskmap
from riskmap import stats

VALUES = [4.0, 1.0, np.nan, 9.0, 4.0]


def test_every_scale_is_its_formula():
    known = np.array([4.0, 1.0, 9.0, 4.0])
    expected = {
        "minmax": (known - 1) / 8,
        "zscore": (known - known.mean()) / known.std(ddof=1),
        "rank": [2, 1, 4, 2],
        "percentile": [0.5, 0, 1, 0.5],
    }
    for method, answer in expected.items():
        scaled = stats.scale(VALUES, method)
        assert np.isnan(scaled[2])
        np.testing.assert_allclose(scaled[[0, 1, 3, 4]], answer, rtol=1e-15)
    np.testing.assert_array_equal(stats.scale([-1, 2, 6], "fixed", lower=0, upper=4), [0, 0.5, 1])


def test_less_may_be_more():
    np.testing.assert_array_equal(stats.scale([1, 2, 3], direction=-1), [1, 0.5, 0])


def test_one_value_everywhere_has_no_scale():
    assert np.isnan(stats.scale([3, 3, 3])).all()


def test_means_leave_out_what_is_missing_until_too_little_is_there():
    scaled = [[0.2, np.nan, np.nan], [0.8, 0.5, np.nan]]
    weights = [3, 1]
    np.testing.assert_allclose(stats.combine(scaled, weights, min_coverage=0.25), [0.35, 0.5, np.nan])
    np.testing.assert_allclose(stats.combine(scaled, weights), [0.35, np.nan, np.nan])


def test_a_geometric_mean_raises_zeros_to_the_floor():
    score = stats.combine([[0.0], [0.25]], geometric=True, floor=0.01)
    np.testing.assert_allclose(score, [np.sqrt(0.01 * 0.25)], rtol=1e-15)


def test_more_indicators_than_a_call_has_views():
    rng = np.random.default_rng(5)
    scaled, weights = rng.random((200, 7)), rng.random(200)
    np.testing.assert_allclose(stats.combine(scaled, weights), weights @ scaled / weights.sum(), rtol=1e-13)


def test_a_frame_has_an_indicator_in_each_column():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [0.0, 1.0], "b": pandas.array([1.0, None], dtype="Float64")})
    np.testing.assert_array_equal(stats.combine(frame, min_coverage=0.5), [0.5, 1.0])


def test_ranks_count_from_the_highest():
    ranks = stats.ranks([1.0, 5.0, np.nan, 5.0, 0.0])
    assert ranks.dtype == np.int32
    assert ranks.tolist() == [3, 1, 0, 1, 4]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: stats.scale([1, 2], "best"), "minmax, zscore, rank, percentile, fixed"),
        (lambda: stats.scale([1, 2], "fixed"), "lower and upper"),
        (lambda: stats.scale([1, 2], "fixed", lower=2, upper=1), "bound"),
        (lambda: stats.scale([1, 2], direction=0), "direction"),
        (lambda: stats.scale([1, np.inf]), "row 1 is infinite"),
        (lambda: stats.combine([]), "at least one"),
        (lambda: stats.combine([[1.0], [1.0, 2.0]]), "scaled has 2 entries where 1 are needed"),
        (lambda: stats.combine([[1.0], [1.0]], weights=[1]), "weights has 1 entries where 2"),
    ],
)
def test_what_cannot_be_scaled_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_row_of_an_infinite_value_is_told():
    with pytest.raises(riskmap.ArgumentError) as problem:
        stats.scale([1, 2, np.inf])
    assert problem.value.row == 2
