#!/bin/sh
# Collects what a Debian without a network needs for the Python package: sh bindings/python/offline.sh OUT [PACKAGE...]
# OUT then holds the wheel, a folder of .deb files and install.sh, for the same release of Debian as here; there:
#   sh OUT/install.sh FOLDER
# PACKAGE: more of Debian's packages to take along, such as python3-geopandas.
set -eu
mkdir -p "$1/debs/partial"
out=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/wheel.sh" "$out"
cp "$here/install.sh" "$out"

# Debian's packages of the libraries that the extension names
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m zipfile -e "$out"/riskmap-*.whl "$work"
libraries=$(objdump -p "$work/riskmap/_riskmap.abi3.so" | sed -n 's/^ *NEEDED *//p' |
    while read -r name; do dpkg -S "*/$name" | sed 's/:.*//'; done | sort -u)
# as if nothing were installed: what is here already may be missing there
: >"$work/status"
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --download-only --no-install-recommends -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$out/debs" -o Debug::NoLocking=1 $libraries python3-venv python3-numpy "$@" >/dev/null
rmdir "$out/debs/partial"
rm -f "$out/debs/lock"
echo "$out: copy it to the machine without a network, and there: sh $(basename "$out")/install.sh FOLDER"
