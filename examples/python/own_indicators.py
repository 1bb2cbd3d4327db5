"""Your own indicators on a GeoDataFrame, weighed by a model of your own.

    python examples/python/own_indicators.py

Counts and distances come from riskmap, the rest from pandas; the model then scores them with reasons. Needs geopandas.
"""

import pathlib

import geopandas

import riskmap

data = pathlib.Path(__file__).resolve().parents[1] / "data"
parks = geopandas.read_file(data / "bedrijventerreinen.gpkg").to_crs(28992)
addresses = riskmap.read(data / "bag-light.gpkg", "verblijfsobject")
reports = riskmap.read(data / "meldingen.csv", crs=28992)

# ---- indicators: arrays with one entry for each business park ----
parks["addresses"] = riskmap.count_in_areas(parks, addresses)
parks["reports"] = riskmap.count_in_areas(parks, reports)
parks["reports_per_100"] = 100 * riskmap.stats.rates(parks["reports"], parks["addresses"], method="global")
parks["metres_to_water"] = riskmap.nearest_to_areas(parks, riskmap.read(data / "havens.geojson", target_crs=28992))
parks["addresses_per_ha"] = parks["addresses"] / (parks.area / 10_000)

# ---- a model that weighs them: its layer is the GeoDataFrame ----
indicators = [
    ("reports_per_100", "+", 2, "Reports per 100 addresses", "Shrunk, so that small parks do not jump up by chance"),
    ("metres_to_water", "-", 1, "Metres to a harbour", "Near water goods can leave unseen; a judgement"),
    ("addresses_per_ha", "-", 1, "Addresses per hectare", "Empty parks have fewer eyes on the street; a judgement"),
]
model = riskmap.Model(
    {
        "riskmap": 1,
        "name": "own-indicators",
        "title": "Business parks, with indicators of our own",
        "purpose": "An example on made-up data",
        "crs": "EPSG:28992",
        "layers": {"parks": {"source": "given-by-python"}},  # shielded, as it holds counts of reports
        "areas": {"layer": "parks", "id": "RIN_NUMMER", "name": "PLAN_NAAM", "type": "business-park"},
        "indicators": [
            {
                "name": field,
                "pillar": "own",
                "measure": "attribute",
                "field": field,
                "scale": "percentile",
                "direction": direction,
                "weight": weight,
                "label": label,
                "why": why,
            }
            for field, direction, weight, label, why in indicators
        ],
        "score": {"aggregate": "linear", "missing": "reweight", "min_coverage": 0.6, "classes": [0.2, 0.4, 0.6, 0.8]},
    }
)
result = model.run({"parks": parks}, as_of="2026-11-01", language="en")
print(result)

# the scores beside the columns they came from
scored = parks.assign(score=result.areas["score"]).sort_values("score", ascending=False)
print(scored[["PLAN_NAAM", "score", "reports", "addresses", "metres_to_water"]].round(2).to_string(index=False))
