#!/usr/bin/python3
"""Makes the points of tests/bench/statistics.sh, and its table: all answers first, then times.

usage: statistics_table.py points POINTS.csv | table WORK
"""
import csv
import os
import re
import sys

import numpy
from scipy.spatial import cKDTree
from scipy.stats import hypergeom

# bench-peers/README.md and LIMITS.md; the better end where a peer was measured more than once.
LINKS, MORAN, GSTAR = 118894, 7419.387, -25.73009
RECORDED = {"libgeoda, all draws": 0.83, "libgeoda, lookup": 0.14, "esda": 0.59, "SaTScan": 113.0, "spdep": 8.0}
DRAWS, TABLE, DAYS = 999, 99999, 90


def stop(text):
    sys.exit(f"{text}; no times are shown")


def make_points(path, count=100_000, seed=1):
    """Clustered and even points, half and half, in a square of 50 km over a year."""
    draw = numpy.random.default_rng(seed)
    centres = draw.uniform([102_000, 402_000], [148_000, 448_000], (500, 2))
    near = centres[draw.integers(0, 500, count // 2)] + draw.normal(0, 400, (count // 2, 2)).clip(-1999, 1999)
    even = draw.uniform([100_000, 400_000], [150_000, 450_000], (count - count // 2, 2))
    day = draw.integers(0, 365, count)
    with open(path, "w", encoding="ascii") as out:
        out.write("x,y,day\n")
        out.writelines(f"{x:.1f},{y:.1f},{d}\n" for (x, y), d in zip(numpy.vstack([near, even]), day))


# ---- logs ----

def pairs(line):
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def read_log(work, name):
    path = os.path.join(work, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [pairs(line) for line in file if line.startswith("job=")]


class Runs:
    """Of each job and number of threads the fastest run; every run must have the same answer."""

    def __init__(self, lines):
        self.best, self.answers = {}, {}
        for run in lines:
            job = run["job"]
            if self.answers.setdefault(job, run.get("answer")) != run.get("answer"):
                stop(f"{job}: {run['answer']} with {run['threads']} threads where {self.answers[job]} was found before")
            key = job, run["threads"]
            if key not in self.best or float(run["kernel"]) < float(self.best[key]["kernel"]):
                self.best[key] = run

    def seconds(self, job, threads):
        run = self.best.get((job, str(threads)))
        return float(run["kernel"]) if run else None

    def fastest(self, job):
        found = [self.seconds(job, threads) for threads in (1, 2)]
        return min((s for s in found if s is not None), default=None)

    def numbers(self, job):
        return [float(part) for part in self.answers[job].split("/")]


# ---- answers ----

def must_be(what, found, wanted, tolerance=0.0):
    if not abs(found - wanted) <= tolerance:
        stop(f"{what}: {found} where {wanted} is right")


def links_of(path):
    pairs_found = numpy.loadtxt(path, dtype=numpy.int64)
    return numpy.sort(pairs_found[:, 0] << 32 | pairs_found[:, 1])


def check_neighbours(work, job, name):
    if not os.path.exists(os.path.join(work, f"links-{job}-geos.txt")):
        print(f"neighbours of {name}: GEOS did not run, nothing to compare with")
        return
    ours = links_of(os.path.join(work, f"links-{job}.txt"))
    theirs = links_of(os.path.join(work, f"links-{job}-geos.txt"))
    if not numpy.array_equal(ours, theirs):
        stop(f"neighbours of {name}: {len(ours)} links, GEOS finds {len(theirs)}, "
             f"{len(numpy.setxor1d(ours, theirs))} are found by one only")
    print(f"neighbours of {name}: the {len(ours)} links are those that GEOS finds")


def columns_of(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return dict(zip(rows[0], numpy.array(rows[1:], float).T))


def check_spdep(ours, work):
    path = os.path.join(work, "spdep.csv")
    if not os.path.exists(path):
        print("spdep: did not run, only the sums are compared")
        return
    theirs = columns_of(path)
    for name, what in (("Ii", "local Moran's I"), ("Zi", "its z"), ("G", "z of Gi*")):
        apart = numpy.abs(ours[name] - theirs[name]).max()
        if not apart <= 1e-9:
            stop(f"{what}: differs by {apart} from spdep's")
        print(f"{what}: largest difference from spdep's {apart:.1e}")


def reached(p, draws):
    """How many of the draws were at least as large."""
    return numpy.rint(p * (draws + 1) - 1).astype(int)


def check_draws(ours, statistic):
    """The counts of two independent runs: could one of 999 be drawn from all of both?"""
    few = reached(ours[f"{statistic}_own"], DRAWS)
    many = reached(ours[f"{statistic}_many"], TABLE)
    both = few + many
    tail = numpy.minimum(hypergeom.cdf(few, DRAWS + TABLE, both, DRAWS),
                         hypergeom.sf(few - 1, DRAWS + TABLE, both, DRAWS))
    if tail.min() < 1e-9:
        stop(f"{statistic}: {DRAWS} draws and {TABLE} differ by more than chance (p {tail.min():.1e})")
    share = both / (DRAWS + TABLE)
    spread = numpy.sqrt(share * (1 - share) * (1 / DRAWS + 1 / TABLE))
    kept = spread > 0
    away = ((few / DRAWS - many / TABLE)[kept] / spread[kept])
    bias = away.mean() * numpy.sqrt(kept.sum())
    if abs(bias) > 5 or not 0.95 < away.std() < 1.05:
        stop(f"{statistic}: {DRAWS} draws are off by {bias:.1f} standard errors as a whole, spread {away.std():.3f}")
    shared = numpy.abs(reached(ours[f"{statistic}_shared"], TABLE) - many) / TABLE
    error = numpy.sqrt(2 * numpy.maximum(share * (1 - share), 1 / TABLE) / TABLE)
    if (shared / error).max() > 7:
        stop(f"{statistic}: the shared table is off by {(shared / error).max():.1f} standard errors")
    print(f"{statistic}: p of {DRAWS} draws and of {TABLE} agree (least chance of an area {tail.min():.0e} of "
          f"{2 * len(few)}; as a whole {bias:+.1f} standard errors, spread {away.std():.3f}); of the shared table "
          f"within {(shared / error).max():.1f} standard errors")


def likelihood(cases, expected, total):
    with numpy.errstate(divide="ignore", invalid="ignore"):
        ratio = cases * numpy.log(cases / expected) + \
            numpy.where(cases < total, (total - cases) * numpy.log((total - cases) / (total - expected)), 0.0)
    return numpy.where((cases > expected) & (cases >= 2), ratio, 0.0)


def plain_scan(folder):
    """The highest likelihood ratio of all cylinders, each looked at."""
    place = numpy.array([line.split()[1:] for line in open(os.path.join(folder, "scan.geo"), encoding="ascii")], float)
    people = numpy.array([line.split()[2] for line in open(os.path.join(folder, "scan.pop"), encoding="ascii")], float)
    cases = numpy.zeros((len(place), DAYS + 1))
    with open(os.path.join(folder, "scan.csv"), encoding="ascii") as file:
        for row in csv.DictReader(file):
            cases[int(row["aid"]), int(row["day"]) + 1] += int(row["cases"])
    total, highest, longest = cases.sum(), 0.0, DAYS // 2
    for centre in place:
        away = ((place - centre) ** 2).sum(axis=1)
        order = numpy.lexsort((place[:, 1], place[:, 0], away))
        held = numpy.cumsum(people[order])
        order = order[held <= people.sum() / 2]
        sums = numpy.cumsum(numpy.cumsum(cases[order], axis=0), axis=1)
        share = held[:len(order)] / people.sum() * total / DAYS
        for length in range(1, longest + 1):
            most = (sums[:, length:] - sums[:, :-length]).max(axis=1)
            highest = max(highest, likelihood(most, share * length, total).max())
    return highest


def check_points(runs, path):
    table = numpy.loadtxt(path, delimiter=",", skiprows=1)
    place, day = table[:, :2], table[:, 2]
    tree = cKDTree(place)
    close = tree.query_pairs(400, output_type="ndarray")
    away = numpy.hypot(*(place[close[:, 0]] - place[close[:, 1]]).T)
    apart = numpy.abs(day[close[:, 0]] - day[close[:, 1]])
    counts = numpy.histogram2d(away, apart, [[0, 50, 100, 200, numpy.nextafter(400, 0)], [0, 7, 14, 28, 1e9]])[0]
    if not numpy.array_equal(counts.ravel(), runs.numbers("knox")[:16]):
        stop("Knox: the table of pairs is not scipy's")
    print(f"Knox: the {len(close)} pairs are in the cells that scipy puts them in")
    must_be("nearest neighbours", runs.numbers("nearest")[0], tree.query(place, 2)[0][:, 1].sum(), 0.5)
    n = len(place)
    wanted = 2.5e9 / n / (n - 1) * (tree.count_neighbors(tree, 500) - n)
    must_be("Ripley's K without correction", runs.numbers("ripley")[0], wanted, 1e-9 * wanted)
    print("nearest neighbours and K without correction: as scipy has them")


def check(work, runs, spdep):
    must_be("links", runs.numbers("neighbours")[0], LINKS)
    for run in spdep:
        must_be("links of spdep", float(run.get("links", LINKS)), LINKS)
    for way in ("analytic", "own", "shared"):
        must_be("sum of Ii", runs.numbers(f"moran-{way}")[0], MORAN, 5e-4)
        must_be("sum of Gi*", runs.numbers(f"gstar-{way}")[0], GSTAR, 5e-6)
    check_neighbours(work, "neighbours", "20,000 areas")
    check_neighbours(work, "plots", "300,000 plots")
    ours = columns_of(os.path.join(work, "answers.csv"))
    check_spdep(ours, work)
    check_draws(ours, "moran")
    check_draws(ours, "gstar")
    found, _, plain = runs.numbers("million-moran")
    must_be("sum of Ii of a million", found, plain, 1e-6 * abs(plain))
    highest = plain_scan(os.path.join(work, "scan"))
    must_be("scan, likelihood ratio", runs.numbers("scan")[0], highest, 1e-9 * highest)
    print(f"scan: {highest:.6f} is the highest likelihood ratio of all cylinders")
    check_points(runs, os.path.join(work, "points.csv"))


# ---- the table ----

def row(name, seconds="", cpu="", memory="", times="", aim=""):
    print(f"| {name} | {seconds} | {cpu} | {memory} | {times} | {aim} |")


def own(runs, job, name, aim=""):
    """Riskmap's rows, and how much faster two threads are."""
    one, two = runs.seconds(job, 1), runs.seconds(job, 2)
    for threads in (1, 2):
        run = runs.best.get((job, str(threads)))
        if not run:
            continue
        seconds = float(run["kernel"])
        gained = f"{one / two:.2f} times one thread" if threads == 2 and one else ""
        row(f"{name}, {threads} thread{'s' * (threads > 1)}", f"{seconds:.4f}", f"{float(run['cpu']):.4f}",
            f"{float(run['rss_mb']):.0f}", gained, aim if threads == 2 else "")


def peer(name, theirs, job, base, aim="", threads=None, memory=""):
    """The fastest run of a peer, of one number of threads or of any."""
    found = [run for (what, of), run in theirs.best.items() if what == job and threads in (None, int(of))]
    if not found or not base:
        return
    run = min(found, key=lambda run: float(run["kernel"]))
    if "rss_mb" in run or "rss_kb" in run:
        memory = f"{float(run.get('rss_mb', float(run.get('rss_kb', 0)) / 1024)):.0f}"
    row(name, f"{float(run['kernel']):.3f}", f"{float(run['cpu']):.3f}", memory,
        f"{float(run['kernel']) / base:.1f}", aim)


def recorded(name, base, aim=""):
    row(f"{name}, *recorded*, not in this run", f"{RECORDED[name]:.2f}", "", "", f"{RECORDED[name] / base:.1f}", aim)


def peak(work):
    """Of spdep, which does all in one process."""
    found = []
    for cores in (1, 2):
        path = os.path.join(work, f"spdep-{cores}.log")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found += map(int, re.findall(r"rss_kb=(\d+)", file.read()))
    return f"{max(found) / 1024:.0f} (all of it)" if found else ""


def show_areas(work, runs, spdep, geos):
    memory = peak(work)
    own(runs, "neighbours", "neighbours, 20,000 areas")
    peer("spdep, poly2nb", spdep, "neighbours", runs.fastest("neighbours"), memory=memory)
    peer("GEOS in C, 1 thread", geos, "neighbours", runs.fastest("neighbours"))
    own(runs, "plots", "neighbours, 300,000 plots", "3 s")
    peer("GEOS in C, 1 thread", geos, "plots", runs.fastest("plots"))
    for statistic, name in (("moran", "local Moran"), ("gstar", "Gi*")):
        own(runs, f"{statistic}-analytic", f"{name}, analytic")
        peer("spdep", spdep, f"{statistic}-analytic", runs.fastest(f"{statistic}-analytic"), memory=memory)
        own(runs, f"{statistic}-own", f"{name}, {DRAWS} permutations")
        base = runs.fastest(f"{statistic}-own")
        if spdep.best:
            peer("spdep, 1 core", spdep, f"{statistic}-own", base, threads=1, memory=memory)
            peer("spdep, 2 cores", spdep, f"{statistic}-own", base, "60", threads=2, memory=memory)
        else:
            recorded("spdep", base, "60")
        recorded("libgeoda, all draws", base, "6")
        recorded("esda", base)
        own(runs, f"{statistic}-shared", f"{name}, shared table of {TABLE:,}")
        recorded("libgeoda, lookup", runs.fastest(f"{statistic}-shared"))
        own(runs, f"million-{statistic}", f"{name}, shared table, a million squares", "seconds")


def show_points(runs, satscan):
    own(runs, "scan", f"space-time scan, 400 areas, {DAYS} days, {DRAWS} replicates")
    if satscan.best:
        peer("SaTScan", satscan, "satscan", runs.fastest("scan"), "10")
    else:
        recorded("SaTScan", runs.fastest("scan"), "10")
    own(runs, "knox", f"Knox, 100,000 points, {DRAWS} permutations")
    own(runs, "nearest", "nearest neighbours, 100,000 points")
    own(runs, "ripley", "Ripley's K to 500 m, 100,000 points")


def table(work):
    runs = Runs(read_log(work, "riskmap.log"))
    spdep_lines = read_log(work, "spdep-1.log") + read_log(work, "spdep-2.log")
    check(work, runs, spdep_lines)
    spdep = Runs([run for run in spdep_lines if "kernel" in run])
    with open(os.path.join(work, "machine.log"), encoding="utf-8") as file:
        print(f"\n{file.read()}")
    print("Seconds of the statistic alone; reading and, but for neighbours themselves, neighbours come before it.\n"
          "The last but one column: how many times riskmap's best a peer takes, or what two threads gain (aim: 1.7).\n")
    print("| statistic | seconds | CPU s | peak MB | times | aim |\n|---|---|---|---|---|---|")
    show_areas(work, runs, spdep, Runs(read_log(work, "geos.log")))
    show_points(runs, Runs(read_log(work, "satscan.log")))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "points":
        make_points(sys.argv[2])
    elif len(sys.argv) == 3 and sys.argv[1] == "table":
        table(sys.argv[2])
    else:
        sys.exit(__doc__)
