"""Every public name says what it is, with an example, and the examples are true."""

import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import pkgutil

import pytest

import riskmap

MODULES = ["riskmap", *(found.name for found in pkgutil.walk_packages(riskmap.__path__, "riskmap."))]
MODULES.remove("riskmap._riskmap")
OPTIONAL = ("geopandas", "pandas", "polars", "pyarrow", "shapely", "tqdm", "xarray")


def public():
    for module in map(importlib.import_module, ("riskmap", "riskmap.stats")):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isroutine(found) or inspect.isclass(found) and not issubclass(found, Exception):
                yield pytest.param(found, id=name)


def absent(test):
    """The first package that an example names and that is not here."""
    source = "".join(example.source for example in test.examples)
    return next((name for name in OPTIONAL if name in source and not importlib.util.find_spec(name)), None)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, root):
    tests = [test for test in doctest.DocTestFinder().find(importlib.import_module(name)) if test.examples]
    left_out = [test.name for test in tests if absent(test)]
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    report = []
    for test in tests:
        if test.name not in left_out:
            runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)
    if left_out:
        pytest.skip(f"these need what is not installed: {', '.join(left_out)}")


def members(found):
    """The public functions and properties that a class itself defines."""
    kinds = (property, classmethod, staticmethod)
    return {
        name: value
        for name, value in vars(found).items()
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, kinds))
    }


@pytest.mark.parametrize("found", list(public()))
def test_a_public_name_has_an_example(found):
    texts = [inspect.getdoc(found) or ""]
    if inspect.isclass(found):
        silent = [name for name, value in members(found).items() if not inspect.getdoc(value)]
        assert not silent
        texts += [inspect.getdoc(value) for value in members(found).values()]
    # dataclasses say f"{name}(fields)" unless told otherwise
    assert texts[0] and not texts[0].startswith(f"{found.__name__}("), "it says nothing of itself"
    # what a function gives is in the example of that function
    assert dataclasses.is_dataclass(found) or any(">>>" in text for text in texts), "it has no example"
