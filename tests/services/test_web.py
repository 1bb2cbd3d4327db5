"""Web services that answer as they should not, and one that does: OGC API Features and WFS from a small
server on this machine. Every failure is one line that says what is wrong and what to do."""

import json
import shutil
import ssl
import subprocess
import time

import pytest

import servers
from servers import Web, flow

SECRET = "geheim7391"
COUNT = 25


def point(k):
    return flow.feature(flow.point(6.0 + k / 1000, 52.0), naam=f"Punt {k} é", nummer=f"{k:04d}", waarde=k / 4)


def features(k_from, k_to, **more):
    found = [{**point(k), "id": k} for k in range(k_from, k_to)]
    return {"type": "FeatureCollection", "features": found, "numberReturned": len(found), **more}


def links(base, path, rel="items", kind="application/geo+json"):
    return {"rel": rel, "type": kind, "href": base + path}


def api(items, collections=("punten",)):
    """A service whose items come from items(handler, base, offset, limit); all else is in order."""
    def answer(handler, path, query):
        base = f"http://{handler.headers['Host']}"
        asked = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        if path in ("/", ""):
            handler.give({"title": "Proef", "links": [links(base, "/collections", "data", "application/json")]})
        elif path == "/collections":
            handler.give({"collections": [
                {"id": name, "title": name, "links": [links(base, f"/collections/{name}/items")]}
                for name in collections], "links": []})
        elif path.startswith("/collections/") and path.endswith("/items"):
            items(handler, base, int(asked.get("offset", 0)), int(asked.get("limit", 10)))
        elif path.startswith("/collections/"):
            name = path.split("/")[2]
            handler.give({"id": name, "title": name, "links": [links(base, f"/collections/{name}/items")]})
        else:
            handler.give({"code": "NotFound"}, 404)
    return answer


def pages(size=10, count=COUNT):
    def items(handler, base, offset, limit):
        end = min(offset + min(limit, size), count)
        following = [links(base, f"/collections/punten/items?offset={end}&limit={limit}", "next")] if end < count else []
        handler.give(features(offset, end, numberMatched=count, links=following), kind="application/geo+json")
    return items


def inspect(source, *arguments, **environment):
    done = flow.run("riskmap-inspect", source, "--lang", "en", *arguments, environment=environment, timeout=60)
    assert SECRET not in done.stdout + done.stderr
    return done


def refused(done, *words):
    assert done.returncode == 1, done.stdout
    said = done.stderr.strip().splitlines()
    assert said and all(word in said[-1] for word in words), said


# ---- as it should be ----


def test_layers_are_listed(tmp_path):
    with Web(api(pages(), ("punten", "lijnen"))) as web:
        done = inspect(web.url + "/")
        assert done.returncode == 0, done.stderr
        assert "(OAPIF): 2 layers" in done.stdout and "25 (Point)" in done.stdout
        assert "naam (text), nummer (text), waarde (real)" in done.stdout
        listed = json.loads(inspect(web.url + "/", "--json").stdout)
        assert [layer["listed_only"] for layer in listed["layers"]] == [True, True]


@pytest.mark.parametrize("path", ["", "/", "/collections", "/collections/punten", "/collections/punten/items",
                                  "/collections/punten/items?limit=3"])
def test_addresses_from_a_browser_are_understood(path):
    with Web(api(pages())) as web:
        for prefix in ("OAPIF:", "") if "items" not in path else ("OAPIF:",):
            done = inspect(prefix + web.url + path, "--layer", "punten")
            assert done.returncode == 0 and f"{COUNT} (Point)" in done.stdout, (prefix, done.stderr)


def test_all_pages_are_read_and_the_place_is_right():
    with Web(api(pages(7))) as web:
        done = inspect(web.url, "--layer", "punten", "--json")
        layer = json.loads(done.stdout)["layers"][0]
        assert layer["features"] == COUNT and not layer["listed_only"]
        # lon/lat, and never lat/lon; 6.0, 52.0 is RD 197082, 445913
        assert abs(layer["extent"][0] - 197082) < 2 and abs(layer["extent"][1] - 445913) < 20
        assert layer["crs_operation"] and layer["crs"] in ("EPSG:4326", "OGC:CRS84")
        assert len({path for path in web.asked if "offset=" in path}) == 3


def test_scores_say_where_and_when(tmp_path):
    (tmp_path / "punten.csv").write_text("x\n")
    flow.geojson(tmp_path / "gebieden.geojson",
                 [flow.feature(flow.polygon(flow.square(197000 + 700 * k, 445500, 700)), code=f"A{k}", naam="", jaar=1970 + k)
                  for k in range(3)])
    with Web(api(pages(7))) as web:
        model = flow.simple_model(tmp_path, indicators=[{"name": "n", "measure": "count", "of": "punten", **flow.COMMON}],
                                  layers={"gebieden": {"source": "gebieden.geojson", "classification": "open"},
                                          "punten": {"source": web.url, "layer": "punten", "classification": "open"}})
        found = flow.score(model, tmp_path / "r.gpkg")
    layer = {row["name"]: row for row in found["layers"]}["punten"]
    assert (layer["read"], layer["driver"]) == (COUNT, "OAPIF")
    assert layer["fingerprint"].startswith("retrieved 20")
    assert layer["crs_operation"]
    assert sum(row["features"] for row in found["contributions"]) == COUNT


# ---- as it should not be ----


def closed(handler):
    handler.close_connection = True


def cut_by_length(handler, base, offset, limit):
    handler.give(b'{"type": "FeatureCollection", "features": [', Content_Length="5000")
    closed(handler)


def cut_without_length(handler, base, offset, limit):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/geo+json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(json.dumps(features(0, 10)).encode()[:-40])
    closed(handler)


def slow(handler, base, offset, limit):
    time.sleep(3)


def drip(handler, base, offset, limit):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def circle(handler, base, offset, limit):
    following = {0: 10, 10: 20, 20: 10}[offset]
    handler.give(features(offset, offset + 10, links=[
        links(base, f"/collections/punten/items?offset={following}&limit={limit}", "next")]))


def endless(**counted):
    def items(handler, base, offset, limit):
        handler.give(features(offset, offset + 2, **counted, links=[
            links(base, f"/collections/punten/items?offset={offset + 2}&limit={limit}", "next")]))
    return items


def fewer(handler, base, offset, limit):
    handler.give(features(0, 10, numberMatched=COUNT, links=[]))


def next_to(href):
    return lambda handler, base, offset, limit: handler.give(
        features(0, 5, links=[{"rel": "next", "type": "application/geo+json", "href": href}]))


def gives(*arguments, **named):
    return lambda handler, base, offset, limit: handler.give(*arguments, **named)


def redirect(to):
    return lambda handler, base, offset, limit: handler.give("", 302, Location=to.replace("BASE", base))


PAGE = "<!DOCTYPE html><html><head><title>Log in bij de viewer</title></head></html>"
# what is wrong: (the answer to the request for items, words of the message, environment)
WRONG = {
    "not found": (gives({"detail": "geen laag"}, 404), ["HTTP 404", "geen laag"], {}),
    "server error": (gives("kapot", 500, "text/plain"), ["HTTP 500", "also when asked again"], {}),
    "login": (gives("", 401), ["asks for a login", "HTTP 401", "RISKMAP_LOGIN_127_0_0_1=user:password",
                               "RISKMAP_TOKEN_127_0_0_1"], {}),
    "forbidden": (gives("", 403), ["asks for a login", "HTTP 403"], {}),
    "wrong login": (gives("", 401), ["refuses the login of RISKMAP_LOGIN_127_0_0_1"],
                    {"RISKMAP_LOGIN_127_0_0_1": f"me:{SECRET}"}),
    "web page": (gives(PAGE, kind="text/html"), ["a web page", "Log in bij de viewer"], {}),
    "slow": (slow, ["no whole answer within 1 s", "RISKMAP_HTTP_TIMEOUT"], {"RISKMAP_HTTP_TIMEOUT": "1"}),
    "drop by drop": (drip, ["no whole answer within 1 s"], {"RISKMAP_HTTP_TIMEOUT": "1"}),
    "cut by its length": (cut_by_length, ["broke off after 43 bytes"], {}),
    "cut": (cut_without_length, ["without an end"], {}),
    "empty": (gives(""), ["an empty answer"], {}),
    "no JSON": (gives("[1, 2"), ["neither a WFS nor OGC API Features"], {}),
    "XML": (gives("<FeatureCollection/>", kind="text/xml"), ["XML where JSON"], {}),
    "circle": (circle, ["in a circle"], {}),
    "endless": (endless(), ["goes on after 60 requests", "RISKMAP_HTTP_REQUESTS"], {"RISKMAP_HTTP_REQUESTS": "60"}),
    "endless with a count": (endless(numberMatched=10), ["goes on after 200 requests"], {"RISKMAP_HTTP_REQUESTS": "200"}),
    "fewer than counted": (fewer, ["counts 25 features and gives 10"], {}),
    "next on another host": (next_to("http://169.254.169.254/latest"), ["another host, 169.254.169.254"], {}),
    "next is a file": (next_to("file:///etc/passwd"), ["neither http nor https"], {}),
    "next is nonsense": (next_to("http://["), ["what is no address"], {}),
    "redirect to a file": (redirect("file:///etc/passwd"), ["not followed"], {}),
    "redirects without end": (redirect("BASE/collections/punten/items"), ["redirects more than 5 times"], {}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case):
    items, words, environment = WRONG[case]
    with Web(api(items)) as web:
        refused(inspect("OAPIF:" + web.url, "--layer", "punten", **environment), web.url, *words)
        if case == "server error":
            assert len(web.asked_for("items")) == 4  # and no more


@pytest.mark.parametrize("case", ["cut", "circle", "endless", "server error", "fewer than counted"])
def test_nothing_is_scored_from_half_an_answer(case, tmp_path):
    items, _, environment = WRONG[case]
    count = [0]

    def later(handler, base, offset, limit):  # the first look goes well
        count[0] += 1
        (pages(5) if count[0] < 3 and case != "fewer than counted" else items)(handler, base, offset, limit)

    flow.simple_model(tmp_path)
    with Web(api(later)) as web:
        model = flow.simple_model(tmp_path, indicators=[{"name": "n", "measure": "count", "of": "punten", **flow.COMMON}],
                                  layers={"gebieden": {"source": "gebieden.geojson"},
                                          "punten": {"source": web.url, "layer": "punten"}})
        done = flow.run("riskmap-score", model, tmp_path / "r.gpkg", environment=environment)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "r.gpkg").exists()


def test_hosts_that_are_not_there():
    refused(inspect("https://no-such-host.invalid/wfs?service=WFS"), "host is not known")
    refused(inspect(f"http://127.0.0.1:{servers.free_port()}/wfs?service=WFS"), "nothing answers there")


def test_a_server_that_recovers_is_asked_again():
    count = [0]

    def items(handler, base, offset, limit):
        count[0] += 1
        (gives("", 503) if count[0] in (1, 3) else pages())(handler, base, offset, limit)

    with Web(api(items)) as web:
        done = inspect(web.url, "--layer", "punten")
        assert done.returncode == 0 and f"{COUNT} (Point)" in done.stdout, done.stderr


def test_redirects_within_http_are_followed():
    with Web(api(pages())) as real:
        with Web(lambda handler, path, query: handler.give("", 301, Location=real.url + handler.path)) as web:
            done = inspect(web.url, "--layer", "punten")
            assert done.returncode == 0 and f"{COUNT} (Point)" in done.stdout, done.stderr


# ---- logins ----


@pytest.mark.parametrize("variable,value,header", [
    ("RISKMAP_LOGIN_127_0_0_1", f"ik:{SECRET}:x", "Basic"),
    ("RISKMAP_TOKEN_127_0_0_1", SECRET, f"Bearer {SECRET}"),
    ("RISKMAP_KEY_127_0_0_1", f"apikey={SECRET}", None),
    ("RISKMAP_TOKEN_127_0_0_1_PORT", SECRET, f"Bearer {SECRET}")])
def test_logins_come_from_the_environment(variable, value, header):
    with Web(api(pages())) as web:
        name = variable.replace("PORT", web.url.split(":")[-1])
        done = inspect(web.url, "--layer", "punten", **{name: value})
        assert done.returncode == 0 and f"{COUNT} (Point)" in done.stdout, done.stderr
        if header:
            assert all(h.get("Authorization", "").startswith(header) for h in web.headers)
        else:
            assert all(f"apikey={SECRET}" in path for path in web.asked)


def test_a_login_stays_with_its_host():
    """127.0.0.1 sends on to localhost, which must not see the login."""
    with Web(api(pages())) as real:
        other = real.url.replace("127.0.0.1", "localhost")
        with Web(lambda handler, path, query: handler.give("", 302, Location=other + path)) as web:
            for variable in ("LOGIN", "TOKEN", "KEY"):
                inspect(web.url, "--layer", "punten", **{f"RISKMAP_{variable}_127_0_0_1": f"a:b={SECRET}"})
        assert real.asked
        assert not any("Authorization" in h for h in real.headers)
        assert not any(SECRET in path for path in real.asked)


def test_no_login_goes_over_http_elsewhere():
    refused(inspect("http://geo.example.invalid/wfs?service=WFS", RISKMAP_TOKEN_GEO_EXAMPLE_INVALID=SECRET),
            "RISKMAP_TOKEN_GEO_EXAMPLE_INVALID", "use https")


@pytest.mark.parametrize("url", [
    "https://ik:{}@geo.example.org/wfs?service=WFS", "https://{}@geo.example.org/wfs?service=WFS",
    "WFS:https://geo.example.org/wfs?apikey={}", "OAPIF:https://geo.example.org/?access_TOKEN={}",
    "https://geo.example.org/wfs?service=WFS&pass%77ord={}", "https://geo.example.org/wfs?sig={}"])
def test_secrets_in_addresses_are_refused(url, tmp_path):
    source = url.format(SECRET)
    done = flow.run("riskmap-inspect", source, "--lang", "en")
    assert done.returncode == 1 and "does not belong in an address" in done.stderr
    assert "RISKMAP_LOGIN_GEO_EXAMPLE_ORG" in done.stderr
    assert SECRET not in done.stderr + done.stdout
    if "//geheim" in source:
        return  # a user alone looks like no secret until the address is opened
    model = flow.simple_model(tmp_path)
    text = json.loads(model.read_text())
    text["layers"]["ongebruikt"] = {"source": source}
    model.write_text(json.dumps(text))
    for program, *arguments in (("riskmap-score", tmp_path / "r.gpkg"), ("riskmap-check",)):
        done = flow.run(program, model, *arguments)
        assert done.returncode != 0 and SECRET not in done.stdout + done.stderr
        assert "does not belong in a model" in done.stderr + done.stdout


def test_netrc_is_not_read(tmp_path):
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login ik password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    with Web(api(pages())) as web:
        assert inspect(web.url, "--layer", "punten", HOME=str(tmp_path)).returncode == 0
        assert not any("Authorization" in h for h in web.headers)


def test_a_certificate_that_nobody_vouches_for(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out",
                    tmp_path / "cert.pem"], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with Web(api(pages()), tls) as web:
        # no option of GDAL opens what curl closes
        refused(inspect(web.url, "--layer", "punten", GDAL_HTTP_UNSAFESSL="YES"), "cannot be trusted")
        assert not web.asked


# ---- WFS ----


CAPABILITIES = """<?xml version="1.0"?>
<wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">
<ows:OperationsMetadata><ows:Constraint name="ImplementsResultPaging"><ows:DefaultValue>TRUE</ows:DefaultValue></ows:Constraint>{}
</ows:OperationsMetadata><FeatureTypeList><FeatureType><Name>app:punten</Name><DefaultCRS>urn:ogc:def:crs:EPSG::28992</DefaultCRS>
</FeatureType></FeatureTypeList></wfs:WFS_Capabilities>"""
SCHEMA = """<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:app="http://app" xmlns:gml="http://www.opengis.net/gml/3.2"
 targetNamespace="http://app"><complexType name="puntenType"><complexContent><extension base="gml:AbstractFeatureType"><sequence>
<element name="geom" type="gml:PointPropertyType"/><element name="naam" type="string"/></sequence></extension></complexContent>
</complexType><element name="punten" type="app:puntenType" substitutionGroup="gml:AbstractFeature"/></schema>"""


def members(first, last, attributes):
    return (f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:app="http://app" '
            f'xmlns:gml="http://www.opengis.net/gml/3.2" {attributes}>' + "".join(
                f'<wfs:member><app:punten gml:id="p.{k}"><app:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::28992">'
                f'<gml:pos>{200000 + k} 475000</gml:pos></gml:Point></app:geom><app:naam>n{k}</app:naam></app:punten></wfs:member>'
                for k in range(first, last)) + "</wfs:FeatureCollection>")


def wfs(feature, constraint="", schema=SCHEMA):
    """feature(start, count, hits) gives the answer to GetFeature."""
    def answer(handler, path, query):
        asked = {k.lower(): v for k, v in (p.split("=", 1) for p in query.split("&") if "=" in p)}
        request = asked.get("request", "").lower()
        if request == "getfeature":
            body = feature(int(asked.get("startindex", 0)), int(asked.get("count", 10**6)),
                           asked.get("resulttype", "").lower() == "hits")
        else:
            body = schema if request == "describefeaturetype" else CAPABILITIES.format(constraint)
        handler.give(body, kind="text/xml")
    return answer


def capped(cap, matched="unknown", following=True, hits=None):
    def feature(start, count, only_hits):
        if only_hits:
            return members(0, 0, f'numberMatched="{COUNT if hits is None else hits}" numberReturned="0"')
        end = min(start + min(count, cap), COUNT)
        more = ' next="x"' if following and end < COUNT else ""
        return members(start, end, f'numberMatched="{matched}" numberReturned="{end - start}"{more}')
    return feature


def constraint(value):
    return f'<ows:Constraint name="CountDefault"><ows:DefaultValue>{value}</ows:DefaultValue></ows:Constraint>'


@pytest.mark.parametrize("case", ["plain", "capped as stated", "capped with capped hits", "capped, told",
                                  "capped in every count", "capped in every count, told"])
def test_wfs_pages(case):
    feature, stated, environment = {
        "plain": (capped(1000), "", {}),
        "capped as stated": (capped(7), constraint(7), {}),
        "capped with capped hits": (capped(7, hits=7), constraint(7), {}),
        "capped, told": (capped(4, hits=4), "", {"RISKMAP_WFS_PAGE": "4"}),
        "capped in every count": (capped(7, 7, hits=7), constraint(7), {}),
        "capped in every count, told": (capped(7, 7, hits=7), constraint(7), {"RISKMAP_WFS_PAGE": "4"}),
    }[case]
    with Web(wfs(feature, stated)) as web:
        done = inspect(web.url + "/wfs?SERVICE=WFS", "--layer", "punten", **environment)
        assert done.returncode == 0 and f"{COUNT} (Point)" in done.stdout, (done.stdout, done.stderr)


@pytest.mark.parametrize("case", ["a next page", "a larger count", "the count of hits"])
def test_wfs_that_caps_without_a_word_loses_nothing_in_silence(case):
    feature = {"a next page": capped(7, hits=7), "a larger count": capped(7, COUNT, False, 7),
               "the count of hits": capped(7, "unknown", False)}[case]
    words = ["counts 25 features and gives 7"] if case == "the count of hits" else ["7 features at a time",
                                                                                     "RISKMAP_WFS_PAGE=7"]
    with Web(wfs(feature)) as web:
        done = inspect("WFS:" + web.url, "--layer", "punten")
        if case == "the count of hits" and done.returncode == 0:  # GDAL 3.10 asks on behind a short page
            assert f"{COUNT} (Point)" in done.stdout
        else:
            refused(done, *words)


EXCEPTION = ('<ows:ExceptionReport xmlns:ows="x"><ows:Exception><ows:ExceptionText>Laag &lt;punten&gt; is\n stuk'
             f' token={SECRET}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>')
BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><wfs:FeatureCollection>&c;</wfs:FeatureCollection>'
VRT = '<OGRVRTDataSource><OGRVRTLayer name="punten"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.mark.parametrize("body,words", [
    (EXCEPTION, "says: Laag <punten> is stuk"), (BOMB, "document type"), (PAGE, "a web page"),
    ("<wfs:FeatureCollection><wfs:member>", "without an end"), ('{"type": "FeatureCollection"}', "JSON where XML"),
    ("<!-- <wfs:FeatureCollection --><OGRVRTDataSource></OGRVRTDataSource>", "neither a WFS")])
def test_wfs_answers_that_are_none(body, words):
    with Web(wfs(lambda start, count, hits: body)) as web:
        refused(inspect(web.url + "/?service=WFS", "--layer", "punten"), words)


def test_no_answer_opens_a_file_of_this_machine(tmp_path):
    flow.geojson(tmp_path / "eigen.geojson", [flow.feature(flow.point(200000, 475000), naam=SECRET)])
    with Web(wfs(lambda start, count, hits: VRT.format(tmp_path / "eigen.geojson"))) as web:
        refused(inspect("WFS:" + web.url, "--layer", "punten"), "neither a WFS")


def test_a_schema_that_leads_elsewhere_is_not_followed():
    with Web(lambda handler, path, query: handler.give("")) as other:
        schema = SCHEMA.replace("<complexType", f'<include schemaLocation="{other.url.replace("127.0.0.1", "localhost")}/x.xsd"/>'
                                f'<include schemaLocation="/vsicurl/{other.url}/y.xsd"/><complexType', 1)
        with Web(wfs(capped(1000), schema=schema)) as web:
            inspect("WFS:" + web.url, "--layer", "punten")
        assert not other.asked


def test_a_file_that_describes_a_service_leads_nowhere(tmp_path):
    with Web(wfs(capped(1000))) as web:
        (tmp_path / "a.xml").write_text(f"<OGRWFSDataSource><URL>{web.url}</URL></OGRWFSDataSource>")
        (tmp_path / "b.xml").write_text(CAPABILITIES.replace("<FeatureTypeList>", f'<ows:Operation name="GetFeature"><ows:Get '
                                        f'href="{web.url}"/></ows:Operation><FeatureTypeList>'))
        (tmp_path / "c.json").write_text(json.dumps({"links": [{"rel": "data", "href": web.url}], "collections": []}))
        for name in ("a.xml", "b.xml", "c.json"):
            assert flow.run("riskmap-inspect", tmp_path / name).returncode == 1
        assert not web.asked


@pytest.mark.parametrize("source", ["ftp://127.0.0.1/x", "/vsicurl/http://127.0.0.1/x.gpkg", "WFS:/etc/passwd",
                                    "WFS:<OGRWFSDataSource><URL>http://127.0.0.1</URL></OGRWFSDataSource>",
                                    "MYSQL:x", "OAPIF:file:///etc/passwd", "ES:http://127.0.0.1"])
def test_other_roads_to_the_network_stay_closed(source):
    assert inspect(source).returncode == 1


def test_a_file_on_the_web_is_no_service():
    with Web(lambda handler, path, query: handler.give(features(0, 3))) as web:
        refused(inspect(web.url + "/punten.geojson"), "download it")
