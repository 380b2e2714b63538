"""How hard each answer of a version is for a model, with its instruction and without: a file of scores beside the version.

    score("demo@1.0.0", "OWNER/NAME", Path("versions"))

The ratio of the two losses is the instruction-following difficulty (IFD) of Li et al., "From Quantity to Quality" (2023). Both
are of the same tokens: the answer's, as training cuts them, and its end of text. Without its instruction an answer follows the
token that begins texts (where a model has none, the one that ends them), so that its first token is measured, too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from builders.errors import Conflict, NotFound
from builders.identifiers import is_commit, is_repository
from builders.ledger import row_hashes
from builders.records import plain
from builders.scores.file import beside, scores_in
from builders.scores.records import Score, ScoredBy, Scoring, line
from train.answers.generation import memory_in_words
from train.answers.parts import write_in_parts
from train.base.checkpoint import Checkpoint, open_checkpoint
from train.base.location import read_json
from train.base.tokenizer import load_tokenizer
from train.engines import DeviceName, Engine, EngineName, Settings, choose, precision_on
from train.methods.sft import encode
from train.recipes.model import Base, Quantization
from train.run.data import TrainingData, open_data
from train.run.examples import Examples
from train.run.loss import row_losses

PART = 512  # rows that are measured and written at once: what an interruption costs
Report = Callable[[str], None]


@dataclass(frozen=True)
class Scored:
    """A file of scores. by: how they were made. rows: how many there are. left_out: rows whose prompt alone fills the window.
    created: whether the file was made now; else it was there."""

    path: Path
    by: Scoring
    sha256: str
    rows: int
    left_out: int
    created: bool


def score(
    reference: str,
    base: str,
    registry: Path,
    out: Path | None = None,
    batch: int = 8,
    max_length: int = 2048,
    engine: EngineName = "auto",
    device: DeviceName = "auto",
    cache: Path | None = None,
    report: Report = lambda step: None,
) -> Scored:
    """Score every row of a version under a model, and write the scores to `out` (by default beside the version).

    base: a folder, OWNER/NAME, or OWNER/NAME@COMMIT. batch: rows that are read side by side. max_length: tokens that prompt and
    answer have room for together. What was measured before an interruption is taken up again; scores of the same rows by the
    same model are not made twice. Raises Problem for a version or model that is not there, Conflict for another file in the
    way, and Exhausted where memory or disk are.
    """
    chosen = choose(engine, device)  # before the rest, which imports transformers
    data = open_data(reference, registry, yanked=True)
    checkpoint = open_checkpoint(_base(base), cache)
    by = _scoring(data, checkpoint, chosen, max_length)
    path = out or beside(data.version, registry)
    if path.exists():
        return _there(path, by)
    tokenizer = load_tokenizer(checkpoint.folder, checkpoint.label)
    rows = data.version.rows_by_id()
    examples = encode(rows, tokenizer, by.max_length, data.version.label)
    hashes = dict(zip(rows["id"].to_list(), row_hashes(rows).to_list(), strict=True))
    begin = tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id

    def parts(done: int) -> Iterator[list[bytes]]:
        report(f"{done:,} of {len(examples):,} rows are scored" if done else f"{len(examples):,} rows to score")
        model = _loaded(chosen, checkpoint, by)
        for at in range(done, len(examples), PART):
            part = range(at, min(at + PART, len(examples)))
            with memory_in_words("a smaller --batch or --max-length"):
                found = _measured(model, examples, part, hashes, begin, tokenizer.pad_token_id, batch)
            yield list(map(line, found))
            report(f"{part.stop:,} of {len(examples):,} rows")

    write_in_parts(path, line(by), len(examples), PART, lambda data: scores_in(data, path.name), parts, headed=True)
    return _result(path, by, len(examples.left_out), created=True)


def _base(text: str) -> Base:
    """A model that is named on the command line."""
    if Path(text).is_dir():
        return Base(path=text)
    repo, at, revision = text.partition("@")
    if not is_repository(repo) or (at and not is_commit(revision)):
        raise NotFound(
            f"--base {text}: no such folder, and no repository", "give a folder, OWNER/NAME or OWNER/NAME@COMMIT"
        )
    return Base(repo=repo, revision=revision or None)


def _scoring(data: TrainingData, checkpoint: Checkpoint, engine: Engine, max_length: int) -> Scoring:
    """How the rows are scored: what must be the same for two files to be so."""
    room = read_json(checkpoint.folder / "config.json").get("max_position_embeddings")
    pin = plain(checkpoint.pin)
    return Scoring(
        version=data.version.label,
        content_sha256=data.version.content_sha256,
        template=data.template.name,
        base=ScoredBy(**{name: pin[name] for name in ScoredBy.__struct_fields__}),
        max_length=min(max_length, room) if isinstance(room, int) and room > 1 else max_length,
        precision=precision_on(engine.device, "auto"),
    )


def _loaded(engine: Engine, checkpoint: Checkpoint, by: Scoring) -> object:
    settings = Settings(
        device=engine.device,
        precision=precision_on(engine.device, "auto"),
        quantization=Quantization(kind="none"),
        max_length=by.max_length,
    )
    with memory_in_words("a GPU with more memory, or a smaller model"):
        return engine.load_base(checkpoint, settings)


def _measured(
    model: object, examples: Examples, part: range, hashes: dict[str, str], begin: int, pad: int, batch: int
) -> list[Score]:
    """The scores of some rows."""
    asked, alone = _taken(examples, part), _taken(examples, part, begin)
    sums = row_losses(model, asked, pad, batch), row_losses(model, alone, pad, batch)
    return [
        Score.of(id, hashes[id], float(with_it / tokens), float(without / tokens), int(tokens))
        for id, with_it, without, tokens in zip(asked.ids, *sums, asked.answers, strict=True)
    ]


def _taken(examples: Examples, part: Sequence[int], begin: int | None = None) -> Examples:
    """Some rows; with `begin`, their answers after that token in place of their prompts."""
    rows, prompts = [examples.row(row) for row in part], [int(examples.prompts[row]) for row in part]
    if begin is not None:
        first = np.array([begin], np.int32)
        rows = [np.concatenate([first, row[size:]]) for row, size in zip(rows, prompts, strict=True)]
        prompts = [1] * len(rows)
    return Examples(
        ids=tuple(examples.ids[row] for row in part),
        tokens=np.concatenate(rows),
        starts=np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))),
        prompts=np.array(prompts, np.int64),
    )


def _there(path: Path, by: Scoring) -> Scored:
    """The scores that are there. Raises Conflict where they are others."""
    found = _result(path, by, 0, created=False)
    if found.by != by:
        raise Conflict(
            f"{path}: holds other scores ({found.by.version} by {found.by.base.label})",
            "move it, or choose another --out",
        )
    return found


def _result(path: Path, by: Scoring, left_out: int, created: bool) -> Scored:
    scores = scores_in(path.read_bytes(), str(path))
    return Scored(path, scores.by, scores.sha256(), scores.rows.height, left_out, created)
