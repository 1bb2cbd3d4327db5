"""The whole flow on the real holiday parks of Overijssel, in under 30 lines: real_parks.py DATA OUT. No score is printed."""
import sys
import riskmap

data, out = sys.argv[1:]


def indicator(name, measure, weight, **more):
    return {"name": name, "measure": measure, "weight": weight, "pillar": "structure", "scale": "percentile",
            "direction": "+", "label": name, "why": "toets", **more}


model = riskmap.Model({
    "riskmap": 1, "name": "parken", "purpose": "toets", "crs": "EPSG:28992", "areas": {"layer": "parken"},
    "layers": {
        "parken": {"source": f"{data}/holiday-parks/vakantieparken_final.zip", "where": "provincien = 'Overijssel'"},
        "adressen": {"source": f"{data}/addresses/bag_adressen_overijssel_2018-11.csv.gz"},
        "natuur": {"source": f"{data}/nature/natura2000_natura.geojson"},
        "kom": {"source": f"{data}/boundaries/top10nl_plaats_overijssel.gml.gz", "crs": "EPSG:28992"}},
    "indicators": [
        indicator("adressen", "count", 1, of="adressen"), indicator("ouderdom", "age", 2, field="bouwjaar_m"),
        indicator("natuur", "cover", 1, of="natuur"), indicator("kom", "nearest", 1, of="kom")]})
print(model.check(complete_from=0.5).ok)
result = model.run(as_of="2026-11-01")
parks = result.to_geopandas()
print(len(parks), result.ranked, parks.crs.to_epsg(), int(result.layers["read"][1]))
model.save(f"{out}/model.json")
result.write(f"{out}/parks.gpkg")
result.write_table(f"{out}/top.xlsx", rows=25)
