#!/usr/bin/python3
"""Compares riskmap's values with those of province_geopandas.py, indicator by indicator.

usage: province_compare.py RESULT.gpkg VALUES.npz

Counts must be equal, all else within 1e-9, and missing where the other is missing. Ends with 1 when they differ.
"""
import sqlite3
import sys

import numpy as np

COUNTS = {"panden_zonder_adres", "adressen_met_ander_gebruik", "drugs_en_milieu_rondom"}


def main():
    result, path = sys.argv[1:3]
    theirs = np.load(path)
    names = [name for name in theirs.files if name not in ("id", "measured")]
    base = sqlite3.connect(f"file:{result}?mode=ro", uri=True)
    columns = ", ".join(f'"{name}"' for name in names)
    rows = base.execute(f'SELECT id, {columns} FROM areas ORDER BY id').fetchall()
    order = np.argsort(theirs["id"])
    faults = 0
    if [row[0] for row in rows] != list(theirs["id"][order]):
        sys.exit("the areas are not the same")
    for number, name in enumerate(names, 1):
        ours = np.array([row[number] for row in rows], dtype=float)
        other = theirs[name][order].astype(float)
        both = ~np.isnan(ours) & ~np.isnan(other)
        missing = int((np.isnan(ours) != np.isnan(other)).sum())
        worst = float(np.abs(ours[both] - other[both]).max(initial=0.0))
        good = missing == 0 and worst <= (0.0 if name in COUNTS else 1e-9)
        faults += not good
        print(f"  {name:28s} {int(both.sum()):8d} values, largest difference {worst:.1e}"
              f"{'' if good else f'  NOT EQUAL ({missing} missing in one alone)'}")
    if faults:
        sys.exit(f"{faults} indicators differ: no times are shown")


if __name__ == "__main__":
    main()
