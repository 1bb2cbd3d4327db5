#!/usr/bin/python3
"""A folder with the province data in which every evidence layer has its rows twice; the areas stay.

usage: double_evidence.py DATADIR OUTDIR
"""
import json
import os
import shutil
import sqlite3
import sys

TABLES = {"bag-light.gpkg": ("pand", "verblijfsobject"), "wegen.gpkg": ("wegdeel",),
          "bebouwde-kom.gpkg": ("bebouwde_kom",)}
GEOJSON = ("rijksgrens.geojson", "natura2000.geojson", "no-fly-zones.geojson")


def double_table(base, table):
    columns = ", ".join(f'"{name}"' for _, name, _, _, _, key in base.execute(f'PRAGMA table_info("{table}")')
                        if not key)
    base.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "{table}"')
    if base.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_ogr_contents'").fetchone():
        base.execute("UPDATE gpkg_ogr_contents SET feature_count = "
                     f'(SELECT count(*) FROM "{table}") WHERE table_name = ?', (table,))


def main():
    data, out = (os.path.abspath(folder) for folder in sys.argv[1:3])
    os.makedirs(out, exist_ok=True)
    areas = os.path.join(out, "brk.gpkg")
    if not os.path.lexists(areas):
        os.symlink(os.path.join(data, "brk.gpkg"), areas)
    for name, tables in TABLES.items():
        shutil.copy(os.path.join(data, name), os.path.join(out, name))
        base = sqlite3.connect(os.path.join(out, name))
        for table in tables:
            double_table(base, table)
        base.commit()
        base.close()
    for name in GEOJSON:
        with open(os.path.join(data, name), encoding="utf-8") as source:
            collection = json.load(source)
        collection["features"] *= 2
        with open(os.path.join(out, name), "w", encoding="utf-8") as target:
            json.dump(collection, target)
    with open(os.path.join(data, "meldingen.csv"), "rb") as source:
        header, rows = source.readline(), source.read()
    with open(os.path.join(out, "meldingen.csv"), "wb") as target:
        target.writelines((header, rows, rows))


if __name__ == "__main__":
    main()
