"""Holiday parks from end to end: a checklist, scores with their reasons, and what QGIS and the meeting get.

    python examples/python/holiday_parks.py [FOLDER]

FOLDER (results) gets a GeoPackage that opens styled in QGIS, and the list for the meeting. The municipality is made up.
"""

import pathlib
import sys

import riskmap

examples = pathlib.Path(__file__).resolve().parents[1]
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "results")
folder.mkdir(parents=True, exist_ok=True)

model = riskmap.Model(examples / "models/vakantieparken.json")
print(model.check(language="en"), "\n")  # what is missing, before anything is computed

result = model.run(as_of="2026-11-01", language="en")
print(result, "\n")
print("Why is De Heidehoeve first?")
for reason in result["VP-000-01"].reasons:
    print(f"  {reason.contribution:.2f}  {reason}")

result.write(folder / "vakantieparken.gpkg", overwrite=True)
result.write_table(folder / "vakantieparken.xlsx", overwrite=True)

# What if reports counted for nothing? A model is a dict that can be edited and saved.
edited = model.to_dict()
for indicator in edited["indicators"]:
    if indicator["pillar"] == "signals":
        indicator["weight"] = 0.001
without = riskmap.Model(edited).run(as_of="2026-11-01", language="en")
print("\nAlmost without the reports the first five are:", ", ".join(place.name for place in without.top(5)))
