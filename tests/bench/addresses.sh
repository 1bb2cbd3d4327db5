#!/bin/sh
# A million made-up reports placed by the real addresses of a province, reading of both files included, beside
# a pandas merge. Every answer is compared before any time is printed.
#
# usage: sh tests/bench/addresses.sh [ADDRESSES] [WORK]
#   BENCH_REPEAT=5     runs of riskmap; the best counts
#   BENCH_REPORTS=1000000
#   BENCH_QUIET=60     seconds to wait for an idle machine before the runs
set -u
. "$(dirname "$0")/common.sh"
addresses=${1:-$shared/data/addresses/bag_adressen_overijssel_2018-11.csv.gz}
work=${2:-${TMPDIR:-/tmp}/riskmap-bench/addresses}
repeat=${BENCH_REPEAT:-5}
count=${BENCH_REPORTS:-1000000}
mkdir -p "$work"
work=$(cd "$work" && pwd)
[ -f "$addresses" ] || { echo "$addresses is not here; set RISKMAP_SHARED" >&2; exit 1; }
build
set --
for layer in io data base; do
    set -- "$@" "$work/build/libriskmap/$layer/libriskmap_$layer.a"
done
# shellcheck disable=SC2046 # lists of words
cc -std=c11 -O2 -I"$root/include" -I"$root/libriskmap" -o "$work/addresses" "$bench/addresses.c" "$@" \
    $(pkg-config --libs gdal proj sqlite3 zlib) $(pkg-config --libs --silence-errors libcurl libpq) -lm -lpthread || exit 1
reports=$work/reports-$count.csv
[ -f "$reports" ] || "$python" "$bench/addresses.py" make "$addresses" "$reports" "$count" >"$work/shares.log" || exit 1
rm -f "$work/riskmap.log"
machine >"$work/machine.log"
"$work/addresses" "$addresses" "$reports" 2 "$work/answers.csv" "$work/places.csv" || exit 1
"$python" "$bench/addresses.py" merge "$addresses" "$reports" "$work/places.csv" "$work/answers.csv" \
    >"$work/pandas.log" || exit 1
quiet
for threads in 1 2; do
    i=0
    while [ $i -lt "$repeat" ]; do
        "$work/addresses" "$addresses" "$reports" $threads >>"$work/riskmap.log" || exit 1
        i=$((i + 1))
    done
done
exec "$python" "$bench/addresses.py" table "$work"
