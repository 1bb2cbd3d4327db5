#!/usr/bin/python3
"""Checks that all runs of python.sh came to the same answers; only then prints their times.

usage: python_table.py WORK
"""
import glob
import importlib.metadata
import os
import sys

import numpy as np

KERNELS = {"count": "points in polygons, 1,000,000 in 20,000", "overlay": "area overlay, 200,000 on 20,000",
           "nearest": "nearest of 200,000 for 100,000"}
WAYS = {"file": "from files", "frame": "from GeoDataFrames", "own": "from its own layers or tables"}
PEERS = ("geopandas", "sedonadb", "duckdb")
PACKAGES = ("numpy", "geopandas", "shapely", "pyogrio", "pyarrow", "sedonadb", "duckdb")
RELATIVE = 1e-9
ABSOLUTE = {"count": 0.0, "overlay": 1e-8, "nearest": 1e-10}  # coordinates end at 6e-11 m, a building is 60 m around


def lines(work, name):
    path = os.path.join(work, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as log:
        return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in log]


def text(work, name):
    with open(os.path.join(work, name), encoding="utf-8") as file:
        return file.read()


def best(runs):
    """The fastest run, with the largest memory of all."""
    if not runs:
        return None
    run = dict(min(runs, key=lambda run: float(run["total"])))
    run["rss_mb"] = max(float(run["rss_mb"]) for run in runs)
    return {key: float(run[key]) for key in ("total", "cpu", "rss_mb", "in", "out") if key in run}


def same_kernels(work, c_runs):
    """Every peer's value for every area is riskmap's, and riskmap's are those of C, to the last digit that C prints."""
    for kernel in KERNELS:
        mine = np.load(os.path.join(work, f"riskmap-{kernel}-file-0.npy"))
        for run in c_runs:
            answer = c_answer(kernel, mine)
            if run["job"] == kernel and run["answer"] != answer:
                sys.exit(f"riskmap, {kernel}: {answer} in Python, {run['answer']} in C; no times are shown")
        for path in sorted(glob.glob(os.path.join(work, f"*-{kernel}-*.npy"))):
            theirs = np.load(path)
            theirs = np.pad(theirs, (0, len(mine) - len(theirs)))  # the last areas may hold nothing
            name = os.path.basename(path)
            exact = name.startswith("riskmap") or kernel == "count"
            far = theirs != mine if exact else ~np.isclose(theirs, mine, RELATIVE, ABSOLUTE[kernel])
            if far.any():
                sys.exit(f"{name}: {np.count_nonzero(far)} values differ, by at most"
                         f" {np.abs(theirs - mine)[far].max()}; no times are shown")


def c_answer(kernel, values):
    if kernel == "count":
        return f"{values.sum()}/{(values * values).sum()}"
    return f"{np.cumsum(values)[-1]:.6f}"  # one after another, as C adds them


def same_province(c_runs, runs):
    seen = {tuple(run[key] for key in ("areas", "ranked", "issues", "scores")) for run in c_runs + runs}
    if len(seen) != 1:
        sys.exit(f"province: the runs of C and Python differ ({seen}); no times are shown")


def versions():
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return "python     " + sys.version.split()[0] + ", " + ", ".join(found)


def show_kernel(kernel, runs):
    print(f"\n| {KERNELS[kernel]} | riskmap, s | cpu s | MB | " + " | ".join(f"{peer}, s | times" for peer in PEERS)
          + " |\n|---|---|---|---|" + "---|---|" * len(PEERS))
    for way, title in WAYS.items():
        fastest = {peer: best([run for run in runs if (run["peer"], run["kernel"], run["way"]) == (peer, kernel, way)])
                   for peer in ("riskmap",) + PEERS}
        mine = fastest["riskmap"]
        if not mine:
            continue
        row = f"| {title} | **{mine['total']:.3f}** | {mine['cpu']:.3f} | {mine['rss_mb']:.0f} |"
        for peer in PEERS:
            run = fastest[peer]
            row += f" {run['total']:.2f} | {run['total'] / mine['total']:.1f} |" if run else " | |"
        print(row)


def show_added(runs, c_runs, package, c_province):
    print("\n| what the package adds, reading included | C, s | Python, s | added | cpu s | cpu s | aim |"
          "\n|---|---|---|---|---|---|---|")
    pairs = [(KERNELS[kernel], [run for run in c_runs if run["job"] == kernel],
              [run for run in runs if (run["peer"], run["kernel"], run["way"]) == ("riskmap", kernel, "file")])
             for kernel in KERNELS]
    pairs.append(("a province, reading to scores", c_province, [run for run in package if run["job"] == "province"]))
    for title, in_c, in_python in pairs:
        c, python = best(in_c), best(in_python)
        added = 100 * (python["total"] / c["total"] - 1)
        print(f"| {title} | {c['total']:.4f} | {python['total']:.4f} | {added:+.1f}% |"
              f" {c['cpu']:.3f} | {python['cpu']:.3f} | under 5% |")


def show_through(package):
    print("\n| buildings in and out | features, columns | in, s | out, s | together | MB | aim |"
          "\n|---|---|---|---|---|---|---|")
    for job, title, aim in (("frame", "GeoDataFrame", "2 s"), ("arrow", "pyarrow table", "")):
        runs = [run for run in package if run["job"] == job]
        run = best(runs)
        if run:
            print(f"| {title} | {runs[0]['features']}, {runs[0]['columns']} | {run['in']:.2f} | {run['out']:.2f} |"
                  f" {run['total']:.2f} | {run['rss_mb']:.0f} | {aim} |")


def main():
    work = sys.argv[1]
    runs, c_runs, package, c_province = (lines(work, f"{name}.log") for name in ("peers", "c", "package", "c-province"))
    same_kernels(work, c_runs)
    same_province(c_province, [run for run in package if run["job"] == "province"])
    print(f"answers: equal\n\n{text(work, 'machine.log')}{versions()}")
    print("Best of the runs, two threads; geopandas has one. Importing and starting are not in the seconds.")
    for kernel in KERNELS:
        show_kernel(kernel, runs)
    show_added(runs, c_runs, package, c_province)
    show_through(package)


if __name__ == "__main__":
    main()
