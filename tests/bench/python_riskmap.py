#!/usr/bin/python3
"""What the Python package adds to the library, each in a process of its own.

usage: python_riskmap.py province MODEL DATA    the flow of province.c on two threads
       python_riskmap.py frame|arrow DATA       the buildings of a province in and out, with all their columns

Prints one line of key=value pairs; importing is not in the seconds.
"""
import datetime
import resource
import sys
import time

import numpy as np
import riskmap


class Laps:
    """Seconds since the last lap; CPU and peak memory at the end."""

    def __init__(self):
        self.laps, self.last, self.cpu = [], time.monotonic(), time.process_time()

    def lap(self):
        now = time.monotonic()
        self.laps.append(now - self.last)
        self.last = now

    def end(self):
        self.lap()
        cpu = time.process_time() - self.cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        inside = " in={:.4f} out={:.4f}".format(*self.laps) if len(self.laps) == 2 else ""
        return f"total={sum(self.laps):.4f}{inside} cpu={cpu:.4f} rss_mb={peak:.0f}"


def province(model_path, data):
    with open(model_path, encoding="utf-8") as file:
        text = file.read().replace("../data/", "")
    laps = Laps()
    result = riskmap.run(riskmap.Model(text, base=data), as_of=datetime.date(2026, 10, 31), threads=2)
    measured = laps.end()
    score = np.ma.filled(result.areas["rank"], 0) > 0
    scores = np.cumsum(result.areas["score"][score])[-1]  # one after another, as C adds them
    print(f"job=province {measured} areas={len(result)} ranked={result.ranked}"
          f" issues={len(result.issues)} scores={scores:.9f}")


def read_buildings(data):
    import geopandas
    return geopandas.read_file(f"{data}/bag-light.gpkg", layer="pand", use_arrow=True)


def frame(data):
    import shapely
    buildings = read_buildings(data)
    laps = Laps()
    layer = riskmap.Layer(buildings)
    laps.lap()
    back = layer.to_geopandas()
    measured = laps.end()
    if not (shapely.to_wkb(back.geometry.array) == shapely.to_wkb(buildings.geometry.array)).all():
        sys.exit("frame: the geometry came back otherwise; no times are shown")
    for name in buildings.columns.drop("geometry"):
        there, here = buildings[name], back[name]
        if not ((there.to_numpy(object) == here.to_numpy(object)) | (there.isna() & here.isna()).to_numpy()).all():
            sys.exit(f"frame: column {name} came back otherwise; no times are shown")
    print(f"job=frame {measured} features={len(back)} columns={len(back.columns)}")


def arrow(data):
    import pyarrow
    buildings = pyarrow.table(read_buildings(data).to_arrow(index=False, geometry_encoding="WKB"))
    laps = Laps()
    layer = riskmap.Layer(buildings)
    laps.lap()
    back = layer.to_arrow()
    measured = laps.end()
    for name in buildings.column_names:
        if back[name].cast(buildings[name].type).combine_chunks() != buildings[name].combine_chunks():
            sys.exit(f"arrow: column {name} came back otherwise; no times are shown")
    print(f"job=arrow {measured} features={back.num_rows} columns={back.num_columns}")


if __name__ == "__main__":
    {"province": province, "frame": frame, "arrow": arrow}[sys.argv[1]](*sys.argv[2:])
