"""The stub of the extension says what the extension takes, and mypy finds nothing in the package."""

import ast
import importlib.util
import inspect
import math
import os
import pathlib
import subprocess
import sys

import pytest

import riskmap
from riskmap import _riskmap

from .header import defaults_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = pathlib.Path(riskmap.__file__).parent
STUB = {node.name: node for node in ast.parse((PACKAGE / "_riskmap.pyi").read_text()).body if isinstance(node, ast.FunctionDef)}
FUNCTIONS = sorted(name for name in dir(_riskmap) if inspect.isbuiltin(getattr(_riskmap, name)))


def stated(node):
    """The keyword-only parameters of a stub with their defaults."""
    names = [argument.arg for argument in node.args.kwonlyargs]
    return {
        name: eval(ast.unparse(default), {"nan": math.nan, "inf": math.inf})
        for name, default in zip(names, node.args.kw_defaults, strict=True)
    }


def test_the_stub_has_every_function():
    assert sorted(set(STUB) ^ set(FUNCTIONS)) == []


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) & set(STUB)))
def test_the_stub_has_the_parameters(name):
    signature = inspect.signature(getattr(_riskmap, name))
    positional = [one.name for one in signature.parameters.values() if one.kind == one.POSITIONAL_ONLY]
    arguments = STUB[name].args
    assert [one.arg for one in arguments.posonlyargs] == positional
    assert not arguments.args and not arguments.vararg and not arguments.kwarg
    takes_options = any(one.kind == one.VAR_KEYWORD for one in signature.parameters.values())
    assert takes_options == bool(arguments.kwonlyargs)


@pytest.mark.parametrize("name", [name for name, node in sorted(STUB.items()) if node.args.kwonlyargs])
def test_the_options_are_those_of_c(name):
    assert repr(sorted(stated(STUB[name]).items())) == repr(sorted(defaults_of(name).items()))


def mypy(*arguments):
    if not importlib.util.find_spec("mypy"):
        pytest.skip("mypy is not installed")
    environment = os.environ | {"MYPY_CACHE_DIR": os.devnull}
    if not PACKAGE.is_relative_to(sys.prefix):
        environment["MYPYPATH"] = str(PACKAGE.parent)
    run = subprocess.run([sys.executable, "-m", *arguments], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_mypy_finds_nothing():
    # what people have beside riskmap may come without types
    mypy("mypy", "--strict", "--ignore-missing-imports", "-p", "riskmap")


def test_the_stub_is_what_the_extension_has():
    mypy("mypy.stubtest", "riskmap._riskmap")
