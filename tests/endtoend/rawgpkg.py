"""A GeoPackage of exactly the bytes asked for, so that geometries can be as bad as they come."""

import sqlite3
import struct

POINT, LINE, POLYGON, MULTIPOINT, COLLECTION = 1, 2, 3, 4, 7
Z, M = 1000, 2000


def point(*coordinates, kind=POINT):
    return struct.pack("<BI", 1, kind) + struct.pack(f"<{len(coordinates)}d", *coordinates)


def line(*points, kind=LINE):
    return struct.pack("<BII", 1, kind, len(points)) + b"".join(struct.pack(f"<{len(p)}d", *p) for p in points)


def polygon(*rings, kind=POLYGON):
    """Rings as they are given: nothing is closed."""
    body = b"".join(struct.pack("<I", len(ring)) + b"".join(struct.pack(f"<{len(p)}d", *p) for p in ring)
                    for ring in rings)
    return struct.pack("<BII", 1, kind, len(rings)) + body


def collection(*parts, kind=COLLECTION):
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def curve_polygon(*points):
    """One ring that is a circular string (a CurvePolygon)."""
    return struct.pack("<BII", 1, 10, 1) + line(*points, kind=8)


def write(path, layer, rows, srs=28992, kind="GEOMETRY"):
    """rows: (wkb or None, text). The field is called code; srs -1 is none stated."""
    database = sqlite3.connect(path)
    database.executescript("""
        PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;
        CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
            organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
            description TEXT);
        CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL,
            identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME DEFAULT '2026-01-01T00:00:00Z',
            min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
        CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT NOT NULL,
            geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL);
        INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES
            ('undefined', -1, 'NONE', -1, 'undefined', NULL), ('undefined', 0, 'NONE', 0, 'undefined', NULL),
            ('RD New', 28992, 'EPSG', 28992, 'EPSG:28992', NULL), ('ETRS89', 4258, 'EPSG', 4258, 'EPSG:4258', NULL);
    """)
    database.execute(f'CREATE TABLE "{layer}" (fid INTEGER PRIMARY KEY AUTOINCREMENT, geom {kind}, code TEXT)')
    database.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, ?)",
                     (layer, layer, srs))
    database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 2, 2)", (layer, kind, srs))
    for wkb, text in rows:
        blob = None if wkb is None else b"GP\x00\x01" + struct.pack("<i", srs) + wkb
        database.execute(f'INSERT INTO "{layer}" (geom, code) VALUES (?, ?)', (blob, text))
    database.commit()
    database.close()
    return path
