"""PostGIS as a source and as a target, against a real PostgreSQL that lives as long as these tests."""

import json
import time

import pytest

from servers import Postgres, flow

SECRET = Postgres.PASSWORD
TABLES = {"areas": "r", "contributions": "r", "indicators": "r", "issues": "r", "layers": "r", "reasons": "v", "run": "r"}
LINE = "AFGESCHERMD"


@pytest.fixture(scope="module")
def world(postgres, tmp_path_factory):
    """The simple model's files, and the same in tables."""
    folder = tmp_path_factory.mktemp("pg")
    flow.simple_model(folder)
    postgres.load(folder / "gebieden.geojson", "gebieden")
    rows = (folder / "punten.csv").read_text().splitlines()[1:]
    values = [row.replace(",", ".").split(";") for row in rows]
    postgres.sql(
        'CREATE TABLE punten (nr text, datum date, soort text, waarde double precision, "Ongevraagd ""veld" text, '
        "geom geometry(Point, 28992));"
        + "".join(f"INSERT INTO punten VALUES ('{nr}', to_date('{day}', 'DD-MM-YYYY'), '{kind}', {value}, 'x', "
                  f"ST_SetSRID(ST_MakePoint({x}, {y}), 28992));" for nr, day, kind, value, x, y in values)
        + "CREATE VIEW laatste AS SELECT * FROM punten;"
          'CREATE SCHEMA "Ander ""schema"; CREATE TABLE "Ander ""schema"."tab. el" AS SELECT * FROM punten;'
          "CREATE TABLE twee AS SELECT nr, soort, datum, waarde, geom AS rd, ST_Transform(geom, 4258) AS ll FROM punten;"
          "ALTER TABLE twee ALTER rd TYPE geometry(Point, 28992), ALTER ll TYPE geometry(Point, 4258);"
          "CREATE TABLE gemengd (nr int, geom geometry);"
          "INSERT INTO gemengd SELECT 1, geom FROM punten UNION ALL SELECT 2, ST_Transform(geom, 4258) FROM punten;"
          "CREATE TABLE los (nr int, geom geometry); INSERT INTO los SELECT 1, geom FROM punten;"
          "CREATE TABLE zonder (nr int, naam text);")
    postgres.sql(f"CREATE ROLE lezer LOGIN PASSWORD $p${SECRET}$p$; CREATE ROLE ander LOGIN;"
                 "GRANT SELECT ON ALL TABLES IN SCHEMA public TO lezer")
    return folder


def inspect(source, *arguments, **environment):
    done = flow.run("riskmap-inspect", source, "--lang", "en", *arguments, environment=environment)
    assert SECRET not in done.stdout + done.stderr
    return done


def with_points(folder, name, source, **layer):
    model = json.loads((folder / "model.json").read_text())
    model["layers"]["punten"] = {"source": source, "time": "datum", "classification": "open", **layer}
    model["indicators"].append({"name": "som", "measure": "sum", "of": "punten", "field": "waarde",
                                "where": "soort <> 's9'", **flow.COMMON})
    path = folder / name
    path.write_text(json.dumps(model))
    return path


def of_file(folder):
    return with_points(folder, "bestand.json", "punten.csv", x="x", y="y", crs="EPSG:28992")


def values(found):
    drop = ("fid", "geom", "area")
    return [[{k: v for k, v in row.items() if k not in drop} for row in found[table]] for table in ("areas", "contributions")]


# ---- as a source ----


def test_tables_and_views_are_listed(postgres, world):
    done = inspect(postgres.source(), "--json")
    listed = {layer["name"]: layer for layer in json.loads(done.stdout)["layers"]}
    assert set(listed) >= {"gebieden", "punten", "laatste", 'Ander "schema.tab. el', "twee", "zonder", "los"}
    assert listed["punten"]["features"] == 10 and listed["punten"]["crs"] == "EPSG:28992"
    assert listed["zonder"]["geometry_type"] == "None"
    assert {f["name"]: f["type"] for f in listed["punten"]["fields"]}["datum"] == "date"


@pytest.mark.parametrize("layer", ["punten", "public.punten", "laatste", 'Ander "schema.tab. el', "twee(rd)"])
def test_the_same_reports_give_the_same_scores(layer, postgres, world, tmp_path):
    wanted = flow.score(of_file(world), tmp_path / "a.gpkg")
    found = flow.score(with_points(world, "tabel.json", postgres.source(), layer=layer), tmp_path / "b.gpkg")
    assert values(found) == values(wanted)
    row = {row["name"]: row for row in found["layers"]}["punten"]
    assert (row["read"], row["driver"]) == (10, "PostgreSQL") and row["fingerprint"].startswith("retrieved 20")
    flow.check_account(found)


def test_areas_from_a_table_too(postgres, world, tmp_path):
    model = json.loads(of_file(world).read_text())
    model["layers"]["gebieden"] = {"source": f"postgresql://{postgres.user}@/gis", "layer": "gebieden",
                                   "classification": "open"}
    (world / "gebieden.json").write_text(json.dumps(model))
    found = flow.score(world / "gebieden.json", tmp_path / "b.gpkg",
                       environment={"PGHOST": str(postgres.folder), "PGPORT": str(postgres.port)})
    assert values(found) == values(flow.score(of_file(world), tmp_path / "a.gpkg"))


def test_columns_that_nobody_asks_for_are_not_read(postgres, world, tmp_path):
    """The column that lies in the way cannot be read by this user at all."""
    postgres.sql("CREATE TABLE deels AS SELECT * FROM punten; REVOKE ALL ON deels FROM lezer;"
                 "GRANT SELECT (nr, datum, soort, waarde, geom) ON deels TO lezer")
    model = with_points(world, "deels.json", postgres.source("lezer"), layer="deels")
    found = flow.score(model, tmp_path / "b.gpkg")
    assert values(found) == values(flow.score(of_file(world), tmp_path / "a.gpkg"))


@pytest.mark.parametrize("layer,words", [
    ("twee", ['several geometry columns', '"twee(rd)" or "twee(ll)"']),
    ("gemengd", ["several SRIDs, 28992 and 4258", "ST_Transform"]),
    ("punte", ['did you mean "punten"']),
    ("x; DROP TABLE punten", ["has no layer"]), ('"punten"', ["has no layer"]),
])
def test_layers_that_cannot_be_read(layer, words, postgres, world):
    done = inspect(postgres.source(), "--layer", layer)
    assert done.returncode == 1 and all(word in done.stderr for word in words), done.stderr
    assert postgres.sql("SELECT count(*) FROM punten") == [["10"]]


def test_a_column_without_an_srid_of_its_own(postgres, world):
    done = inspect(postgres.source(), "--layer", "los", "--json")
    layer = json.loads(done.stdout)["layers"][0]
    assert layer["features"] == 10 and layer["crs"] == "EPSG:28992" and layer["outside"] == 0


def test_names_full_of_quotes_are_names(postgres, world):
    name = "o'brien\"; DROP TABLE punten; --"
    quoted = '"' + name.replace('"', '""') + '"'
    postgres.sql(f"CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} text, {quoted[:-1]}g\" geometry(Point, 28992));"
                 f"INSERT INTO {quoted}.{quoted} SELECT 'a', geom FROM punten")
    done = inspect(postgres.source(), "--layer", f"{name}.{name}", "--json")
    layer = json.loads(done.stdout)["layers"][0]
    assert layer["features"] == 10 and [f["name"] for f in layer["fields"]] == [name]
    postgres.sql(f"DROP SCHEMA {quoted} CASCADE")
    assert postgres.sql("SELECT count(*) FROM punten") == [["10"]]


def test_every_kind_of_column(postgres, world, tmp_path):
    postgres.sql("""CREATE TABLE soorten (id int PRIMARY KEY, i2 int2, i8 int8, r real, n numeric(8,2), t varchar(9), c char(4), b boolean,
        d date, ts timestamp, tz timestamptz, lijst text[], getallen int[], u uuid, j jsonb, geom geometry(Point, 28992));
        INSERT INTO soorten VALUES
        (7, -3, 9007199254740993, 1.5, 12.25, 'é''"', 'ab', true, '2025-03-04', '2025-03-04 05:06:07.891', '2025-03-04 05:06:07Z',
         '{a,b}', '{1,2}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', 'SRID=28992;POINT(200010 475010)'),
        (9, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL, 'infinity', '-infinity', NULL, NULL, NULL, NULL, NULL, NULL),
        (11, 4, -1, -2, -0.5, '', '', false, '1650-01-01', '1969-12-31 23:59:59.999', NULL, '{}', '{}', NULL, '[]',
         'SRID=28992;POINT(200020 475010)')""")
    layer = json.loads(inspect(postgres.source(), "--layer", "soorten", "--json").stdout)["layers"][0]
    fields = {f["name"]: f for f in layer["fields"]}
    assert layer["features"] == 3 and layer["without_geometry"] == 1
    assert {name: f["type"] for name, f in fields.items()} == {
        "i2": "integer", "i8": "integer", "r": "real", "n": "real", "t": "text", "c": "text", "b": "integer", "d": "date",
        "ts": "datetime", "tz": "datetime", "lijst": "text", "getallen": "text", "u": "text", "j": "text"}
    assert (fields["i2"]["lowest"], fields["i2"]["highest"], fields["i2"]["missing"]) == (-3, 4, 1)
    assert (fields["r"]["lowest"], fields["r"]["highest"]) == (-2, 1.5)
    assert (fields["n"]["lowest"], fields["n"]["highest"]) == (-0.5, 12.25)
    assert (fields["b"]["lowest"], fields["b"]["highest"]) == (0, 1)
    assert (fields["d"]["first_date"], fields["d"]["last_date"], fields["d"]["missing"]) == ("1650-01-01", "2025-03-04", 1)
    assert (fields["ts"]["first_date"], fields["ts"]["last_date"], fields["ts"]["missing"]) == ("1969-12-31", "2025-03-04", 1)
    model = json.loads(of_file(world).read_text())
    model["layers"]["punten"] = {"source": postgres.source(), "layer": "soorten", "classification": "open", "where":
                                 "b = 1 AND lijst = 'a,b' AND getallen = '1,2' AND i8 = 9007199254740993 AND c = 'ab' AND n = 12.25 "
                                 "AND t = 'é''\"' AND d >= '2025-03-04' AND u LIKE 'a0eebc99%'"}
    model["indicators"] = model["indicators"][:1]
    (world / "soorten.json").write_text(json.dumps(model))
    found = flow.score(world / "soorten.json", tmp_path / "r.gpkg")
    assert sum(row["features"] for row in found["contributions"]) == 1
    # a row is named by its primary key
    model["layers"]["punten"].pop("where")
    (world / "soorten.json").write_text(json.dumps(model))
    found = flow.score(world / "soorten.json", tmp_path / "s.gpkg")
    assert [row["feature"] for row in found["issues"] if row["layer"] == "punten"] == [9]


# ---- passwords ----


def test_the_password_comes_from_the_environment(postgres, world, tmp_path):
    source = postgres.source("lezer", "127.0.0.1")
    assert inspect(source, "--layer", "punten", PGPASSWORD=SECRET).returncode == 0
    escaped = SECRET.replace("\\", "\\\\").replace(":", "\\:")
    (tmp_path / "pass").write_text(f"127.0.0.1:{postgres.port}:gis:lezer:{escaped}\n")
    (tmp_path / "pass").chmod(0o600)
    assert inspect(source, "--layer", "punten", PGPASSFILE=str(tmp_path / "pass")).returncode == 0
    for password in ("", "fout"):
        done = inspect(source, "--layer", "punten", PGPASSWORD=password, PGPASSFILE="/nonexistent")
        assert done.returncode == 1 and "password" in done.stderr and source.split("user=")[0] in done.stderr


@pytest.mark.parametrize("form", ["PG:{} password='{}'", "PG:{} PASSWORD = {}", "PG:password='{1}' {0}",
                                  "postgresql://lezer:{1}@127.0.0.1/gis", "postgresql://127.0.0.1/gis?password={1}"])
def test_a_password_in_a_source_or_target_is_refused(form, postgres, world, tmp_path):
    plain = "geheim7391"
    source = form.format(postgres.source("lezer", "127.0.0.1")[3:], plain)
    model = with_points(world, "geheim.json", source, layer="punten")
    runs = [("riskmap-inspect", source), ("riskmap-score", model, tmp_path / "r.gpkg"), ("riskmap-check", model),
            ("riskmap-score", of_file(world), "--output", source),
            ("riskmap-score", of_file(world), tmp_path / "r.gpkg", "--layer", f"punten={source}")]
    for run in runs:
        done = flow.run(*run, "--lang", "en")
        assert done.returncode != 0 and "PGPASSWORD" in done.stderr + done.stdout, run
        assert plain not in done.stderr + done.stdout, run
    assert not (tmp_path / "r.gpkg").exists()


def test_an_override_that_is_not_used_leaves_no_password_in_the_record(world, tmp_path):
    model = json.loads(of_file(world).read_text())
    model["layers"]["extra"] = {"source": "punten.csv"}
    (world / "extra.json").write_text(json.dumps(model))
    done = flow.run("riskmap-score", world / "extra.json", tmp_path / "r.gpkg", "--layer",
                    "extra=PG:dbname=x password='gehe im7391' user=y")
    assert done.returncode in (0, 1) and "im7391" not in done.stdout + done.stderr
    if done.returncode == 0:
        assert "im7391" not in json.dumps(flow.tables(tmp_path / "r.gpkg"), default=str)


@pytest.mark.parametrize("source,words", [
    ("PG:host=127.0.0.1 port=1 dbname=gis user=x", ["refused"]),
    ("PG:host=no-such-host.invalid dbname=gis", ["no-such-host.invalid"]),
    ("PG:{} dbname=geen", ["twice"]),
    ("PG:host=/tmp options='-c x=y'", ["nothing else"]), ("PG:host=/tmp schemas=a", ["nothing else"])])
def test_databases_that_are_not_there(source, words, postgres):
    done = inspect(source.format(postgres.source()[3:]))
    assert done.returncode == 1 and all(word in done.stderr for word in words), done.stderr


# ---- as a target ----


def relations(postgres, schema):
    return {name: kind for name, kind in postgres.sql(
        "SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE n.nspname = '{schema}' AND c.relkind IN ('r', 'v')")}


def test_a_result_in_the_database_is_that_of_the_file(postgres, world, tmp_path):
    wanted = flow.score(of_file(world), tmp_path / "a.gpkg")
    done = flow.run("riskmap-score", of_file(world), "--as-of", flow.AS_OF, "--output", postgres.source())
    assert done.returncode == 0, done.stderr
    assert relations(postgres, "riskmap") == TABLES
    for table, rows in wanted.items():
        if table not in TABLES:
            continue
        columns = [name for name in (rows[0] if rows else {}) if name != "geom"]
        if not columns:
            assert postgres.sql(f"SELECT count(*) FROM riskmap.{table}") == [["0"]]
            continue
        listed = ", ".join(f'"{name}"' for name in columns)
        got = [row[0] for row in postgres.sql(f"SELECT row_to_json(t) FROM (SELECT {listed} FROM riskmap.{table} ORDER BY 1) t")]
        got = [json.loads(row) for row in got]
        kept = [{name: row[name] for name in columns} for row in rows]
        if table == "run":
            got, kept = ([row for row in part if row["key"] not in flow.RUN_KEYS_THAT_VARY] for part in (got, kept))
        assert got == kept, table
    # the places themselves
    postgres.load(tmp_path / "a.gpkg", "vergelijk", layer="areas")
    assert postgres.sql("SELECT bool_and(ST_Equals(a.geom, b.geom) AND ST_SRID(a.geom) = 28992 AND "
                        "GeometryType(a.geom) = 'MULTIPOLYGON'), count(*) FROM riskmap.areas a "
                        "JOIN vergelijk b ON a.id = b.id") == [["t", "4"]]
    assert postgres.sql("SELECT count(*) FROM pg_indexes WHERE schemaname = 'riskmap' AND indexdef LIKE '%gist%'") == [["1"]]


def test_every_table_says_what_a_score_is_not(postgres, world):
    comments = dict(postgres.sql("SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = "
                                 "'riskmap'::regnamespace AND relkind IN ('r', 'v')"))
    assert set(comments) == set(TABLES)
    assert all("geen verdenking" in text and LINE not in text for text in comments.values()), comments
    assert postgres.sql("SELECT col_description('riskmap.areas'::regclass, attnum) FROM pg_attribute WHERE attrelid = "
                        "'riskmap.areas'::regclass AND attname = 'rank'") == [["Rang"]]


def test_it_opens_styled_in_qgis(postgres, world):
    assert postgres.sql("SELECT f_table_schema, f_table_name, f_geometry_column, useasdefault, "
                        "xpath_exists('//renderer-v2', styleqml) FROM layer_styles") == [
        ["riskmap", "areas", "geom", "t", "t"]]


def test_what_is_there_is_not_overwritten_unasked(postgres, world):
    before = postgres.sql("SELECT xmin, fid FROM riskmap.areas")
    started = time.monotonic()
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--lang", "en")
    assert done.returncode == 1 and "holds riskmap.areas already" in done.stderr
    assert time.monotonic() - started < 5
    assert postgres.sql("SELECT xmin, fid FROM riskmap.areas") == before
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--overwrite")
    assert done.returncode == 0, done.stderr
    assert postgres.sql("SELECT xmin, fid FROM riskmap.areas") != before
    assert postgres.sql("SELECT count(*) FROM layer_styles") == [["1"]]


def test_tables_of_others_are_never_overwritten(postgres, world):
    postgres.sql('CREATE SCHEMA "Van een ander"; CREATE TABLE "Van een ander".issues AS SELECT 1 AS mijn')
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "Van een ander", "--overwrite",
                    "--lang", "en")
    assert done.returncode == 1 and "was not written by riskmap" in done.stderr
    assert relations(postgres, "Van een ander") == {"issues": "r"}
    assert postgres.sql('SELECT mijn FROM "Van een ander".issues') == [["1"]]


@pytest.mark.parametrize("schema", ["o'brien\"; --", "Grote Letters", "é"])
def test_schemas_of_any_name(schema, postgres, world):
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", schema)
    assert done.returncode == 0, done.stderr
    quoted = '"' + schema.replace('"', '""') + '"'
    assert postgres.sql(f"SELECT count(*) FROM {quoted}.areas") == [["4"]]
    assert postgres.sql(f"SELECT count(*) FROM {quoted}.reasons") == [["12"]]
    postgres.sql(f"DROP SCHEMA {quoted} CASCADE")


def test_all_or_nothing(postgres, world):
    """The server refuses the last table; nothing of the result is left."""
    postgres.sql("""CREATE FUNCTION geen_run() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'heel.run') THEN
            RAISE EXCEPTION 'geen tabel run hier'; END IF; END $$;
        CREATE EVENT TRIGGER geen_run ON ddl_command_end EXECUTE FUNCTION geen_run()""")
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "heel", "--lang", "en")
    assert done.returncode == 1 and "geen tabel run hier" in done.stderr, done.stderr
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'heel'") == [["0"]]
    # and what stood there before stays, when the new one fails
    postgres.sql("ALTER EVENT TRIGGER geen_run DISABLE")
    assert flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "heel").returncode == 0
    postgres.sql("ALTER EVENT TRIGGER geen_run ENABLE")
    before = postgres.sql("SELECT xmin, fid FROM heel.contributions")
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "heel", "--overwrite")
    assert done.returncode == 1
    assert postgres.sql("SELECT xmin, fid FROM heel.contributions") == before
    postgres.sql("DROP EVENT TRIGGER geen_run")
    postgres.sql("CREATE VIEW heel.van_mij AS SELECT * FROM heel.areas")
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "heel", "--overwrite")
    assert done.returncode == 1 and "depend" in done.stderr
    assert postgres.sql("SELECT xmin, fid FROM heel.contributions") == before


def test_who_may_not_write_gets_a_line(postgres, world):
    done = flow.run("riskmap-score", of_file(world), postgres.source("lezer"), "--schema", "nieuw", "--lang", "en")
    assert done.returncode == 1 and "permission denied" in done.stderr and len(done.stderr.splitlines()) == 1
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'nieuw'") == [["0"]]


def test_a_user_without_rights_on_public_gets_the_tables_without_the_style(postgres, world):
    postgres.sql("CREATE ROLE schrijver LOGIN; CREATE SCHEMA van_schrijver AUTHORIZATION schrijver")
    done = flow.run("riskmap-score", of_file(world), postgres.source("schrijver"), "--schema", "van_schrijver")
    assert done.returncode == 0, done.stderr
    assert relations(postgres, "van_schrijver") == TABLES


def test_shielded_results_are_for_their_owner_alone(postgres, world):
    """Also where the schema gives everyone rights on whatever is made in it."""
    postgres.sql("CREATE SCHEMA dicht; GRANT USAGE ON SCHEMA dicht TO PUBLIC;"
                 "ALTER DEFAULT PRIVILEGES IN SCHEMA dicht GRANT SELECT ON TABLES TO PUBLIC;"
                 "ALTER DEFAULT PRIVILEGES IN SCHEMA dicht GRANT ALL ON TABLES TO ander")
    model = json.loads(of_file(world).read_text())
    model["layers"]["punten"].pop("classification")
    (world / "dicht.json").write_text(json.dumps(model))
    styles = postgres.sql("SELECT count(*) FROM layer_styles")
    done = flow.run("riskmap-score", world / "dicht.json", postgres.source(), "--schema", "dicht")
    assert done.returncode == 0 and LINE in done.stdout
    assert relations(postgres, "dicht") == TABLES
    assert postgres.sql("SELECT DISTINCT a.grantee::regrole FROM pg_class c, aclexplode(c.relacl) a WHERE relnamespace = "
                        "'dicht'::regnamespace") == [[postgres.user]]
    comments = postgres.sql("SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = 'dicht'::regnamespace "
                            "AND relkind IN ('r', 'v')")
    assert len(comments) == len(TABLES) and all(LINE in row[0] for row in comments)
    assert postgres.sql("SELECT count(*) FROM layer_styles") == styles
    for table in TABLES:
        assert postgres.sql(f"SELECT has_table_privilege('ander', 'dicht.{table}', 'SELECT')") == [["f"]]


def test_a_database_without_postgis(postgres, world):
    postgres.sql("CREATE DATABASE kaal", database="postgres")
    done = flow.run("riskmap-score", of_file(world), postgres.source().replace("dbname=gis", "dbname=kaal"), "--lang", "en")
    assert done.returncode == 1 and "CREATE EXTENSION postgis" in done.stderr


def test_a_stopped_run_leaves_nothing(postgres, world, tmp_path):
    """The connection goes; the server undoes the transaction."""
    (tmp_path / "top.csv").mkdir()
    done = flow.run("riskmap-score", of_file(world), postgres.source(), "--schema", "weg", "--table", tmp_path / "top.csv")
    assert done.returncode == 1  # the folder is no file: refused before anything is computed
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'weg'") == [["0"]]
