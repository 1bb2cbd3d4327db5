"""The public headers compile alone, as C11 and as C++, without a warning; those of the library
compile together."""
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = sorted(p.name for p in (ROOT / "include/riskmap").glob("*.h"))
COMPILERS = [("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++11"),
             ("clang++", "c++", "c++11")]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("compiler,language,standard", COMPILERS)
def test_header_compiles_alone(header, compiler, language, standard):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    subprocess.run([compiler, "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
                    "-Werror", "-fsyntax-only", "-I", str(ROOT / "include"), "-"],
                   input=f'#include "riskmap/{header}"\n#include "riskmap/{header}"\n', text=True,
                   check=True)


def test_no_two_headers_of_the_library_clash():
    """All of them in one file: no name stands for two things."""
    folder = ROOT / "libriskmap"
    text = ""
    for path in sorted(folder.rglob("*.h")):
        others = re.findall(r"#include (<[^>]+>)", path.read_text())
        known = " && ".join(f"__has_include({other})" for other in others)
        text += f'#if {known or 1}\n#include "{path.relative_to(folder)}"\n#endif\n'
    compiler = shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("no compiler is installed")
    subprocess.run([compiler, "-x", "c", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only",
                    "-I", str(ROOT / "include"), "-I", str(folder),
                    "-I/usr/include/gdal", "-I/usr/include/postgresql", "-"],
                   input=text, text=True, check=True)
