"""How to train: a recipe is a frozen model, read from YAML, with a canonical hash."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from builders.errors import Problem, nearest
from builders.identifiers import DATASET_NAME, Commit, Repository, Sha256
from builders.recipes.layers import merge, override, parse, read_text
from builders.recipes.model import Frozen

Positive = Annotated[int, Field(ge=1)]
EXPONENT = re.compile(r"\d+(\.\d*)?[eE][+-]?\d+")  # numbers that YAML 1.1 reads as text: 2e-4
Report = Literal["none", "tensorboard", "wandb", "mlflow", "trackio"]


class Base(Frozen):
    """The model that is fine-tuned: a Hub repository, or a folder on disk.

    revision: the commit; left out, the repository's default branch is resolved to its commit once, and that is recorded.
    path says where a folder is now and is never recorded; sha256 pins what is in it (`checkpoint.fingerprint`).
    pad_token: the existing token that fills up short rows, for a tokenizer whose own cannot be used.
    """

    repo: Repository | None = None
    revision: Commit | None = None
    path: str | None = Field(default=None, exclude=True)
    sha256: Sha256 | None = None
    pad_token: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.repo and self.path:
            raise ValueError("repo and path are two bases; keep one (for a folder: --set base.repo=null)")
        if self.revision and not self.repo:
            raise ValueError("revision is a commit of a Hub repository; give base.repo, or base.sha256 for a folder")
        return self


class Lora(Frozen):
    """The adapter's shape. `targets: null` adapts every linear layer but the head."""

    r: Positive = 64
    alpha: Positive = 16
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.05
    targets: Annotated[tuple[str, ...], Field(min_length=1)] | None = None

    @field_validator("targets", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class Quantization(Frozen):
    """How the frozen base is held: NF4 (QLoRA), or as it is."""

    kind: Literal["nf4", "none"] = "nf4"
    double: bool = True


class Train(Frozen):
    """The run. Lengths are tokens; `batch` counts rows, or packs of rows where they are packed.

    template: taken from the version; a recipe that names another one is refused.
    evaluate, save: every so many steps; null is at the end of every epoch, 0 is never.
    steps: stop after so many, whatever `epochs` says.
    """

    template: str | None = None
    length: Annotated[int, Field(ge=8)] = 2048
    packing: bool = False
    batch: Positive = 4
    accumulation: Positive = 2
    epochs: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 2.0
    steps: Positive | None = None
    optimizer: Literal["paged_adamw_32bit", "paged_adamw_8bit", "adamw_8bit", "adamw_torch_fused"] = "paged_adamw_32bit"
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 2e-4
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    warmup: Annotated[int, Field(ge=0)] = 10
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-6
    max_grad_norm: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    gradient_checkpointing: bool = True
    evaluate: Annotated[int, Field(ge=0)] | None = None
    save: Annotated[int, Field(ge=0)] | None = None
    checkpoints: Positive = 2
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2024

    @field_validator("learning_rate", "weight_decay", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return float(value) if isinstance(value, str) and EXPONENT.fullmatch(value) else value


class TrainRecipe(Frozen):
    """Everything that decides what an adapter is, data and software apart. `report_to` sends the curves somewhere."""

    name: Annotated[str, Field(pattern=DATASET_NAME)]
    base: Base
    lora: Lora = Lora()
    quantization: Quantization = Quantization()
    train: Train = Train()
    report_to: Report = "none"

    def canonical(self) -> str:
        """The recipe as canonical JSON: every value spelled out, keys sorted, no path of a machine."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hash of the canonical form."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def shipped_recipes() -> list[str]:
    """Names of the training recipes that come with this package."""
    folder = resources.files("train") / "recipes" / "shipped"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_recipe(reference: str, overrides: Iterable[str] = ()) -> TrainRecipe:
    """Read a training recipe from a YAML file or by the name of a shipped one.

    `overrides` are `dotted.key=value` pairs, their values read as YAML. Raises Problem for a recipe that is not found,
    is no YAML, or holds an unknown key or a wrong value.
    """
    values = _read(reference, ())
    for change in overrides:
        override(values, change)
    try:
        return TrainRecipe.model_validate(values)
    except ValidationError as error:
        raise Problem(_explain(error, reference)) from None


def _read(reference: str, seen: tuple[Path, ...], folder: Path = Path()) -> dict[str, Any]:
    """A recipe's values with what it extends merged beneath. Paths are relative to the recipe."""
    path = folder / reference
    shipped = Path(str(resources.files("train") / "recipes" / "shipped"))
    if not path.is_file():
        path = shipped / f"{reference.removesuffix('.yaml')}.yaml"
        if path.stem not in shipped_recipes() or path.parent != shipped:
            raise Problem(
                f"training recipe {reference}: no such file, and no shipped recipe has that name"
                f"{nearest(path.stem, shipped_recipes())}; shipped: {', '.join(shipped_recipes())}"
            )
    if path.resolve() in seen:
        raise Problem(f"training recipe {reference}: extends goes in a circle; remove one extends")
    values = parse(read_text(path), reference)
    base = values.get("base")
    if isinstance(base, dict) and isinstance(base.get("path"), str):
        base["path"] = str(path.parent / base["path"])
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if not isinstance(parent, str):
        raise Problem(f"training recipe {reference}: extends must be the name or path of one recipe, not {parent!r}")
    return merge(_read(parent, (*seen, path.resolve()), path.parent), values)


def _explain(error: ValidationError, where: str) -> str:
    """The first thing wrong with a recipe, in words. A misspelt key goes before the key that is therefore missing."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    loc = [str(part) for part in first["loc"]]
    shown = ".".join(loc) or "the recipe"
    if first["type"] == "extra_forbidden":
        known = _fields_at(loc[:-1])
        return f"training recipe {where}: unknown key {shown}{nearest(loc[-1], known)}; known here: {', '.join(known)}"
    if first["type"] == "missing":
        return f"training recipe {where}: {shown} is missing; add it"
    given = "" if isinstance(first["input"], Mapping | Base) else f", not {first['input']!r}"
    if first["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return f"training recipe {where}: {shown}: must be a mapping of keys to values{given}"
    return f"training recipe {where}: {shown}: {first['msg'].removeprefix('Value error, ')}{given}"


def _fields_at(loc: list[str]) -> list[str]:
    model: type[BaseModel] = TrainRecipe
    for part in loc:
        inner = model.model_fields[part].annotation
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return list(model.model_fields)
