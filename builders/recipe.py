"""What to build: a recipe is a frozen model, read from YAML, with a canonical hash."""

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from builders.errors import Problem

Share = Annotated[float, Field(ge=0.0, le=1.0)]
NAME = r"^[a-z0-9][a-z0-9._-]{0,95}$"
SHA256 = r"^[0-9a-f]{64}$"


class Frozen(BaseModel):
    """Base of every recipe model: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Columns(Frozen):
    """Which column of the source holds which field. `id: null` derives ids from the row's text."""

    id: str | None = "id"
    instruction: str = "instruction"
    input: str | None = "input"
    output: str = "output"

    @model_validator(mode="after")
    def _one_field_each(self) -> Self:
        columns = [column for column in (self.id, self.instruction, self.input, self.output) if column is not None]
        if len(set(columns)) < len(columns):
            raise ValueError(f"each field needs a column of its own, and these are {', '.join(columns)}")
        return self


class DemoSource(Frozen):
    """The rows embedded in this package."""

    kind: Literal["demo"] = "demo"
    sha256: Annotated[str, Field(pattern=SHA256)] | None = None


class ParallelFile(Frozen):
    """A file on disk, recorded by name and content. `path` says where it is now and is never recorded."""

    kind: Literal["file"] = "file"
    path: str | None = Field(default=None, exclude=True)
    name: str | None = None
    sha256: Annotated[str, Field(pattern=SHA256)] | None = None
    columns: Columns = Columns()


class ParallelHub(Frozen):
    """One file of a Hub dataset at a pinned commit."""

    kind: Literal["hub"] = "hub"
    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    file: str
    sha256: Annotated[str, Field(pattern=SHA256)] | None = None
    columns: Columns = Columns()


Parallel = Annotated[ParallelFile | ParallelHub, Field(discriminator="kind")]


class _WithParallel(Frozen):
    """A source that may name the English twins of its rows (same ids), for the rules of `filters/parallel.py`."""

    parallel: Parallel | None = None

    @model_validator(mode="after")
    def _joined_on_id(self) -> Self:
        if self.parallel and None in (self.parallel.columns.id, self.columns.id):  # type: ignore[attr-defined]
            raise ValueError("rows and their parallel source are joined on id; name its column, not columns.id: null")
        return self

    @model_serializer(mode="wrap")
    def _without_none(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A recipe without a parallel source is recorded, and hashed, without the key."""
        values: dict[str, Any] = plain(self)
        return {key: value for key, value in values.items() if key != "parallel" or value is not None}


class FileSource(_WithParallel, ParallelFile):
    """Rows of a file on disk."""


class HubSource(_WithParallel, ParallelHub):
    """Rows of one file of a Hub dataset at a pinned commit."""


class VersionSource(Frozen):
    """The kept rows of another version, recorded by name, number and content."""

    kind: Literal["version"] = "version"
    ref: str | None = Field(default=None, exclude=True)
    name: str | None = None
    version: str | None = None
    content_sha256: Annotated[str, Field(pattern=SHA256)] | None = None


Source = Annotated[DemoSource | FileSource | HubSource | VersionSource, Field(discriminator="kind")]


class Repair(Frozen):
    """Which mechanical edits may be made."""

    enabled: bool = True
    mojibake: bool = True
    entities: bool = True
    invisible: bool = True
    control: bool = True
    width: bool = True
    nfc: bool = True
    no_input: bool = True
    personal_data: bool = False

    @model_serializer(mode="wrap")
    def _without_false(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A recipe that does not mask is recorded, and hashed, without the key, as before there was one."""
        values: dict[str, Any] = plain(self)
        return {key: value for key, value in values.items() if key != "personal_data" or value}


class Language(Frozen):
    """Which rows count as Spanish. The thresholds are described in `filters/language.py`."""

    enabled: bool = True
    question: bool = True
    answer: bool = True
    foreign_below: Share = 0.3
    doubtful_below: Share = 0.8
    langdetect_below: Share = 0.5
    galician_from: Share = 0.15
    answer_below: Share = 0.1


class RuleSetting(Frozen):
    """How one rule is applied. What is left out stays as the rule itself declares it."""

    enabled: bool = True
    verdict: Literal["drop", "flag"] | None = None
    threshold: Share | None = None


class Quality(Frozen):
    """Settings of single rules, by name. `rules: {refusal: false}` switches one off."""

    enabled: bool = True
    rules: dict[str, RuleSetting] = {}

    @field_validator("rules", mode="before")
    @classmethod
    def _switches(cls, rules: Any) -> Any:
        if not isinstance(rules, dict):
            return rules
        switched = {name: {"enabled": value} if isinstance(value, bool) else value for name, value in rules.items()}
        return dict(sorted(switched.items(), key=lambda item: str(item[0])))  # the order says nothing


def _listed(value: Any) -> Any:
    """A YAML list as the tuple that a frozen model holds."""
    if value is not None and not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return None if value is None else tuple(value)


class EvaluationSet(Frozen):
    """One file of text that a version must not hold: on disk, recorded by name and content, or of a Hub dataset.

    `path` says where a file on disk is now and is never recorded. `columns: null` reads every column that holds text.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,95}$")]
    path: str | None = Field(default=None, exclude=True)
    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    file: str | None = None
    sha256: Annotated[str, Field(pattern=SHA256)] | None = None
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return _listed(value)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        on_hub = (self.repo, self.revision)
        if on_hub == (None, None):
            if self.path is None and self.sha256 is None:
                raise ValueError("say where it is: path, or repo, revision and file")
        elif None in (*on_hub, self.file) or self.path is not None:
            raise ValueError("a set on the Hub has repo, revision and file, and no path")
        return self


class Decontaminate(Frozen):
    """Evaluation sets whose word n-grams no kept row may hold. What matches is described in `builders/decontamination.py`."""

    ngram: Annotated[int, Field(ge=1, le=100)] = 13
    sets: Annotated[tuple[EvaluationSet, ...], Field(min_length=1)]

    @field_validator("sets", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return _listed(value)

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [one.name for one in self.sets]
        if len(set(names)) < len(names):
            raise ValueError(f"each set needs a name of its own, and these are {', '.join(names)}")
        return self


class Switch(Frozen):
    """A part that is only on or off."""

    enabled: bool = True


class Near(Frozen):
    """Near twins: resemblance is the Jaccard index of word n-grams, in the whole row and in question and answer apart."""

    enabled: bool = True
    threshold: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    part_threshold: Share = 0.6
    ngram: Annotated[int, Field(ge=1, le=10)] = 3


class Dedup(Frozen):
    """Which twins are removed."""

    enabled: bool = True
    exact: Switch = Switch()
    near: Near = Near()
    same_prompt: Switch = Switch()


class Sample(Frozen):
    """How many rows are kept. `rows: null` keeps all; `method: first` depends on the source's order and says so."""

    rows: Annotated[int, Field(ge=1)] | None = None
    seed: int = 2024
    method: Literal["hash", "first"] = "hash"
    shortfall: Literal["error", "all"] = "error"


class Split(Frozen):
    """Shares of the rows that go to validation and test; the rest is train."""

    validation: Share = 0.05
    test: Share = 0.0
    seed: int = 2024

    @model_validator(mode="after")
    def _leaves_train(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something for train")
        return self


class Card(Frozen):
    """What the dataset card says besides numbers."""

    title: str | None = None
    summary: str = ""
    license: str = "other"
    source_datasets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @field_validator("source_datasets", "tags", mode="before")
    @classmethod
    def _tuples(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class Recipe(Frozen):
    """Everything that decides what a version holds."""

    name: Annotated[str, Field(pattern=NAME)]
    source: Source = DemoSource()
    repair: Repair = Repair()
    language: Language = Language()
    quality: Quality = Quality()
    decontaminate: Decontaminate | None = None
    dedup: Dedup = Dedup()
    sample: Sample = Sample()
    split: Split = Split()
    template: str = "instruccion"
    card: Card = Card()

    @model_serializer(mode="wrap")
    def _without_none(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A recipe that names no evaluation sets is recorded, and hashed, without the key."""
        values: dict[str, Any] = plain(self)
        return {key: value for key, value in values.items() if key != "decontaminate" or value is not None}

    @property
    def parallel(self) -> ParallelFile | ParallelHub | None:
        """The source of the rows' English twins, if the recipe names one."""
        return self.source.parallel if isinstance(self.source, _WithParallel) else None

    def canonical(self) -> str:
        """The recipe as canonical JSON: every value spelled out, keys sorted, no path of a machine."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hash of the canonical form."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def to_yaml(self) -> str:
        """The recipe as YAML that `load_recipe` reads back to an equal recipe."""
        text = yaml.safe_dump(self.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=100)
        return str(text)


def shipped_recipes() -> list[str]:
    """Names of the recipes that come with this package."""
    folder = resources.files("builders") / "recipes"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_recipe(reference: str, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe from a YAML file or by the name of a shipped one.

    `overrides` are `dotted.key=value` pairs, their values read as YAML. Raises Problem for a recipe that is not found,
    is no YAML, or holds an unknown key or a wrong value.
    """
    values = _read(reference, ())
    for override in overrides:
        _override(values, override)
    return _checked(values, reference)


def recipe_from_yaml(text: str, where: str) -> Recipe:
    """Parse a recorded recipe (no `extends`). Raises Problem, naming `where`."""
    return _checked(_parse(text, where), where)


def _checked(values: Mapping[str, Any], where: str) -> Recipe:
    try:
        recipe = Recipe.model_validate(values)
        recipe.canonical().encode()
    except ValidationError as error:
        raise Problem(_explain(error, where)) from None
    except UnicodeEncodeError as error:
        raise Problem(f"recipe {where}: half a character ({error.object[error.start]!r}); write it whole") from None
    return recipe


def _read(reference: str, seen: tuple[Path, ...], folder: Path = Path()) -> dict[str, Any]:
    """A recipe's values with everything that it extends merged beneath. Paths are relative to `folder`."""
    path = folder / reference
    shipped = Path(str(resources.files("builders") / "recipes"))
    if not path.is_file():
        path = shipped / f"{reference.removesuffix('.yaml')}.yaml"
        if path.stem not in shipped_recipes() or path.parent != shipped:
            raise Problem(
                f"recipe {reference}: no such file, and no shipped recipe has that name"
                f"{nearest(path.stem, shipped_recipes())}; shipped: {', '.join(shipped_recipes())}"
            )
    if path.resolve() in seen:
        circle = [*(one.name for one in seen), path.name]
        raise Problem(f"recipe {reference}: extends goes in a circle: {' → '.join(circle)}; remove one extends")
    values = _parse(_read_text(path), reference)
    _place_paths(values, path.parent)
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if not isinstance(parent, str):
        raise Problem(f"recipe {reference}: extends must be the name or path of one recipe, not {parent!r}")
    return _merge(_read(parent, (*seen, path.resolve()), path.parent), values)


def _place_paths(values: dict[str, Any], folder: Path) -> None:
    """Files that a recipe names lie beside the recipe, as what it extends does."""
    source, sets = values.get("source"), values.get("decontaminate")
    parallel = source.get("parallel") if isinstance(source, dict) else None
    listed = sets.get("sets") if isinstance(sets, dict) else None
    for place in (source, parallel, *(listed if isinstance(listed, list) else ())):
        if isinstance(place, dict) and isinstance(place.get("path"), str):
            place["path"] = str(folder / place["path"])


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(f"recipe {path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error rather than the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        values = yaml.load(text, _StrictLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise Problem(f"recipe {where}{place}: not YAML that can be read: {reason}; correct it there") from None
    except (ValueError, RecursionError) as error:  # a date that does not exist, brackets without end
        raise Problem(f"recipe {where}: not YAML that can be read: {error}; correct it") from None
    if not isinstance(values, dict):
        raise Problem(f"recipe {where}: must be a mapping of keys to values, such as `name: my-dataset`")
    return values


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping. A source of another kind replaces the whole source."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        other_kind = key in ("source", "parallel") and isinstance(value, Mapping) and "kind" in value
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both and not other_kind else value  # type: ignore[arg-type]
    return merged


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise Problem(f"--set {override}: must read KEY=VALUE, such as dedup.near.threshold=0.7")
    *parents, last = key.strip().split(".")
    place = values
    for parent in parents:
        inner = place.get(parent)
        place[parent] = inner = dict(inner) if isinstance(inner, dict) else {}
        place = inner
    try:
        place[last] = yaml.load(text, _StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Problem(f"--set {override}: the value is not YAML; quote it if it is text") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the closest known word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _explain(error: ValidationError, where: str) -> str:
    """The first thing wrong with a recipe, in words. A misspelt key goes before the key that is therefore missing."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    loc = [str(part) for part in first["loc"]]
    tags = {at for at in range(1, len(loc)) if loc[at - 1] in ("source", "parallel") and loc[at] in _SOURCES}
    shown = ".".join(part for index, part in enumerate(loc) if index not in tags) or "the recipe"
    if first["type"] == "extra_forbidden":
        known = _fields_at(loc[:-1])
        return f"recipe {where}: unknown key {shown}{nearest(loc[-1], known)}; known here: {', '.join(known)}"
    if first["type"] == "missing":
        return f"recipe {where}: {shown} is missing; add it"
    kinds = _PARALLELS if loc[-1:] == ["parallel"] else _SOURCES
    if first["type"] == "union_tag_invalid":
        kind = str(first["ctx"]["tag"])
        return f"recipe {where}: unknown {shown}.kind {kind!r}{nearest(kind, kinds)}; there are {', '.join(kinds)}"
    if first["type"] == "union_tag_not_found":
        return f"recipe {where}: {shown}.kind is missing; there are {', '.join(kinds)}"
    given = "" if isinstance(first["input"], dict) else f", not {first['input']!r}"
    if first["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return f"recipe {where}: {shown}: must be a mapping of keys to values{given}"
    return f"recipe {where}: {shown}: {first['msg'].removeprefix('Value error, ')}{given}"


_SOURCES: dict[str, type[Frozen]] = {"demo": DemoSource, "file": FileSource, "hub": HubSource, "version": VersionSource}
_PARALLELS: dict[str, type[Frozen]] = {"file": ParallelFile, "hub": ParallelHub}


def _fields_at(loc: list[str]) -> list[str]:
    """Keys that a recipe knows at a place such as ["dedup", "near"]."""
    model: type[BaseModel] = Recipe
    for index, part in enumerate(loc):
        if index == 1 and loc[0] == "source":
            model = _SOURCES[part]
        elif index == 3 and loc[2] == "parallel":
            model = _PARALLELS[part]
        elif part in ("source", "parallel"):
            continue
        elif part in model.model_fields:
            model = _models_in(model.model_fields[part].annotation)[0]
    return list(model.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation such as `tuple[EvaluationSet, ...] | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


SOURCE: TypeAdapter[DemoSource | FileSource | HubSource | VersionSource] = TypeAdapter(Source)
