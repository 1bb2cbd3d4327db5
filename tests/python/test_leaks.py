"""Nothing stays behind: every function of the extension is called over and over, with good and with bad arguments."""

import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from riskmap import _riskmap

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(name for name in dir(_riskmap) if inspect.isbuiltin(getattr(_riskmap, name)))


def leaks(*command, **environment):
    run = subprocess.run(
        [*command, pathlib.Path(__file__).with_name("leaks.py"), environment.pop("times", "0")],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def measured():
    return leaks(sys.executable, times="8")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_stays(name, measured):
    assert measured[name] == []


def test_python_finds_nothing_when_it_checks_its_memory():
    """Blocks are guarded, and nothing is taken without the GIL."""
    leaks(sys.executable, "-X", "dev", PYTHONMALLOC="debug")


def test_a_debug_python_finds_nothing():
    python = shutil.which(os.environ.get("RISKMAP_PYTHON_DEBUG", "python3-dbg"))
    if not python:
        pytest.skip("python3-dbg is not installed")
    leaks(python)
