#!/usr/bin/python3
"""Checks that all programs of kernels.sh came to the same answers; only then prints their times.

usage: kernels_table.py WORK
"""
import hashlib
import os
import re
import struct
import sys
import zlib

# What the peers must agree on (bench-peers/README.md), and what they needed when they were measured
# before (LIMITS.md, the better end): shown as recorded when a peer did not run now.
MATCHED, SQUARES, OVERLAY, NEAREST = 1000000, 53219922, 45063550.860306, 4673411.582492
RECORDED = {"GEOS in C, 2 threads": 1.5, "PostGIS, join": 8.4, "PostGIS, driven from the areas": 3.7,
            "geopandas": 66.0, "overlay PostGIS": 4.0, "overlay geopandas": 33.0, "nearest PostGIS": 4.0}


def read(work, name):
    path = os.path.join(work, name)
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def must_be(what, found, wanted, tolerance=0.0):
    if abs(found - wanted) > tolerance:
        sys.exit(f"{what}: {found} where {wanted} is right; no times are shown")


def pairs(line):
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


class Best:
    """The fastest run of each program, and the largest memory."""

    def __init__(self):
        self.runs = {}

    def add(self, name, seconds, cpu=None, megabytes=None, phases=""):
        old = self.runs.get(name)
        if old:
            megabytes = max(megabytes or 0, old[2] or 0) or None
        if not old or seconds < old[0]:
            self.runs[name] = (seconds, cpu, megabytes, phases)
        else:
            self.runs[name] = (*old[:2], megabytes, old[3])


def read_riskmap(work, best):
    for line in read(work, "riskmap.log").splitlines():
        run = pairs(line)
        job = run["job"]
        if job in ("count", "stream"):
            matched, squares = map(int, run["answer"].split("/"))
            must_be(f"riskmap {job}", matched, MATCHED)
            must_be(f"riskmap {job}, squares", squares, SQUARES)
        else:
            must_be(f"riskmap {job}", float(run["answer"]), OVERLAY if job == "overlay" else NEAREST, 1e-5)
        phases = " ".join(f"{key} {float(run[key]) * 1000:.0f}" for key in
                          ("read_areas", "read_evidence", "kernel") if key in run)
        best.add((job, run["threads"]), float(run["total"]), float(run["cpu"]), float(run["rss_mb"]), phases)


def read_geos(work, best):
    lines = read(work, "geos.log").splitlines()
    for line, memory in zip(lines[::2], lines[1::2]):
        found = re.search(r"threads=(\d+):.*total ([\d.]+) s +matched (\d+) sumsq (\d+)", line)
        threads, seconds, matched, squares = found.groups()
        must_be("GEOS", int(matched), MATCHED)
        must_be("GEOS, squares", int(squares), SQUARES)
        use = pairs(memory)
        best.add(f"GEOS in C, {threads} thread{'s'[:int(threads) > 1]}", float(seconds),
                 float(use["user"]) + float(use["sys"]), int(use["rss_kb"]) / 1024)


def read_postgis(work, best, counts):
    names = {"pip ST_Within": "PostGIS, join", "pip, areas drive": "PostGIS, driven from the areas",
             "nn 100k": "nearest PostGIS", "overlay": "overlay PostGIS"}
    digest = hashlib.md5(",".join(f"{aid}:{count}" for aid, count in counts).encode()).hexdigest()
    for line in read(work, "postgis.log").splitlines():
        found = re.match(r"(.*) run\d: +([\d.]+) s  peak PSS (\d+) kB  -> (.*)", line)
        if not found:
            continue
        what, seconds, memory, answer = found.groups()
        name = next(names[key] for key in names if what.startswith(key))
        fields = answer.split("|")
        if name.startswith("PostGIS"):
            must_be(name, int(float(fields[1])), MATCHED)
            if fields[2] != digest:
                sys.exit(f"{name}: the counts of some areas differ; no times are shown")
        else:
            must_be(name, float(fields[1]), OVERLAY if name.startswith("overlay") else NEAREST, 1e-5)
        best.add(name, float(seconds), megabytes=int(memory) / 1024)
    load = re.search(r"^load .*", read(work, "postgis.log"), re.M)
    return load.group(0) if load else ""


def read_geopandas(work, best, counts):
    text = read(work, "geopandas.log")
    found = re.search(r"matched (\d+) crc ([0-9a-f]+)", text)
    if found:
        packed = struct.pack(f"<{len(counts)}q", *(count for _, count in counts))
        must_be("geopandas", int(found.group(1)), MATCHED)
        if int(found.group(2), 16) != zlib.crc32(packed):
            sys.exit("geopandas: the counts of some areas differ; no times are shown")
    found = re.search(r"pieces \d+ total ([\d.]+)", text)
    if found:
        must_be("geopandas, overlay", float(found.group(1)), OVERLAY, 1e-5)
    for line in re.findall(r"^job=.*", text, re.M):
        run = pairs(line)
        best.add("geopandas" if run["job"] == "pip" else f"{run['job']} geopandas", float(run["total"]),
                 float(run["user"]) + float(run["sys"]), int(run["rss_kb"]) / 1024)


def figure(value, form):
    return form.format(value) if value is not None else ""


def show(title, best, own, peers, label):
    print(f"\n{title}\n\n| | seconds | cpu s | peak MB | times riskmap | aim | phases, ms |\n|---|---|---|---|---|---|---|")
    for job, threads in own:
        seconds, cpu, memory, phases = best.runs[job, threads]
        name = {"stream": "riskmap, streaming (rm_run)"}.get(job, f"riskmap, {label}")
        print(f"| {name}, {threads} thread{'s'[:threads != '1']} | {seconds:.3f} | {cpu:.3f} | {memory:.0f} | | | {phases} |")
    base = min(best.runs[key][0] for key in own)
    for name, aim in peers:
        seconds, cpu, memory, _ = best.runs.get(name, (RECORDED.get(name), None, None, ""))
        if seconds is None:
            continue
        recorded = "" if name in best.runs else " *recorded*"
        shown = name.replace("overlay ", "").replace("nearest ", "")
        print(f"| {shown}{recorded} | {seconds:.2f} | {figure(cpu, '{:.2f}')} | {figure(memory, '{:.0f}')} | {seconds / base:.1f} | {aim} | |")


def main():
    work = sys.argv[1]
    best = Best()
    counts = sorted(tuple(map(int, cell.split(":"))) for cell in read(work, "counts.txt").split(",") if cell)
    must_be("riskmap, list", sum(count for _, count in counts), MATCHED)
    read_riskmap(work, best)
    read_geos(work, best)
    load = read_postgis(work, best, counts)
    read_geopandas(work, best, counts)
    print("answers: equal\n")
    print(read(work, "machine.log"), end="")
    print("Best of the runs; reading is in riskmap's, GEOS's and geopandas' seconds, PostGIS reads its own tables"
          + (f" ({load})" if load else "") + ".\n*recorded*: not run now, from LIMITS.md.")
    show("Points in polygons, 1,000,000 in 20,000", best,
         [("count", "1"), ("count", "2"), ("stream", "1"), ("stream", "2")],
         [("GEOS in C, 1 thread", ""), ("GEOS in C, 2 threads", "10"), ("PostGIS, join", ""),
          ("PostGIS, driven from the areas", "25"), ("geopandas", "400")], "in memory")
    show("Area overlay, 200,000 on 20,000", best, [("overlay", "1"), ("overlay", "2")],
         [("overlay PostGIS", "20"), ("overlay geopandas", "")], "overlay")
    show("Nearest of 200,000 for 100,000", best, [("nearest", "1"), ("nearest", "2")],
         [("nearest PostGIS", "30")], "nearest")


if __name__ == "__main__":
    main()
