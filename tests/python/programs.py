"""What the programs of the build folder say, for comparison."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("RISKMAP_BUILD", "")) / "examples/programs"


def run(program, *arguments, codes=(0,)):
    """What it prints; a skip where there is no such build."""
    if not (FOLDER / program).is_file():
        pytest.skip("RISKMAP_BUILD names no build folder with the programs")
    command = [str((FOLDER / program).resolve()), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


def told(program, *arguments, codes=(0,)):
    """What it tells with --json."""
    return json.loads(run(program, *arguments, "--json", codes=codes))


def as_json(value):
    """A value of Python as the programs write it: dates as texts, NaN as null."""
    if isinstance(value, float):
        return None if value != value else value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
