#!/bin/sh
# Points in polygons, area overlay and nearest distance on the bench-peers data, beside GEOS in C, PostGIS
# and geopandas. All answers are compared before any time is printed.
#
# usage: sh tests/bench/kernels.sh [DATA] [WORK]
#   BENCH_PEERS="geos postgis geopandas"   which peers run (default: all that are here)
#   BENCH_REPEAT=5                         runs of riskmap and GEOS; the best counts
#   BENCH_QUIET=60                         seconds to wait for an idle machine before each part
# DATA is made when it is not there (gen.py of bench-peers, 40 s, 180 MB); it is best on the local disk.
set -u
. "$(dirname "$0")/common.sh"
data=${1:-${TMPDIR:-/tmp}/riskmap-bench/kernels-data}
work=${2:-${TMPDIR:-/tmp}/riskmap-bench/kernels}
wanted=${BENCH_PEERS-geos postgis geopandas}
repeat=${BENCH_REPEAT:-5}
mkdir -p "$data" "$work"
data=$(cd "$data" && pwd)
work=$(cd "$work" && pwd)
[ -d "$peers" ] || { echo "bench-peers is not in $shared; set RISKMAP_SHARED" >&2; exit 1; }
[ -f "$data/points.gpkg" ] || "$python" "$peers/gen.py" "$data" || exit 1
build kernels
rm -f "$work/riskmap.log" "$work/geos.log" "$work/postgis.log" "$work/geopandas.log"
machine >"$work/machine.log"

wants() { # PEER, and what must be there
    case " $wanted " in *" $1 "*) ;; *) echo "skipped: $1 (not in BENCH_PEERS)" >&2; return 1 ;; esac
    [ -e "$2" ] || { echo "skipped: $1 ($2 is not here)" >&2; return 1; }
}

"$work/kernels" list "$data" 0 >"$work/counts.txt" || exit 1
quiet
for job in count stream overlay nearest; do
    for threads in 1 2; do
        i=0
        while [ $i -lt "$repeat" ]; do
            "$work/kernels" $job "$data" $threads >>"$work/riskmap.log" || exit 1
            i=$((i + 1))
        done
    done
done

if wants geos "$peers/geos_pip.c"; then
    cc -O3 -march=native -w -o "$work/geos_pip" "$peers/geos_pip.c" $(gdal-config --cflags) \
        $(gdal-config --libs) -lgeos_c -lpthread || exit 1
    quiet
    for threads in 1 2; do
        i=0
        while [ $i -lt "$repeat" ]; do
            /usr/bin/time -f "user=%U sys=%S rss_kb=%M" "$work/geos_pip" "$data" $threads >>"$work/geos.log" 2>&1 || exit 1
            i=$((i + 1))
        done
    done
fi
if wants postgis /usr/lib/postgresql/15/bin/initdb; then
    quiet
    bash "$peers/run_postgis.sh" "$data" "$work/postgis" all >"$work/postgis.log" 2>&1 || {
        tail "$work/postgis.log" >&2; exit 1; }
fi
if wants geopandas /usr/lib/python3/dist-packages/geopandas; then
    for job in pip overlay; do
        quiet
        /usr/bin/time -f "job=$job total=%e user=%U sys=%S rss_kb=%M" "$python" "$peers/run_geopandas.py" "$data" $job \
            >>"$work/geopandas.log" 2>&1 || exit 1
    done
fi
exec "$python" "$bench/kernels_table.py" "$work"
