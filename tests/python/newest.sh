#!/bin/sh
# The Python tests once more, on the wheel, beside the newest packages: sh tests/python/newest.sh BUILD
# Everything stays in the folder BUILD/newest; its virtual environment is made once. Where packages cannot be fetched, all of
# these tests skip.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "$1" && pwd)
newest=$build/newest
python=/usr/bin/python3
mkdir -p "$newest"

if [ ! -f "$newest/ready" ]; then
    rm -rf "$newest/venv"
    $python -m venv "$newest/venv"
    if "$newest/venv/bin/pip" download -q --no-deps -d "$newest" wheel >"$newest/pip.log" 2>&1; then
        "$newest/venv/bin/pip" install -q -r tests/python/requirements.txt >"$newest/pip.log" 2>&1 ||
            { cat "$newest/pip.log"; exit 1; }
        touch "$newest/ready"
    fi
fi
if [ -f "$newest/ready" ]; then
    BUILD=$newest/wheel sh bindings/python/wheel.sh "$newest/dist" >"$newest/wheel.log" 2>&1 || { cat "$newest/wheel.log"; exit 1; }
    python=$newest/venv/bin/python
    $python -m pip install -q --no-deps --force-reinstall "$newest"/dist/*.whl
    export RISKMAP_INSTALLED=1
else
    export RISKMAP_SKIP="the newest packages cannot be fetched (tests/python/requirements.txt)"
fi
# leaks: the same extension is looked at without the wheel
RISKMAP_BUILD=$build $python -m pytest -q -rs -p no:cacheprovider --junitxml="$build/newest.xml" \
    --ignore=tests/python/test_model_schema.py --ignore=tests/python/test_leaks.py tests/python
