"""Makes the points of the country, and the table of tests/bench/heat.sh: answers first, then times."""
import pathlib
import re
import sys

import numpy
from osgeo import gdal

gdal.UseExceptions()
AIMS = {("qgis", 500): 8, ("qgis", 2000): 40, ("grass", 500): 40}
RECORDED = {("qgis", 500): 2.5, ("qgis", 2000): 16.0, ("grass", 500): 10.6}


def make_points(path, count=10_000_000, seed=1):
    """Clustered and even points, half and half, within the extent of the country."""
    draw = numpy.random.default_rng(seed)
    centres = draw.uniform([20_000, 320_000], [280_000, 600_000], (2000, 2))
    near = centres[draw.integers(0, 2000, count // 2)] + draw.normal(0, 1500, (count // 2, 2))
    even = draw.uniform([0, 300_000], [300_000, 625_000], (count - count // 2, 2))
    with open(path, "w") as out:
        out.write("x,y\n")
        for block in numpy.array_split(numpy.vstack([near, even]), 100):
            out.write("\n".join(f"{x:.1f},{y:.1f}" for x, y in block) + "\n")


def values(path):
    raster = gdal.Open(str(path))
    return raster.GetRasterBand(1).ReadAsArray().astype(float), raster.GetGeoTransform()


def best(work, name):
    """The run with the least wall time: seconds, CPU seconds, MB."""
    lines = (work / f"heat-{name}.log").read_text().splitlines()
    runs = [tuple(float(v) for v in re.findall(r"[\d.]+", line)) for line in lines if line.startswith("wall")]
    wall, cpu, kb = min(runs)
    return wall, cpu, kb / 1024


def peer_seconds(work, peer, radius):
    """The faster of a peer's runs, and what only starting it takes; None where it did not run."""
    path = work / f"heat-{peer}-{radius}.log"
    if not path.exists():
        return None, None
    text = path.read_text()
    word = {"qgis": r"qgis heatmap run\d", "grass": r"v.kernel quartic [^:]*"}[peer]
    start = {"qgis": "qgis_process start only", "grass": "start only"}[peer]
    runs = [float(v) for v in re.findall(word + r": wall ([\d.]+)s", text)]
    starts = [float(v) for v in re.findall(start + r": wall ([\d.]+)s", text)]
    return (min(runs) if runs else None), (min(starts) if starts else 0.0)


def compare(work):
    path = work / "heat-grass-500.tif"
    if not path.exists():
        print("GRASS did not run: nothing to compare with")
        return
    mine, where = values(work / "heat-500.tif")
    theirs, there = values(path)
    assert mine.shape == theirs.shape and where == there, (mine.shape, theirs.shape, where, there)
    difference = abs(mine - theirs * 1e6).max() / mine.max()
    assert difference < 1e-6, f"differs from GRASS by {difference} of the highest value"
    print(f"equal to GRASS at 500 m: largest difference {difference:.1e} of the highest value")


def table(work):
    compare(work)
    print((work / "machine.log").read_text())
    print("| heat map, 100,000 points, 2,000 x 2,000 cells, GeoTIFF included | seconds | CPU s | peak MB | times | aim |")
    print("|---|---|---|---|---|---|")
    for radius in (500, 2000):
        for threads in (1, 2):
            wall, cpu, mb = best(work, f"{radius}-{threads}")
            print(f"| riskmap, {radius} m, {threads} thread{'s' * (threads > 1)} | {wall:.2f} | {cpu:.2f} | {mb:.0f} | | |")
        for peer in ("qgis", "grass"):
            seconds, start = peer_seconds(work, peer, radius)
            aim = AIMS.get((peer, radius), "")
            if seconds is not None:
                print(f"| {peer}, {radius} m (starting it: {start:.2f} s, included) | {seconds:.2f} | | | "
                      f"{seconds / wall:.1f} | {aim} |")
            elif (peer, radius) in RECORDED:
                print(f"| {peer}, {radius} m, *recorded*, not in this run | {RECORDED[peer, radius]} | | | | {aim} |")
    wall, cpu, mb = best(work, "country")
    print(f"| 10 million points (CSV), 3,000 x 3,250 cells of 100 m, radius 1 km | {wall:.2f} | {cpu:.2f} | {mb:.0f} | | |")


if __name__ == "__main__":
    if sys.argv[1] == "points":
        make_points(sys.argv[2])
    else:
        table(pathlib.Path(sys.argv[2]))
