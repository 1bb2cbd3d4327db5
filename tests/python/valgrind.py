"""Every function of the extension, once with good and once with bad arguments, under valgrind: prints what it finds and
fails on it, but for memory that Python and other packages keep.

    PYTHONPATH=build/bindings/python python3 tests/python/valgrind.py
"""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SUPPRESSIONS = pathlib.Path("/usr/lib/valgrind/python3.supp")

run = subprocess.run(
    ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=30", "--gen-suppressions=no"]
    + [f"--suppressions={SUPPRESSIONS}"] * SUPPRESSIONS.exists()
    + [sys.executable, HERE / "leaks.py", "-5"],
    env=os.environ | {"PYTHONMALLOC": "malloc"},
    cwd=HERE.parents[1],
    capture_output=True,
    text=True,
)
text = re.sub(r"^==\d+== ?", "", run.stderr, flags=re.M)


def is_ours(block):
    """An error, or memory that was lost on the way through the extension, not deeper in a library that it calls."""
    if "definitely lost" not in block:
        return True
    files = re.findall(r"\(in ([^)]*)\)", block)
    beyond = [file for file in files if not re.search(r"valgrind|/python3|libc\.so", file)]
    return bool(beyond) and "_riskmap" in beyond[0]


ours = [block for block in text.split("\n\n") if re.search(r"^ +at 0x", block, re.M) and is_ours(block)]
print("\n\n".join(ours))
print(f"{len(ours)} findings")
sys.exit(run.returncode != 0 or bool(ours) or "ERROR SUMMARY" not in text)
