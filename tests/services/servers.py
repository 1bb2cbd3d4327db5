"""Real servers on this machine alone, started by a test and stopped with it, whatever happens."""

import contextlib
import ctypes
import glob
import http.server
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "endtoend"))

import flow  # noqa: E402


def die_with_the_test():
    """In a child: the kernel ends it when this process ends, even by SIGKILL."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


# ---- PostgreSQL with PostGIS ----


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs():
    """The folder with the programs of the newest PostgreSQL that has PostGIS; the test skips where none is."""
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]), reverse=True):
        version = folder.split("/")[4]
        if os.path.exists(f"/usr/share/postgresql/{version}/extension/postgis.control"):
            return pathlib.Path(folder)
    pytest.skip("PostgreSQL with PostGIS is not installed (postgresql-postgis)")


class Postgres:
    """A cluster of its own in a temporary folder: trusted through its socket, by password through 127.0.0.1."""

    PASSWORD = "gehe im'7\\391"

    def __init__(self):
        self.bin = postgres_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rm-pg-", dir="/tmp"))
        self.port = free_port()
        root = os.getuid() == 0
        self.user = "postgres" if root else pwd.getpwuid(os.getuid()).pw_name
        self.who = {"user": "postgres", "group": "postgres", "extra_groups": []} if root else {}
        if root:
            shutil.chown(self.folder, "postgres", "postgres")
        self.server = None
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}

    def start(self):
        data = self.folder / "data"
        subprocess.run([self.bin / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-U",
                        self.user], check=True, capture_output=True, cwd="/tmp", env=self.environment, **self.who)
        (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "port": self.port,
                    "fsync": "off", "max_connections": 20, "jit": "off", "log_min_messages": "fatal"}
        log = open(self.folder / "log", "wb")
        self.server = subprocess.Popen(
            [self.bin / "postgres", "-D", data, *(a for k, v in settings.items() for a in ("-c", f"{k}={v}"))],
            stdout=log, stderr=log, cwd="/tmp", env=self.environment, preexec_fn=die_with_the_test,
            start_new_session=True, **self.who)
        log.close()
        for _ in range(200):
            if self.server.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)]).returncode == 0:
                break
            time.sleep(0.05)
        self.sql("CREATE DATABASE gis", database="postgres")
        self.sql("CREATE EXTENSION postgis")
        return self

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)  # a fast shutdown
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def source(self, user=None, host=None):
        return f"PG:host={host or self.folder} port={self.port} dbname=gis user={user or self.user}"

    def sql(self, text, database="gis", user=None):
        """Rows of text; NULL is None."""
        done = subprocess.run(
            [self.bin / "psql", "-h", self.folder, "-p", str(self.port), "-U", user or self.user, "-d", database,
             "-qAtX", "-F", "\x1f", "-R", "\x1e", "-P", "null=\x1d", "-v", "ON_ERROR_STOP=1"],
            input=text, capture_output=True, encoding="utf-8", env=self.environment, cwd="/tmp")
        assert done.returncode == 0, done.stderr
        rows = [row for row in done.stdout.rstrip("\n").split("\x1e") if row]
        return [[None if cell == "\x1d" else cell for cell in row.split("\x1f")] for row in rows]

    def load(self, path, table, layer=None, schema="public", **options):
        """Any file as a table, by GDAL."""
        from osgeo import gdal

        gdal.UseExceptions()
        self.sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        made = gdal.VectorTranslate(
            self.source(), str(path), layerName=f"{schema}.{table}", layers=[layer] if layer else None,
            layerCreationOptions=["LAUNDER=NO", "GEOMETRY_NAME=geom", "FID=fid"], **options)
        made = None  # noqa: F841 (closing writes)


# ---- any web server, with what it was asked ----


class Web:
    """Answers by a function: answer(handler, path, query) writes a response through handler.give()."""

    def __init__(self, answer, tls=None):
        web = self
        self.asked = []
        self.headers = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                path, _, query = self.path.partition("?")
                web.asked.append(self.path)
                web.headers.append(dict(self.headers))
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    answer(self, path, query)

            def give(self, body, code=200, kind="application/json", **headers):
                body = json.dumps(body) if isinstance(body, (dict, list)) else body
                body = body.encode() if isinstance(body, str) else body
                self.send_response(code)
                self.send_header("Content-Type", kind)
                if "Content_Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def asked_for(self, word):
        return [path for path in self.asked if word.lower() in path.lower()]


# ---- MapServer, a CGI program ----


def mapserv():
    for path in ("/usr/lib/cgi-bin/mapserv", "/usr/bin/mapserv"):
        if os.path.exists(path):
            return path
    pytest.skip("MapServer is not installed (cgi-mapserver)")


def run_cgi(handler, program, environment, path_info, query):
    done = subprocess.run(
        [program], capture_output=True, timeout=30, preexec_fn=die_with_the_test,
        env={**os.environ, "REQUEST_METHOD": "GET", "QUERY_STRING": query, "PATH_INFO": path_info,
             "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
             "SERVER_PORT": str(handler.server.server_port), "HTTP_HOST": handler.headers.get("Host", ""),
             "HTTP_ACCEPT": handler.headers.get("Accept", ""), **environment})
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    code, kind = 200, "text/plain"
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "status":
            code = int(value.split()[0])
        elif name.lower() == "content-type":
            kind = value.strip()
    handler.give(body, code, kind)


MAP = """
MAP
  NAME "proef"
  SIZE 100 100
  EXTENT 180000 460000 220000 490000
  UNITS METERS
  PROJECTION "init=epsg:28992" END
  WEB METADATA
    "ows_title" "Woldermark"
    "ows_onlineresource" "{url}/wfs?"
    "ows_srs" "EPSG:28992 EPSG:4258"
    "ows_enable_request" "*"
    "wfs_maxfeatures" "{page}"
    "oga_onlineresource" "{url}/ogc/proef/ogcapi"
    "oga_html_template_directory" "/usr/share/mapserver/ogcapi/templates/html-plain/"
  END END
{layers}
END
"""

LAYER = """
  LAYER
    NAME "{name}"
    TYPE {type}
    STATUS ON
    CONNECTIONTYPE OGR
    CONNECTION "{path}"
    DATA "{data}"
    PROJECTION "init={crs}" END
    TEMPLATE "x"
    METADATA
      "ows_title" "{name}"
      "gml_include_items" "all"
      "gml_featureid" "{id}"
      "ows_srs" "{srs}"
      "wfs_getfeature_formatlist" "gml,gml32"
      {types}
    END
  END
"""


def map_server(folder, layers, page=7):
    """A Web that gives layers (name: dictionary of path, data, type, id, types, srs) as WFS and OGC API."""
    program = mapserv()

    def answer(handler, path, query):
        environment = {"MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf")}
        if path.startswith("/ogc/"):
            run_cgi(handler, program, environment, path[len("/ogc"):], query)
        else:
            run_cgi(handler, program, {**environment, "MS_MAPFILE": str(folder / "proef.map")}, "", query)

    web = Web(answer)
    text = "".join(
        LAYER.format(**{"name": name, "type": "POLYGON", "id": "id", "srs": "EPSG:28992", "crs": "epsg:28992", **layer,
                        "types": " ".join(f'"gml_{k}_type" "{v}"' for k, v in layer.get("types", {}).items())})
        for name, layer in layers.items())
    (folder / "proef.map").write_text(MAP.format(url=web.url, page=page, layers=text))
    (folder / "mapserver.conf").write_text(
        "CONFIG\n  ENV\n    MS_MAP_PATTERN \"^/\"\n  END\n  MAPS\n"
        f'    proef "{folder}/proef.map"\n  END\nEND\n')
    return web
