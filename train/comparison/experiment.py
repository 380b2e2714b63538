"""An experiment: versions of data × seeds, each trained on as many tokens, and compared on one test split.

name: filtered-or-not
recipe: tiny                                # a training recipe; `set` are its overrides, as --set takes them
set: [train.max_length=384]
versions: {filtered: mix@1.1.0, everything: mix@1.0.0}
control: mix                                # a recipe: as many random rows of its source, unfiltered, are a version too
test: mix@1.1.0                             # its test rows; no version may have been trained on one of them
seeds: [1, 2, 3]
tokens: 200000                              # that each run sees, whatever its rows
"""

import json
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from msgspec import Struct
from pydantic import Field, field_validator

from builders.errors import Conflict, Invalid
from builders.identifiers import DATASET_NAME
from builders.labels.records import Label, Labels
from builders.ledger import row_hashes
from builders.recipes.base import listed
from builders.recipes.labels import LabelFile
from builders.recipes.loading import RecipeKind, load
from builders.recipes.loading import load_recipe as load_build_recipe
from builders.recipes.model import Dedup, Frozen, Language, Quality, Repair
from builders.records import plain
from builders.sources.reading import read_source
from builders.versions.registry import build
from cards.comparison.paired import Effect, effect
from train.adapters.adapter import open_adapter
from train.answers.sampling import GREEDY
from train.comparison.compare import ComparedModels, compared, measure
from train.engines import Engine
from train.methods.sft import make_plan, train
from train.recipes.loading import load_recipe
from train.run.checkpoints import checkpoints
from train.run.data import TrainingData, open_data
from train.run.examples import epoch_order
from train.run.plan import Plan, processes

CONTROL = "random"
FOUND = "experiment.json"
LEFT_OUT = "random-left-out.jsonl"
FIELDS = ["instruction", "input", "output"]
Report = Callable[[str], None]


class Experiment(Frozen):
    """What is trained and compared; see the module's own words.

    name: the experiment's name. recipe: a training recipe. set: its overrides. versions: what each is called, and which version
    it is. control: a recipe whose source gives random rows. test: the version whose test rows are used. seeds: one run of
    each version for each. tokens: how many each run sees.
    """

    name: Annotated[str, Field(pattern=DATASET_NAME)]
    recipe: str
    set: tuple[str, ...] = ()
    versions: Annotated[dict[Annotated[str, Field(pattern=DATASET_NAME)], str], Field(min_length=1)]
    control: str | None = None
    test: str
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (1, 2, 3)
    tokens: Annotated[int, Field(ge=1)]

    @field_validator("seeds", "set", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)

    @field_validator("seeds")
    @classmethod
    def _once(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("each seed is one run of each version; name it once")
        return seeds


class Trained(Struct, frozen=True, kw_only=True):
    """One run: its adapter's folder, steps, and how often it saw its rows."""

    adapter: str
    version: str
    seed: int
    steps: int
    epochs: float


class ExperimentFound(Struct, frozen=True, kw_only=True):
    """What an experiment found: every run, the comparison of their adapters, and what it says of every two versions."""

    name: str
    tokens: int
    runs: tuple[Trained, ...]
    comparison: ComparedModels
    effects: tuple[Effect, ...]

    @property
    def sentences(self) -> list[str]:
        """The result in plain words, a line for every two versions."""
        return [one.sentence for one in self.effects]


KIND = RecipeKind("experiment", Experiment, "train")


def load_experiment(path: str, overrides: tuple[str, ...] = ()) -> Experiment:
    """Read an experiment from a YAML file. Raises NotFound and Invalid as `train.recipes.loading.load_recipe` does."""
    return load(KIND, path, overrides)


def run_experiment(
    experiment: Experiment,
    out: Path,
    registry: Path,
    engine: Engine,
    cache: Path | None = None,
    report: Report = lambda step: None,
) -> ExperimentFound:
    """Train what is not trained yet, compare all, and write `experiment.json` to `out`; each adapter lies beside it.

    Run again after an interruption: what is done stays done. Raises Invalid for a version that was to be trained on a row of
    the test split, Conflict for an adapter of another run in the way, and whatever training and comparing raise.
    """
    test = open_data(experiment.test, registry)
    test.split("test")
    versions = {name: (reference, registry) for name, reference in experiment.versions.items()}
    if experiment.control:
        if CONTROL in versions:
            raise Invalid(f"versions: {CONTROL} is what the control is called", "call that version something else")
        rows = open_data(next(iter(experiment.versions.values())), registry).split("train").height
        versions[CONTROL] = (random_rows(experiment.control, rows, test, out, report), out / "versions")
    for reference, where in versions.values():
        require_apart(open_data(reference, where), test)
    runs = []
    for seed in experiment.seeds:
        for name, (reference, where) in versions.items():
            runs.append(_trained(experiment, name, seed, reference, where, out, engine, cache, report))
    base = load_recipe(experiment.recipe, experiment.set).base.path
    folders = [out / one.adapter for one in runs]
    found = measure(folders, test, engine, "test", None, 0, GREEDY, False, base, cache, report)
    by_version = {name: [found.losses[f"{name}-{seed}"] for seed in experiment.seeds] for name in versions}
    effects = tuple(
        effect((one, other), by_version[one], by_version[other], found.tokens)
        for one, other in combinations(versions, 2)
    )
    result = ExperimentFound(
        name=experiment.name,
        tokens=experiment.tokens,
        runs=tuple(runs),
        comparison=compared(found, test, "test", GREEDY),
        effects=effects,
    )
    (out / FOUND).write_text(json.dumps(plain(result), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def require_apart(data: TrainingData, test: TrainingData) -> None:
    """Raise Invalid when a version trains on rows of the test split, told by what they say and not by their ids."""
    known = test.split("test").select(FIELDS)
    for split in ("train", "validation"):
        if split not in data.splits:
            continue
        common = data.splits[split].join(known, on=FIELDS, how="semi")
        if common.height:
            raise Invalid(
                f"{data.version.label}: {common.height:,} of its {split} rows are test rows of {test.version.label} (first "
                f"{common['id'][0]!r}), so its model would have seen the answers",
                "build both with the same split, or name another test",
            )


def steps_for(plan: Plan, tokens: int) -> int:
    """Optimizer steps until a run has seen so many tokens that are no filling, epochs one after the other."""
    settings = plan.recipe.train
    rows = settings.per_device_train_batch_size * settings.gradient_accumulation_steps * processes()
    per_epoch, seen, steps, epoch = int(plan.train.lengths.sum()), 0, 0, 0
    whole = tokens // per_epoch  # epochs that are over before the budget is
    steps, epoch, seen = whole * plan.epoch_steps, whole, whole * per_epoch
    lengths = plan.train.lengths[epoch_order(plan.train.lengths, settings, processes(), epoch)]
    ends = np.append(np.arange(rows, len(lengths), rows), len(lengths)) - 1
    left = np.cumsum(lengths)[ends] >= tokens - seen
    return max(1, steps + (int(np.argmax(left)) + 1 if tokens > seen else 0))


def random_rows(recipe: str, rows: int, test: TrainingData, out: Path, report: Report = lambda step: None) -> str:
    """Build a version of as many random rows of a recipe's source, which nothing was filtered from; its reference.

    It is split as the test is, so that no id is in both. Rows that are test rows under other ids are left out, and counted.
    """
    off: Mapping[str, Any] = {"enabled": False}
    named = load_build_recipe(recipe)
    split = test.version.manifest.recipe.split
    wanted = round(rows / (1 - split.validation - split.test))
    parts = {"repair": Repair(**off), "language": Language(**off), "quality": Quality(**off), "dedup": Dedup(**off)}
    sample = named.sample.model_copy(update={"rows": wanted, "shortfall": "all"})
    others = {"name": f"{named.name}-{CONTROL}", "split": split, "sample": sample, "decontaminate": None}
    labels = _left_out(read_source(named, out / "versions").rows, test, out, report)
    made = build(named.model_copy(update={**parts, **others, "labels": labels}), out / "versions").version
    if (count := made.rows().height) < wanted:
        report(f"{CONTROL}: {count:,} rows, all that there are, where {wanted:,} were wanted")
    return made.label


def _left_out(source: pl.DataFrame, test: TrainingData, out: Path, report: Report) -> LabelFile | None:
    """Labels that drop the rows of a source that say what a test row says, and have another id."""
    known = test.split("test")
    leaked = source.join(known.select(FIELDS), on=FIELDS, how="semi").join(known.select("id"), on="id", how="anti")
    if leaked.is_empty():
        return None
    report(
        f"{CONTROL}: {leaked.height:,} rows of its source are left out: test rows of {test.version.label}, of other ids"
    )
    note = f"a test row of {test.version.label}"
    labels = [
        Label(id=id, row_sha256=sha256, verdict="drop", note=note)
        for id, sha256 in zip(leaked["id"], row_hashes(leaked), strict=True)
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / LEFT_OUT).write_bytes(Labels(tuple(labels)).canonical())
    return LabelFile(path=str(out / LEFT_OUT))


def _trained(
    experiment: Experiment,
    name: str,
    seed: int,
    reference: str,
    registry: Path,
    out: Path,
    engine: Engine,
    cache: Path | None,
    report: Report,
) -> Trained:
    """One adapter, trained unless it is there."""
    overrides = [*experiment.set, f"train.seed={seed}", "train.eval_steps=0"]
    recipe = load_recipe(experiment.recipe, overrides)
    plan = make_plan(recipe, reference, registry, engine, cache)
    steps = steps_for(plan, experiment.tokens)
    plan = make_plan(
        load_recipe(experiment.recipe, [*overrides, f"train.max_steps={steps}"]), reference, registry, engine, cache
    )
    folder, epochs = out / f"{name}-{seed}", steps / plan.epoch_steps
    if folder.exists():
        record = open_adapter(folder).record
        if (record.recipe_sha256, record.data) != (plan.recipe.sha256(), plan.data.record):
            raise Conflict(f"{folder}: an adapter of another recipe or version", "choose another --out, or remove it")
    else:
        often = f", its rows {epochs:.1f} times" if epochs > 1 else ""
        report(f"{folder.name}: {steps:,} steps{often}")
        train(plan, folder, resume=bool(checkpoints(folder.with_name(f"{folder.name}.run"))))
    return Trained(adapter=folder.name, version=name, seed=seed, steps=steps, epochs=round(epochs, 3))
