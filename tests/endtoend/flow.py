"""What the tests share: running the programs, reading a result, writing small layers and models."""

import json
import os
import pathlib
import sqlite3
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
AS_OF = "2026-11-01"

# what a run says of itself; everything else in a result must not depend on how it was run
RUN_KEYS_THAT_VARY = ("command", "written")


def program(name):
    """The path of a program that was built; the test skips where there is none."""
    build = os.environ.get("RISKMAP_BUILD")
    if not build:
        pytest.skip("RISKMAP_BUILD names no build folder")
    path = pathlib.Path(build).resolve() / "examples" / "programs" / name
    if not path.exists():
        pytest.skip(f"{name} was not built in {build}")
    return path


def shared(*parts):
    """A path among the real data; the test skips where they are absent."""
    root = pathlib.Path(os.environ.get("RISKMAP_SHARED") or ROOT.parent / "shared")
    path = root.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"the real data are absent: {'/'.join(parts)}")
    return path


def run(name, *arguments, environment=None, cwd=None, timeout=120):
    """The finished process, its output as text."""
    return subprocess.run(
        [str(program(name)), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        timeout=timeout,
    )


def score(model, result, *arguments, **options):
    """Scores a model on a fixed day and gives the result's tables; fails when the program does."""
    done = run("riskmap-score", model, result, "--as-of", AS_OF, *arguments, **options)
    assert done.returncode == 0, done.stderr
    return tables(result)


def tables(path):
    """Every table of a result as a list of rows (dictionaries), in their order."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    names = [row[0] for row in connection.execute("SELECT table_name FROM gpkg_contents")]
    found = {
        name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')]
        for name in [*names, "gpkg_metadata"]
    }
    connection.close()
    return found


def comparable(found):
    """The tables without what tells one run of the same thing from another."""
    kept = {name: rows for name, rows in found.items() if name != "layer_styles"}
    kept["run"] = [row for row in found["run"] if row["key"] not in RUN_KEYS_THAT_VARY]
    kept["styles"] = [row["styleQML"] for row in found["layer_styles"]]
    return kept


def contributions(found):
    """{(area fid, indicator name): row}"""
    name = {row["indicator"]: row["name"] for row in found["indicators"]}
    return {(row["area"], name[row["indicator"]]): row for row in found["contributions"]}


def issue_codes(found, layer=None):
    return sorted(row["code"] for row in found["issues"] if layer in (None, row["layer"]))


def check_account(found):
    """total = ended + outside + filtered + left_out + read, read = used + rejected, for every layer."""
    assert found["layers"]
    for row in found["layers"]:
        aside = ("ended", "outside", "filtered", "left_out")
        account = {k: row[k] for k in ("total", *aside, "read", "used", "rejected")}
        assert row["total"] == sum(row[k] for k in aside) + row["read"], (row["name"], account)
        assert row["read"] == row["used"] + row["rejected"], (row["name"], account)
        assert min(account.values()) >= 0, (row["name"], account)


# ---- small layers and models ----

COMMON = {"pillar": "structure", "scale": "minmax", "weight": 1, "direction": "+", "label": "L", "why": "W"}


def square(x, y, size=100):
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


def polygon(rings):
    return {"type": "Polygon", "coordinates": rings}


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(path, features, crs="EPSG:28992"):
    """Writes features as they are given; crs None leaves the label out."""
    collection = {"type": "FeatureCollection", "features": features}
    if crs:
        authority, code = crs.split(":")
        name = f"urn:ogc:def:crs:{authority}::{code}"
        collection["crs"] = {"type": "name", "properties": {"name": name}}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def simple_model(folder, name="model.json", **changes):
    """A model of four square areas (gebieden.geojson) and points over them (punten.csv), which it
    writes where they are not there; changes replace top-level keys."""
    if not (folder / "gebieden.geojson").exists():
        geojson(
            folder / "gebieden.geojson",
            [feature(polygon(square(200000 + 200 * k, 475000)), code=f"A{k}", naam=f"Gebied {k}", jaar=1970 + 5 * k)
             for k in range(4)],
        )
    if not (folder / "punten.csv").exists():
        rows = [(200000 + 200 * k + 7 * n + 1, 475000 + 11 * n + 1) for k in range(4) for n in range(k + 1)]
        (folder / "punten.csv").write_text(
            "nr;datum;soort;waarde;x;y\n"
            + "".join(f"{n + 1};{n + 1:02d}-03-2025;s{n % 3};{n + 2},5;{x}.00;{y}.00\n".replace(".", ",")
                      for n, (x, y) in enumerate(rows))
        )
    model = {
        "riskmap": 1,
        "name": "proef",
        "purpose": "toets",
        "crs": "EPSG:28992",
        "layers": {
            "gebieden": {"source": "gebieden.geojson", "classification": "open"},
            "punten": {"source": "punten.csv", "x": "x", "y": "y", "crs": "EPSG:28992", "time": "datum",
                       "classification": "open"},
        },
        "areas": {"layer": "gebieden", "id": "code", "name": "naam", "type": "proef"},
        "indicators": [
            {"name": "aantal", "measure": "count", "of": "punten", **COMMON},
            {"name": "ouderdom", "measure": "age", "field": "jaar", **COMMON},
        ],
    }
    model.update(changes)
    path = folder / name
    path.write_text(json.dumps(model, indent=1), encoding="utf-8")
    return path
