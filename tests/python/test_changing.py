"""Arguments that change while they are used: each call has what it was given. What could end the process runs in one
of its own."""

import shutil
import subprocess
import sysconfig

import pytest

import riskmap
from riskmap import _riskmap as c

from .test_misuse import ROOT, output_of

BEGIN = """
import _thread, gc, sys, threading, time
import numpy as np
import riskmap
from riskmap import _riskmap as c
"""


def test_options_that_are_emptied_by_the_calls_own_progress():
    """Only a thread's start hands its own dict on."""
    output_of(
        """
done, junk, random = threading.Event(), [], np.random.default_rng(1)
x, y = 2e5 + 2000 * random.random((2, 50000))
options = {"memory_points": c.layer_from_points(x, y, "EPSG:28992"), "bandwidth": 500.0, "cell": 200.0, "threads": 1,
           "as_of": 20758}
def progress(fraction, message):
    options.clear()
    gc.collect()
    junk.extend(bytes(300) for _ in range(2000))
def work():
    _thread.start_new_thread(c.heatmap_make, (None,), options)
options["progress"] = progress
del progress
found = sys.getrefcount(options["memory_points"])
work()
while options:
    time.sleep(0.01)
time.sleep(0.5)
""",
        BEGIN,
    )


def test_a_dict_of_arrays_that_is_emptied_while_it_is_read():
    out = output_of(
        """
class Size:
    def __index__(self):
        options.clear()
        return 0
options = {"z": np.full(40, np.nan), "p": np.full(40, np.nan)}
x, y = np.random.default_rng(1).random((2, 40))
weights = c.weights_nearest(x, y, 3)
# the dict is taken before the style is asked for
c.local_g(options, weights, x, Size(), threads=1)
print(options)
""",
        BEGIN,
    )
    assert out == ["{}"]


@pytest.mark.parametrize(
    "arrays, call",
    [
        ("x, y = place()", "c.density_grid(np.zeros(90000), (0.0, 1e4, 33.0, 300, 300), x, y, bandwidth=100.0, {p})"),
        ("x, y = place()", "c.density_places(np.zeros(50), *place()[:, :50], x, y, bandwidth=50.0, {p})"),
        (
            "x, y = (place()[0].astype('i4') for _ in range(2))",
            "c.weights_from_links(10001, x, (x + 1) % 10001, y * 0.0 + 1, progress)",
        ),
    ],
)
def test_arrays_that_change_in_the_calls_own_progress(arrays, call):
    """From far away to where the work is, and the other way round."""
    output_of(
        f"""
def place():
    return np.random.default_rng(1).random((2, 200000)) * 1e4
{arrays}
here, away = x.copy(), np.full_like(x, -1000000000)
away[0] = here[0]
def progress(fraction, message):
    if fraction >= least:
        x[:] = then
for least in (0.0, 0.01, 0.02, 0.1, 0.26, 0.3):
    for now, then in ((here, away), (away, here)):
        x[:] = now
        try:
            {call.format(p="progress=progress")}
        except riskmap.ArgumentError:
            pass
""",
        BEGIN,
    )


@pytest.mark.parametrize(
    "make, call",
    [
        (
            "starts, left = np.arange(0, 2001, 4), np.repeat(np.arange(500.0), 4)\nbottom = np.tile([0.0, 0, 9, 9], 500)",
            "c.ripley_k(r * 0, None, r, x, y, np.tile([0.0, 0.9, 0.9, 0], 500) + left, bottom, starts)",
        ),
        (
            "starts = np.arange(20001) * 21",
            "c.layer_from_columns(20000, (('t', 'U', None, starts, bytes(21 * 20000)), geometry), None, None)",
        ),
    ],
)
def test_offsets_that_another_thread_changes(make, call):
    output_of(
        f"""
import struct
{make}
point = np.frombuffer(struct.pack("<BIdd", 1, 1, 2e5, 5e5) * 20000, np.uint8)
geometry = ("geometry", "Z", None, np.arange(20001) * 21, point)
x, y = np.random.default_rng(1).random((2, 50)) * 0.8
r = np.array([0.1, 0.2])
good, stop = starts.copy(), []
def change():
    while not stop:
        starts[1:-1] = 2**44
        time.sleep(0.0003)
        starts[:] = good
        time.sleep(0.001)
threading.Thread(target=change, daemon=True).start()
end = time.monotonic() + 2
while time.monotonic() < end:
    try:
        {call}
    except ValueError:
        pass
stop.append(1)
""",
        BEGIN,
    )


def test_keywords_of_a_function_without_options_are_refused(root):
    layer = c.layer_read("examples/data/vakantieparken.geojson")
    for call in (c.version, lambda **more: c.layer_crs(layer, **more), lambda **more: c.layer_to_arrow(layer, **more)):
        with pytest.raises(TypeError, match="takes no keywords"):
            call(crs="EPSG:28992")


def test_no_option_is_lost_when_a_small_allocation_fails():
    python = shutil.which("python3-dbg")
    if not python:
        pytest.skip("python3-dbg is not installed")
    code = f"""
import sys
sys.path[:0] = {[str(riskmap.__path__[0]) + "/.."]!r}
import _testcapi
from riskmap import _riskmap as c
options = {{"where": "naam = 'zzz'", "target_crs": "EPSG:28992"}}
for number in range(60):
    try:
        _testcapi.set_nomemory(number, number + 1)
        try:
            layer = c.layer_read("examples/data/vakantieparken.geojson", **options)
        finally:
            _testcapi.remove_mem_hooks()
    except MemoryError:
        continue
    assert (c.layer_feature_count(layer), c.layer_crs(layer)) == (0, "EPSG:28992"), number
"""
    run = subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-3000:]


def test_python_that_ends_and_begins_again(tmp_path):
    """In a program that embeds it, and loads the extension alone."""
    compiler, library = shutil.which("cc"), sysconfig.get_config_var("LDVERSION")
    if (
        not compiler
        or subprocess.run(
            [compiler, "-x", "c", "-", "-o", tmp_path / "none", f"-lpython{library}"],
            input="int main(void){return 0;}",
            text=True,
            capture_output=True,
        ).returncode
    ):
        pytest.skip("there is no compiler, or no library of Python to embed")
    (tmp_path / "twice.c").write_text("""
#include <Python.h>
int main(int count, char **given)
{
    (void)count;
    for (int i = 0; i < 2; i++) {
        Py_Initialize();
        PyRun_SimpleString(given[1]);
        Py_Finalize();
    }
    return 0;
}
""")
    include = sysconfig.get_path("include")
    built = tmp_path / "twice"
    subprocess.run([compiler, tmp_path / "twice.c", "-o", built, f"-I{include}", f"-lpython{library}"], check=True)
    code = f"""
import importlib.machinery, importlib.util, threading
loader = importlib.machinery.ExtensionFileLoader("_riskmap", {c.__file__!r})
c = importlib.util.module_from_spec(importlib.util.spec_from_loader("_riskmap", loader))
loader.exec_module(c)
thread = threading.Thread(target=lambda: print(
    c.layer_feature_count(c.layer_read("examples/data/vakantieparken.geojson")), flush=True))
thread.start(), thread.join()
"""
    run = subprocess.run([built, code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["16", "16"], run.stderr[-3000:]
