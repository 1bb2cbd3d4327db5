"""What the tests of riskmap.stats share: small maps with their answers by the definition, and the golden tables."""

import csv
import math
import os
import pathlib

import numpy as np
import pytest

from riskmap import Weights

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = pathlib.Path(os.environ.get("RISKMAP_SHARED") or ROOT.parent / "shared") / "golden"


def golden(name):
    """The folder of a golden table; skips where it is not."""
    folder = GOLDEN / name
    if not folder.is_dir():
        pytest.skip(f"golden table {name} is not here; set RISKMAP_SHARED")
    return folder


def table(path):
    """Columns of a CSV by name: floats where all are numbers (NA and nothing are NaN), else texts."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(texts):
    try:
        return np.array([math.nan if text in ("", "NA") else float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def pairs(path, count):
    """Weights of 1 from links between ids 1 to count."""
    links = table(path)
    return Weights.from_links(count, links["i"] - 1, links["j"] - 1)


def grid(side):
    """Queen neighbours of side * side squares, as a matrix of 0 and 1 and as Weights."""
    row, column = np.divmod(np.arange(side * side), side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    return near.astype(float), Weights.from_links(side * side, *np.nonzero(near))
