#!/bin/sh
# Installs the Python package in a virtual environment: sh bindings/python/install.sh FOLDER
# Installs what is missing (Debian 12 or newer), builds, and leaves the rest of the system as it is. In a folder that
# offline.sh made it needs no network.
set -eu
folder=${1:?a folder for the virtual environment is needed: sh install.sh FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
if [ -d "$here/debs" ]; then
    missing=
    for deb in "$here"/debs/*.deb; do
        package=$(dpkg-deb -f "$deb" Package)
        there=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$package" 2>/dev/null) || there=
        [ "${there%% *}" = installed ] &&
            dpkg --compare-versions "${there#* }" ge "$(dpkg-deb -f "$deb" Version)" || missing="$missing $deb"
    done
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    # nothing is fetched: a user of its own for that could not read a home folder
    # shellcheck disable=SC2086 # a list of words
    [ -z "$missing" ] || $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        -o APT::Sandbox::User=root --no-install-recommends $missing >/dev/null
    wheels=$here
    python3 -m venv --system-site-packages "$folder"
    set -- --no-index
else
    wheels=$here/../../build-wheel/dist
    echo "building, a minute or two"
    sh "$here/wheel.sh" "$wheels"
    python3 -m venv "$folder"
    set --
fi
"$folder/bin/pip" install -q --disable-pip-version-check "$@" "$wheels"/riskmap-*.whl
"$folder/bin/python" -c 'import riskmap; print("riskmap", riskmap.__version__, "on GDAL", riskmap.build_info()["gdal"])'
echo "start with: $folder/bin/python"
