#!/usr/bin/python3
"""Checks that the runs of province.sh agree with one another; only then prints their times.

usage: province_table.py WORK
"""
import os
import sys


def lines(work, name):
    path = os.path.join(work, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as log:
        return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in log]


def text(work, name):
    path = os.path.join(work, name)
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def same(what, runs, keys):
    seen = {tuple(run[key] for key in keys) for run in runs}
    if len(seen) > 1:
        sys.exit(f"{what}: the runs differ ({seen}); no times are shown")


def fastest(runs):
    return min(runs, key=lambda run: float(run["total"]))


def gdal_best(runs):
    """For every layer the way and the run that was fastest: the sum is as good as GDAL gets."""
    best = {}
    for run in runs:
        if run["layer"] == "all":
            continue
        kept = best.get(run["layer"])
        if not kept or float(run["total"]) < float(kept["total"]):
            best[run["layer"]] = run
    return best


def row(name, seconds, cpu, memory, ratio="", aim=""):
    print(f"| {name} | {seconds:.2f} | {cpu:.2f} | {memory} | {ratio} | {aim} |")


def main():
    work = sys.argv[1]
    runs, doubled, writing, gdal = (lines(work, f"{name}.log") for name in
                                    ("riskmap", "double", "write", "gdal"))
    same("riskmap", runs + writing, ("areas", "ranked", "issues", "scores"))
    same("riskmap, evidence twice", doubled, ("areas", "ranked", "scores"))
    for layer in {run["layer"] for run in gdal} - {"all"}:
        same(f"GDAL, {layer}", [run for run in gdal if run["layer"] == layer],
             ("features", "cells", "bytes", "sum"))
    print(f"values: equal\n\n{text(work, 'machine.log')}{text(work, 'geopandas.note')}")

    best = {threads: fastest([run for run in runs if run["threads"] == threads]) for threads in "12"}
    ours = float(best["2"]["total"])
    peak = max(float(run["rss_mb"]) for run in runs)
    print("| reading to scores | seconds | cpu s | peak MB | times riskmap on 2 threads | aim |\n|---|---|---|---|---|---|")
    for threads in "12":
        run = best[threads]
        memory = max(float(r["rss_mb"]) for r in runs if r["threads"] == threads)
        row(f"riskmap, {threads} thread{'s'[:threads != '1']}", float(run["total"]), float(run["cpu"]), f"{memory:.0f}")
    layers = gdal_best(gdal)
    seconds = sum(float(run["total"]) for run in layers.values())
    cpu = sum(float(run["cpu"]) for run in layers.values())
    memory = max(float(run["rss_mb"]) for run in gdal if run["layer"] == "all")
    row("GDAL reading the same columns, its fastest way for each layer", seconds, cpu, f"{memory:.0f}",
        f"{seconds / ours:.2f}", "0.5 or more")
    for way in ("arrow", "next"):
        run = fastest([r for r in gdal if r["layer"] == "all" and r["way"] == way])
        row({"arrow": "GDAL, Arrow streams", "next": "GDAL, feature by feature"}[way], float(run["total"]),
            float(run["cpu"]), f"{float(run['rss_mb']):.0f}", f"{float(run['total']) / ours:.2f}")
    path = os.path.join(work, "geopandas.npz")
    if os.path.exists(path):
        import numpy as np
        seconds, cpu, memory = np.load(path)["measured"]
        cached = " (cached)" if text(work, "geopandas.note") else ""
        row(f"geopandas{cached}, values alone", seconds, cpu, f"{memory:.0f} ({memory / peak:.1f} times)",
            f"{seconds / ours:.1f}", "20 or more, 4 times the memory or more")
    print("\n| layer | GDAL's fastest way | seconds |\n|---|---|---|")
    for layer, run in layers.items():
        print(f"| {layer} | {run['way']} | {float(run['total']):.3f} |")
    run = writing[0]
    print(f"\nwriting the GeoPackage: {float(run['write']):.2f} s (cpu {float(run['write_cpu']):.2f} s)\n")
    print("| peak MB | 1 thread | 2 threads |\n|---|---|---|")
    for name, group in (("the evidence once", runs), ("every evidence layer twice", doubled)):
        peaks = [max(float(r["rss_mb"]) for r in group if r["threads"] == t) for t in "12"]
        print(f"| {name} | {peaks[0]:.0f} | {peaks[1]:.0f} |")


if __name__ == "__main__":
    main()
