"""Long calls of riskmap.stats tell how far they are, and stop when they are asked to."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import riskmap
from riskmap import Weights, stats

from . import interrupt

RANDOM = np.random.default_rng(1)
COUNT = 4000
X, Y = RANDOM.random(COUNT) * 1e4, RANDOM.random(COUNT) * 1e4
VALUES = RANDOM.random(COUNT)
DAYS = RANDOM.integers(0, 1000, COUNT)
WEIGHTS = Weights.nearest((X, Y), 8)
# a row of equal weights is quick in a shared table
UNEQUAL = Weights.nearest((X, Y), 8, weight="inverse_distance", least_m=1)
CASES = RANDOM.integers(0, 3, (800, 4))
BOX = (0, 0, 1e4, 1e4)
MANY = 2000000
MANY_X, MANY_Y = RANDOM.random(MANY) * 5e4, RANDOM.random(MANY) * 5e4
MANY_DAYS = RANDOM.integers(0, 1000, MANY)
ANGLES = np.linspace(0, 2 * np.pi, 500)
CIRCLE = np.column_stack([25000 + 4e4 * np.cos(ANGLES), 25000 + 4e4 * np.sin(ANGLES)])

#: calls that would take minutes
LONG = {
    "local_g": lambda **how: stats.local_g(VALUES, WEIGHTS, permutations=999999, **how),
    "local_moran": lambda **how: stats.local_moran(VALUES, WEIGHTS, permutations=999999, **how),
    "local_g, shared": lambda **how: stats.local_g(VALUES, UNEQUAL, permutations=999999, draws="shared", **how),
    "scan_space": lambda **how: stats.scan_space(
        X[:800], Y[:800], np.ones(800), CASES[:, 0], replicates=1000000, **how
    ),
    "scan_space_time": lambda **how: stats.scan_space_time(
        X[:800], Y[:800], np.ones(800), CASES, replicates=1000000, **how
    ),
    "knox": lambda **how: stats.knox(X, Y, DAYS, [0, 100, 500], [0, 7, 14], permutations=10000000, **how),
    "knox_test": lambda **how: stats.knox_test(X, Y, DAYS, 500, 7, permutations=10000000, **how),
    "ripley_envelope": lambda **how: stats.ripley_envelope(
        X[:500], Y[:500], [10, 100], BOX, simulations=100000, **how
    ),
    "rate_change": lambda **how: stats.rate_change(
        np.full(200000, 1e8), 1, np.full(200000, 1e8 + 9), 1, two_sided="likelihood", **how
    ),
}

#: calls that take a second or more, most of it not in a loop that could go on for ever
OF_MANY_POINTS = {
    "near_repeats": lambda **how: stats.near_repeats(MANY_X, MANY_Y, MANY_DAYS, (0, 400), (0, 8), **how),
    "nearest_neighbours": lambda **how: stats.nearest_neighbours(MANY_X, MANY_Y, **how),
    "nearest_index": lambda **how: stats.nearest_index(MANY_X, MANY_Y, 2.5e9, **how),
    "nearest_index_within": lambda **how: stats.nearest_index_within(MANY_X, MANY_Y, CIRCLE, **how),
    "knox": lambda **how: stats.knox(MANY_X, MANY_Y, MANY_DAYS, [0, 100], [0, 8], permutations=99, **how),
    "ripley_k": lambda **how: stats.ripley_k(MANY_X, MANY_Y, [10, 50], CIRCLE, correction="none", **how),
}


def seconds_to_stop(call):
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, interrupt)
    try:
        timer.start()
        call()
        timer.cancel()
        timer.join()
    except KeyboardInterrupt:
        return time.perf_counter() - sent[0]
    pytest.fail("the call ended before it could be interrupted")


@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_stops_within_a_fifth_of_a_second(name):
    # one of some, as the machine may be busy with something else
    assert any(seconds_to_stop(LONG[name]) < 0.2 for _ in range(3))


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3])
@pytest.mark.parametrize("name", OF_MANY_POINTS)
def test_ctrl_c_stops_a_call_on_many_points_wherever_it_is(name, after):
    assert interrupt.seconds_to_stop(OF_MANY_POINTS[name], after) < 0.2


@pytest.mark.parametrize("call", [*LONG.values(), *OF_MANY_POINTS.values()], ids=[*LONG, *OF_MANY_POINTS])
def test_a_progress_that_answers_true_stops_it(call):
    calls = []

    def progress(fraction, message):
        calls.append(fraction)
        return len(calls) == 3

    with pytest.raises(riskmap.Cancelled):
        call(progress=progress)
    assert len(calls) == 3 and calls[0] == 0 and max(calls) < 1


@pytest.mark.parametrize("call", [*LONG.values(), *OF_MANY_POINTS.values()], ids=[*LONG, *OF_MANY_POINTS])
def test_what_a_progress_raises_comes_out(call):
    def progress(fraction, message):
        raise LookupError(message)

    with pytest.raises(LookupError):
        call(progress=progress)


@pytest.mark.parametrize(
    "call",
    [
        lambda progress: stats.moran(VALUES, WEIGHTS, progress=progress),
        lambda progress: stats.geary(VALUES, WEIGHTS, progress=progress),
        lambda progress: stats.general_g(VALUES, WEIGHTS, progress=progress),
        lambda progress: stats.local_g(VALUES, WEIGHTS, permutations=99, progress=progress),
        lambda progress: stats.scan_space(X[:99], Y[:99], np.ones(99), CASES[:99, 0], replicates=9, progress=progress),
        lambda progress: stats.scan_space_time_rows(
            X[:9], Y[:9], np.ones(9), [0, 1, 2], [0, 1, 1], steps=2, replicates=9, progress=progress
        ),
        lambda progress: stats.knox(X, Y, DAYS, [0, 100], [0, 7], permutations=9, progress=progress),
        lambda progress: stats.near_repeats(X, Y, DAYS, (0, 500), (0, 7), progress=progress),
        lambda progress: stats.near_repeats(X, Y, DAYS, (0, 1e-9), (0, 7), progress=progress),
        lambda progress: stats.nearest_neighbours(X, Y, progress=progress),
        lambda progress: stats.nearest_index(X, Y, 1e8, progress=progress),
        lambda progress: stats.nearest_index_within(X, Y, BOX, progress=progress),
        lambda progress: stats.ripley_k(X, Y, [10, 100], BOX, progress=progress),
        lambda progress: stats.ripley_envelope(X[:99], Y[:99], [10, 100], BOX, simulations=9, progress=progress),
        lambda progress: stats.rate_intervals(DAYS, DAYS + 1, progress=progress),
        lambda progress: stats.rate_change(DAYS, 1, DAYS, 1, progress=progress),
    ],
)
def test_progress_goes_from_its_beginning_to_its_end(call):
    calls = []
    call(lambda fraction, message: calls.append(fraction))
    assert calls[0] == 0 and calls[-1] == pytest.approx(1) and len(calls) > 1
    assert all(0 <= fraction <= 1 for fraction in calls)


def test_a_bar_of_tqdm_is_filled():
    tqdm = pytest.importorskip("tqdm", reason="tqdm is not installed").tqdm
    bar = tqdm(total=50, disable=False, file=open(os.devnull, "w"))  # noqa: SIM115
    stats.scan_space(X[:99], Y[:99], np.ones(99), CASES[:99, 0], replicates=99, progress=bar)
    assert bar.n == pytest.approx(50)


def test_other_threads_run_meanwhile():
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    stats.local_g(VALUES, WEIGHTS, permutations=9999, threads=1)
    end = time.perf_counter()
    stop.set()
    thread.join()
    during = [moment for moment in ticks if start < moment < end]
    assert len(during) > 5
