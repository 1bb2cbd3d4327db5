#!/bin/sh
# A heat map of 100,000 points on 2,000 x 2,000 cells of 25 m, from the file of points to the GeoTIFF, beside QGIS
# and GRASS; and 10 million points on a country grid of 100 m. Our map is compared with GRASS's before any time is
# printed (QGIS 3.22 mirrors the offset within a cell, so its map only comes near).
#
# usage: sh tests/bench/heat.sh [DATA] [WORK]
#   BENCH_PEERS="qgis grass"   which peers run (default: all that are here)
#   BENCH_REPEAT=5             runs of riskmap; the best counts
#   BENCH_QUIET=60             seconds to wait for an idle machine before each part
# DATA is made when it is not there (gen.py of bench-peers, 40 s, 180 MB).
set -u
. "$(dirname "$0")/common.sh"
data=${1:-${TMPDIR:-/tmp}/riskmap-bench/kernels-data}
work=${2:-${TMPDIR:-/tmp}/riskmap-bench/heat}
wanted=${BENCH_PEERS-qgis grass}
repeat=${BENCH_REPEAT:-5}
mkdir -p "$data" "$work"
data=$(cd "$data" && pwd)
work=$(cd "$work" && pwd)
[ -d "$peers" ] || { echo "bench-peers is not in $shared; set RISKMAP_SHARED" >&2; exit 1; }
[ -f "$data/kde.gpkg" ] || "$python" "$peers/gen.py" "$data" || exit 1
build
meson configure "$work/build" -Dprograms=true && ninja -C "$work/build" >"$work/build.log" 2>&1 ||
    { tail -30 "$work/build.log" >&2; exit 1; }
heatmap=$work/build/examples/programs/riskmap-heatmap
rm -f "$work"/heat*.log "$work"/heat*.tif
machine >"$work/machine.log"

wants() { # PEER, its program
    case " $wanted " in *" $1 "*) ;; *) echo "skipped: $1 (not in BENCH_PEERS)" >&2; return 1 ;; esac
    command -v "$2" >/dev/null || { echo "skipped: $1 ($2 is not here)" >&2; return 1; }
}

ours() { # LOG, TIF, options
    log=$1 tif=$2
    shift 2
    quiet
    i=0
    while [ $i -lt "$repeat" ]; do
        /usr/bin/time -a -o "$work/heat-$log.log" -f "wall %e cpu %U rss %M" "$heatmap" "$@" "$work/$tif" \
            --overwrite --quiet --classification open || exit 1
        i=$((i + 1))
    done
}

for radius in 500 2000; do
    for threads in 1 2; do
        ours "$radius-$threads" "heat-$radius.tif" "$data/kde.gpkg" --layer kde --cell 25 --bandwidth $radius \
            --extent 100000,400000,150000,450000 --threads $threads
    done
done
if wants qgis qgis_process.bin; then
    for radius in 500 2000; do
        quiet
        bash "$peers/run_qgis.sh" "$data" "$work/qgis" $radius 25 >"$work/heat-qgis-$radius.log" 2>&1
    done
fi
if wants grass grass; then
    quiet
    bash "$peers/run_grass.sh" "$data" "$work/grass" 500 25 >"$work/heat-grass-500.log" 2>&1
    HOME=$work/grass grass "$work/grass/gdb/rd/PERMANENT" --exec r.out.gdal -f --quiet --overwrite input=heat \
        output="$work/heat-grass-500.tif" type=Float64 >/dev/null 2>&1
fi
# ten million points over the country
[ -f "$data/country.csv" ] || "$python" "$bench/heat_table.py" points "$data/country.csv" || exit 1
repeat=1
ours country heat-country.tif "$data/country.csv" --crs EPSG:28992 --cell 100 --bandwidth 1000 \
    --extent 0,300000,300000,625000 --threads 2
"$python" "$bench/heat_table.py" table "$work"
