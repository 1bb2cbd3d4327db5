"""Looking before computing: what is in a source, what a model lacks, and which files of a folder it could use."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Iterator, TypeVar

from . import _riskmap
from ._convert import crs_text, date_of, optional_day
from ._convert import path as path_text
from ._held import Speaking
from ._progress import callable_of
from ._riskmap import NotFound
from ._show import checklist_text, inspection_text, match_text
from ._words import language_of
from .model import Model, as_model, naming_layer
from .result import layer_options

if TYPE_CHECKING:
    import pandas

# ---- inspecting ----


@dataclass(frozen=True, slots=True)
class InspectedRole:
    """What a column seems to be for, by the first rows."""

    role: str  # "x", "y", "date", "time", "postcode", "house number", ..., "id"
    column: str
    sure: str  # "name and content", "name" or "content"


@dataclass(frozen=True, slots=True)
class InspectedField:
    """One field. Counts only: no cell is quoted."""

    name: str
    type: str  # "integer", "real", "text", "date", "datetime"
    missing: int  # null, or nothing but blanks
    sentinels: int  # -99997 and below, GM0000, building years 1005 and 9999
    numbers: int  # cells that can be read as a number
    dates: int  # cells that can be read as a date
    lowest: float  # of the numbers; NaN without any
    highest: float
    first_date: datetime.date | None
    last_date: datetime.date | None
    person: str | None  # "telephone numbers": a column of persons, of which no extremes are shown


@dataclass(frozen=True, slots=True)
class InspectedLayer:
    """One layer as it was found. None: not stated, not known, or not counted."""

    name: str
    geometry_type: str | None  # "Point", "Polygon", ..., and "None" for rows without geometry
    taken_for: str | None  # "BAG light: verblijfsobject"
    taken_for_en: str | None
    problem: str | None  # why it could not be read
    crs: str | None
    crs_operation: str | None  # how it would be brought to the target CRS
    missing_grid: str | None  # of a better operation
    crs_problem: str | None  # why it cannot be brought there
    looks_like: str | None  # with a crs_problem: "EPSG:28992", "EPSG:4258 with x and y swapped"
    crs_accuracy_m: float  # NaN: not stated
    extent: tuple[float, float, float, float]  # xmin, ymin, xmax, ymax in the target CRS, or its own; NaN: none
    features: int | None
    without_geometry: int
    invalid: int  # polygons that are not valid, rings and lines open or too short
    outside: int  # outside the target CRS's area of use
    bad_rows: int  # with more cells than the header, so not read
    ended: int  # no longer in force, not among the features
    duplicate_rows: int | None
    duplicate_ids: int | None
    id_field: str | None
    profile: str | None  # "lvbag.pand", by which its fields have canonical names
    profile_why: str | None
    profile_why_en: str | None
    listed_only: bool  # a service was asked what it has: name the layer to read it
    swapped_rows: int  # not 0: x and y hold each other's, and are read the other way round
    xy_crs: str | None  # what the columns of x and y look like
    xy_swapped: bool
    fields: tuple[InspectedField, ...]
    roles: tuple[InspectedRole, ...]


class Inspection(Speaking):
    """What is in a source. Made by `riskmap.inspect`; `inspection["pand"]` is a layer by its name.

    >>> inspection = inspect("examples/data/meldingen.csv", crs=28992, language="en")
    >>> layer = inspection["meldingen"]
    >>> layer.features, layer.without_geometry, [role.column for role in layer.roles]
    (3009, 2, ['x', 'y', 'datum', 'meldingnummer'])
    """

    source: str
    driver: str
    layers: tuple[InspectedLayer, ...]

    def __init__(self, handle: Any, source: str, language: str):
        self._handle = handle
        self.source, self.language = source, language
        self.driver = _riskmap.inspection_driver(handle)
        count = _riskmap.inspection_layer_count(handle)
        self.layers = tuple(_inspected_layer(handle, index) for index in range(count))

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[InspectedLayer]:
        return iter(self.layers)

    def __getitem__(self, name: str) -> InspectedLayer:
        return _named(self.layers, name)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for every field of every layer; needs pandas.

        >>> list(inspect("examples/data/havens.geojson").to_pandas().columns[:4])
        ['layer', 'name', 'type', 'missing']
        """
        import pandas

        names = [field.name for field in fields(InspectedField)]
        found = ((layer, field) for layer in self.layers for field in layer.fields)
        rows = [[layer.name, *(getattr(field, name) for name in names)] for layer, field in found]
        return pandas.DataFrame(rows, columns=["layer", *names])

    def write_factsheet(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        open: bool = False,
        today: Any = None,
        language: str | None = None,
        model: Any = None,
    ) -> None:
        """Writes a factsheet as path.md and path.json, both or neither. open: the source is public; of another no
        extremes are shown, and the files are readable by their owner alone. today: the day it is made on. model: says
        which indicators use the source. Duplicates are told when the inspection counted them.

        Raises ExistsError without `overwrite`, NotFound, ArgumentError, FileError.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     inspect("examples/data/havens.geojson").write_factsheet(f"{folder}/havens.md", open=True)
        """
        _riskmap.inspection_write_factsheet(
            self._handle,
            self.source,
            path_text(path),
            open=open,
            overwrite=overwrite,
            today=optional_day(today, "today"),
            language=language or self.language,
            model=None if model is None else as_model(model)._handle,
        )

    def __repr__(self) -> str:
        return inspection_text(self)


def inspect(
    source: Any,
    layer: str | None = None,
    crs: Any = None,
    *,
    target_crs: Any = None,
    duplicates: bool = False,
    threads: int = 0,
    progress: Any = None,
    language: str = "nl",
) -> Inspection:
    """Reads every layer of a source once, completely, and says what is in it: coordinates, validity, and for every
    field what is missing and between what its numbers and dates lie.

    layer: look at this one alone. crs: of a source that states none, or a wrong one. target_crs: "EPSG:28992" unless
    stated. duplicates: count duplicate rows and ids too. progress: see `riskmap.run`. language: of what is shown.

    Raises NotFound, FormatError, CrsError, Cancelled; what is wrong with one layer of several is in its `problem`.
    Reference: rm_inspect in riskmap/inspect.h.

    >>> [(layer.name, layer.features) for layer in inspect("examples/data/wegen.gpkg")]
    [('wegdeel', 188), ('aansluiting', 2)]
    """
    language_of(language)
    handle = _riskmap.inspect(
        path_text(source, "source"),
        layer=layer,
        crs=crs_text(crs),
        target_crs=crs_text(target_crs),
        duplicates=duplicates,
        threads=threads,
        progress=callable_of(progress),
    )
    return Inspection(handle, path_text(source), language)


def _inspected_layer(handle: Any, index: int) -> InspectedLayer:
    values = _riskmap.inspection_layer(handle, index)
    roles = (_riskmap.inspection_role(handle, index, role) for role in range(values.pop("role_count")))
    found = (_riskmap.inspection_field(handle, index, field) for field in range(values.pop("field_count")))
    values["fields"] = tuple(_record(InspectedField, field) for field in found)
    values["roles"] = tuple(_record(InspectedRole, role) for role in roles)
    return _record(InspectedLayer, values)


# ---- checking ----

_CHECK_STATES = ("present", "incomplete", "too-old", "lacking", "missing", "unused")


@dataclass(frozen=True, slots=True)
class CheckedLayer:
    """How a layer of a model stands. None: not known, or there is none."""

    name: str
    source: str  # as it will be opened, secrets redacted
    driver: str | None
    geometry_type: str | None
    fields: tuple[str, ...]  # that the model needs
    crs: str | None
    crs_operation: str | None
    missing_grid: str | None
    problem: str | None  # the first one
    crs_accuracy_m: float  # NaN: not known
    features: int | None
    used: bool  # areas or an indicator name it
    areas: bool  # these are the areas
    shielded: bool
    state: str  # the worst that holds: "present", "incomplete", "too-old", "lacking", "missing", "unused"
    too_old: bool
    incomplete: bool
    data_date: datetime.date | None
    dated_by: str | None  # "field datum", "metadata" or "file"
    max_age_days: float | None  # None: no limit
    weight_share: float  # of the score's weight, of the indicators that need this layer


@dataclass(frozen=True, slots=True)
class CheckedIndicator:
    """How an indicator of a model stands. `problem` is None when it can be computed."""

    name: str
    label: str
    label_en: str
    measure: str
    problem: str | None
    problem_layer: str | None  # the layer whose problem it is
    weight: float


@dataclass(frozen=True, slots=True)
class CheckedField:
    """A field that an indicator uses."""

    layer: str
    field: str
    rows: int  # that pass the layer's where
    filled: int
    enough: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, where, and what to do. `str` gives it as a line."""

    layer: str | None
    indicator: str | None
    message: str

    def __str__(self) -> str:
        about = [f'{what} "{name}"' for what, name in (("layer", self.layer), ("indicator", self.indicator)) if name]
        return f"{', '.join(about)}: {self.message}" if about else self.message


@dataclass(frozen=True, slots=True)
class CheckEffect:
    """What the gaps do to the score, computed without the indicators that fall out."""

    lost_share: float  # of the weight
    coverage: float  # what is left, 0 to 1
    min_coverage: float  # an area below it gets no score
    areas: int | None
    below: int | None  # areas that get no score for these gaps
    at_least: bool  # more may follow: what is found around an area is not known before a run
    fallen: int  # indicators that cannot be computed


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a model will make of its sources. True when a run can begin."""

    problems: int  # layers and indicators that cannot be used as they are
    findings: tuple[Finding, ...]
    layers: tuple[CheckedLayer, ...]
    indicators: tuple[CheckedIndicator, ...]
    fields: tuple[CheckedField, ...]  # empty with complete_from=None
    effect: CheckEffect | None  # None with complete_from=None
    title: str
    language: str

    @property
    def ok(self) -> bool:
        """Whether a run can begin."""
        return self.problems == 0

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, layer: str) -> CheckedLayer:
        return _named(self.layers, layer)

    def __repr__(self) -> str:
        return checklist_text(self)


def check(
    model: Any,
    layers: dict[str, Any] | None = None,
    *,
    as_of: Any = None,
    only_best: bool = False,
    complete_from: float | None = 0.9,
    threads: int = 0,
    progress: Any = None,
    language: str = "nl",
) -> Checklist:
    """Opens every source as a run would and says which layers and fields are missing, too old or incomplete, which
    indicators can be computed, and what every gap does to the score. Missing sources are findings, not errors.

    layers, as_of, only_best, threads, progress: as for `riskmap.run`. complete_from: a field that is filled for a
    smaller share of its rows is incomplete; None: only open the sources, so that nothing is said of age and
    completeness.

    Raises NotFound (a name that the model does not have), ArgumentError, Cancelled. Reference: rm_check in
    riskmap/inspect.h.

    >>> checklist = check("examples/models/vakantieparken.json", {"wegen": "nowhere.gpkg"})
    >>> checklist.ok, checklist["wegen"].state, checklist.effect.fallen
    (False, 'missing', 1)
    """
    language_of(language)
    model = as_model(model)
    options = {
        **layer_options(model, layers),
        "as_of": optional_day(as_of, "as_of"),
        "only_best": only_best,
        "threads": threads,
        "progress": callable_of(progress),
    }
    with naming_layer():
        handle = _riskmap.check(model._handle, **options)
        if complete_from is not None:
            _riskmap.checklist_measure(handle, model._handle, complete_from, **options)
    return _checklist(handle, model, complete_from is not None, language)


def _checklist(handle: Any, model: Model, measured: bool, language: str) -> Checklist:
    def all_of(kind: type[Record], count: Any, at: Any) -> tuple[Record, ...]:
        return tuple(_record(kind, at(handle, index)) for index in range(count(handle)))

    return Checklist(
        _riskmap.checklist_problem_count(handle),
        all_of(Finding, _riskmap.checklist_finding_count, _riskmap.checklist_finding),
        all_of(CheckedLayer, _riskmap.checklist_layer_count, _riskmap.checklist_layer),
        all_of(CheckedIndicator, _riskmap.checklist_indicator_count, _riskmap.checklist_indicator),
        all_of(CheckedField, _riskmap.checklist_field_count, _riskmap.checklist_field),
        _record(CheckEffect, _riskmap.checklist_effect(handle)) if measured else None,
        model.title or model.name,
        language,
    )


# ---- matching ----

_MATCH_STATES = ("taken", "unclear", "kept", "missing", "unused")


@dataclass(frozen=True, slots=True)
class MatchSource:
    """A layer in a file of a folder."""

    path: str
    layer: str | None  # None when it could not be read
    taken_for: str | None  # "BAG light: verblijfsobject"
    taken_for_en: str | None
    geometry_type: str | None
    problem: str | None  # why it could not be read
    features: int | None

    def __str__(self) -> str:
        return f"{self.path}|layername={self.layer}" if self.layer else self.path


@dataclass(frozen=True, slots=True)
class MatchedLayer:
    """A layer of the model, and what would hold it."""

    name: str
    fields: tuple[str, ...]  # that the model needs of it
    source: str  # what will be used
    state: str  # "taken", "unclear" (some fit), "kept" (the model's own), "missing" (nothing fits), "unused"
    chosen: MatchSource | None  # of the folder
    fits: tuple[MatchSource, ...]  # the best first


class Match(Speaking):
    """The files of a folder held against a model. Made by `riskmap.match`; `match["pand"]` is a layer by its name.

    >>> found = match("examples/models/vakantieparken.json", "examples/data")
    >>> found["adressen"].state, found["adressen"].chosen.layer
    ('taken', 'verblijfsobject')
    """

    model: Model
    sources: tuple[MatchSource, ...]

    def __init__(self, handle: Any, model: Model, language: str):
        self._handle = handle
        self.model, self.language = model, language
        count = _riskmap.match_source_count(handle)
        self.sources = tuple(_record(MatchSource, _riskmap.match_source_at(handle, index)) for index in range(count))

    @property
    def layers(self) -> tuple[MatchedLayer, ...]:
        """As in the model, with what was chosen until now."""
        return tuple(self._layer(index) for index in range(_riskmap.match_layer_count(self._handle)))

    @property
    def unclear(self) -> list[str]:
        """The layers that more than one source fits, to be settled by `choose`."""
        return [layer.name for layer in self.layers if layer.state == "unclear"]

    def __getitem__(self, name: str) -> MatchedLayer:
        return _named(self.layers, name)

    def choose(self, layer: str, source: MatchSource | int | None) -> None:
        """Settles a layer with a source of the folder (one of `sources`, or its number), or with None: what the model
        names stays.

        >>> found = match("examples/models/vakantieparken.json", "examples/data")
        >>> found.choose("wegen", found["wegen"].fits[0])
        """
        names = [one.name for one in self.layers]
        if layer not in names:
            raise _no_such(layer, names)
        if isinstance(source, MatchSource):
            if source not in self.sources:
                raise NotFound(f"{source} is none of the sources of this match; give() takes any other")
            source = self.sources.index(source)
        _riskmap.match_choose(self._handle, names.index(layer), -1 if source is None else source)

    def give(self, layer: str, source: Any) -> None:
        """Settles a layer with any other source: a path, "file.gpkg|layername=pand".

        >>> found = match("examples/models/vakantieparken.json", "examples/data")
        >>> found.give("wegen", "examples/data/wegen.gpkg|layername=wegdeel")
        """
        _riskmap.match_give(self._handle, layer, path_text(source, "source"))

    def write(self, path: Any, overwrite: bool = False) -> None:
        """Writes the model with the sources that were chosen, relative to the new file; all else stays as it is in the
        model's text. Whole or not at all.

        Raises ExistsError without `overwrite`, ArgumentError when the path is one of the sources or the name of a source
        is not UTF-8, NotFound, FileError.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     match("examples/models/vakantieparken.json", "examples/data").write(f"{folder}/mine.json")
        """
        _riskmap.match_write(self._handle, path_text(path), bool(overwrite))

    def _layer(self, index: int) -> MatchedLayer:
        values = _riskmap.match_layer(self._handle, index)
        fits = (_riskmap.match_fit(self._handle, index, fit) for fit in range(values.pop("fit_count")))
        values["fits"] = tuple(self.sources[number] for number in fits)
        values["state"] = _MATCH_STATES[values["state"]]
        values["chosen"] = None if values["chosen"] < 0 else self.sources[values["chosen"]]
        return _record(MatchedLayer, values)

    def __repr__(self) -> str:
        return match_text(self)


def match(model: Any, folder: Any, *, progress: Any = None, language: str = "nl") -> Match:
    """Lists every file with data in a folder and below it, and says for every layer of the model which of them fit:
    those with all the fields that the model needs and a geometry that its indicators can use. Nothing is written.

    Raises NotFound (no such folder), LimitError, Cancelled. Reference: rm_match_folder in riskmap/match.h.

    >>> match("examples/models/vakantieparken.json", "examples/data").unclear
    []
    """
    language_of(language)
    model = as_model(model)
    handle = _riskmap.match_folder(model._handle, path_text(folder, "folder"), callable_of(progress))
    return Match(handle, model, language)


# ---- records ----

Record = TypeVar("Record")
_DATES = ("first_date", "last_date", "data_date")
_ALWAYS = ("name", "source", "label", "label_en")


def _record(kind: type[Record], values: dict[str, Any]) -> Record:
    """A struct of C as a dataclass: None for a text or a count that is not there, dates as dates."""
    for name, value in values.items():
        if name in _DATES:
            values[name] = date_of(value)
        elif name == "fields" and isinstance(value, str):
            values[name] = tuple(value.split(", ")) if value else ()
        elif name == "state" and isinstance(value, int):
            values[name] = _CHECK_STATES[value]
        elif name == "max_age_days":
            values[name] = value or None
        elif (value == "" and name not in _ALWAYS) or (isinstance(value, int) and value == -1):
            values[name] = None
    return kind(**values)


def _no_such(name: Any, names: list[str]) -> NotFound:
    return NotFound(f"there is no layer {name!r}; there are: {', '.join(names)}")


Named = TypeVar("Named", InspectedLayer, CheckedLayer, MatchedLayer)


def _named(layers: tuple[Named, ...], name: str) -> Named:
    for layer in layers:
        if layer.name == name:
            return layer
    raise _no_such(name, [layer.name for layer in layers])
