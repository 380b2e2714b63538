"""A model's own answers to a version's rows, written down once: pairs are made of them, again and again, without a model.

    found = sample_answers("demo@1.0.0", "adapters/first", Path("answers.jsonl"), Path("versions"), Sampling(temperature=0.8))
    print(found.source)  # what a recipe of preferences says to set the rows' answers against these

A line is a `builders.sources.answers.Sampled`. This is self-play (SPIN, Chen et al. 2024): the row's answer is the better one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from msgspec import Struct

from builders.errors import Conflict, NotFound
from builders.schema import Split
from builders.scores.records import line
from builders.sources.answers import Sampled, parse_answers
from builders.versions.fingerprint import file_fingerprint
from train.adapters.adapter import open_adapter
from train.answers.evaluation import chosen_rows, prompted
from train.answers.generation import AHEAD, Answerer, load_answerer
from train.answers.parts import write_in_parts
from train.answers.sampling import GREEDY, Sampling
from train.base.checkpoint import open_checkpoint
from train.engines import DeviceName, EngineName, choose
from train.run.data import open_data
from train.run.prompts import encode_prompts

Report = Callable[[str], None]


class SampledAnswers(Struct, frozen=True, kw_only=True):
    """A file of a model's answers. adapter: whose, by name and hash of its weights. rows: answers in it. cut: those that did
    not stop, which make no pair. left_out: ids of rows whose prompt alone fills the window. source: a recipe's `source`."""

    path: str
    sha256: str
    adapter: str
    rows: int
    cut: int
    left_out: tuple[str, ...]
    source: dict[str, object]


class _Asked(Struct, frozen=True):
    """What must be the same for an interrupted run to be gone on with."""

    version: str
    content_sha256: str
    adapter: str
    engine: str
    device: str
    sampling: Sampling
    ids: list[str]


def sample_answers(
    reference: str,
    adapter: Path | str,
    out: Path,
    registry: Path,
    sampling: Sampling = GREEDY,
    split: Split | None = None,
    limit: int | None = None,
    base: str | None = None,
    engine: EngineName = "auto",
    device: DeviceName = "auto",
    cache: Path | None = None,
    report: Report = lambda step: None,
) -> SampledAnswers:
    """Have an adapter answer the rows of a version, and write its answers to `out`.

    split: only its rows. limit: only so many rows, by hash of the id. What was answered before an interruption is taken up
    again, to the same bytes. Raises Problem for a version, adapter or base that is not there or does not fit (a version in
    another template), Conflict where something is at `out`, and Exhausted where memory or disk are.
    """
    chosen = choose(engine, device)  # before the rest, which imports transformers
    if out.exists():
        raise Conflict(f"{out}: there is something already", "choose another --out")
    data = open_data(reference, registry)
    if split:
        data.split(split)
    opened = open_adapter(adapter)
    answerer = load_answerer(opened, open_checkpoint(opened.base(base), cache), chosen)
    prompted(answerer, data, "train", rewrite=False)
    rows = data.version.rows_by_id().filter(pl.col("split") == split if split else pl.lit(True))
    rows = rows.filter(pl.col("id").is_in(chosen_rows(rows, limit)["id"].implode()))
    asked, left_out = _with_room(rows, answerer)
    name = f"{opened.record.name} {opened.record.weights_sha256}"
    how = _Asked(
        version=data.version.label,
        content_sha256=data.version.content_sha256,
        adapter=name,
        engine=chosen.name,
        device=chosen.device,
        sampling=sampling,
        ids=asked["id"].to_list(),
    )
    size = sampling.batch * AHEAD

    def parts(done: int) -> Iterator[list[bytes]]:
        report(f"{done:,} of {asked.height:,} rows are answered" if done else f"{asked.height:,} rows to answer")
        for at in range(done, asked.height, size):
            part = asked[at : at + size]
            yield [line(one) for one in _answers(part, answerer, sampling, name)]
            report(f"{at + part.height:,} of {asked.height:,} answers")

    write_in_parts(
        out, line(how), asked.height, size, lambda lines: parse_answers(lines, out.name), parts, headed=False
    )
    sha256 = file_fingerprint(out).sha256
    cut = sum(one.stopped == "length" for one in parse_answers(out.read_bytes(), out.name))
    version = {"kind": "version", "ref": data.version.label}
    return SampledAnswers(
        path=str(out),
        sha256=sha256,
        adapter=name,
        rows=asked.height,
        cut=cut,
        left_out=left_out,
        source={"kind": "answers", "path": str(out), "sha256": sha256, "rows": version},
    )


def _with_room(rows: pl.DataFrame, answerer: Answerer) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows whose prompts leave room for an answer, and the ids of the others."""
    prompts = encode_prompts(answerer.tokenizer, rows["prompt"].to_list(), str(answerer.adapter.path))
    room = pl.Series([len(prompt) < answerer.window for prompt in prompts], dtype=pl.Boolean)
    if not room.any():
        raise NotFound("no row is left to answer: every prompt fills the window", "name another version or split")
    return rows.filter(room), tuple(rows.filter(~room)["id"])


def _answers(rows: pl.DataFrame, answerer: Answerer, sampling: Sampling, adapter: str) -> Iterator[Sampled]:
    names = [f"row {id!r}" for id in rows["id"]]
    for id, one in zip(rows["id"], answerer.complete(rows["prompt"].to_list(), names, sampling), strict=True):
        yield Sampled(
            id=id,
            answer=one.text,
            stopped="end" if one.stopped == "eos" else "length",
            adapter=adapter,
            seed=sampling.seed,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
        )
