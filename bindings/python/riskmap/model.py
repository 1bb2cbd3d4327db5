"""Models: what makes a place a risk, as a file, a text, a dict or an object."""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import re
from typing import TYPE_CHECKING, Any, Iterator

import numpy as np

from . import _riskmap
from ._convert import is_path
from ._convert import path as path_text
from ._held import Held
from ._riskmap import ArgumentError, Error, ExistsError, FileError, ModelError, NotFound

if TYPE_CHECKING:
    from .inspection import Checklist, Match
    from .result import Result


class Model(Held):
    """A model that was read and found sound: layers, areas, indicators, and how they become a score.

    `source` is the path of a model file, its JSON as a text, a dict, or another Model. Sources in it are relative to
    `base`, a folder, where that is given; else to the file; else to the working directory. Which keys there are stands
    in examples/models/riskmap-model.schema.json. A model is read-only, so any number of threads may use it: edit what
    `to_dict` gives, and make a model of that.

    Raises ModelError, whose message has the line, the place in the file and what would be right; NotFound, FileError.

    >>> model = Model("examples/models/vakantieparken.json")
    >>> model.layers
    ['parken', 'adressen', 'grens', 'wegen', 'natuur', 'kommen', 'meldingen']
    >>> edited = model.to_dict()
    >>> edited["indicators"][0]["weight"] = 3
    >>> Model(edited)
    <riskmap.Model vakantieparken-woldermark: 7 layers, 10 indicators>
    """

    _handle: Any
    _folder: str  # that relative sources are in, without links

    def __init__(self, source: Any, base: Any = None):
        if isinstance(source, Model):
            self._handle, self._folder = source._handle, source._folder
            if base is not None:
                self._parse(source.text, base)
        elif isinstance(source, dict):
            self._parse(_as_json(source), base)
        elif isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith("{"):
            self._parse(source, base)
        elif base is not None:
            self._parse(_content(path_text(source, "source")), base)
        else:
            if not is_path(source):
                raise ArgumentError(f"a model is a path, a dict or a JSON text, not {type(source).__name__}")
            self._handle = _riskmap.model_read(path_text(source))
            self._folder = os.path.realpath(os.path.dirname(path_text(source)))

    def _parse(self, text: str, base: Any) -> None:
        folder = "" if base is None else path_text(base, "base")
        if folder and not os.path.isdir(folder):
            raise NotFound(f"base: {folder} is no folder; it is where relative sources are")
        self._handle = _riskmap.model_parse(text, os.path.join(folder, "model") if folder else None)
        self._folder = os.path.realpath(folder)

    # ---- looking ----

    @property
    def name(self) -> str:
        """Empty where the model does not say."""
        return str(_riskmap.model_name(self._handle))

    @property
    def title(self) -> str:
        """Empty where the model does not say."""
        return str(_riskmap.model_title(self._handle))

    @property
    def layers(self) -> list[str]:
        """The names of its layers."""
        count = _riskmap.model_layer_count(self._handle)
        return [str(_riskmap.model_layer_name(self._handle, index)) for index in range(count)]

    @property
    def min_coverage(self) -> float:
        """The share of the weight that must be known of a place for it to have a score, 0 to 1: 0.6 where the model
        does not say, and all of it where the model leaves a place with a missing value without a score.

        >>> Model("examples/models/vakantieparken.json").min_coverage
        0.6
        """
        return float(_riskmap.model_min_coverage(self._handle))

    @property
    def text(self) -> str:
        """The JSON as it was read."""
        return str(_riskmap.model_text(self._handle))

    def to_dict(self, base: Any = None) -> dict[str, Any]:
        """The model as a dict of its own. Sources that were relative are so to `base` (a folder; the working directory
        unless stated), so that `Model(model.to_dict())` has the same files.

        >>> Model("examples/models/vakantieparken.json").to_dict()["layers"]["wegen"]["source"]
        'examples/data/wegen.gpkg'
        """
        folder = os.path.realpath("" if base is None else path_text(base, "base"))
        model: dict[str, Any] = json.loads(self.text.removeprefix("\ufeff"))
        for layer in model["layers"].values():
            layer["source"] = _moved(layer["source"], self._folder, folder)
        return model

    def to_json(self, base: Any = None) -> str:
        """The same as a text: JSON with two spaces for each level.

        >>> Model(Model("examples/models/vakantieparken.json").to_json()).name
        'vakantieparken-woldermark'
        """
        return _as_json(self.to_dict(base))

    def save(self, path: Any, overwrite: bool = False) -> None:
        """Writes the model file, whole or not at all. Sources that were relative become so to the new file, and lead to
        the same files.

        Raises ExistsError without `overwrite`, NotFound when the folder does not exist, ArgumentError when the path is
        one of the sources, FileError.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Model("examples/models/vakantieparken.json").save(f"{folder}/mine.json")
        ...     Model(f"{folder}/mine.json").name
        'vakantieparken-woldermark'
        """
        target = path_text(path)
        folder = os.path.dirname(target)
        if not os.path.isdir(folder or "."):
            raise NotFound(f"{target}: the folder {folder} does not exist")
        self._refuse_sources(target)
        _publish(target, self.to_json(folder), overwrite)

    def _refuse_sources(self, target: str) -> None:
        for name, layer in self.to_dict().get("layers", {}).items():
            source = layer["source"].partition("|")[0]
            if os.path.exists(target) and os.path.exists(source) and os.path.samefile(target, source):
                raise ArgumentError(
                    f'{target} is the source of layer "{name}", which the model would replace: choose another name'
                )

    # ---- using ----

    def run(self, layers: dict[str, Any] | None = None, **options: Any) -> Result:
        """Scores its areas: see `riskmap.run`.

        >>> Model("examples/models/vakantieparken.json").run(as_of="2026-11-01")["VP-000-01"].rank
        1
        """
        from .result import run

        return run(self, layers, **options)

    def check(self, layers: dict[str, Any] | None = None, **options: Any) -> Checklist:
        """What there is of what it needs: see `riskmap.check`.

        >>> Model("examples/models/vakantieparken.json").check().ok
        True
        """
        from .inspection import check

        return check(self, layers, **options)

    def match(self, folder: Any, **options: Any) -> Match:
        """Which files of a folder hold its layers: see `riskmap.match`.

        >>> Model("examples/models/vakantieparken.json").match("examples/data")["wegen"].state
        'taken'
        """
        from .inspection import match

        return match(self, folder, **options)

    def __repr__(self) -> str:
        count = _riskmap.model_indicator_count(self._handle)
        return f"<riskmap.Model {self.name or 'without a name'}: {len(self.layers)} layers, {count} indicators>"


def as_model(model: Any) -> Model:
    """What a function takes for a model: a Model as it is, anything else made one."""
    return model if isinstance(model, Model) else Model(model)


@contextlib.contextmanager
def naming_layer() -> Iterator[None]:
    """Errors that begin with the name of a layer carry it as `error.layer`."""
    try:
        yield
    except Error as problem:
        found = re.match(r'(?:areas, )?layer "([^"]+)"', str(problem))
        if found and problem.layer is None:
            problem.layer = found[1]
        raise


# ---- JSON ----


def _as_json(model: dict[str, Any]) -> str:
    try:
        return json.dumps(model, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"
    except (TypeError, ValueError, RecursionError) as problem:
        raise ModelError(f"the dict cannot be written as JSON: {problem}") from None


def _plain(value: Any) -> Any:
    """What analysts have in a dict besides JSON's own: numbers of numpy, dates and paths."""
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return list(value)
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a {type(value).__name__} has no form there")


# ---- files ----


def _content(path: str) -> str:
    """The text of a model file, found sound where it is."""
    return str(_riskmap.model_text(_riskmap.model_read(path)))


def _moved(source: str, folder: str, target: str) -> str:
    """A source that is relative to a folder as it is relative to another; addresses stay as they are."""
    if os.path.isabs(source) or "://" in source or source.startswith("PG:"):
        return source
    file, sign, layer = source.partition("|")
    whole = os.path.join(folder, file)
    whole = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    return os.path.relpath(whole, target) + sign + layer


def _publish(target: str, text: str, overwrite: bool) -> None:
    """Beside it first, then under its name: whoever looks sees all of it or what was there."""
    temporary = f"{target}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(temporary, target)
        else:
            _rename_new(temporary, target)
    except FileExistsError:
        raise ExistsError(f"{target} exists already; overwrite=True replaces it") from None
    except OSError as problem:
        raise FileError(f"{target} cannot be written: {os.strerror(problem.errno or errno.EIO)}") from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _rename_new(temporary: str, target: str) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, target) from None
        os.rename(temporary, target)
