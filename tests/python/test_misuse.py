"""What no one should do, and someone does: an exception, and never the end of the process. What could end it runs in a
process of its own. Wrong arguments one by one, and what stays behind, are test_leaks'."""

import copy
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

import riskmap
from riskmap import _riskmap as c

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
BEGIN = """
import ctypes, threading
import numpy as np
import riskmap
from riskmap import _riskmap as c
PARKS, MODEL = "examples/data/vakantieparken.geojson", "examples/models/vakantieparken.json"
LAYER = c.layer_read(PARKS, target_crs="EPSG:28992")
get = ctypes.pythonapi.PyCapsule_GetPointer
get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
"""


def alone(*command, cwd=ROOT, **options):
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def output_of(code, begin=BEGIN, **options):
    run = alone("-c", begin + code, **options)
    assert run.returncode == 0, f"{run.returncode}: {run.stderr[-3000:]}"
    return run.stdout.split()


@pytest.fixture(scope="module")
def points():
    x = np.random.default_rng(1).uniform(0, 1000, 40)
    return x, x[::-1].copy()


# ---- at random ----


@pytest.mark.parametrize("seed", [1, 2])
def test_random_calls(seed, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")  # some write to the path that they are given
    run = alone(HERE / "fuzz.py", seed, 2000, cwd=tmp_path)
    last = tmp_path / "last"
    assert run.returncode == 0, f"{last.exists() and last.read_text()}\n{run.stderr[-3000:]}"


# ---- interpreters ----


def test_a_subinterpreter_is_refused_and_leaves_the_main_one_whole():
    code = """
import sys
try:
    import _interpreters as others
    run = others.exec
except ImportError:
    import _xxsubinterpreters as others
    run = others.run_string
other = others.create()
run(other, f'''
import sys
sys.path[:] = {sys.path!r}
for attempt in range(2):
    try:
        import riskmap
    except ImportError as problem:
        print(str(problem).replace(" ", "_"), flush=True)
''')
others.destroy(other)
import riskmap
print(len(riskmap.read("examples/data/vakantieparken.geojson")))
"""
    refused = "riskmap_works_in_the_main_interpreter_alone,_not_in_a_subinterpreter"
    *said, main = output_of(code, begin="")
    # Python 3.12 and newer refuse it themselves
    assert len(said) == 2 and all(one == refused or "not_support_loading_in_subinterpreters" in one for one in said)
    assert main == "16"


# ---- exceptions ----


def test_every_exception_says_what_it_is():
    errors = [one for one in vars(riskmap).values() if isinstance(one, type) and issubclass(one, riskmap.Error)]
    assert len(errors) == 13 == len({error.__doc__ for error in errors}) and all(error.__doc__ for error in errors)
    assert all(f"\n{name}: " in riskmap.Error.__doc__ for name in ("row", "layer", "code"))
    for error in errors:  # what Python has a word for says so
        if error is not riskmap.Error:
            also = {base.__name__ for base in error.__bases__} - {"Error"}
            assert also == set(re.findall(r"\w+Error", error.__doc__)), error


# ---- languages ----


def test_nothing_speaks_another_language(root):
    parks, points = "examples/models/vakantieparken.json", ([2e5, 2e5 + 90.0], [5e5, 5e5])
    for speaking in (
        riskmap.run(parks),
        riskmap.match(parks, "examples/data"),
        riskmap.inspect("examples/data/vakantieparken.geojson"),
        riskmap.heatmap(points, crs=28992, bandwidth=100),
        riskmap.hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic"),
    ):
        dutch = repr(speaking)
        for wrong in ("english", "EN", None, 5):
            with pytest.raises(riskmap.ArgumentError, match='^language: "nl" or "en" is needed'):
                speaking.language = wrong
        assert speaking.language == "nl" and repr(speaking) == dutch
        speaking.language = "en"
        assert speaking.language == "en" and repr(speaking) != dutch, type(speaking)


# ---- arguments ----


@pytest.mark.parametrize("name", [1, None, b"statistic", ("statistic",), "no such", "\ud800"])
def test_a_dict_with_another_key(name, points):
    weights = c.weights_nearest(*points, 3)
    with pytest.raises(TypeError, match="has no option"):
        c.local_g({"z": np.zeros(40), name: np.zeros(40)}, weights, points[0], 1)


class Raises:
    def __init__(self, error):
        self.error = error

    def __index__(self):
        raise self.error

    __float__ = __index__


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, LookupError, RecursionError])
def test_what_an_argument_raises_is_not_swallowed(error, points):
    weights = c.weights_nearest(*points, 3)
    for call in (
        lambda: c.weights_of(weights, Raises(error)),
        lambda: c.weights_band(*points, Raises(error)),
        lambda: c.moran(weights, points[0], threads=Raises(error)),
        lambda: c.weights_band(*points, 9.0, least_m=Raises(error)),
    ):
        with pytest.raises(error):
            call()


def test_numbers_beyond_64_bits_are_out_of_range(points):
    weights = c.weights_nearest(*points, 3)
    for number in (2**63, -(2**63) - 1, 10**30):
        with pytest.raises(ValueError, match=f"item: {number} is out of range"):
            c.weights_of(weights, number)


@pytest.mark.parametrize(
    "text, why", [("a\0b", "a NUL character"), ("a\ud8ff", "a character that UTF-8 has no bytes for")]
)
def test_texts_that_are_none_to_c(text, why):
    with pytest.raises(ValueError, match=f"source: .* holds {why}; leave it out"):
        riskmap.read(text)


POINT = np.frombuffer(b"\1\1\0\0\0" + np.array([2e5, 5e5]).tobytes(), np.uint8)


@pytest.mark.parametrize(
    "rows, offsets",
    [
        *[(1, [0, 10**12]), (2, [0, 10**12, 21]), (2, [0, 21, 20]), (1, [-21, 0])],
        *[(2**61, [0, 21]), (2**62, [0, 21]), (2**63 - 2, [0])],
    ],
)
@pytest.mark.parametrize("format_", ["Z", "U"])
def test_offsets_that_lead_elsewhere(rows, offsets, format_):
    column = ("a", format_, None, np.array(offsets), POINT)
    with pytest.raises(ValueError, match="column a: "):
        c.layer_from_columns(rows, (column,), None, None)


def test_buffers_that_are_not_enough():
    geometry = ("geometry", "Z", None, np.array([0, 21]), POINT)
    for column in (("a", "g", None, None, bytes(7)), ("a", "g", b"", None, bytes(8)), ("a", "g", None, None, None)):
        with pytest.raises(ValueError, match="column a: "):
            c.layer_from_columns(1, (geometry, column), None, None)
    for column in (None, (), ("a",), (1, 2, 3, 4, 5), "abcde"):
        with pytest.raises(TypeError, match="is needed of each"):
            c.layer_from_columns(1, (geometry, column), None, None)


def test_a_list_that_empties_while_it_is_read(points):
    class Shrinking(list):
        def __iter__(self):
            for item in self[:]:
                self.clear()
                yield item

    score = np.zeros(40)
    c.combine(score, Shrinking([points[0], points[1]]), np.ones(2), 0, 0.5, 0.0)
    assert np.allclose(score, (points[0] + points[1]) / 2)


@pytest.mark.parametrize("values", [None, 3.0, {"a": 1}, {1.0}, (n for n in range(3))])
def test_what_is_no_array(values, points):
    why = f"numbers are needed, an array or a list of them, not {type(values).__name__}"
    with pytest.raises(riskmap.ArgumentError, match=why):
        riskmap.stats.moran(values, riskmap.Weights.nearest(points, 3))


# ---- handles ----


def test_views_are_the_modules_own_type():
    assert output_of("c.View = int; del c.View; print(memoryview(c.layer_fids(LAYER)).shape)") == ["(16,)"]


def test_a_stream_is_read_by_one_thread():
    code = """
for turn in range(100):
    stream, found = c.layer_to_arrow(LAYER), []
    def read():
        try:
            found.append(c.layer_feature_count(c.layer_from_arrow(stream, None, None)))
        except riskmap.ArgumentError as problem:
            found.append("used already" in str(problem))
    threads = [threading.Thread(target=read) for _ in range(4)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert sorted(found) == [True, True, True, 16], found
"""
    output_of(code)


def test_a_stream_that_was_renamed():
    output_of("""
name, stream = ctypes.create_string_buffer(b"used"), c.layer_to_arrow(LAYER)
rename = ctypes.pythonapi.PyCapsule_SetName
rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
rename(stream, name)
del stream
""")


def test_a_stream_that_outlives_python():
    """As with a consumer in C++ that lets go of it when its library is unloaded."""
    output_of("""
stream, libc = c.layer_to_arrow(LAYER), ctypes.CDLL(None)
libc.malloc.restype, libc.__cxa_atexit.argtypes = ctypes.c_void_p, 3 * [ctypes.c_void_p]
given, kept = (5 * ctypes.c_void_p).from_address(get(stream, b"arrow_array_stream")), libc.malloc(40)
ctypes.memmove(kept, given, 40)
release, given[3] = given[3], None
libc.__cxa_atexit(release, kept, None)
""")


def test_everything_lives_until_python_ends():
    out = output_of("""
import builtins
view = c.layer_fids(LAYER)
builtins.kept = [LAYER, view, memoryview(view), c.layer_to_arrow(LAYER), riskmap.read(PARKS)["aantal_eigenaren"]]
class Late:
    def __del__(self):
        try:
            c.layer_feature_count(None)
        except ValueError:
            print(c.layer_feature_count(self.layer))
late = Late()
late.layer, late.itself = LAYER, late
""")
    assert out == ["16"]


def test_memory_of_this_process_is_not_pickled(root):
    model = riskmap.Model("examples/models/vakantieparken.json")
    inspection = riskmap.inspect("examples/data/havens.geojson")
    for thing in (model, model.run(as_of="2026-11-01"), model.match("examples/data"), inspection):
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=f"a riskmap.{type(thing).__name__} cannot be pickled or copied"):
                way(thing)


def test_errors_are_pickled():
    with pytest.raises(riskmap.ArgumentError) as caught:
        riskmap.Layer.from_points([0.0], [0.0]).places(), riskmap.Weights.nearest(([0.0], [0.0]), 3)
    back = pickle.loads(pickle.dumps(caught.value))
    assert type(back) is riskmap.ArgumentError and str(back) == str(caught.value) and back.code == caught.value.code


# ---- threads and processes ----


def test_the_first_calls_of_many_threads():
    """GDAL's drivers are registered by one of them."""
    begin = "import threading\nfrom riskmap import _riskmap as c\n"
    code = """
gate = threading.Barrier(8)
def read():
    gate.wait()
    c.layer_read("examples/data/vakantieparken.geojson")
threads = [threading.Thread(target=read) for _ in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
"""
    for _ in range(3):
        output_of(code, begin)


def test_threads_at_work_when_python_ends():
    code = """
import time
model = c.model_read(MODEL)
def work():
    while True:
        c.run(model, as_of=20758, threads=2, progress=lambda fraction, message: None)
threading.excepthook = lambda *unused: None
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
"""
    for _ in range(3):
        output_of(code)


def test_what_one_call_changes_no_other_uses(root):
    """Neither another thread's nor one from its own progress."""
    model = c.model_read("examples/models/vakantieparken.json")
    checklist = c.check(model, as_of=20758)

    def use(fraction, message):
        for call in (c.checklist_measure, lambda list_, *unused: c.checklist_layer(list_, 0)):
            with pytest.raises(RuntimeError, match="another call, .*, is using this riskmap.Checklist"):
                call(checklist, model, 0.9)
        seen.append(threading.get_ident())

    def use_there(*unused):
        thread = threading.Thread(target=use, args=unused)
        thread.start()
        thread.join()

    for progress in (use, use_there):
        seen = []
        c.checklist_measure(checklist, model, 0.9, as_of=20758, progress=progress)
        assert seen and (threading.get_ident() in seen) == (progress is use)
    c.checklist_layer(checklist, 0)  # and is free again


def test_a_child_process_ends_at_once(root):
    """It has none of the threads that were at work in its parent."""
    code = """
import os, sys, time
def fork(fraction, message):
    global child
    child = os.fork()
    if child == 0:
        began = time.monotonic()
        import atexit; atexit._run_exitfuncs()
        os._exit(time.monotonic() - began > 0.5)
    print(os.waitpid(child, 0)[1])
    return True
def work():
    try:
        c.run(c.model_read(MODEL), as_of=20758, threads=1, progress=fork)
    except riskmap.Cancelled:
        pass
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    assert output_of(code) == ["0"]


def test_progress_that_stops_says_how_to_go_on(root):
    for answer in (True, 1, "yes", [0]):
        with pytest.raises(riskmap.Cancelled, match="progress returned something true, .*; return None to go on"):
            riskmap.run("examples/models/vakantieparken.json", progress=lambda fraction, message, answer=answer: answer)


# ---- memory ----


def test_too_little_memory():
    """A MemoryError, also where it is a hundred calls in; then work goes on."""
    out = output_of("""
import resource
numbers = np.arange(2e5)
LINE = c.layer_from_points(numbers, numbers, None)
c.layer_read(PARKS)
with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + (60 << 20), -1))
for call in (
    lambda: c.weights_nearest(numbers, numbers, 90, threads=1),
    lambda: [c.layer_from_points(numbers, numbers, None) for _ in range(100)],
    lambda: [c.layer_wkb(LINE) for _ in range(100)],
):
    try:
        call()
        print("enough")
    except MemoryError:
        print("MemoryError")
print(c.layer_feature_count(c.layer_read(PARKS)))
""")
    assert out == ["MemoryError"] * 3 + ["16"]
