"""The style of a heat map as QGIS reads it: the same classes, and every cell in the class that riskmap gives it."""

import json
import os
import pathlib
import subprocess

import pytest

LOADER = pathlib.Path(__file__).with_name("heat_in_qgis.py")
WRITER = pathlib.Path(os.environ.get("RISKMAP_BUILD", "")) / "tests/unit/heat_style"

pytestmark = pytest.mark.skipif(not WRITER.exists(), reason="RISKMAP_BUILD names no build folder")

# bounds themselves, the floats next to them, nothing, and no data
VALUES = ["0", "nan", "0.1", "0.6999999", "0.7", "0.7000001", "1.3", "2", "3.1", "4", "4.5", "7", "9.3", "12", "14"]


def opened(folder, language, unit, values):
    """What QGIS makes of the style, the colours it draws, and riskmap's class of each value."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    there = subprocess.run(["/usr/bin/python3", "-c", "import qgis.core"], capture_output=True, env=environment, timeout=60)
    if there.returncode != 0:
        pytest.skip("QGIS is not installed (python3-qgis)")
    style = subprocess.run([WRITER, "5", language, unit, *values], capture_output=True, encoding="utf-8", timeout=20)
    assert style.returncode == 0, style.stderr
    (folder / "heat.qml").write_text(style.stdout, encoding="utf-8")
    done = subprocess.run(["/usr/bin/python3", LOADER, folder, *values], capture_output=True, encoding="utf-8",
                          env=environment, timeout=90)
    assert done.returncode == 0, done.stderr
    seen, pixels = map(json.loads, done.stdout.strip().splitlines()[-2:])
    return seen, pixels, [int(line) for line in style.stderr.split()]


def over_blue(colour, alpha, opacity):
    """A class over the blue background."""
    share = alpha / 255 * opacity
    return [share * int(colour[k:k + 2], 16) + (1 - share) * ground for k, ground in ((1, 0), (3, 0), (5, 255))]


@pytest.mark.parametrize("language,lowest,comma", [("nl", "onder ", ","), ("en", "below ", ".")])
def test_classes_labels_and_colours(tmp_path, language, lowest, comma):
    seen, pixels, classes = opened(tmp_path, language, "per km²", VALUES)
    assert seen["valid"] and seen["renderer"] == "singlebandpseudocolor" and seen["discrete"]
    assert 0.7 <= seen["opacity"] < 1
    assert len(seen["classes"]) == 6 and seen["classes"][-1][0] == "inf"
    labels = [label for _, label, _, _ in seen["classes"]]
    assert labels[0] == f"{lowest}0{comma}7 per km²" and labels[1].startswith(f"0{comma}7 – ")
    assert all(label.endswith(" per km²") for label in labels)
    assert seen["legend"][-6:] == labels
    assert [alpha for _, _, _, alpha in seen["classes"]][0] == 0
    assert len({colour for _, _, colour, _ in seen["classes"]}) == 6
    assert set(classes) == {0, 1, 2, 3, 4, 5}
    for value, class_, pixel in zip(VALUES, classes, pixels):
        _, _, colour, alpha = seen["classes"][class_]
        expected = over_blue(colour, alpha, seen["opacity"])
        assert max(abs(a - b) for a, b in zip(pixel, expected)) <= 3, f"{value} is not drawn as class {class_}"


def test_map_without_values_is_all_background(tmp_path):
    seen, pixels, _ = opened(tmp_path, "nl", "per km²", ["0", "0", "nan"])
    assert seen["valid"] and seen["renderer"] == "singlebandpseudocolor"
    assert [label for _, label, _, _ in seen["classes"]] == ["geen waarden"]
    assert pixels == [[0, 0, 255]] * 3


def test_one_value_is_one_class(tmp_path):
    seen, pixels, classes = opened(tmp_path, "nl", "", ["0", "3.2", "nan", "3.2"])
    assert [label for _, label, _, _ in seen["classes"]] == ["onder 3,2", "3,2"]
    assert classes == [0, 1, 0, 1]
    assert pixels[0] == pixels[2] == [0, 0, 255] and pixels[1] == pixels[3] != [0, 0, 255]
