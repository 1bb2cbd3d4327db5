#!/bin/sh
# Makes the pictures of the README again: sh docs/pictures.sh, after examples/quickstart.sh.
# vakantieparken.png is drawn by QGIS (Debian's python3-qgis) from the result of the example model. heatmap.png is
# drawn by riskmap-heatmap itself; it is declared open, which is true of data that are made up: a map of your own
# reports has the red bar AFGESCHERMD instead.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

build/examples/programs/riskmap-heatmap examples/data/meldingen.csv "$folder/heatmap.tif" \
    --from 2024-01-01 --until 2025-12-31 --as-of 2026-11-01 --bandwidth 300 --cell 20 --leave-out spots \
    --png --size 1200x900 --title "Meldingen in Woldermark (een verzonnen gemeente)" \
    --credit "examples/data, alles is verzonnen" --classification open --quiet \
    --context examples/data/wegen.gpkg --context examples/data/bebouwde-kom.gpkg \
    --context name=examples/data/bebouwde-kom.gpkg
cp "$folder/heatmap.png" docs/heatmap.png

if /usr/bin/python3 -c "import qgis.core" 2>/dev/null; then
    QT_QPA_PLATFORM=offscreen /usr/bin/python3 docs/picture.py build/results/vakantieparken.gpkg \
        docs/vakantieparken.png "Woldermark (een verzonnen gemeente): vakantieparken" \
        "examples/data/wegen.gpkg|layername=wegdeel" "examples/data/brk.gpkg|layername=perceel"
else
    echo "docs/vakantieparken.png stays as it is: QGIS is not installed (python3-qgis)"
fi
