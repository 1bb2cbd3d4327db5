#!/bin/sh
# Neighbours, local Moran and Gi*, the scan in space and time, Knox, nearest neighbours and Ripley's K, beside
# spdep and GEOS in C. Answers are compared before any time is printed; the scan's, Knox's and the rest with
# what numpy and scipy make of the same data.
#
# usage: sh tests/bench/statistics.sh [DATA] [PROVINCE] [WORK]
#   BENCH_PEERS="spdep geos"   which peers run (default: all that are here)
#   BENCH_REPEAT=5             runs of riskmap; the best counts
#   BENCH_QUIET=60             seconds to wait for an idle machine before each part
#   SATSCAN=/path/to/program   SaTScan, which Debian does not have (otherwise its time is shown as recorded)
# DATA (gen.py of bench-peers) and PROVINCE (tests/synth/make.py) are made when they are not there.
set -u
. "$(dirname "$0")/common.sh"
data=${1:-${TMPDIR:-/tmp}/riskmap-bench/kernels-data}
province=${2:-${TMPDIR:-/tmp}/riskmap-bench/province-data}
work=${3:-${TMPDIR:-/tmp}/riskmap-bench/statistics}
wanted=${BENCH_PEERS-spdep geos}
repeat=${BENCH_REPEAT:-5}
mkdir -p "$data" "$province" "$work/scan"
data=$(cd "$data" && pwd)
province=$(cd "$province" && pwd)
work=$(cd "$work" && pwd)
[ -d "$peers" ] || { echo "bench-peers is not in $shared; set RISKMAP_SHARED" >&2; exit 1; }
[ -f "$data/areas.gpkg" ] || "$python" "$peers/gen.py" "$data" || exit 1
[ -f "$province/meldingen.csv" ] || "$python" "$root/tests/synth/make.py" province "$province" || exit 1
"$python" "$peers/gen_scan.py" "$data/areas.csv" "$work/scan" 400 90 4000 50 50 999 >/dev/null || exit 1
[ -f "$work/points.csv" ] || "$python" "$bench/statistics_table.py" points "$work/points.csv" || exit 1
build statistics
cc -std=c11 -O2 -o "$work/statistics_geos" "$bench/statistics_geos.c" $(gdal-config --cflags) \
    $(gdal-config --libs) $(geos-config --cflags) -lgeos_c || exit 1
rm -f "$work"/*.log "$work/spdep.csv" "$work"/links-*.txt
machine >"$work/machine.log"

wants() { # PEER, and what must be there
    case " $wanted " in *" $1 "*) ;; *) echo "skipped: $1 (not in BENCH_PEERS)" >&2; return 1 ;; esac
    [ -e "$2" ] || { echo "skipped: $1 ($2 is not here)" >&2; return 1; }
}

ours() { # JOB FILES
    quiet
    for threads in 1 2; do
        i=0
        while [ $i -lt "$repeat" ]; do
            "$work/statistics" $threads "$@" >>"$work/riskmap.log" || exit 1
            i=$((i + 1))
        done
    done
}

"$work/statistics" 0 answers "$data/areas.gpkg" "$work/answers.csv" || exit 1
"$work/statistics" 0 neighbours "$data/areas.gpkg" "$work/links-neighbours.txt" >/dev/null || exit 1
"$work/statistics" 0 plots "$province/brk.gpkg" "$work/links-plots.txt" >/dev/null || exit 1
ours neighbours "$data/areas.gpkg"
ours plots "$province/brk.gpkg"
for way in analytic own shared; do
    ours moran-$way "$data/areas.gpkg"
    ours gstar-$way "$data/areas.gpkg"
done
ours million
ours scan "$work/scan"
for job in knox nearest ripley; do
    ours $job "$work/points.csv"
done

if wants geos /usr/include/geos_c.h; then
    quiet
    "$work/statistics_geos" neighbours "$data/areas.gpkg" "$work/links-neighbours-geos.txt" >>"$work/geos.log" || exit 1
    "$work/statistics_geos" plots "$province/brk.gpkg" "$work/links-plots-geos.txt" >>"$work/geos.log" || exit 1
fi
if wants spdep /usr/lib/R/site-library/spdep; then
    for cores in 1 2; do
        quiet
        /usr/bin/time -f "user=%U sys=%S rss_kb=%M" Rscript "$bench/statistics_spdep.R" "$data/areas.gpkg" $cores \
            "$work/spdep.csv" >"$work/spdep-$cores.log" 2>&1 || { tail "$work/spdep-$cores.log" >&2; exit 1; }
    done
fi
if [ -x "${SATSCAN:-}" ]; then
    quiet
    /usr/bin/time -f "job=satscan threads=2 kernel=%e cpu=%U rss_kb=%M" "$SATSCAN" "$work/scan/scan.prm" \
        >"$work/satscan.log" 2>&1 || { tail "$work/satscan.log" >&2; exit 1; }
fi
exec "$python" "$bench/statistics_table.py" table "$work"
