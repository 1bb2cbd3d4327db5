"""A small GeoPackage writer on sqlite3: fast in bulk, and the same bytes for the same content.

It writes the tables the standard asks for and nothing else (no spatial index, no triggers, a fixed time in
gpkg_contents). Geometry blobs are made for whole columns at a time.
"""
import os
import sqlite3

import numpy as np
from osgeo import osr

RD = 28992
WRITTEN = "2026-11-01T00:00:00.000Z"
TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
 organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
 description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
 srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
 geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
 CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
 CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
 CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


class GeoPackage:
    def __init__(self, path, page):
        if os.path.exists(path):
            os.remove(path)
        self.db = sqlite3.connect(path, isolation_level=None)
        run = self.db.execute
        run(f"PRAGMA page_size={page}")
        run("PRAGMA application_id=0x47504B47")
        run("PRAGMA user_version=10200")
        run("PRAGMA journal_mode=OFF")
        run("PRAGMA synchronous=OFF")
        run("BEGIN")
        for statement in TABLES.split(";")[:-1]:
            run(statement)
        rd = osr.SpatialReference()
        rd.ImportFromEPSG(RD)
        self.db.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", [
            ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
            ("Amersfoort / RD New", RD, "EPSG", RD, rd.ExportToWkt(["FORMAT=WKT1_GDAL"]), None)])
        self.layers = {}

    def layer(self, name, geometry, fields):
        """Declare a layer; `fields` are (name, SQL type) pairs. `geometry` is POINT, POLYGON, ..."""
        columns = "".join(f', "{field}" {kind}' for field, kind in fields)
        self.db.execute(f'CREATE TABLE "{name}" (feature_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, '
                        f'geom {geometry}{columns})')
        self.layers[name] = {"geometry": geometry, "fields": len(fields),
                             "box": [np.inf, np.inf, -np.inf, -np.inf]}

    def add(self, name, blobs, xy, columns):
        """Add rows: geometry blobs, all coordinates (for the extent), and one list per field."""
        layer = self.layers[name]
        if not len(blobs):
            return
        low, high, box = np.min(xy, 0), np.max(xy, 0), layer["box"]
        layer["box"] = [min(box[0], low[0]), min(box[1], low[1]), max(box[2], high[0]), max(box[3], high[1])]
        marks = ",".join("?" * (layer["fields"] + 1))
        self.db.executemany(f'INSERT INTO "{name}" VALUES (NULL,{marks})', zip(blobs, *columns))

    def close(self):
        for name, layer in self.layers.items():
            box = [float(v) if np.isfinite(v) else None for v in layer["box"]]
            self.db.execute("INSERT INTO gpkg_contents VALUES (?,'features',?,'',?,?,?,?,?,?)",
                            (name, name, WRITTEN, *box, RD))
            self.db.execute("INSERT INTO gpkg_geometry_columns VALUES (?,'geom',?,?,0,0)",
                            (name, layer["geometry"], RD))
        self.db.execute("COMMIT")
        self.db.close()


def header(array, flags):
    """The first eight bytes of every blob in an array of bytes: magic, version, flags, CRS."""
    array[:, 0:4] = np.frombuffer(b"GP\0" + bytes([flags]), np.uint8)
    array[:, 4:8] = np.frombuffer(np.array([RD], "<i4").tobytes(), np.uint8)


def put(array, at, values, kind):
    """Write one number per row into an array of bytes."""
    raw = np.ascontiguousarray(values, kind)
    array[:, at:at + raw.dtype.itemsize] = raw.view(np.uint8).reshape(len(array), -1)


def points(x, y):
    """Blobs of points."""
    array = np.zeros((len(x), 29), np.uint8)
    header(array, 1)
    array[:, 8] = 1
    put(array, 9, np.full(len(x), 1), "<u4")
    put(array, 13, x, "<f8")
    put(array, 21, y, "<f8")
    return rows_of(array)


def rows_of(array):
    """Each row of an array of bytes as a bytes object."""
    data, n = array.tobytes(), array.shape[1]
    return [data[i:i + n] for i in range(0, len(data), n)]


def polygons(xy, counts):
    """Blobs of single-ring polygons (closed rings behind each other), with their envelopes."""
    return shapes(xy, counts, np.array([3, 1], "<u4"))


def lines(xy, counts):
    """Blobs of lines (points of all lines behind each other), with their envelopes."""
    return shapes(xy, counts, np.array([2], "<u4"))


def shapes(xy, counts, lead):
    """Blobs of shapes with `lead` (type, and number of rings) before the number of points."""
    out = [None] * len(counts)
    start = np.cumsum(counts) - counts
    at = 41 + lead.nbytes
    for n in np.unique(counts):
        which = np.flatnonzero(counts == n)
        p = xy[start[which][:, None] + np.arange(n)]                       # (rows, n, 2)
        array = np.zeros((len(which), at + 4 + 16 * n), np.uint8)
        header(array, 3)
        for k, value in enumerate((p[:, :, 0].min(1), p[:, :, 0].max(1), p[:, :, 1].min(1), p[:, :, 1].max(1))):
            put(array, 8 + 8 * k, value, "<f8")
        array[:, 40] = 1
        array[:, 41:at] = lead.view(np.uint8)
        put(array, at, np.full(len(which), n), "<u4")
        array[:, at + 4:] = np.ascontiguousarray(p, "<f8").reshape(len(which), -1).view(np.uint8)
        for i, blob in zip(which.tolist(), rows_of(array)):
            out[i] = blob
    return out


def any_geometry(geometry):
    """Blob of any OGR geometry, for the few that are not simple."""
    xmin, xmax, ymin, ymax = geometry.GetEnvelope()
    envelope = np.array([xmin, xmax, ymin, ymax], "<f8").tobytes()
    return b"GP\0\x03" + np.array([RD], "<i4").tobytes() + envelope + bytes(geometry.ExportToIsoWkb(1))
