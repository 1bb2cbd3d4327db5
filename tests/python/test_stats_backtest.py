"""riskmap.stats: how good a map is."""

import numpy as np
import pytest

import riskmap
from riskmap import stats

from .stats_data import golden, table

PREDICTIONS, EVENTS, BEFORE = [3.0, 1.0, 2.0, 0.5], [6, 0, 3, 1], [4, 0, 2, 2]


def test_a_curve_takes_cells_by_their_prediction():
    curve = stats.backtest_curve(PREDICTIONS, EVENTS, BEFORE)
    assert curve.map["cell"].tolist() == [0, 2, 1, 3]
    assert curve.map["cum_events"].tolist() == [6, 9, 9, 10]
    np.testing.assert_allclose(curve.map["pai"], np.array([0.6, 0.9, 0.9, 1]) / [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.map["rri_predicted"], [3 / 6, 5 / 9, 6 / 9, 6.5 / 10])
    assert curve.plain["prediction"].tolist() == [4, 2, 2, 0]
    assert stats.backtest_curve(PREDICTIONS, EVENTS).plain is None


def test_amounts_are_taken_by_area_and_scores_are_not():
    area = [10, 1, 1, 1]
    assert stats.backtest_curve(PREDICTIONS, EVENTS, area=area).map["cell"].tolist() == [2, 1, 3, 0]
    scores = stats.backtest_curve(PREDICTIONS, EVENTS, area=area, prediction="score")
    assert scores.map["cell"].tolist() == [0, 2, 1, 3]
    assert np.isnan(scores.map["rri_predicted"]).all()


def test_ties_are_averaged_or_at_their_worst():
    even = stats.backtest_shares([0.5], [1, 1, 1, 1], [8, 0, 0, 0])
    worst = stats.backtest_shares([0.5], [1, 1, 1, 1], [8, 0, 0, 0], ties="worst")
    assert (even.map["hit_rate"][0], worst.map["hit_rate"][0]) == (0.5, 0.0)


def test_shares_hold_whole_cells_and_exactly_the_share():
    found = stats.backtest_shares([0.3, 0.5], PREDICTIONS, EVENTS, BEFORE)
    assert found.map["cells"].tolist() == [1, 2]
    np.testing.assert_allclose(found.map["hit_rate_at"], [0.6 + 0.2 * 0.3, 0.9])


def test_scores_are_those_of_scikit_learn_by_hand():
    found = stats.backtest_score(PREDICTIONS, EVENTS, BEFORE)
    assert found.auc_cells == pytest.approx(2 / 3)  # of three cells with events, two are ahead of the one without
    precision = [1, 1, 3 / 4]
    assert found.average_precision == pytest.approx(sum(precision) / 3)
    amounts = np.array(PREDICTIONS) * sum(BEFORE) / sum(PREDICTIONS)
    assert found.brier == pytest.approx(((1 - np.exp(-amounts) - [1, 0, 1, 1]) ** 2).mean())
    assert found.plain.plain is None and found.plain.auc_cells != found.auc_cells
    assert stats.backtest_score(PREDICTIONS, EVENTS, threshold=2).auc_cells == 1
    other = np.array(PREDICTIONS) * 20 / sum(PREDICTIONS)
    expected = ((1 - np.exp(-other) - [1, 0, 1, 1]) ** 2).mean()
    assert stats.backtest_score(PREDICTIONS, EVENTS, expected=20).brier == pytest.approx(expected)


def test_brier_leaves_out_what_is_missing():
    assert stats.brier_score([1, 0.5, None, 0.25], [2, 0, 1, None]) == 0.125


def test_results_are_frames():
    pytest.importorskip("pandas")
    frame = stats.backtest_curve(PREDICTIONS, EVENTS, BEFORE).to_pandas()
    assert frame["pai"].iloc[0] == 2.4 and "plain_pai" in frame
    assert "plain_pai" not in stats.backtest_curve(PREDICTIONS, EVENTS).to_pandas()


def test_golden_backtest():
    folder = golden("backtest-pai")
    data, expected = table(folder / "input.csv"), table(folder / "expected.csv")
    cells = data["pred"], data["obs"], data["train_count"], data["area"]
    curve = stats.backtest_curve(*cells).map
    np.testing.assert_array_equal(data["id"][curve["cell"]], expected["id"])
    for ours, theirs in (("pai", "PAI"), ("pei", "PEI"), ("rri_predicted", "RRI"), ("hit_rate", "PCumCount")):
        np.testing.assert_allclose(curve[ours], expected[theirs], rtol=1e-12)
    top = table(folder / "expected_topk.csv")
    found = stats.backtest_shares(top["area_share"], *cells).map
    np.testing.assert_array_equal(found["cells"], top["k"])
    np.testing.assert_allclose(found["rri_before"], top["RRI_levine"], rtol=1e-12)
    auc = table(folder / "expected_auc.csv")
    figure = dict(zip(auc["stat"].tolist(), auc["value"].tolist()))
    scores = stats.backtest_score(*cells)
    assert scores.auc_cells == pytest.approx(figure["auc_cell_any_event"], rel=1e-12)
    assert scores.average_precision == pytest.approx(figure["average_precision_any_event"], rel=1e-12)
    assert scores.auc_events == pytest.approx(figure["auc_event_weighted_vs_all_cells"], rel=1e-12)


@pytest.mark.parametrize(
    "call, words, row",
    [
        (lambda: stats.backtest_curve([1, 2], [1]), "events has 1 entries where 2", None),
        (lambda: stats.backtest_curve([1, 2], [1, 1], [1]), "before has 1 entries where 2", None),
        (lambda: stats.backtest_curve([1, 2], [1, 1], area=[1, 2, 3]), "area has 3 entries where 2", None),
        (lambda: stats.backtest_curve([1, 2], [1, None]), "", 1),
        (lambda: stats.backtest_curve([1, -2], [1, 1]), "", 1),
        (lambda: stats.backtest_curve([1, 2], [1, 1], prediction="rank"), "amount, score", None),
        (lambda: stats.backtest_curve([1, 2], [1, 1], ties="best"), "averaged, worst", None),
        (lambda: stats.backtest_shares([0.5, 1.5], [1, 2], [1, 1]), "share 1 is 1.5", 1),
        (lambda: stats.backtest_score([1, 2], [1, 1], threshold=-1), "threshold", None),
        (lambda: stats.brier_score([1.5], [1]), "", 0),
        (lambda: stats.brier_score([0.5], [1, 2]), "events has 2 entries where 1", None),
    ],
)
def test_what_cannot_be_tested_is_refused(call, words, row):
    with pytest.raises(riskmap.ArgumentError, match=words or None) as problem:
        call()
    assert problem.value.row == row


def test_without_events_there_was_nothing_to_find():
    for call in (stats.backtest_curve, stats.backtest_score):
        with pytest.raises(riskmap.DataError):
            call([1, 2], [0, 0])
