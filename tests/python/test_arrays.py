"""Arrays of x and y, of any make: taken as they are meant, or refused with what is needed."""

import decimal

import numpy as np
import pytest

import riskmap
from riskmap import Layer, stats

X = np.array([200000.0, 200100.5, 200200.25, 200300.125])


def places(x, y=None):
    return Layer.from_points(x, X if y is None else y).places()[0].tolist()


def read_only():
    array = X.copy()
    array.setflags(write=False)
    return array


@pytest.mark.parametrize(
    "x",
    [
        X.tolist(),
        tuple(X),
        X[::-1][::-1],
        np.repeat(X, 2)[::2],
        np.asfortranarray(np.tile(X[:, None], 3))[:, 1],
        read_only(),
        X.astype(">f8"),
        X.astype("longdouble"),
        X.astype(object),
        np.array([decimal.Decimal(str(value)) for value in X], object),
        memoryview(X),
        np.ma.array(X),
    ],
)
def test_what_holds_numbers_is_taken(x):
    assert places(x) == X.tolist()


@pytest.mark.parametrize("dtype", ["i1", "u2", ">i4", "u8", "f2", "f4", ">f4"])
def test_numbers_of_every_type_are_taken(dtype):
    assert places(np.array([1, 2, 3, 100], dtype)) == [1, 2, 3, 100]


def test_reversed_arrays_are_not_turned_round():
    assert places(X[::-1]) == X[::-1].tolist()


def test_float64_is_not_copied_on_the_way():
    from riskmap._convert import floats

    assert np.shares_memory(floats(X, "x"), X) and np.shares_memory(floats(read_only(), "x"), read_only()) is False


@pytest.mark.parametrize("missing", [float("nan"), None, np.inf])
def test_what_is_missing_is_an_issue(missing):
    layer = Layer.from_points([1.0, missing], [1.0, 2.0], 28992)
    assert (len(layer), layer.issue_count, layer.issues[0].feature, layer.extent) == (2, 1, 1, (1, 1, 1, 1))


def test_what_is_masked_is_missing():
    assert Layer.from_points(np.ma.array([1.0, 2.0], mask=[False, True]), [1.0, 2.0]).issue_count == 1
    assert Layer.from_points(np.ma.array([1, 2], mask=[False, True]), [1.0, 2.0]).issue_count == 1


def test_series_of_pandas():
    pandas = pytest.importorskip("pandas")
    y = pandas.Series([1.0, 2.0], index=[7, 3])  # by place, whatever the index
    assert Layer.from_points(pandas.Series([5.0, 6.0], index=[3, 7]), y).extent == (5, 1, 6, 2)
    for dtype in ("Int64", "Float64", "boolean", "object"):
        layer = Layer.from_points(pandas.Series([1, None], dtype=dtype), y)
        assert layer.issue_count == 1 and layer.extent == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "x, says",
    [
        (np.zeros((2, 2)), r"x: one dimension is needed, not the shape \(2, 2\)"),
        (3.0, "numbers are needed, an array or a list of them, not float"),
        (["1", "2"], "x: numbers are needed, not <U1"),
        (np.array(["a", 1], object), "x: numbers are needed"),
        ([1j, 2], "x: numbers are needed, not complex128"),
        (np.array(["2020-01-01", "2020-01-02"], "M8[D]"), "x: numbers are needed, not datetime64"),
        ([[1], [1, 2]], "x: numbers are needed"),
        ({1, 2}, "x: numbers are needed"),
        (None, "x: "),
        (np.zeros(2, [("a", "f8")]), "x: numbers are needed"),
    ],
)
def test_what_holds_no_numbers_is_refused(x, says):
    with pytest.raises(riskmap.ArgumentError, match=says):
        Layer.from_points(x, [1.0, 2.0])


def test_arrays_must_be_as_long_as_each_other():
    with pytest.raises(riskmap.ArgumentError, match="y has 1 entries where 2 are needed"):
        Layer.from_points([1.0, 2.0], [1.0])


def test_no_points():
    layer = Layer.from_points([], [])
    assert len(layer) == 0 and len(layer.places()[0]) == 0


@pytest.mark.parametrize(
    "wrong", [[1.5], [float("nan")], [2**31], [-(2**31) - 1], [None], np.ma.array([1], mask=[True])]
)
def test_whole_numbers_must_be_whole_and_fit(wrong):
    with pytest.raises(riskmap.ArgumentError, match="row 0 is missing or not a whole number"):
        riskmap.Weights.from_links(5, wrong, [1])


def test_whole_numbers_of_any_type_are_taken():
    for dtype in ("u1", ">i2", "i8", "f4", object):
        assert riskmap.Weights.from_links(3, np.array([0, 1], dtype), np.array([2, 0], dtype)).links == 2


def test_whole_numbers_keep_their_last_digit():
    from riskmap._convert import whole

    odd = [2**53 + 1, -(2**63), 2**63 - 1]
    assert whole(np.array(odd, object), "x").tolist() == odd
    for dtype in (object, np.float64, np.uint64):
        with pytest.raises(riskmap.ArgumentError, match="x: row 1 is missing or not a whole number"):
            whole(np.array([1, 2**63], dtype), "x")
    pandas = pytest.importorskip("pandas")
    for dtype in ("Int64", object):
        assert whole(pandas.Series(odd, dtype=dtype), "x").tolist() == odd
    assert whole(pandas.Series([2**64 - 1], dtype="UInt64"), "x", np.uint64).tolist() == [2**64 - 1]


@pytest.mark.parametrize("missing", ["None", "NaT", "NA", "nan"])
def test_a_missing_date_is_named_by_its_row(missing):
    pandas = pytest.importorskip("pandas")
    gap = {"None": None, "NaT": pandas.NaT, "NA": pandas.NA, "nan": float("nan")}[missing]
    with pytest.raises(riskmap.ArgumentError, match="^dates: row 1: a date is missing"):
        stats.knox([0, 1], [0, 1], np.array(["2026-11-01", gap], object), [0, 10], [0, 7])
    if missing != "None":
        with pytest.raises(riskmap.ArgumentError, match="^as_of: a date is"):
            riskmap.run("examples/models/vakantieparken.json", as_of=gap)


# ---- the extension itself, called wrongly ----


@pytest.mark.parametrize(
    "x",
    [X[::2], X.astype("f4"), X.astype(">f8"), X.reshape(2, 2), X.tolist(), None, "x", X.astype(object), b"12345678"],
)
def test_the_extension_takes_nothing_else(x):
    with pytest.raises((TypeError, ValueError)):
        riskmap._riskmap.layer_from_points(x, X, None)


def test_the_extension_checks_what_it_fills():
    layer = Layer.from_points(X, X)._handle
    for wrong in (np.zeros(3), np.zeros(5), read_only(), np.zeros(4, "f4"), np.zeros(8)[::2]):
        with pytest.raises((TypeError, ValueError)):
            riskmap._riskmap.layer_places(wrong, np.zeros(4), layer, None)
    for wrong in (None, 5, "layer", object(), riskmap.Weights.from_links(1, [], [])._handle):
        with pytest.raises((TypeError, ValueError)):
            riskmap._riskmap.layer_places(np.zeros(4), np.zeros(4), wrong, None)


@pytest.mark.parametrize(
    "rows, columns",
    [
        (2, (("a", "l", None, None, np.zeros(1, np.int64)),)),
        (2, (("a", "U", None, np.array([0, 1], np.int64), b"ab"),)),
        (2, (("a", "U", None, np.array([0, 1, 99], np.int64), b"ab"),)),
        (9, (("a", "l", np.zeros(1, np.uint8), None, np.zeros(9, np.int64)),)),
        (2, (("a", "+s", None, None, b""),)),
        (2, (("a", "l", None, None, None),)),
        (2, (("a", "l"),)),
        (2, [("a", "l", None, None, np.zeros(2, np.int64))]),
        (-1, ()),
        (2, ()),
    ],
)
def test_the_extension_checks_the_buffers_of_columns(rows, columns):
    with pytest.raises((TypeError, ValueError)):
        riskmap._riskmap.layer_from_columns(rows, columns, None, None)


def test_no_message_quotes_a_cell():
    for call in (
        lambda: stats.scale(np.array(["Jansen", 1.0], object)),
        lambda: stats.scale(np.array(["Jansen", "1"])),
        lambda: stats.knox([0.0, 1.0], [0.0, 1.0], ["2026-01-01", "Jansen"], space=[0, 10], time=[0, 2]),
    ):
        with pytest.raises(riskmap.ArgumentError) as caught:
            call()
        assert "Jansen" not in str(caught.value)


def test_texts_are_no_numbers_whatever_they_say():
    with pytest.raises(riskmap.ArgumentError, match="numbers are needed, and row 1 is str"):
        stats.scale(np.array([1.0, "1.5"], object))


def test_a_year_is_no_date():
    with pytest.raises(riskmap.ArgumentError, match="as_of: a date is needed"):
        riskmap.run("examples/models/vakantieparken.json", as_of=2026)


@pytest.mark.parametrize("number", [10**400, -(10**400), decimal.Decimal("sNaN")], ids=["above", "below", "none"])
def test_a_number_that_float64_does_not_have(number):
    with pytest.raises(riskmap.ArgumentError, match="x: row 1 is a number that float64 does not have"):
        places([2e5, number, 2e5, 2e5])


def test_whole_numbers_and_days_that_do_not_fit_are_refused():
    """Not wrapped round to others."""
    links = np.array([0, 1])
    for wrong in ([2.0**63, 1], [-(2.0**64), 1]):
        with pytest.raises(riskmap.ArgumentError, match="row 0 is missing or not a whole number"):
            riskmap.Weights.from_links(4, wrong, links)
    for far in ("9999999-01-01", "-9999999-01-01"):
        days = np.array([far, "2026-01-01", "2026-01-02", "2026-01-03"], "M8[D]")
        with pytest.raises(riskmap.ArgumentError, match="row 0 is missing or not a whole number from -2147483648"):
            stats.knox_test(X, X, days, 100, 7)
