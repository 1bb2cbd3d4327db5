#!/usr/bin/python3
"""The twelve indicators of buitengebied.json in geopandas, as well as geopandas allows.

usage: province_geopandas.py DATADIR VALUES.npz

Debian 12 has geopandas 0.12 with shapely 1.8, rtree and fiona, without pygeos: columns and rows are left to
fiona (include_fields, where), joins to sjoin and the spatial index, distances to the nearest line or polygon to
an STRtree of short pieces (sjoin_nearest needs pygeos). Only the values are made: no score, no reasons, no
issues, so geopandas has less to do than riskmap. Prints the seconds of each step, the whole and the peak RSS, and
writes the values by area id, and the measurement, to VALUES.npz.
"""
import datetime
import resource
import sys
import time
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString
from shapely.strtree import STRtree

warnings.filterwarnings("ignore")

AS_OF = datetime.date(2026, 10, 31)
PAIRS = 500_000    # candidate pairs looked at in one go


class Laps:
    """Seconds a step."""

    def __init__(self):
        self.began = self.last = time.monotonic()

    def lap(self, what):
        now = time.monotonic()
        print(f"  {what:34s} {now - self.last:8.2f} s", flush=True)
        self.last = now


def read_areas(folder):
    return gpd.read_file(
        f"{folder}/brk.gpkg", layer="perceel", include_fields=["identificatie_lokaal_id"],
        where="sectie IN ('K', 'L', 'M', 'N', 'P', 'R', 'S', 'T') AND status_historie_waarde = 'Geldig'")


def read_degrees(path):
    """GeoJSON says WGS 84; Dutch data are in ETRS89."""
    return gpd.read_file(path)[["geometry"]].set_crs(4258, allow_override=True).to_crs(28992)


def days_before(dates):
    """Days before AS_OF, NaN without a date; pandas alone knows no dates before 1677."""
    parsed = pd.to_datetime(dates, format="%d-%m-%Y", errors="coerce")
    days = (pd.Timestamp(AS_OF) - parsed).dt.days.astype(float)
    for row in np.flatnonzero(days.isna()):
        try:
            day = datetime.datetime.strptime(dates.iloc[row], "%d-%m-%Y").date()
        except (TypeError, ValueError):
            continue
        days.iloc[row] = (AS_OF - day).days
    return days


def read_reports(folder):
    table = pd.read_csv(f"{folder}/meldingen.csv", sep=";", decimal=",",
                        usecols=["datum", "categorie", "x", "y"],
                        dtype={"datum": str, "categorie": "category"})
    table["days"] = days_before(table["datum"])
    table = table[(table["days"] >= 0) & table["x"].notna() & table["y"].notna()]
    return gpd.GeoDataFrame(table[["categorie", "days"]], crs=28992,
                            geometry=gpd.points_from_xy(table["x"], table["y"]))


def count_by_area(joined, areas, weights=None):
    return np.bincount(joined["index_right"], weights=weights, minlength=len(areas))


def points_in(points, areas):
    return gpd.sjoin(points, areas[["geometry"]], how="inner", predicate="intersects")


def pieces(lines):
    """Lines as their segments: the tree prunes, GEOS's distance to a long line does not."""
    return [LineString(pair) for line in lines.explode(index_parts=False).geometry
            for pair in zip(line.coords[:-1], line.coords[1:])]


def nearest(areas, tree):
    return np.array([area.distance(tree.nearest(area)) for area in areas.geometry])


def cover(areas, index, evidence):
    """Share of every area inside the union of the evidence."""
    inside = np.zeros(len(areas))
    geometry = areas.geometry.to_numpy()
    for part in gpd.GeoSeries([evidence.unary_union]).explode(index_parts=False):
        whole = index.query(part, predicate="contains")
        inside[whole] += [area.area for area in geometry[whole]]
        for row in np.setdiff1d(index.query(part, predicate="intersects"), whole):
            inside[row] += geometry[row].intersection(part).area
    return np.minimum(inside / areas.geometry.area.to_numpy(), 1.0)


def within(points, areas, index, metres):
    """How many points lie within so many metres of each area: boxes by the index, then GEOS."""
    counts = np.zeros(len(areas), dtype=np.int64)
    boxes = points.geometry.buffer(metres, cap_style=3)    # a square round each point
    point, area = index.query_bulk(boxes)
    points, areas = points.geometry.reset_index(drop=True), areas.geometry.reset_index(drop=True)
    for begin in range(0, len(point), PAIRS):
        p, a = point[begin:begin + PAIRS], area[begin:begin + PAIRS]
        near = areas.iloc[a].reset_index(drop=True).distance(points.iloc[p].reset_index(drop=True))
        counts += np.bincount(a[near.to_numpy() <= metres], minlength=len(counts))
    return counts


def bayes(events, exposure, least):
    """Rates shrunk towards the mean of all areas (Marshall 1991); missing below `least`."""
    some = exposure > 0
    total = exposure[some].sum()
    mean = events[some].sum() / total
    crude = np.divide(events, exposure, out=np.full(len(events), np.nan), where=some)
    variance = (exposure[some] * (crude[some] - mean) ** 2).sum() / total - mean / (total / some.sum())
    variance = max(variance, 0.0)
    rate = np.full(len(events), mean)
    if variance > 0:
        rate = mean + variance * (crude - mean) / (variance + mean / np.maximum(exposure, 1))
    return np.where(exposure >= least, rate, np.nan)


def of_buildings(folder, areas, laps, values):
    """Three indicators; returns how many buildings each area has."""
    panden = gpd.read_file(f"{folder}/bag-light.gpkg", layer="pand",
                           include_fields=["aantal_verblijfsobjecten", "bouwjaar"],
                           where="status NOT IN ('Bouwvergunning verleend', 'Bouw gestart')")
    laps.lap("read buildings")
    panden["geometry"] = panden.representative_point()
    laps.lap("a point on each building")
    found = points_in(panden, areas)
    laps.lap("join buildings")
    everything = count_by_area(found, areas)
    empty = count_by_area(found[found["aantal_verblijfsobjecten"] == 0], areas)
    values["panden_zonder_adres"] = empty
    values["aandeel_zonder_adres"] = np.where(everything > 0, empty / np.maximum(everything, 1), np.nan)
    aged = found[found["bouwjaar"].between(1200, AS_OF.year)]
    number = count_by_area(aged, areas)
    years = count_by_area(aged, areas, AS_OF.year - aged["bouwjaar"])
    values["ouderdom_panden"] = np.where(number > 0, years / np.maximum(number, 1), np.nan)
    return everything


def of_addresses(folder, areas, laps, values):
    adressen = gpd.read_file(f"{folder}/bag-light.gpkg", layer="verblijfsobject",
                             include_fields=["gebruiksdoel"])
    laps.lap("read addresses")
    other = adressen["gebruiksdoel"].str.contains("industriefunctie|overige gebruiksfunctie", na=False)
    found = points_in(adressen[other], areas)
    values["adressen_met_ander_gebruik"] = count_by_area(found, areas)
    laps.lap("join addresses")


def of_surroundings(folder, areas, laps, values):
    grens = read_degrees(f"{folder}/rijksgrens.geojson")
    wegen = gpd.read_file(f"{folder}/wegen.gpkg", layer="wegdeel", include_fields=[],
                          where="typeweg = 'autosnelweg'")
    kommen = gpd.read_file(f"{folder}/bebouwde-kom.gpkg", layer="bebouwde_kom", include_fields=[],
                           where="bebouwdekom = 'ja'")
    natuur = read_degrees(f"{folder}/natura2000.geojson")
    vliegverbod = read_degrees(f"{folder}/no-fly-zones.geojson")
    laps.lap("read small layers")
    values["nabij_rijksgrens"] = np.exp(-nearest(areas, STRtree(pieces(grens))) / 2000)
    values["nabij_snelweg"] = np.exp(-nearest(areas, STRtree(pieces(wegen))) / 3000)
    values["nabij_bebouwde_kom"] = np.exp(-nearest(areas, STRtree(list(kommen.geometry))) / 1000)
    laps.lap("three distances")
    index = areas.sindex
    values["aandeel_natuur"] = cover(areas, index, natuur)
    values["aandeel_vliegverbod"] = cover(areas, index, vliegverbod)
    laps.lap("two covers")


def of_reports(folder, areas, buildings, laps, values):
    reports = read_reports(folder)
    laps.lap("read reports")
    found = points_in(reports, areas)
    laps.lap("join reports")
    values["meldingen_op_perceel"] = count_by_area(found, areas, 2.0 ** (-found["days"] / 730))
    values["meldingen_per_pand"] = bayes(count_by_area(found, areas), buildings, 2)
    values["drugs_en_milieu_rondom"] = within(reports[reports["categorie"].isin(["drugs", "milieu"])],
                                              areas, areas.sindex, 250)
    laps.lap("reports within 250 m")


def main():
    folder, out = sys.argv[1:3]
    laps = Laps()
    values = {}
    areas = read_areas(folder)
    laps.lap("read areas")
    buildings = of_buildings(folder, areas, laps, values)
    of_addresses(folder, areas, laps, values)
    of_surroundings(folder, areas, laps, values)
    of_reports(folder, areas, buildings, laps, values)
    seconds = time.monotonic() - laps.began
    use = resource.getrusage(resource.RUSAGE_SELF)
    peak = use.ru_maxrss / 1024
    cpu = use.ru_utime + use.ru_stime
    np.savez(out, id=areas["identificatie_lokaal_id"].to_numpy().astype(str),
             measured=np.array([seconds, cpu, peak]), **values)
    print(f"geopandas total={seconds:.2f} cpu={cpu:.2f} rss_mb={peak:.1f} areas={len(areas)}")


if __name__ == "__main__":
    main()
