#!/usr/bin/python3
"""Makes reports for addresses.sh, and places them with a pandas merge to compare every answer.

usage: addresses.py make ADDRESSES REPORTS [COUNT]
       addresses.py merge ADDRESSES REPORTS PLACES ANSWERS
       addresses.py table WORK

`make` writes reports (a million) at addresses drawn from a real list, seed 20261122, with known
shares of what goes wrong. `merge` places them by the same rules in pandas, compares verdict and
point of every report with riskmap's and prints its own times only when all are equal. PLACES has
the points of the addresses in metres, by riskmap, so that both measure with the same.
"""
import os
import resource
import sys
import time

import numpy as np
import pandas as pd

# per thousand
FAULTS = [("as it is", 600), ("other case, a blank in the postcode", 100), ("all in the number's cell", 100),
          ("suffix left out", 50), ("unknown suffix", 20), ("number mistyped", 50), ("postcode mistyped", 30),
          ("no postcode", 30), ("no number", 20)]
SAME, NEAR = 1.0, 50.0


def read_addresses(path):
    columns = ["huisnummer", "huisletter", "huisnummertoevoeging", "postcode"]
    return pd.read_csv(path, dtype=str, keep_default_na=False, usecols=columns)


def make(addresses, reports, count):
    random = np.random.default_rng(20261122)
    a = read_addresses(addresses)
    r = a.iloc[random.integers(0, len(a), count)].reset_index(drop=True)
    kind = random.choice(len(FAULTS), count, p=np.array([share for _, share in FAULTS]) / 1000)
    digit = pd.Series(random.integers(1, 10, count).astype(str))
    pc, number, letter, more = r.postcode, r.huisnummer, r.huisletter, r.huisnummertoevoeging
    pc = pc.mask(kind == 1, pc.str[:4] + " " + pc.str[4:].str.lower())
    letter = letter.mask(kind == 1, letter.str.swapcase())
    number = number.mask(kind == 2, number + letter + np.where(more != "", "-" + more, ""))
    number = number.mask(kind == 5, number.str[:-1] + digit)
    pc = pc.mask(kind == 6, pc.str[:3] + digit + pc.str[4:]).mask(kind == 7, "")
    number = number.mask(kind == 8, "onbekend")
    empty = (kind == 2) | (kind == 3) | (kind == 4)
    more = more.mask(empty, "").mask(kind == 4, "QQ")
    letter = letter.mask(empty, "")
    pd.DataFrame({"melding": np.arange(1, count + 1), "datum": "2025-03-01", "postcode": pc, "huisnummer": number,
                  "huisletter": letter, "toevoeging": more}).to_csv(reports, sep=";", index=False)
    for at, (name, _) in enumerate(FAULTS):
        print(f"{name}: {np.mean(kind == at):.1%}")


def plain(column):
    return column.str.upper().str.replace("[^A-Z0-9]", "", regex=True)


def spread(a, keys):
    """Per group: how many, the extent, and whether all lie within a distance of each other."""
    g = a.groupby(keys, sort=False).agg(n=("x", "size"), x0=("x", "min"), x1=("x", "max"), y0=("y", "min"),
                                        y1=("y", "max")).reset_index()
    g["diagonal"] = np.hypot(g.x1 - g.x0, g.y1 - g.y0)
    g["side"] = np.maximum(g.x1 - g.x0, g.y1 - g.y0)
    return g[keys + ["n", "diagonal", "side"]]


def within(g, a, keys, limit):
    """The extent decides most; the pairs of the others are looked at."""
    sure = (g.diagonal <= limit) | (g.n == 2)
    good = g.diagonal <= limit
    unsure = g[~sure & (g.side <= limit)]
    if len(unsure):
        rows = a.merge(unsure[keys].assign(group=unsure.index), on=keys)
        for group, part in rows.groupby("group"):
            x, y = part.x.to_numpy(), part.y.to_numpy()
            good[group] = np.hypot(x[:, None] - x, y[:, None] - y).max() <= limit
    return good


def index(a):
    """Both tables to merge with: by the whole key, and by postcode and number."""
    exact, number = ["postcode", "number", "suffix"], ["postcode", "number"]
    a = a.sort_values(["length", "suffix", "x", "y"])
    tables = []
    for keys, limit in ((exact, SAME), (number, NEAR)):
        g = spread(a, keys)
        g["good"] = within(g, a, keys, limit)
        tables.append(g.merge(a.drop_duplicates(keys)[keys + ["x", "y"]], on=keys)[keys + ["good", "x", "y"]])
    return tables


def place(r, exact, number):
    """Verdict and point of every report."""
    e = r.merge(exact, how="left", on=["postcode", "number", "suffix"])
    p = r.assign(suffix="").merge(exact, how="left", on=["postcode", "number", "suffix"])
    n = r.merge(number, how="left", on=["postcode", "number"])
    found, group = e.good.notna(), n.good.notna()
    first = ~found & r.range & p.good.notna()  # "12-14" where there is no 12-14: number 12
    good = np.where(found, e.good == True, np.where(first, p.good == True, n.good == True))  # noqa: E712
    verdict = np.where(found, "exact", "number")
    verdict = np.where(good, verdict, "ambiguous")
    verdict = np.where(group, verdict, "unknown")
    verdict = np.where(r.postcode.eq("") | r.number.isna(), "none", verdict)
    placed = np.isin(verdict, ["exact", "number"])
    x = np.where(found, e.x, np.where(first, p.x, n.x))
    y = np.where(found, e.y, np.where(first, p.y, n.y))
    return verdict, np.where(placed, x, np.nan), np.where(placed, y, np.nan)


def read_reports(path):
    r = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    cell = r.huisnummer.str.extract(r"^(\d+)(.*)$")
    second = pd.to_numeric(cell[1].str.extract(r"-(\d+)$")[0])
    out = pd.DataFrame({"postcode": r.postcode.str.replace(" ", "").str.upper(), "number": pd.to_numeric(cell[0])})
    out["suffix"] = plain(cell[1].fillna("") + r.huisletter + r.toevoeging)
    out["range"] = second > out.number
    return out


def merge(addresses, reports, places, answers):
    points = pd.read_csv(places)
    start = time.monotonic()
    a = read_addresses(addresses)
    a["number"] = pd.to_numeric(a.huisnummer).astype(float)
    a["suffix"] = plain(a.huisletter + a.huisnummertoevoeging)
    a["length"] = a.suffix.str.len()
    a["x"], a["y"] = points.x.to_numpy(), points.y.to_numpy()
    r = read_reports(reports)
    read = time.monotonic() - start
    verdict, x, y = place(r, *index(a))
    total = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = pd.read_csv(answers, keep_default_na=False, na_values=[""]).sort_values("row")
    if len(found) != len(r):
        sys.exit(f"{len(found)} answers for {len(r)} reports; no times are shown")
    wrong = np.flatnonzero((found.verdict.to_numpy() != verdict)
                           | ~np.isclose(found.x, x, atol=1e-6, rtol=0, equal_nan=True)
                           | ~np.isclose(found.y, y, atol=1e-6, rtol=0, equal_nan=True))
    if len(wrong):
        for at in wrong[:10]:
            print(found.iloc[at].to_dict(), verdict[at], x[at], y[at], r.iloc[at].to_dict(), file=sys.stderr)
        sys.exit(f"{len(wrong)} of {len(r)} reports differ; no times are shown")
    shares = " ".join(f"{name}={np.sum(verdict == name)}" for name in ("exact", "number", "ambiguous", "unknown", "none"))
    print(f"reports={len(r)} {shares} read={read:.2f} place={total - read:.2f} total={total:.2f} rss_mb={peak:.0f}")


def pairs(line):
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def table(work):
    def read(name):
        return open(os.path.join(work, name), encoding="utf-8").read()
    peer = pairs(read("pandas.log"))
    best = {}
    for line in read("riskmap.log").splitlines():
        run = pairs(line)
        none = int(peer["unknown"]) + int(peer["none"])
        for name, right in [("exact", int(peer["exact"])), ("number", int(peer["number"])),
                            ("ambiguous", int(peer["ambiguous"])), ("unknown", none)]:
            if int(run[name]) != right:
                sys.exit(f"{name}: {run[name]} where {right} is right; no times are shown")
        old = best.get(run["threads"])
        if not old or float(run["total"]) < float(old["total"]):
            best[run["threads"]] = run
    print("answers: equal, verdict and point of every report\n")
    print(read("machine.log"), end="")
    print(f"\n{peer['reports']} reports: {peer['exact']} exact, {peer['number']} on the number alone, "
          f"{peer['ambiguous']} ambiguous, {peer['unknown']} unknown, {peer['none']} without an address\n")
    print("| | seconds | layer read and indexed | reports read and placed | cpu s | peak MB | aim |\n|---|---|---|---|---|---|---|")
    for threads, run in sorted(best.items()):
        aim = "3 s, 1000 MB" if threads == "2" else ""
        print(f"| riskmap, {threads} thread{'s'[:threads != '1']} | {float(run['total']):.2f} | {float(run['index']):.2f} | "
              f"{float(run['place']):.2f} | {float(run['cpu']):.2f} | {float(run['rss_mb']):.0f} | {aim} |")
    fastest = min(float(run["total"]) for run in best.values())
    print(f"| pandas | {float(peer['total']):.2f}: {float(peer['total']) / fastest:.0f} times | | | | {peer['rss_mb']} | |")


def main():
    words = sys.argv[1:]
    if len(words) >= 3 and words[0] == "make":
        make(words[1], words[2], int(words[3]) if len(words) > 3 else 1000000)
    elif len(words) == 5 and words[0] == "merge":
        merge(*words[1:])
    elif len(words) == 2 and words[0] == "table":
        table(words[1])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
