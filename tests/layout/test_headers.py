"""The public headers compile alone, as C11 and as C++, without a warning."""
import pathlib
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
