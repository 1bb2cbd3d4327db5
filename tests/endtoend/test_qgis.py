"""The result opens styled in QGIS, judged by QGIS itself."""

import json
import os
import pathlib
import subprocess

import pytest

import flow

LOADER = pathlib.Path(__file__).with_name("in_qgis.py")


def seen_by_qgis(result, folder, picture=None):
    """What QGIS makes of a result; skips where its Python is not installed."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    there = subprocess.run(["/usr/bin/python3", "-c", "import qgis.core"], capture_output=True, env=environment, timeout=60)
    if there.returncode != 0:
        pytest.skip("QGIS is not installed (python3-qgis)")
    arguments = [str(result)] + ([str(picture)] if picture else [])
    done = subprocess.run(["/usr/bin/python3", LOADER, *arguments], capture_output=True, text=True, env=environment,
                          timeout=90)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("qgis")
    found = flow.score(flow.EXAMPLES / "models" / "buitengebied.json", folder / "result.gpkg")
    return found, seen_by_qgis(folder / "result.gpkg", folder, folder / "map.png"), folder


def test_layer_opens(opened):
    found, seen, folder = opened
    assert seen["valid"] and seen["features"] == len(found["areas"]) and seen["crs"] == "EPSG:28992"
    # QGIS left nothing beside it: no -wal, no -shm
    assert {name for name in os.listdir(folder) if name.startswith("result")} == {"result.gpkg"}


def test_five_classes_and_grey_for_none(opened):
    _, seen, _ = opened
    assert (seen["renderer"], seen["attribute"]) == ("categorizedSymbol", "class")
    assert [value for value, _, _ in seen["categories"]] == ["5", "4", "3", "2", "1", ""]
    labels = [label for _, label, _ in seen["categories"]]
    assert labels[0] == "5: 0,80 en hoger" and labels[4] == "1: onder 0,20" and "te weinig gegevens" in labels[5]
    assert len({colour for _, _, colour in seen["categories"]}) == 6
    red, green, blue = (int(seen["categories"][5][2][k:k + 2], 16) for k in (1, 3, 5))
    assert red == green == blue


def test_columns_have_dutch_words(opened):
    found, seen, _ = opened
    assert seen["aliases"]["score"] == "Score" and seen["aliases"]["rank"] == "Rang"
    assert seen["aliases"]["structure_score"] == "Structuur: deelscore"
    for row in found["indicators"]:
        assert seen["aliases"][row["name"]] == row["label"]


def test_map_has_the_colours_of_the_classes(opened):
    found, seen, folder = opened
    image = pytest.importorskip("PIL.Image", reason="python3-pil is not installed").open(folder / "map.png").convert("RGB")
    colours = {colour: count for count, colour in image.getcolors(maxcolors=1 << 20)}
    for value, _, colour in seen["categories"]:
        present = any(str(row["class"] or "") == value for row in found["areas"])
        # drawn at 85 per cent over white
        blend = [round(0.85 * int(colour[k:k + 2], 16) + 0.15 * 255) for k in (1, 3, 5)]
        drawn = any(max(abs(a - b) for a, b in zip(blend, pixel)) <= 2 for pixel in colours)
        assert drawn or not present, f"class {value or 'none'}"


def test_english(tmp_path):
    result = tmp_path / "result.gpkg"
    flow.score(flow.EXAMPLES / "models" / "vakantieparken.json", result, "--lang", "en")
    seen = seen_by_qgis(result, tmp_path)
    assert seen["aliases"]["rank"] == "Rank" and seen["aliases"]["structure_score"] == "Structure: sub-score"
    assert "too little data" in seen["categories"][5][1]
