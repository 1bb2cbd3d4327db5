#!/bin/sh
# From nothing to three scored maps of the made-up municipality: sh examples/quickstart.sh
# Installs what is missing (apt, with sudo when you are not root), builds, runs the three models, and
# writes the results to build/results. Nothing is installed outside the build folder but packages.
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
echo "Open build/results/*.gpkg in QGIS: the layer 'areas' comes with its colours and Dutch names."
