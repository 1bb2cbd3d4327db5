"""riskmap.stats: Moran, Geary, Getis-Ord, and the classes that come of them."""

import numpy as np
import pytest

import riskmap
from riskmap import Weights, stats

from .stats_data import golden, grid, pairs, table

NEAR, WEIGHTS = grid(5)
VALUES = np.random.default_rng(3).gamma(2.0, 3.0, 25)
Z = VALUES - VALUES.mean()
ROWS = NEAR / NEAR.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("style, matrix", [("row", ROWS), ("given", NEAR)])
def test_global_statistics_are_their_formulas(style, matrix):
    s0, n = matrix.sum(), len(VALUES)
    moran = stats.moran(VALUES, WEIGHTS, style=style)
    assert moran.statistic == pytest.approx(n / s0 * (Z @ matrix @ Z) / (Z @ Z), rel=1e-12)
    assert (moran.s0, moran.items, moran.islands) == (pytest.approx(s0), n, 0)
    assert moran.expected == pytest.approx(-1 / (n - 1))
    geary = stats.geary(VALUES, WEIGHTS, style=style)
    apart = (matrix * (VALUES[:, None] - VALUES) ** 2).sum()
    assert geary.statistic == pytest.approx((n - 1) / (2 * s0) * apart / (Z @ Z), rel=1e-12)
    general = stats.general_g(VALUES, WEIGHTS, style=style)
    all_pairs = VALUES.sum() ** 2 - VALUES @ VALUES
    assert general.statistic == pytest.approx(VALUES @ matrix @ VALUES / all_pairs, rel=1e-12)
    assert np.sign(geary.z) == np.sign(1 - geary.statistic)  # positive where neighbours are alike


def test_local_moran_is_its_formula():
    lag = ROWS @ Z
    found = stats.local_moran(VALUES, WEIGHTS)
    np.testing.assert_allclose(found.statistic, Z * lag / (Z @ Z / 25), rtol=1e-11)
    np.testing.assert_array_equal(found.quadrant, np.where(Z > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 3, 2)))
    other = stats.local_moran(VALUES, WEIGHTS, scale="n_minus_1")
    np.testing.assert_allclose(other.statistic, found.statistic * 24 / 25, rtol=1e-12)
    np.testing.assert_allclose(other.z, found.z, rtol=1e-10)
    total = stats.local_moran(VALUES, WEIGHTS, variance="total")
    np.testing.assert_allclose(total.expected, -1 / 24, rtol=1e-12)


def test_local_g_star_is_its_formula():
    matrix = NEAR + np.eye(25)
    n, s = 25, VALUES.std()
    total, squares = matrix.sum(axis=1), (matrix**2).sum(axis=1)
    z = (matrix @ VALUES - total * VALUES.mean()) / (s * np.sqrt((n * squares - total**2) / (n - 1)))
    found = stats.local_g(VALUES, WEIGHTS, star=True, style="given")
    np.testing.assert_allclose(found.z, z, rtol=1e-11)
    np.testing.assert_allclose(found.statistic, matrix @ VALUES / VALUES.sum(), rtol=1e-12)
    assert not np.allclose(stats.local_g(VALUES, WEIGHTS).z, z)


def test_permutations_are_made_when_they_are_asked_for():
    plain = stats.local_g(VALUES, WEIGHTS)
    assert plain.p_two_sided is None and plain.permuted_mean is None
    permuted = stats.local_g(VALUES, WEIGHTS, permutations=999)
    np.testing.assert_array_equal(plain.z, permuted.z)
    np.testing.assert_allclose(permuted.p_two_sided, np.minimum(1, 2 * np.minimum(permuted.p_ge, permuted.p_le)))
    at_least = permuted.p_ge * 1000
    np.testing.assert_allclose(at_least, at_least.round(), rtol=1e-12)  # one more than a count, of 999 + 1
    assert ((permuted.p_ge - 0.5) * plain.z <= 0.05).all()


def test_the_seed_alone_decides_the_permutations():
    one = stats.local_moran(VALUES, WEIGHTS, permutations=199, seed=7, threads=1)
    two = stats.local_moran(VALUES, WEIGHTS, permutations=199, seed=7, threads=2)
    other = stats.local_moran(VALUES, WEIGHTS, permutations=199, seed=8)
    np.testing.assert_array_equal(one.p_ge, two.p_ge)
    np.testing.assert_array_equal(one.permuted_sd, two.permuted_sd)
    assert (one.p_ge != other.p_ge).any()


def test_a_shared_table_gives_nearly_the_same_p():
    own = stats.local_g(VALUES, WEIGHTS, permutations=99999)
    shared = stats.local_g(VALUES, WEIGHTS, permutations=99999, draws="shared")
    np.testing.assert_allclose(own.p_ge, shared.p_ge, atol=0.01)


def test_what_is_missing_or_alone_is_told():
    weights = Weights.from_links(6, [0, 1, 1, 2, 2, 3, 3, 0], [1, 0, 2, 1, 3, 2, 0, 3])
    found = stats.local_moran([1.0, 2.0, 4.0, 3.0, np.nan, 9.0], weights)
    assert (found.islands, found.missing) == (1, 1)
    assert found.quadrant[4:].tolist() == [stats.Lisa.UNDEFINED, stats.Lisa.NO_NEIGHBOURS]
    assert np.isnan(found.statistic[4:]).all() and not np.isnan(found.statistic[:4]).any()


def test_a_frame_has_what_was_made():
    pandas = pytest.importorskip("pandas")
    frame = stats.local_g(pandas.Series(VALUES), WEIGHTS).to_pandas()
    assert list(frame.columns) == ["statistic", "expected", "variance", "z", "p", "quadrant"]
    assert "p_two_sided" in stats.local_g(VALUES, WEIGHTS, permutations=9).to_pandas()


def test_false_discoveries_are_those_of_benjamini_and_hochberg():
    p = np.array([0.001, 0.5, np.nan, 0.02, 0.03, 0.9])
    known = np.sort(p[~np.isnan(p)])
    adjusted = np.minimum.accumulate((known * 5 / np.arange(1, 6))[::-1])[::-1]
    expected = [adjusted[known.searchsorted(value)] if value == value else np.nan for value in p]
    np.testing.assert_allclose(stats.false_discovery(p), expected, rtol=1e-15)


def test_bins_and_classes_follow_their_levels():
    bins = stats.hotspot_bins([2, -2, 2, 2, np.nan], [0.009, 0.04, 0.09, 0.1, 0.5])
    assert bins.dtype == np.int8
    assert bins.tolist() == [3, -2, 1, 0, stats.NO_BIN]
    classes = stats.lisa_classes([1, 2, 3, 5, 6], [0.05, 0.06, np.nan, 0.01, 0.01])
    assert classes.tolist() == [1, 0, 0, 5, 6]
    assert stats.lisa_classes([1, 2], [0.05, 0.06], level=0.1).tolist() == [1, 2]


def test_golden_columbus_moran():
    folder = golden("columbus-moran")
    expected, whole = table(folder / "expected.csv"), table(folder / "expected_global.csv")
    values = expected["x"]
    weights = pairs(folder / "queen_pairs.csv", 49)
    found = stats.local_moran(values, weights)
    np.testing.assert_allclose(found.statistic, expected["Ii"], rtol=1e-10)
    np.testing.assert_allclose(found.z, expected["Z_cond"], rtol=1e-9)
    for row in range(len(whole["I"])):
        links = pairs(folder / f"{whole['weights'][row]}_pairs.csv", 49)
        style = {"W": "row", "B": "given"}[whole["style"][row]]
        moran = stats.moran(values, links, style=style)
        assert moran.statistic == pytest.approx(whole["I"][row], rel=1e-10)
        assert moran.z == pytest.approx(whole["z_randomisation"][row], rel=1e-9)
        normal = stats.moran(values, links, style=style, assumption="normality")
        assert normal.p == pytest.approx(whole["p2_normality"][row], rel=1e-7)
        assert stats.geary(values, links, style=style).statistic == pytest.approx(whole["geary_C"][row], rel=1e-10)
    permuted = table(folder / "expected_perm.csv")
    p = stats.local_moran(values, weights, permutations=9999).p_ge
    spread = np.sqrt(permuted["p_ge"] * (1 - permuted["p_ge"]) / 9999)
    assert (abs(p - permuted["p_ge"]) <= 5 * spread + 2e-4).all()


def test_golden_columbus_gistar():
    folder = golden("columbus-gistar")
    expected = table(folder / "expected.csv")
    for name in ("queen", "knn4"):
        weights = pairs(folder / f"{name}_pairs.csv", 49)
        np.testing.assert_allclose(stats.local_g(expected["x"], weights).z, expected[f"Gi_z_{name}_W"], atol=1e-9)
        star = stats.local_g(expected["x"], weights, star=True)
        np.testing.assert_allclose(star.z, expected[f"GiStar_z_{name}_W"], atol=1e-9)
        np.testing.assert_allclose(star.statistic, expected[f"GiStar_{name}_W"], rtol=1e-9)
    whole = table(folder / "expected_global.csv")
    general = stats.general_g(expected["x"], pairs(folder / "queen_pairs.csv", 49), style="given")
    assert (general.statistic, general.z) == (pytest.approx(whole["G"][0]), pytest.approx(whole["z"][0]))


# ---- others' weights, others' figures ----


def test_a_sparse_array_of_scipy_is_taken_for_weights():
    sparse = pytest.importorskip("scipy.sparse", reason="scipy is not installed")
    expected = stats.moran(VALUES, WEIGHTS, style="given").statistic
    with_self = NEAR + np.eye(25)  # an item is not its own neighbour
    for make in (sparse.csr_matrix, sparse.coo_matrix, sparse.csc_matrix):
        assert stats.moran(VALUES, make(with_self), style="given").statistic == expected
    twice = sparse.coo_matrix(([0.5, 0.5], ([0, 0], [1, 1])), shape=(3, 3))
    assert stats.geary([1, 2, 4], twice, style="given").s0 == 1
    assert twice.nnz == 2  # what was handed in stays as it was
    with pytest.raises(riskmap.ArgumentError, match="square"):
        stats.moran(VALUES, sparse.csr_matrix(np.ones((25, 24))))


def test_weights_of_libpysal_are_taken_and_esda_agrees():
    libpysal = pytest.importorskip("libpysal", reason="libpysal is not installed")
    esda = pytest.importorskip("esda", reason="esda is not installed")
    w = libpysal.weights.lat2W(5, 5, rook=False)
    assert stats.moran(VALUES, w) == stats.moran(VALUES, WEIGHTS)
    assert stats.moran(VALUES, libpysal.graph.Graph.from_W(w)) == stats.moran(VALUES, WEIGHTS)
    theirs = esda.Moran(VALUES, w, transformation="r", permutations=0)
    ours = stats.moran(VALUES, w)
    assert (ours.statistic, ours.z) == (pytest.approx(theirs.I, rel=1e-12), pytest.approx(theirs.z_rand, rel=1e-10))
    local = esda.Moran_Local(VALUES, w, transformation="r", permutations=0)
    np.testing.assert_allclose(stats.local_moran(VALUES, w, scale="n_minus_1").statistic, local.Is, rtol=1e-10)
    w = libpysal.weights.lat2W(5, 5, rook=False)  # esda.Moran standardised the rows of the other one
    binary = esda.G_Local(VALUES, w, transform="B", star=True, permutations=0)
    np.testing.assert_allclose(stats.local_g(VALUES, w, star=True, style="given").z, binary.Zs, rtol=1e-10)


# ---- refused ----


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: stats.moran(VALUES[:24], WEIGHTS), "24 values, but the weights are of 25 items"),
        (lambda: stats.local_g(VALUES[:24], WEIGHTS), "24 values, but the weights are of 25 items"),
        (lambda: stats.moran(np.ones(25), WEIGHTS), "same"),
        (lambda: stats.moran(VALUES, WEIGHTS, style="W"), "row, given"),
        (lambda: stats.moran(VALUES, WEIGHTS, assumption="none"), "randomisation, normality"),
        (lambda: stats.local_moran(VALUES, WEIGHTS, scale="1"), "n, n_minus_1"),
        (lambda: stats.local_moran(VALUES, WEIGHTS, variance="all"), "conditional, total"),
        (lambda: stats.local_g(VALUES, WEIGHTS, draws="mine"), "own, shared"),
        (lambda: stats.local_g(VALUES, WEIGHTS, permutations=-1), "permutations is -1"),
        (lambda: stats.local_g(VALUES, WEIGHTS, permutations=999, draws="shared"), "99999 or more"),
        (lambda: stats.moran(VALUES, WEIGHTS, threads=65), "threads is 65"),
        (lambda: stats.moran(VALUES, NEAR), "Weights.queen"),
        (lambda: stats.moran(VALUES, None), "not NoneType"),
        (lambda: stats.false_discovery([0.5, 1.5]), "row 1 lies outside 0 to 1"),
        (lambda: stats.lisa_classes([1, 2], [0.1]), "p has 1 entries where 2"),
        (lambda: stats.lisa_classes([1, 300], [0.1, 0.1]), "row 1 is missing or not a whole number from 0 to 255"),
    ],
)
def test_what_has_no_answer_is_refused(call, words):
    with pytest.raises(riskmap.ArgumentError, match=words):
        call()


def test_the_row_of_a_value_at_fault_is_told():
    values = VALUES.copy()
    values[17] = np.inf
    with pytest.raises(riskmap.ArgumentError) as problem:
        stats.local_moran(values, WEIGHTS)
    assert problem.value.row == 17


def test_weights_that_were_closed_are_refused():
    weights = Weights.from_links(3, [0, 1, 2], [1, 2, 0])
    weights.close()
    with pytest.raises(ValueError, match="closed"):
        stats.moran([1, 2, 4], weights)


def test_a_seed_out_of_range_and_a_word_for_a_number_are_refused():
    with pytest.raises(ValueError, match="seed"):
        stats.local_g(VALUES, WEIGHTS, permutations=9, seed=-1)
    with pytest.raises(TypeError, match="permutations"):
        stats.local_g(VALUES, WEIGHTS, permutations="many")
    assert stats.local_g(VALUES, WEIGHTS, permutations=np.int64(9), seed=2**64 - 1).p_ge is not None
