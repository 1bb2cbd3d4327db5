#!/bin/sh
# From nothing to three scored maps and a heat map of the made-up municipality: sh examples/quickstart.sh
# Installs what is missing (apt, with sudo when you are not root), builds, runs the three models, makes the
# heat map, and writes the results to build/results. Nothing is installed outside the build folder but packages.
set -eu
cd "$(dirname "$0")/.."
. examples/apt.sh

need $BUILD_PACKAGES
if [ ! -f build/build.ninja ]; then
    meson setup build -Dtests=false >setup.log 2>&1 || { cat setup.log; exit 1; }
    mv setup.log build/
fi
echo "building (a minute)"
meson compile -C build >build/compile.log 2>&1 || { cat build/compile.log; exit 1; }

mkdir -p build/results
for model in bedrijventerreinen vakantieparken buitengebied; do
    echo
    build/examples/programs/riskmap-score "examples/models/$model.json" "build/results/$model.gpkg" \
        --as-of 2026-11-01 --table "build/results/$model.xlsx" --overwrite
done

echo
# dates and bandwidth are stated, so that it is the same map on any day
build/examples/programs/riskmap-heatmap examples/data/meldingen.csv build/results/heat.tif \
    --from 2024-01-01 --until 2025-12-31 --as-of 2026-11-01 --bandwidth 300 --cell 20 --leave-out spots \
    --png --title "Meldingen in Woldermark (een verzonnen gemeente)" --contours --overwrite \
    --context examples/data/wegen.gpkg --context examples/data/bebouwde-kom.gpkg
echo
echo "The heat map is build/results/heat.png, for QGIS heat.tif (coloured) and heat-contours.gpkg (densest 5, 10, 20%)."
echo "Open build/results/*.gpkg in QGIS: the layer 'areas' comes with its colours and Dutch names."
