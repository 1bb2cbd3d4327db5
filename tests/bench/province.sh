#!/bin/sh
# A province from reading to scores: buitengebied.json on 302,404 plots with 600,000 buildings, 600,000
# addresses and 1,000,000 reports, beside GDAL alone reading the same columns and the same indicators in
# geopandas. Values are compared before any time is printed.
#
# usage: sh tests/bench/province.sh [DATA] [WORK]
#   BENCH_REPEAT=3            runs of riskmap and GDAL; the best counts
#   BENCH_QUIET=60            seconds to wait for an idle machine before each part
#   BENCH_GEOPANDAS=cached    run|cached|skip: geopandas takes many minutes; cached (the default) runs it only
#                             when WORK has no values and times of an earlier run
# DATA is made when it is not there (tests/synth/make.py, a minute, 420 MB).
set -u
. "$(dirname "$0")/common.sh"
data=${1:-${TMPDIR:-/tmp}/riskmap-bench/province-data}
work=${2:-${TMPDIR:-/tmp}/riskmap-bench/province}
repeat=${BENCH_REPEAT:-3}
geopandas=${BENCH_GEOPANDAS:-cached}
model=$root/examples/models/buitengebied.json
mkdir -p "$data" "$work"
data=$(cd "$data" && pwd)
work=$(cd "$work" && pwd)
[ -f "$data/meldingen.csv" ] || "$python" "$root/tests/synth/make.py" province "$data" || exit 1
build province
cc -std=c11 -O2 -o "$work/gdal_read" "$bench/gdal_read.c" $(gdal-config --cflags) $(gdal-config --libs) || exit 1
rm -f "$work/riskmap.log" "$work/gdal.log" "$work/double.log" "$work/write.log" "$work/geopandas.note"
machine >"$work/machine.log"
[ -f "$work/double/meldingen.csv" ] || "$python" "$bench/double_evidence.py" "$data" "$work/double" || exit 1

again() { # COUNT COMMAND...
    count=$1
    shift
    while [ "$count" -gt 0 ]; do
        "$@" || exit 1
        count=$((count - 1))
    done
}

quiet
for threads in 1 2; do
    again "$repeat" "$work/province" "$model" "$data" $threads >>"$work/riskmap.log"
    again 1 "$work/province" "$model" "$work/double" $threads >>"$work/double.log"
done
again 1 "$work/province" "$model" "$data" 2 "$work/result.gpkg" >>"$work/write.log"
quiet
for way in arrow next; do
    again "$repeat" "$work/gdal_read" $way "$data" >>"$work/gdal.log"
done

if [ "$geopandas" = skip ]; then
    echo "skipped: geopandas (BENCH_GEOPANDAS=skip)" >&2
elif [ ! -e /usr/lib/python3/dist-packages/geopandas ]; then
    echo "skipped: geopandas (python3-geopandas is not here)" >&2
else
    if [ "$geopandas" = run ] || [ ! -f "$work/geopandas.npz" ]; then
        quiet
        "$python" "$bench/province_geopandas.py" "$data" "$work/geopandas.new.npz" >"$work/geopandas.log" || exit 1
        mv "$work/geopandas.new.npz" "$work/geopandas.npz"
    else
        echo "geopandas was measured on $(date -r "$work/geopandas.npz" +%F)" >"$work/geopandas.note"
    fi
    "$python" "$bench/province_compare.py" "$work/result.gpkg" "$work/geopandas.npz" || exit 1
fi
exec "$python" "$bench/province_table.py" "$work"
