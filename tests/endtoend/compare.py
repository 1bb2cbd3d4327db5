"""A written result beside the reference. Messages name indicators and count areas; they never name
a place, because the same comparisons run on real ones."""

import math

import flow

TIGHT = 1e-9


def number(value):
    return math.nan if value is None else value


def differing(found, expected, tolerance=TIGHT):
    """How many pairs differ by more than the tolerance (relative above 1), and the largest difference."""
    count, largest = 0, 0.0
    for a, b in zip(found, expected, strict=True):
        a, b = number(a), number(b)
        if math.isnan(a) and math.isnan(b):
            continue
        away = math.inf if math.isnan(a) or math.isnan(b) else abs(a - b) / max(1.0, abs(b))
        largest = max(largest, away)
        count += away > tolerance
    return count, largest


def expect_same(what, found, expected, tolerance=TIGHT):
    count, largest = differing(found, expected, tolerance)
    assert count == 0, f"{what}: {count} of {len(expected)} areas differ, by up to {largest:g}"


def column(found, name, key):
    parts = flow.contributions(found)
    return [parts[row["fid"], name][key] for row in found["areas"]]


def values(found, expected):
    """Values within 1e-9, the numbers of features exactly."""
    for name, (value, features, missing) in expected.outcomes.items():
        expect_same(f"{name}: value", column(found, name, "value"), value)
        expect_same(f"{name}: column of areas", [row[name] for row in found["areas"]], value)
        assert column(found, name, "features") == features, f"{name}: features"
        assert column(found, name, "missing") == missing, f"{name}: missing"


def scaled(found, expected):
    for name, value in expected.scaled.items():
        expect_same(f"{name}: scaled", column(found, name, "scaled"), value)


def scores(found, expected):
    expect_same("score", [row["score"] for row in found["areas"]], expected.score)
    expect_same("coverage", [row["coverage"] for row in found["areas"]], expected.coverage)
    for name in expected.outcomes:
        parts = [part.get(name) for part in expected.contribution]
        expect_same(f"{name}: contribution", column(found, name, "contribution"), parts)


def standing(found, expected):
    """Ranks, classes and pillars."""
    assert [row["rank"] or 0 for row in found["areas"]] == expected.rank
    classes = [0 if math.isnan(s) else 1 + sum(s >= edge - 1e-12 for edge in expected.breaks) for s in expected.score]
    assert [row["class"] or 0 for row in found["areas"]] == classes
    for pillar, (part, rank) in expected.pillars.items():
        expect_same(f"{pillar}: sub-score", [row[f"{pillar}_score"] for row in found["areas"]], part)
        assert [row[f"{pillar}_rank"] or 0 for row in found["areas"]] == rank, pillar


def adds_up(found):
    """Within 1e-12: linear to the score, geometric to its logarithm."""
    geometric = '"geometric"' in next(row["value"] for row in found["run"] if row["key"] == "model")
    total = {}
    for row in found["contributions"]:
        if row["contribution"] is not None:
            total[row["area"]] = total.get(row["area"], 0.0) + row["contribution"]
    scored = [row for row in found["areas"] if row["score"] is not None]
    assert {row["fid"] for row in scored} == set(total)
    for row in scored:
        whole = math.log(row["score"]) if geometric else row["score"]
        assert abs(total[row["fid"]] - whole) <= 1e-12
