#!/usr/bin/python3
"""One kernel in riskmap or a peer of it, the way its own documentation advises, in a process of its own.

usage: python_peers.py PEER KERNEL WAY DATA ANSWER.npy
PEER     riskmap, geopandas, sedonadb, duckdb
KERNEL   count: points in areas. overlay: m2 of buildings in areas. nearest: metres from points to buildings
WAY      file: reading counts. frame: from GeoDataFrames. own: from what PEER itself keeps, layers or tables

Prints one line of key=value pairs; importing is not in the seconds. ANSWER.npy has a value per area or point, by id.
Two threads where PEER has threads.
"""
import importlib
import resource
import sys
import time

import numpy as np

THREADS = 2
# what a kernel takes: two layers, their ids, and which rows
LAYERS = {"count": (("areas", "aid", None), ("points", "pid", None)),
          "overlay": (("areas", "aid", None), ("buildings", "bid", None)),
          "nearest": (("points", "pid", "pid < 100000"), ("buildings", "bid", None))}
OVERLAY = """select a.aid, sum(case when ST_CoveredBy(b.geom, a.geom) then ST_Area(b.geom)
                                    else ST_Area(ST_Intersection(a.geom, b.geom)) end) as m2
             from areas a join buildings b on ST_Intersects(a.geom, b.geom) group by a.aid"""


def read_frame(path, name, key, where):
    import geopandas
    frame = geopandas.read_file(path, columns=[key], where=where, use_arrow=True)
    return frame.rename_geometry("geom")


class Riskmap:
    needs = ("riskmap",)

    def file(self, path, name, key, where):
        return sys.modules["riskmap"].read(path, columns=[], where=where)

    own = file

    def frame(self, frame, name):
        return sys.modules["riskmap"].Layer(frame)

    def count(self, areas, points):
        return None, sys.modules["riskmap"].count_in_areas(areas, points, threads=THREADS)

    def overlay(self, areas, buildings):
        return None, sys.modules["riskmap"].cover_of_areas(areas, buildings, sum_overlaps=True, threads=THREADS)

    def nearest(self, points, buildings):
        return None, sys.modules["riskmap"].nearest_to_areas(points, buildings, threads=THREADS)


class Geopandas:
    needs = ("geopandas", "shapely", "pyogrio", "pyarrow")
    file = staticmethod(read_frame)

    def frame(self, frame, name):
        return frame

    def count(self, areas, points):
        counts = areas.sjoin(points, predicate="intersects").groupby("aid").size()
        return counts.index, counts

    def overlay(self, areas, buildings):
        """Half the time of geopandas.overlay: only buildings across a border are cut."""
        import shapely
        area, building = buildings.sindex.query(areas.geometry, predicate="intersects")
        outer, inner = areas.geometry.to_numpy(), buildings.geometry.to_numpy()
        shapely.prepare(outer)
        m2 = shapely.area(inner[building])
        cut = ~shapely.covers(outer[area], inner[building])
        m2[cut] = shapely.area(shapely.intersection(outer[area[cut]], inner[building[cut]]))
        return areas["aid"], np.bincount(area, m2, len(areas))

    def nearest(self, points, buildings):
        near, metres = buildings.sindex.nearest(points.geometry, return_all=False, return_distance=True)
        return points["pid"].to_numpy()[near[0]], metres


class Sedonadb:
    needs = ("sedonadb", "geoarrow.pyarrow", "pyogrio", "pandas")

    def __init__(self):
        self.base = sys.modules["sedonadb"].connect()
        self.base.sql(f"set datafusion.execution.target_partitions = {THREADS}").execute()

    def file(self, path, name, key, where):
        rows = self.base.read_pyogrio(path, options={"where": where} if where else None)
        rows.select(key, "geom").to_memtable().to_view(name)

    own = file

    def frame(self, frame, name):
        self.base.create_data_frame(frame).to_view(name)

    def answer(self, query):
        found = self.base.sql(query).to_pandas()
        return found.iloc[:, 0], found.iloc[:, 1]

    def count(self, areas, points):
        return self.answer("select a.aid, count(*) as n from areas a join points p on ST_Intersects(a.geom, p.geom)"
                           " group by a.aid")

    def overlay(self, areas, buildings):
        return self.answer(OVERLAY)

    def nearest(self, points, buildings):
        return self.answer("select p.pid, ST_Distance(p.geom, b.geom) as metres from points p join buildings b"
                           " on ST_KNN(p.geom, b.geom, 1, false)")


class Duckdb:
    needs = ("duckdb", "duckdb_extension_spatial", "pyarrow")

    def __init__(self):
        duckdb = sys.modules["duckdb"]
        folder = sys.modules["duckdb_extension_spatial"].__path__[0]
        self.base = duckdb.connect(config={"threads": THREADS, "autoinstall_known_extensions": False})
        self.base.execute(f"load '{folder}/extensions/v{duckdb.__version__}/spatial.duckdb_extension'")

    def file(self, path, name, key, where):
        self.base.execute(f"create table {name} as select {key}, geom from ST_Read('{path}') where {where or 'true'}")

    own = file

    def frame(self, frame, name):
        import pyarrow
        self.base.register("rows", pyarrow.table(frame.to_arrow(index=False, geometry_encoding="WKB")))
        self.base.execute(f"create table {name} as select * from rows")

    def answer(self, query):
        return tuple(self.base.sql(query).fetchnumpy().values())

    def count(self, areas, points):
        return self.answer("select a.aid, count(*) as n from points p join areas a on ST_Intersects(a.geom, p.geom)"
                           " group by a.aid")

    def overlay(self, areas, buildings):
        return self.answer(OVERLAY)

    def nearest(self, points, buildings):
        """There is no nearest join: a join within a radius, which grows for the points that found nothing."""
        self.base.execute("create table near (pid integer, metres double)")
        rest, radius = self.base.execute("select count(*) from points").fetchone()[0], 100
        while rest:
            rest -= self.base.execute(f"""insert into near select p.pid, min(ST_Distance(p.geom, b.geom))
                from (select * from points anti join near using (pid)) p
                join buildings b on ST_DWithin(p.geom, b.geom, {radius}) group by p.pid""").fetchone()[0]
            radius *= 2
        return self.answer("select * from near")


def by_id(ids, values):
    if ids is None:
        return values
    answer = np.zeros(np.max(ids) + 1, np.asarray(values).dtype)
    answer[np.asarray(ids)] = values
    return answer


def main():
    name, kernel, way, data, target = sys.argv[1:]
    maker = {"riskmap": Riskmap, "geopandas": Geopandas, "sedonadb": Sedonadb, "duckdb": Duckdb}[name]
    for module in maker.needs + (("geopandas", "pyarrow") if way == "frame" else ()):
        importlib.import_module(module)
    peer = maker()
    tables = [(f"{data}/{layer}.gpkg", layer, key, where) for layer, key, where in LAYERS[kernel]]
    held = []
    if way == "frame":
        held = [(read_frame(*table), table[1]) for table in tables]
    elif way == "own":
        held = [peer.own(*table) for table in tables]
    start, cpu = time.monotonic(), time.process_time()
    if way == "frame":
        held = [peer.frame(*item) for item in held]
    elif way == "file":
        held = [peer.file(*table) for table in tables]
    ids, values = getattr(peer, kernel)(*held)
    total, cpu = time.monotonic() - start, time.process_time() - cpu
    np.save(target, by_id(ids, values))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peer={name} kernel={kernel} way={way} total={total:.4f} cpu={cpu:.4f} rss_mb={peak:.0f}")


if __name__ == "__main__":
    main()
