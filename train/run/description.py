"""A plan as a record, for `--dry-run --json`, and in words; and what a run came to, in words."""

from msgspec import Struct, structs

from train.base.pin import BasePin
from train.recipes.model import TrainRecipe
from train.run.examples import Examples, shown
from train.run.memory import Memory
from train.run.plan import Plan
from train.run.progress import GIB
from train.run.record import DataPin, Filling, TokenCounts, Training

NAMED = 20  # ids of rows that are named at most


class SplitTokens(TokenCounts, frozen=True, kw_only=True):
    """The counts of a split. left_out: ids of the rows whose prompt alone fills the window."""

    left_out: tuple[str, ...]

    @classmethod
    def of(cls, examples: Examples) -> "SplitTokens":
        """The counts of some examples."""
        return cls(**structs.asdict(examples.counts()), left_out=examples.left_out)


class PlannedTokens(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counts of tokens by split. windows: what an epoch is made of. validation: left out where it is not measured."""

    train: SplitTokens
    validation: SplitTokens | None = None
    windows: int
    filling: Filling


class TemplateName(Struct, frozen=True):
    """A template by its name and hash."""

    name: str
    sha256: str


class Example(Struct, frozen=True):
    """One row as the model sees it: the part that is only read, and the part that is learnt."""

    masked: str
    learnt: str


class Description(Struct, frozen=True, kw_only=True):
    """What a run will do."""

    recipe: TrainRecipe
    recipe_sha256: str
    engine: str
    device: str
    precision: str
    attention: str
    optimizer: str
    base: BasePin
    data: DataPin
    template: TemplateName
    tokens: PlannedTokens
    epoch_steps: int
    steps: int
    memory: Memory
    example: Example


def describe(plan: Plan) -> Description:
    """A plan as a record."""
    template, examples = plan.data.template, plan.train.examples
    return Description(
        recipe=plan.recipe,
        recipe_sha256=plan.recipe.sha256(),
        engine=plan.engine.name,
        device=plan.engine.device,
        precision=plan.precision,
        attention=plan.attention,
        optimizer=plan.optimizer,
        base=plan.checkpoint.pin,
        data=plan.data.pin,
        template=TemplateName(template.name, template.sha256),
        tokens=PlannedTokens(
            train=SplitTokens.of(examples),
            validation=SplitTokens.of(plan.validation) if plan.validation else None,
            windows=len(plan.train),
            filling=plan.filling,
        ),
        epoch_steps=plan.epoch_steps,
        steps=plan.steps,
        memory=plan.memory(),
        example=Example(*shown(examples, 0, plan.tokenizer)),
    )


def lines(plan: Plan) -> list[str]:
    """A plan in words, for `--dry-run`."""
    found = describe(plan)
    data, tokens, memory = found.data, found.tokens.train, found.memory
    commit = f" at commit {data.commit}" if data.commit else ""
    filling = found.tokens.filling
    shares = {"padded": filling.padded, "grouped by length": filling.grouped, "packed": filling.packed}
    return [
        f"data      {data.reference}{commit}, content sha256 {data.content_sha256}",
        f"template  {found.template.name}, sha256 {found.template.sha256[:12]}…",
        f"base      {plan.checkpoint.label}",
        f"engine    {found.engine} on {found.device}, {found.precision}, {found.attention}, {found.optimizer}",
        f"tokens    {tokens.rows:,} {_named(plan)}, {tokens.tokens:,} tokens, {tokens.answer_tokens:,} of them learnt; "
        f"median {tokens.median}, longest {tokens.longest}",
        f"filling   {', '.join(f'{share:.1%} {how}' for how, share in shares.items() if share is not None)}",
        *warnings(plan),
        f"steps     {found.steps:,} ({found.epoch_steps:,} an epoch)",
        f"memory    about {_gib(memory.total)} GiB: base {_gib(memory.base)}, adapter {_gib(memory.adapter)} "
        f"({memory.adapter_parameters:,} parameters), activations {_gib(memory.activations)}, logits {_gib(memory.logits)}",
        "",
        "masked (read, not learnt):",
        *found.example.masked.split("\n"),
        "learnt:",
        *found.example.learnt.split("\n"),
    ]


def _named(plan: Plan) -> str:
    """What is counted: rows, or pairs of answers."""
    return "pairs" if plan.method.together > 1 else "rows"


def _gib(size: int) -> str:
    return f"{size / GIB:.2f}"


def warnings(plan: Plan) -> list[str]:
    """Rows that the window cuts, and those that it leaves no room for."""
    found = []
    for split, examples in (("train", plan.train.examples), ("validation", plan.validation)):
        if examples and examples.truncated:
            longest = plan.recipe.train.max_length
            found.append(f"cut       {len(examples.truncated):,} {split} answers are longer than {longest} tokens")
        if examples and examples.left_out:
            named = ", ".join(examples.left_out[:NAMED]) + (", …" if len(examples.left_out) > NAMED else "")
            found.append(
                f"left out  {len(examples.left_out):,} {split} {_named(plan)} whose prompt alone fills the window"
                f"{', or whose answers are the same in it' if plan.method.together > 1 else ''}: {named}"
            )
    return found


def summary(record: Training) -> str:
    """What a run came to, from its adapter's record."""
    loss, run = record.metrics.eval_loss, record.run
    resumed = f" after step {run.after_step:,}" if run.after_step else ""
    measured = "" if loss is None else f", validation loss {loss:.4f}"
    return (
        f"trained {record.name} on {record.data.reference}{measured}\n"
        f"  {record.steps - run.after_step:,} steps{resumed} in {run.seconds:,.0f} s, {run.tokens_per_second:,.0f} tokens/s"
    )
