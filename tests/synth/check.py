#!/usr/bin/python3
"""Check a made-up folder: valid geometries, a gapless parcel map, unique ids, true counts.

usage: check.py DIR

Every boundary stretch of the parcel map must be used once in each direction, bit for bit, except along the
outer edge; then there is neither a gap nor an overlap. Exit code 1 and a line for each fault otherwise.
"""
import json
import os
import sqlite3
import sys

import numpy as np
from osgeo import ogr, osr

LAYERS = (("bag-light.gpkg", "pand", "identificatie"), ("bag-light.gpkg", "verblijfsobject", "identificatie"),
          ("bag-light.gpkg", "woonplaats", "identificatie"), ("bag-light.gpkg", "standplaats", "identificatie"),
          ("bag-light.gpkg", "ligplaats", "identificatie"), ("brk.gpkg", "perceel", "identificatie_lokaal_id"),
          ("bedrijventerreinen.gpkg", "bedrijventerrein", "RIN_NUMMER"), ("wegen.gpkg", "wegdeel", "lokaalid"),
          ("wegen.gpkg", "aansluiting", "lokaalid"), ("bebouwde-kom.gpkg", "bebouwde_kom", "lokaalid"),
          ("vakantieparken.geojson", "vakantieparken", "parkcode"), ("rijksgrens.geojson", "rijksgrens", None),
          ("havens.geojson", "havens", "naam"), ("no-fly-zones.geojson", "no-fly-zones", None),
          ("natura2000.geojson", "natura2000", "nr"))
FAULTS = []


def fault(text):
    FAULTS.append(text)
    print("FAULT", text)


def check_layer(folder, name, layer, key):
    """Count, validity, extent and unique ids of one layer."""
    source = ogr.Open(os.path.join(folder, name))
    found = source.GetLayerByName(layer)
    ids, invalid, multi, n = set(), 0, 0, 0
    for feature in found:
        n += 1
        geometry = feature.GetGeometryRef()
        if geometry is None or geometry.IsEmpty() or not geometry.IsValid():
            invalid += 1
        if key:
            multi += feature[key] in ids
            ids.add(feature[key])
    if invalid:
        fault(f"{layer}: {invalid} invalid geometries")
    if multi and not (layer == "havens" or n == 0):
        fault(f"{layer}: {multi} repeated values of {key}")
    print(f"{layer}: {n}")


def parcel_edges(path):
    """All directed edges of the parcels as rows of four numbers, and the ring areas."""
    edges, area, stated = [], [], []
    for blob, grootte in sqlite3.connect(path).execute("SELECT geom, kadastrale_grootte_waarde FROM perceel"):
        ring = np.frombuffer(blob, "<f8", offset=53).reshape(-1, 2)
        edges.append(np.concatenate([ring[:-1], ring[1:]], 1))
        p = ring - ring[0]
        area.append((p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1]).sum() / 2)
        stated.append(grootte)
    return np.concatenate(edges), np.array(area), np.array(stated)


def check_tiling(folder):
    """Each edge has its twin in the other direction, and what has none is one closed outline."""
    edges, area, stated = parcel_edges(os.path.join(folder, "brk.gpkg"))
    if (area <= 0).any() or np.abs(area - stated).max() > .51:
        fault("perceel: ring order or stated area is wrong")
    view = lambda a: np.ascontiguousarray(a).view([("", a.dtype)] * 4).ravel()
    there, back = view(edges), view(edges[:, [2, 3, 0, 1]])
    if len(np.unique(there)) != len(there):
        fault("perceel: an edge is used twice in the same direction: overlap")
    outer = edges[~np.isin(there, back)]
    follow = {tuple(e[:2]): tuple(e[2:]) for e in outer}
    if len(follow) != len(outer):
        fault("perceel: the outline touches itself")
    start = here = next(iter(follow))
    around, twice = 0, 0.
    while here in follow:
        there_ = follow.pop(here)
        twice += (here[0] - start[0]) * (there_[1] - start[1]) - (there_[0] - start[0]) * (here[1] - start[1])
        here, around = there_, around + 1
    if follow or here != start:
        fault(f"perceel: a gap or overlap; {len(follow)} edges beside the outline")
    if abs(twice / 2 - area.sum()) > 1e-3 * max(1, area.sum() * 1e-9):
        fault(f"perceel: areas add up to {area.sum():.3f}, the outline holds {twice / 2:.3f}")
    print(f"parcel map: {len(area)} parcels, {around} edges around {area.sum() / 1e6:.3f} km2")


def check_links(folder):
    """Every address lies in a building that exists, and inside its outline."""
    db = sqlite3.connect(os.path.join(folder, "bag-light.gpkg"))
    panden = dict(db.execute("SELECT identificatie, geom FROM pand"))
    units, outside, n = dict.fromkeys(panden, 0), 0, 0
    for blob, listed in db.execute("SELECT geom, pand_identificatie FROM verblijfsobject"):
        for one in listed.split(","):
            units[one] += 1
        n += 1
        if n % 7 == 0:
            polygon = ogr.CreateGeometryFromWkb(panden[listed.split(",")[0]][40:])
            outside += not polygon.Contains(ogr.CreateGeometryFromWkb(blob[8:]))
    if outside:
        fault(f"verblijfsobject: {outside} of {n // 7} looked at lie outside their building")
    wrong = sum(units[i] != k for i, k in db.execute("SELECT identificatie, aantal_verblijfsobjecten FROM pand"))
    if wrong:
        fault(f"pand: {wrong} with a wrong aantal_verblijfsobjecten")
    double = db.execute("SELECT count(*) FROM (SELECT 1 FROM verblijfsobject GROUP BY woonplaats_naam, "
                        "openbare_ruimte_naam, huisnummer, huisletter, substr(identificatie, 1, 4) "
                        "HAVING count(*) > 1)").fetchone()[0]
    if double:
        fault(f"verblijfsobject: {double} addresses occur more than once")


def check_shifted(folder):
    """GeoJSON is longitude, latitude, and lands where the parcels are."""
    rd, etrs = osr.SpatialReference(), osr.SpatialReference()
    rd.ImportFromEPSG(28992)
    etrs.ImportFromEPSG(4258)
    for s in (rd, etrs):
        s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    to_rd = osr.CoordinateTransformation(etrs, rd)
    parcels_, parks = (ogr.Open(os.path.join(folder, n)) for n in ("brk.gpkg", "vakantieparken.geojson"))
    x0, x1, y0, y1 = parcels_.GetLayer(0).GetExtent()
    for feature in parks.GetLayer(0):
        geometry = feature.GetGeometryRef().Clone()
        geometry.Transform(to_rd)
        a, b, c, d = geometry.GetEnvelope()
        if a < x0 or b > x1 or c < y0 or d > y1:
            fault(f"vakantieparken: {feature['parkcode']} lies outside the municipality")


def main():
    ogr.UseExceptions()
    folder = sys.argv[1]
    for name, layer, key in LAYERS:
        check_layer(folder, name, layer, key)
    check_tiling(folder)
    check_links(folder)
    check_shifted(folder)
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
        truth = json.load(file)
    print("planted:", sum(a["planted"] for a in truth["areas"]))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
