"""Writing finished municipalities: the files, their layers and their columns."""
import json
import os

import numpy as np
from osgeo import ogr

import bag
import nature
import parcels
import reports
from files import Degrees, GeoJson, Reports
from gpkg import GeoPackage, any_geometry, lines, points, polygons
from layout import WIDTH
from sizes import DM, FIRST_DAY, LAST_DAY

T, I, R = "TEXT", "INTEGER", "REAL"
PAND = [("identificatie", T), ("bouwjaar", I), ("status", T), ("gebruiksdoel", T), ("oppervlakte_min", I),
        ("oppervlakte_max", I), ("aantal_verblijfsobjecten", I)]
VBO = [("identificatie", T), ("oppervlakte", I), ("status", T), ("gebruiksdoel", T), ("openbare_ruimte_naam", T),
       ("openbare_ruimte_naam_kort", T), ("huisnummer", I), ("huisletter", T), ("toevoeging", T), ("postcode", T),
       ("woonplaats_naam", T), ("bouwjaar", I), ("pand_identificatie", T), ("pandstatus", T),
       ("nummeraanduiding_hoofdadres_identificatie", T)]
PLACE = [("identificatie", T), ("woonplaats", T), ("status", T)]
BERTH = [("identificatie", T), ("status", T), ("openbare_ruimte_naam", T), ("huisnummer", I), ("postcode", T),
         ("woonplaats_naam", T)]
PERCEEL = [("identificatie_lokaal_id", T), ("kadastrale_gemeente_code", T), ("kadastrale_gemeente_waarde", T),
           ("sectie", T), ("perceelnummer", I), ("akr_kadastrale_gemeente_code_waarde", T),
           ("kadastrale_grootte_waarde", I), ("status_historie_waarde", T)]
IBIS = [("RIN_NUMMER", T), ("PLAN_NAAM", T), ("KERN_NAAM", T), ("GEM_CODES", T), ("GEM_NAAM", T), ("WLOC_TYPE", T),
        ("STARTJAAR", I), ("HA_BRUTO", R), ("HA_NETTO", R)]
ROAD = [("lokaalid", T), ("typeweg", T), ("naam", T), ("wegnummer", T)]
JUNCTION = [("lokaalid", T), ("naam", T)]
KOM = [("lokaalid", T), ("naam", T), ("bebouwdekom", T)]


class Output:
    def __init__(self, folder, size, seed):
        self.size, self.seed, self.degrees = size, seed, Degrees()
        path = lambda name: os.path.join(folder, name)
        package = lambda name: GeoPackage(path(name), size.page)
        self.bag, self.brk = package("bag-light.gpkg"), package("brk.gpkg")
        self.works, self.ways, self.built = (package(n) for n in ("bedrijventerreinen.gpkg", "wegen.gpkg",
                                                                  "bebouwde-kom.gpkg"))
        for name, kind, fields in (("pand", "POLYGON", PAND), ("verblijfsobject", "POINT", VBO),
                                   ("woonplaats", "MULTIPOLYGON", PLACE), ("standplaats", "POLYGON", BERTH),
                                   ("ligplaats", "POLYGON", BERTH)):
            self.bag.layer(name, kind, fields)
        self.brk.layer("perceel", "POLYGON", PERCEEL)
        self.works.layer("bedrijventerrein", "POLYGON", IBIS)
        self.ways.layer("wegdeel", "LINESTRING", ROAD)
        self.ways.layer("aansluiting", "POINT", JUNCTION)
        self.built.layer("bebouwde_kom", "POLYGON", KOM)
        text = lambda name: GeoJson(path(name + ".geojson"), name, self.degrees)
        self.parks, self.border, self.harbours, self.no_fly, self.nature = (
            text(n) for n in ("vakantieparken", "rijksgrens", "havens", "no-fly-zones", "natura2000"))
        self.reports, self.truth_path = Reports(path("meldingen.csv")), path("truth.json")
        self.addressed = Reports(path("meldingen-adres.csv"), "meldingnummer;datum;categorie;postcode;huisnummer;"
                                                              "huisletter;straat;plaats")
        self.truth, self.last_line, self.last_address, self.addressed_count = [], None, None, 0
        self.counted = {k: 0 for k in ("percelen", "panden", "adressen", "meldingen", "bedrijventerreinen",
                                       "vakantieparken")}

    def add(self, tile):
        """Write one municipality. Its reports come first: they settle which sites are planted."""
        x, y, day, category = reports.make(tile)
        self.add_parcels(tile)
        self.add_bag(tile)
        self.add_sites(tile)
        self.add_roads(tile)
        self.add_outlines(tile)
        self.add_shapes(tile)
        text = reports.lines(self.counted["meldingen"] + 1, x, y, day, category)
        self.reports.add(text)
        self.counted["meldingen"] += len(text)
        self.last_line = text[-1]

    def add_parcels(self, tile):
        n = len(tile.counts)
        code, akr = str(900 + tile.number), (tile.name.replace(" ", "")[:3].upper() + "00")[:5]
        tile.parcel_ids = [f"9{tile.number:03d}{i:06d}0000" for i in range(1, n + 1)]
        self.brk.add("perceel", polygons(tile.xy, tile.counts), tile.xy, [
            tile.parcel_ids, [code] * n, [tile.name] * n, tile.section.tolist(), tile.parcel_number.tolist(),
            [akr] * n, np.round(tile.area).astype(int).tolist(), ["Geldig"] * n])
        self.counted["percelen"] += n

    def add_bag(self, tile):
        b, a, roads = tile.buildings, tile.addresses, tile.layout.roads
        place_names = [p.name for p in tile.layout.places]
        xy, counts = bag.corners(b, tile.warp)
        pand = bag.pand_columns(b, a, tile.gem, 1)
        self.bag.add("pand", polygons(xy, counts), xy, pand)
        base = 7563 if tile.number == 0 else 1000 + tile.number * 20 % 8900
        codes = bag.postcodes(roads, base)
        vbo = bag.vbo_columns(b, a, tile.gem, 1, pand, roads, place_names, codes)
        self.bag.add("verblijfsobject", points(a["x"], a["y"]), np.stack([a["x"], a["y"]], 1), vbo)
        self.add_addressed(reports.by_address(tile, vbo, self.seed))
        self.counted["panden"] += len(counts)
        self.counted["adressen"] += len(a["of"])
        self.add_berths(tile, codes, place_names)

    def add_addressed(self, rows):
        """Reports by address, numbered as they come."""
        self.addressed.add([f"{70000000 + self.addressed_count + i:08d};{row}" for i, row in enumerate(rows, 1)])
        self.addressed_count += len(rows)
        self.last_address = rows[-1]

    def add_berths(self, tile, codes, place_names):
        """Pitches on camp sites (standplaats) and house boats along the canal (ligplaats)."""
        roads = tile.layout.roads
        pitches = tile.stock.pitches
        boats = []
        if tile.canal_y is not None:
            y = tile.canal_y - WIDTH["water"] / 2 + 4
            boats = [(tile.cx + 120 + 30 * k, y, 0) for k in range(4 if tile.size.rows == 1 else 9)]
        for layer, kind, spots, size in (("standplaats", "03", [p[:3] for p in pitches], (6, 10)),
                                         ("ligplaats", "02", boats, (19, 5))):
            if not spots:
                continue
            ax, ay, axis = (np.array(v) for v in zip(*spots))
            n = len(ax)
            box = {"ax": ax, "ay": ay, "axis": axis, "u": np.zeros(n), "v": np.zeros(n),
                   "w": np.full(n, size[0]), "d": np.full(n, size[1]), "notch": np.zeros(n)}
            xy, counts = bag.corners(box, tile.warp)
            road = [p[3] for p in pitches] if layer == "standplaats" else [None] * n
            self.bag.add(layer, polygons(xy, counts), xy, [
                [f"{tile.gem}{kind}{i + 1:010d}" for i in range(n)], ["Plaats aangewezen"] * n,
                ["Kanaaldijk" if r is None else roads[r].name for r in road], list(range(1, n + 1)),
                ["7563ZZ" if r is None else str(codes[r, 0]) for r in road],
                [place_names[0] if r is None else place_names[roads[r].place] for r in road]])

    def rings(self, tile, which):
        """Outline of a set of parcels in map coordinates, as polygons of closed rings."""
        return [[(tile.net.px[ring + ring[:1]], tile.net.py[ring + ring[:1]]) for ring in polygon]
                for polygon in tile.net.outline(which)]

    def add_sites(self, tile):
        r = tile.rects
        for number, site in enumerate(tile.stock.sites):
            if site["kind"] == "farm":
                if site["planted"]:
                    self.tell("perceel", tile.parcel_ids[site["parcel"]], site)
                continue
            x0, y0, x1, y1 = site["rect"]
            which = (r[:, 0] >= x0) & (r[:, 2] <= x1) & (r[:, 1] >= y0) & (r[:, 3] <= y1)
            rings = self.rings(tile, which)[0]
            if site["kind"] == "business":
                self.add_works(tile, site, rings)
            else:
                self.add_park(tile, number, site, rings)

    def add_works(self, tile, site, rings):
        n = self.counted["bedrijventerreinen"] = self.counted["bedrijventerreinen"] + 1
        gem = "GM0000" if n % 8 == 7 else "GM" + tile.gem               # IBIS leaves some unknown
        kind = "Zwaar industrieterrein" if site["start"] < 1968 else \
            "Hoogwaardig bedrijvenpark" if site["start"] > 2000 else "Gemengd terrein"
        shape = to_ogr([rings])
        place = tile.layout.places[int(tile.layout.depth(*[(site["rect"][k] + site["rect"][k + 2]) / 2 / DM
                                                            for k in (0, 1)])[1])]
        self.works.add("bedrijventerrein", [any_geometry(shape)], np.stack(rings[0], 1), [[v] for v in (
            site["id"], site["name"], place.name, gem, tile.name, kind, site["start"],
            round(shape.Area() / 1e4, 2), site["net"])])
        self.tell("bedrijventerrein", site["id"], site)

    def add_park(self, tile, number, site, rings):
        self.counted["vakantieparken"] += 1
        b = tile.buildings
        years = b["year"][(b["site"] == number) & (b["year"] < 2030) & (b["year"] > 1600)]
        shape = to_ogr([rings])
        self.parks.add("Polygon", rings, {
            "parkcode": site["id"], "naam": site["name"], "functie": site["type"], "eigenaar_type": site["owner"],
            "aantal_eigenaren": site["owners"], "area": round(shape.Area()), "code": tile.gem,
            "gemeentena": tile.name, "bouwjaar_c": len(years),
            "bouwjaar_m": int(np.median(years)) if len(years) else None})
        self.tell("vakantiepark", site["id"], site)

    def tell(self, layer, ident, site):
        """A line of the truth."""
        row = {"layer": layer, "id": ident, "planted": site["planted"], "why": site["why"],
               "rate_per_year": round(site["rate"], 3), "reports": site["reports"], "objects": site["objects"]}
        for key in ("name", "start", "vacant", "managed", "motorway", "border", "unaddressed"):
            if key in site and site[key] != float("inf"):
                row[key] = round(site[key], 3) if isinstance(site[key], float) else site[key]
        if site["recent"]:
            row["recent"] = {"from": reports.RECENT_FROM, "rate_per_year": round(site["rate_recent"], 3)}
        self.truth.append(row)

    def add_roads(self, tile):
        roads = [r for r in tile.layout.roads if r.kind != "water"]
        xy, counts = bend_lines(tile, [r.line for r in roads])
        self.ways.add("wegdeel", lines(xy, counts), xy, [
            [f"{tile.gem}.{n:05d}" for n in range(1, len(roads) + 1)],
            ["straat" if r.kind == "laantje" else r.kind for r in roads],
            [None if r.kind == "autosnelweg" else r.name for r in roads],
            ["N9%02d" % (tile.col + 10 if r.line[0] == r.line[2] else tile.row + 50) if r.kind == "regionale weg"
             else "A98" if r.kind == "autosnelweg" else None for r in roads]])
        if tile.motorway_y is not None:
            x, y = (np.round(v, 3) for v in tile.warp([tile.cx] * 2, [tile.motorway_y - 60, tile.motorway_y + 60]))
            self.ways.add("aansluiting", points(x, y), np.stack([x, y], 1),
                          [[f"{tile.gem}.A{k}" for k in (1, 2)], [tile.name + "-Zuid", tile.name + "-Noord"]])

    def add_outlines(self, tile):
        """Places (woonplaatsen), built-up areas, and the border where it runs."""
        for number, place in enumerate(tile.layout.places):
            shape = to_ogr(self.rings(tile, tile.parcel_place == number), multi=True)
            if shape.IsEmpty():
                continue
            xy = np.array([p for k in range(shape.GetGeometryCount())
                           for p in shape.GetGeometryRef(k).GetGeometryRef(0).GetPoints(2)])
            self.bag.add("woonplaats", [any_geometry(shape)], xy, [
                [f"{(2000 if tile.number else 990) + 10 * tile.number + number:04d}"], [place.name],
                ["Woonplaats aangewezen"]])
        n = 0
        for rings in self.rings(tile, tile.kom):
            if parcels.area_of(*rings[0]) < 20000:
                continue
            x, y = rings[0]
            depth, place = tile.layout.depth(*centre_of(tile, rings[0]))
            n += 1
            self.built.add("bebouwde_kom", [any_geometry(to_ogr([[(x, y)]]))], np.stack([x, y], 1),
                           [[f"{tile.gem}.{n:03d}"], [tile.layout.places[int(place)].name], ["ja"]])
        if tile.at_border:
            east = tile.net.x == tile.rect[2]
            order = np.argsort(tile.net.y[east])
            line = tile.net.px[east][order], tile.net.py[east][order]
            self.border.add("LineString", [line], {"naam": "rijksgrens", "gemeente": tile.name})

    def add_shapes(self, tile):
        """Harbours, no-fly zones and nature."""
        if tile.canal_y is not None:
            r = tile.size.town
            for k, (x, name) in enumerate(((tile.cx - .8 * r, "Oude Haven"), (tile.cx + .7 * r, "Zuiderhaven"))):
                y = tile.canal_y + (1 if k == 0 else -1) * (WIDTH["water"] / 2 - 9)
                xs = np.array([x, x + 170, x + 170, x, x])
                ys = np.array([y, y, y + 14, y + 14, y])
                self.harbours.add("Polygon", [tile.warp(xs, ys)], {"naam": name, "soort": "binnenhaven"})
        if tile.size.rows == 1 or tile.number % 4 == 1:
            rect = tuple(v / DM for v in tile.rect)
            x, y, radius = nature.make_no_fly(tile.rng, rect, tile.layout.places)
            cx, cy = tile.warp(x, y)
            a = np.append(np.linspace(0, 2 * np.pi, 72, endpoint=False), 0)
            self.no_fly.add("Polygon", [(cx + radius * np.cos(a), cy + radius * np.sin(a))],
                            {"naam": f"Zweefvliegveld {tile.layout.places[-1].name}", "straal_m": radius})
        for blob, about in nature.describe(tile.nature, tile.number):
            x, y = tile.warp(*blob.ring(56))
            self.nature.add("Polygon", [(np.append(x, x[0]), np.append(y, y[0]))], about)

    def close(self):
        self.reports.add(reports.dirt(self.last_line))
        self.add_addressed(reports.address_dirt(self.last_address))
        for part in (self.bag, self.brk, self.works, self.ways, self.built, self.parks, self.border, self.harbours,
                     self.no_fly, self.nature, self.reports, self.addressed):
            part.close()
        rates = {"reports_per_year": {"base": reports.BASE, "planted": reports.PLANTED, "recent": reports.RECENT},
                 "planted_when": {
                     "bedrijventerrein": f"within {reports.NEAR_MOTORWAY} m of the motorway, begun before "
                                         f"{reports.OLD} and at least {reports.EMPTY:.0%} of the addresses out of use",
                     "vakantiepark": f"not managed, within {reports.NEAR_BORDER} m of the border, 8 cottages or more",
                     "perceel": f"a farm within {reports.FARM_BORDER} m of the border with {reports.FARM_BARNS} or "
                                "more barns without an address (only planted farms are listed)"}}
        head = {"seed": self.seed, "size": self.size.name, "period": [FIRST_DAY, LAST_DAY], "counts": self.counted,
                "rates": rates}
        with open(self.truth_path, "w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(head, indent=1)[:-2] + ',\n "areas": [\n  ')
            file.write(",\n  ".join(json.dumps(row, ensure_ascii=False) for row in self.truth) + "\n ]\n}\n")


def to_ogr(polygons_, multi=False):
    """OGR geometry of polygons given as lists of closed rings."""
    out = ogr.Geometry(ogr.wkbMultiPolygon)
    for rings in polygons_:
        polygon = ogr.Geometry(ogr.wkbPolygon)
        for x, y in rings:
            ring = ogr.Geometry(ogr.wkbLinearRing)
            for p in zip(x.tolist(), y.tolist()):
                ring.AddPoint_2D(*p)
            polygon.AddGeometry(ring)
        if not multi:
            return polygon
        out.AddGeometry(polygon)
    return out


def bend_lines(tile, flat):
    """Straight lines of the plan on the map, with a vertex every 80 metres: (xy, counts)."""
    line = np.array(flat, float) / DM
    counts = np.maximum(2, (np.hypot(line[:, 2] - line[:, 0], line[:, 3] - line[:, 1]) / 80).astype(int) + 1)
    i = np.repeat(np.arange(len(line)), counts)
    t = (np.arange(len(i)) - np.repeat(np.cumsum(counts) - counts, counts)) / (counts[i] - 1)
    x, y = tile.warp(line[i, 0] + t * (line[i, 2] - line[i, 0]), line[i, 1] + t * (line[i, 3] - line[i, 1]))
    return np.round(np.stack([x, y], 1), 3), counts


def centre_of(tile, ring):
    """A plan position near a ring on the map: the vertex of the map nearest to the ring's middle."""
    i = int(np.argmin(np.hypot(tile.net.px - ring[0].mean(), tile.net.py - ring[1].mean())))
    return tile.net.x[i] / DM, tile.net.y[i] / DM
