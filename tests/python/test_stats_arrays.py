"""Arrays of riskmap.stats: what analysts have is taken, the rest is refused, and nothing reaches beyond one."""

import threading

import numpy as np
import pytest

import riskmap
from riskmap import Weights, _riskmap, stats

from .stats_data import grid

MATRIX, WEIGHTS = grid(4)
VALUES = np.random.default_rng(1).random(16)
EXPECTED = stats.local_g(VALUES, WEIGHTS).z


def test_arrays_in_every_layout_give_the_same():
    wide = np.zeros((16, 3))
    wide[:, 1] = VALUES
    frozen = VALUES.copy()
    frozen.flags.writeable = False
    shifted = np.frombuffer(b"x" + VALUES.tobytes(), np.uint8)[1:].view(np.float64)
    forms = [wide[:, 1], VALUES[::-1].copy()[::-1], frozen, shifted, VALUES.astype(">f8"), VALUES.astype(object)]
    for form in (*forms, VALUES.tolist()):
        np.testing.assert_array_equal(stats.local_g(form, WEIGHTS).z, EXPECTED)
    single = VALUES.astype(np.float32)
    np.testing.assert_array_equal(stats.local_g(single, WEIGHTS).z, stats.local_g(single.astype(float), WEIGHTS).z)


def test_what_goes_in_stays_as_it_was():
    before = VALUES.copy()
    for call in (stats.scale, stats.ranks, stats.false_discovery):
        call(VALUES)
    stats.local_g(VALUES, WEIGHTS, permutations=9)
    np.testing.assert_array_equal(VALUES, before)


def test_columns_of_pandas_with_what_is_missing():
    pandas = pytest.importorskip("pandas")
    holed = [1.0, None, 3.0, 2.0]
    forms = [
        pandas.Series([1, None, 3, 2], dtype="Int64"),
        pandas.Series(holed, dtype="Float64"),
        pandas.Series(holed, dtype=object),
        pandas.Series([1, pandas.NA, 3, 2], dtype=object),
        pandas.Series(holed, index=[9, 7, 5, 3]),
        pandas.arrays.IntegerArray(np.array([1, 9, 3, 2]), np.array([False, True, False, False])),
    ]
    for form in forms:
        assert stats.ranks(form).tolist() == [3, 0, 1, 2]


def test_masked_values_are_missing():
    masked = np.ma.MaskedArray([1, 9, 3, 2], [False, True, False, False])
    assert stats.ranks(masked).tolist() == [3, 0, 1, 2]


@pytest.mark.parametrize(
    "values, words",
    [
        (["a"] * 16, "values: numbers are needed"),
        (np.array(["2026-11-01"] * 16, "M8[D]"), "values: numbers are needed, not datetime64"),
        (VALUES + 1j, "values: numbers are needed, not complex128"),
        (VALUES.reshape(4, 4), r"values: one dimension is needed, not the shape \(4, 4\)"),
        (1.0, "numbers are needed, an array or a list of them, not float"),
        ([[1.0], [1.0, 2.0]], "values: numbers are needed"),
        (None, "values"),
        ({"a": 1}, "values: numbers are needed"),
    ],
)
def test_what_holds_no_numbers_is_refused(values, words):
    with pytest.raises(riskmap.ArgumentError, match=words):
        stats.local_g(values, WEIGHTS)


def test_empty_arrays_are_refused_or_give_nothing():
    assert len(stats.scale([])) == len(stats.ranks([])) == len(stats.rates([], [])) == 0
    assert len(stats.false_discovery([])) == len(stats.hotspot_bins([], [])) == 0
    with pytest.raises(riskmap.Error):
        stats.moran([], Weights.from_links(0, [], []))
    for call in (lambda: stats.backtest_curve([], []), lambda: stats.nearest_neighbours([], [])):
        with pytest.raises(riskmap.Error):
            call()


def test_two_threads_on_the_same_weights_get_the_same():
    found = [None] * 4

    def work(slot):
        found[slot] = stats.local_g(VALUES, WEIGHTS, permutations=2000, threads=1)

    threads = [threading.Thread(target=work, args=(slot,)) for slot in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in found[1:]:
        np.testing.assert_array_equal(found[0].p_ge, other.p_ge)


# ---- the functions of C ----


def f(*values):
    return np.array(values, np.float64)


def q(*values):
    return np.array(values, np.int64)


def i(*values):
    return np.array(values, np.int32)


def B(count):
    return np.zeros(count, np.uint8)


X, Y, DAY = f(0, 1, 2, 5), f(0, 3, 1, 1), i(0, 1, 2, 3)
RING = f(-1, 9, 9, -1), f(-1, -1, 9, 9), q(0, 4)
PLACE = stats.STEP.itemsize
PART = stats.SHARE.itemsize
SCAN = _riskmap.scan_space(X, Y, f(1, 1, 1, 1), i(9, 1, 0, 1), replicates=9)
CHANGE = {name: np.empty(4) for name in ("expected", "ratio", "two_sided")}
LOCAL = {name: np.empty(4) for name in ("statistic", "z", "p_ge")}
LINKS = Weights.from_links(4, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])._handle
LOCAL |= {"quadrant": B(4), "islands": q(0)}

#: what each function is called with
CALLS = {
    "scale_values": (np.empty(4), X, 0, 1, 0.0, 1.0, None),
    "combine": (np.empty(4), [X, Y, Y], f(1, 2, 1), 0, 0.5, 0.01),
    "ranks": (i(0, 0, 0, 0), X),
    "rates": (np.empty(4), X, f(9, 9, 9, 9), 0.0, 0),
    "rates_local": (np.empty(4), np.empty(4), np.empty(4), X, f(9, 9, 9, 9), LINKS, None),
    "rate_deviates": (np.empty(4), X, f(9, 9, 9, 9)),
    "probability_map": (*(np.empty(4) for _ in range(4)), X, f(9, 9, 9, 9), None),
    "rate_intervals": (*(np.empty(4) for _ in range(3)), X, f(9, 9, 9, 9)),
    "rate_change": (CHANGE, X, f(9, 9, 9, 9), Y, f(8, 8, 8, 8)),
    "moran": (LINKS, X),
    "geary": (LINKS, X),
    "general_g": (LINKS, X),
    "local_moran": (LOCAL, LINKS, X),
    "local_g": (LOCAL, LINKS, X, 1),
    "false_discovery": (np.empty(4), f(0.1, 0.2, 0.3, 0.4)),
    "hotspot_bins": (np.zeros(4, np.int8), X, f(0.1, 0.2, 0.3, 0.4)),
    "lisa_classes": (B(4), B(4), f(0.1, 0.2, 0.3, 0.4), 0.05),
    "scan_space": (X, Y, f(1, 1, 1, 1), i(9, 1, 0, 1)),
    "scan_space_time": (X, Y, f(1, 1, 1, 1), 0, i(9, 1, 0, 1, 1, 1, 1, 1), 2),
    "scan_space_time_rows": (X, Y, np.ones(8), 1, i(0, 1), i(1, 0), i(5, 5), 2),
    "scan_about": (SCAN,),
    "scan_cluster_count": (SCAN,),
    "scan_cluster_at": (SCAN, 0),
    "scan_cluster_members": (SCAN, 0),
    "scan_centre_at": (SCAN, 0),
    "scan_centre_members": (SCAN, 0),
    "scan_maxima": (SCAN,),
    "knox": (q(0, 0), *(np.empty(2) for _ in range(4)), X, Y, DAY, f(0, 2), f(0, 1, 2)),
    "knox_label": (0.0, 200.0),
    "knox_test": (X, Y, DAY, 3.0, 2.0),
    "near_repeats": (q(0, 0, 0), q(0, 0, 0), np.empty(3), X, Y, DAY, f(0, 2), f(0, 2)),
    "nearest_neighbours": (q(0, 0, 0, 0), np.empty(4), np.empty(4), X, Y),
    "nearest_index": (X, Y, 100.0, 40.0),
    "nearest_index_within": (X, Y, *RING),
    "ripley_k": (np.empty(2), np.empty(2), f(1, 2), X, Y, *RING),
    "ripley_envelope": (np.empty(2), np.empty(2), np.empty(2), f(1, 2), X, Y, *RING),
    "backtest_curve": (B(4 * PLACE), B(4 * PLACE), X, Y, Y, f(1, 1, 1, 1)),
    "backtest_shares": (B(2 * PART), B(2 * PART), f(0.2, 0.5), X, Y, Y, f(1, 1, 1, 1)),
    "backtest_score": (X, Y, Y, f(1, 1, 1, 1)),
    "brier_score": (f(0.1, 0.2, 0.3, 0.4), Y),
}


def arrays_of(arguments):
    return [place for place, value in enumerate(arguments) if isinstance(value, np.ndarray)]


def unlike(array):
    """What could stand where this array is needed, and must not be read or written as it."""
    other = np.float32 if array.dtype == np.float64 else np.float64
    wide = np.zeros((len(array), 2), array.dtype)
    shifted = np.zeros((len(array) + 1) * array.itemsize, np.uint8)[1 : 1 + len(array) * array.itemsize]
    yield "one entry less", array[:-1].copy()
    yield "one entry more", np.append(array, array[-1:] + array.dtype.type(1))
    yield "another type", np.zeros(len(array), other)
    yield "another byte order", array.astype(array.dtype.newbyteorder()) if array.itemsize > 1 else array.astype("U1")
    yield "two dimensions", array.reshape(1, -1)
    yield "not contiguous", wide[:, 0]
    if array.itemsize > 1:
        yield "not aligned", shifted.view(array.dtype)
    yield "a list", array.tolist()
    yield "a text", "x" * len(array)
    yield "a capsule", SCAN


ARRAYS = [(name, place) for name, arguments in CALLS.items() for place in arrays_of(arguments)]


@pytest.mark.parametrize("name", CALLS)
def test_every_function_works_as_it_is_called_below(name):
    getattr(_riskmap, name)(*CALLS[name])


@pytest.mark.parametrize("name, place", ARRAYS)
def test_nothing_but_the_right_array_is_taken(name, place):
    arguments = list(CALLS[name])
    for what, wrong in unlike(CALLS[name][place]):
        arguments[place] = wrong
        with pytest.raises((TypeError, ValueError)):
            getattr(_riskmap, name)(*arguments)
            pytest.fail(f"{name}, argument {place}: {what} was taken")


@pytest.mark.parametrize("name", [name for name, arguments in CALLS.items() if arrays_of(arguments)])
def test_outputs_are_never_read_only(name):
    """Frozen arrays are taken for what is read alone: what a call changed it may not have been able to change."""
    frozen = [value.copy() if isinstance(value, np.ndarray) else value for value in CALLS[name]]
    for value in frozen:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    before = [value.copy() if isinstance(value, np.ndarray) else None for value in frozen]
    try:
        getattr(_riskmap, name)(*frozen)
    except TypeError as problem:
        assert "can be written to" in str(problem)
    for value, was in zip(frozen, before):
        if was is not None:
            assert value.tobytes() == was.tobytes()


@pytest.mark.parametrize("name", CALLS)
def test_too_many_too_few_and_unknown_arguments_are_refused(name):
    function, arguments = getattr(_riskmap, name), CALLS[name]
    with pytest.raises(TypeError, match=f"{name}\\(\\) takes {len(arguments)} arguments"):
        function(*arguments, 1)
    with pytest.raises(TypeError, match=f"{name}\\(\\) takes {len(arguments)} arguments"):
        function(*arguments[:-1])
    for place, value in enumerate(arguments):
        for wrong in (object(), b"bytes"):
            with pytest.raises((TypeError, ValueError)):
                function(*arguments[:place], wrong, *arguments[place + 1 :])


@pytest.mark.parametrize("name", ["rate_change", "local_moran", "local_g"])
def test_arrays_of_a_struct_are_as_long_as_the_others(name):
    out, *others = CALLS[name]
    for key, array in out.items():
        for wrong in (array[:-1].copy(), np.append(array, array), array.astype(np.float32), array.reshape(1, -1)):
            with pytest.raises((TypeError, ValueError)):
                getattr(_riskmap, name)({**out, key: wrong}, *others)
        frozen = array.copy()
        frozen.flags.writeable = False
        with pytest.raises(TypeError, match="written"):
            getattr(_riskmap, name)({**out, key: frozen}, *others)
    with pytest.raises(TypeError, match="no option 'more'"):
        getattr(_riskmap, name)({**out, "more": np.empty(4)}, *others)
    with pytest.raises(TypeError, match="a dict is needed"):
        getattr(_riskmap, name)([], *others)
    getattr(_riskmap, name)({}, *others)


def test_options_are_of_their_kind_and_range():
    for name, options in (("scan_space", "scan"), ("knox", "knox"), ("moran", "autocorrelation")):
        function, arguments = getattr(_riskmap, name), CALLS[name]
        for option, default in getattr(_riskmap, f"{options}_options_init")().items():
            if isinstance(default, bool) or default is None:
                continue
            for wrong in ("x", [], object()):
                with pytest.raises(TypeError, match=option):
                    function(*arguments, **{option: wrong})
            if isinstance(default, int):
                for wrong in (2**70, -(2**70)):
                    with pytest.raises(ValueError, match=option):
                        function(*arguments, **{option: wrong})
        with pytest.raises(TypeError, match="no option 'speed'"):
            function(*arguments, speed=1)


def test_handles_of_another_kind_are_refused():
    for wrong in (LINKS, object(), 7):
        with pytest.raises(TypeError, match="riskmap.Scan is needed"):
            _riskmap.scan_about(wrong)
    with pytest.raises(ValueError, match="closed"):
        _riskmap.scan_about(None)
    with pytest.raises(TypeError, match="riskmap.Weights is needed"):
        _riskmap.moran(SCAN, X)


def test_indices_beyond_the_clusters_are_refused():
    count = _riskmap.scan_cluster_count(SCAN)
    for index in (-1, count, 2**31 - 1, -(2**31), 2**40):
        for function in (_riskmap.scan_cluster_at, _riskmap.scan_cluster_members):
            with pytest.raises(ValueError):
                function(SCAN, index)
    for index in (-1, 4, 2**31 - 1):
        for function in (_riskmap.scan_centre_at, _riskmap.scan_centre_members):
            with pytest.raises(ValueError):
                function(SCAN, index)


def test_steps_that_do_not_fit_the_arrays_are_refused():
    for steps in (-1, 0, 1, 3, 2**31 - 1, 2**40):
        with pytest.raises(ValueError):
            _riskmap.scan_space_time(X, Y, f(1, 1, 1, 1), 0, i(9, 1, 0, 1, 1, 1, 1, 1), steps)
        with pytest.raises(ValueError):
            _riskmap.scan_space_time_rows(X, Y, np.ones(8), 1, i(0, 1), i(1, 0), None, steps)


def test_near_repeats_write_no_more_than_there_is_room_for():
    given = (X, Y, DAY, f(0, 100), f(0, 100))
    earlier, later = q(-1, -1, -1, -1), q(-1, -1, -1, -1)
    assert _riskmap.near_repeats(earlier[:2], later[:2], None, *given) == 6
    assert earlier[2:].tolist() == later[2:].tolist() == [-1, -1]
    assert (earlier[:2] >= 0).all()


def test_lists_of_arrays_hold_arrays():
    score, weight = np.empty(4), f(1, 1)
    for wrong in ([X, [1, 2, 3, 4]], [X, None], [X, X.astype(np.float32)], [X, X.reshape(2, 2)], 7, [X, "abcd"], [X]):
        with pytest.raises((TypeError, ValueError)):
            _riskmap.combine(score, wrong, weight, 0, 0.5, 0.01)
    _riskmap.combine(score, (X, Y), weight, 0, 0.5, 0.01)
    np.testing.assert_allclose(score, (X + Y) / 2)


def test_structs_are_laid_out_as_in_c():
    assert (stats.STEP.itemsize, stats.SHARE.itemsize) == (13 * 8, 11 * 8)
    curve = stats.backtest_curve([3.0, 1.0, 2.0, 0.5], [6, 0, 3, 1], [4, 0, 2, 2], [1, 2, 3, 4]).map
    np.testing.assert_allclose(curve["area_share"], curve["cum_area"] / 10)
    np.testing.assert_allclose(curve["pai"], curve["hit_rate"] / curve["area_share"])
