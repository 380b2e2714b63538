"""Pairs of a better and a worse answer from a preference dataset: text or messages, or rated answers of one prompt."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Invalid, keyed
from builders.hub.files import fetch_rows
from builders.recipes.model import Reading
from builders.recipes.preferences import PairColumns, PairsDemo, PairsFile, PairsHub
from builders.recipes.sources import Limits
from builders.schema import FIELDS, PAIR_FIELDS
from builders.sources.formats import open_table
from builders.sources.formats.table import MISSING, FrameTable, Part, Table
from builders.sources.hub import SOURCE_ADVICE
from builders.sources.intake import require_short_rows
from builders.sources.mapping.conversations import Turn, turns_of
from builders.sources.mapping.values import kind_of, plain_text
from builders.sources.order import ordered
from builders.sources.read import Read, file_bytes, require_pin

DEMO = "preferences.jsonl"
EXTRA = {name: pl.Float64 if name == "margin" else pl.String for name in PAIR_FIELDS}
SCHEMA: dict[str, Any] = {"id": pl.String, **dict.fromkeys(FIELDS, pl.String), **EXTRA}
MOST = 1e300  # of a score: the difference of two is a number as well
NEEDED = ("prompt", "chosen", "rejected")


def read_demo_pairs(source: PairsDemo) -> Read:
    """The embedded pairs. Raises Changed when the recipe pins other pairs than this package holds."""
    data = (resources.files("builders") / "demo" / DEMO).read_bytes()
    return _read(open_table(data, DEMO, Reading()), data, source, PairColumns(), "demo")


def read_pairs_file(path: Path, source: PairsFile | PairsHub) -> Read:
    """Pairs of a file on disk, or of one that was fetched from the Hub. Raises Problem, naming the line, for what is none."""
    data = file_bytes(path)
    limits = {key: getattr(source, key) for key in Limits.model_fields}
    with keyed("source"):
        require_pin(str(path), source.sha256, hashlib.sha256(data).hexdigest())
        table = open_table(data, path.name, Reading(**limits))
    named = {"name": source.name or path.name} if isinstance(source, PairsFile) else {}
    return _read(table, data, source, source.columns, "source", named)


def read_pairs_split(source: PairsHub) -> Read:
    """Pairs of one split of a Hub dataset. The pin records the hash of the rows as JSON Lines."""
    assert source.split, "the recipe names a split or a file"
    frame = fetch_rows(source.repo, source.revision, source.config, source.split, SOURCE_ADVICE)
    data = frame.write_ndjson().encode()
    with keyed("source"):
        require_pin(f"{source.repo} {source.split}", source.sha256, hashlib.sha256(data).hexdigest())
    table = FrameTable(frame, f"{source.repo} {source.split}")
    return _read(table, data, source, source.columns, "source")


def in_order(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs (SCHEMA) in natural order of ids, with `row` and `position`; `parent` is the own id where it is null."""
    if pairs.is_empty():
        raise Invalid(f"{name}: holds no pairs", "a pair has a prompt, a chosen and a rejected answer")
    more = pairs.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("position"), *PAIR_FIELDS)
    rows = ordered(pairs, name).rows.join(more, on="position", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("parent", "id").alias("parent"))


def _read(
    table: Table, data: bytes, source: Any, columns: PairColumns, origin: str, named: Mapping[str, str] | None = None
) -> Read:
    rated = columns.answer is not None
    with keyed("source"):
        found = rated_pairs(_rated(table, columns), table.name) if rated else _frame(_pairs(table, columns, origin))
        if isinstance(source, Limits):
            require_short_rows(found, (*FIELDS, "rejected_output"), table.name, source.max_row_bytes)
    pin = source.model_copy(update={**(named or {}), "sha256": hashlib.sha256(data).hexdigest()})
    return Read(in_order(found, table.name), pin)


def _frame(pairs: Iterable[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), SCHEMA, orient="row")


# ---- rows that are pairs ---------------------------------------------------------------------------------------------


def _pairs(table: Table, columns: PairColumns, origin: str) -> Iterable[tuple[Any, ...]]:
    """A loop over rows, because a side may be text or messages in each."""
    there = set(table.names())
    named = {key: value for key, value in columns.model_dump().items() if isinstance(value, str)}
    wanted = {key: value for key, value in named.items() if key in NEEDED or value.partition(".")[0] in there}
    if "prompt" in wanted and wanted["prompt"].partition(".")[0] not in there and columns.prompt == "prompt":
        del wanted["prompt"]  # as in datasets whose two sides are whole conversations
    for part in table.parts(tuple(wanted.values())):
        for at in range(part.height):
            row = {key: part.values[column][at] for key, column in wanted.items()}
            yield _pair(row, f"{table.name}, {part.place(at)}", wanted, origin)


def _pair(row: Mapping[str, Any], place: str, columns: Mapping[str, str], origin: str) -> tuple[Any, ...]:
    spoken = row.get("prompt") is MISSING and isinstance(row["chosen"], list)  # its question is in its turns
    for key in NEEDED[1:] if spoken else NEEDED:
        if row.get(key, "") is MISSING:
            raise Invalid(
                f"{place}: field {columns[key]!r} is missing",
                "name the column that holds it with source.columns." + key,
            )
    question, better = side(row["chosen"], place, "chosen")
    asked, worse = side(row["rejected"], place, "rejected")
    if "prompt" in columns and not spoken:
        question = asked = prompt_of(row["prompt"], place)
    elif not (question and asked):
        raise Invalid(
            f"{place}: field 'prompt' is missing", "name the column with what is asked with source.columns.prompt"
        )
    elif question != asked:
        raise Invalid(f"{place}: chosen and rejected answer two different prompts", "correct the pair")
    given = _text(row.get("input"), place, "input")
    whole = f"{question}\n\n{given}" if given else question or ""
    scores = [_number(row.get(key), place, key) for key in ("chosen_score", "rejected_score")]
    margin = None if None in scores else scores[0] - scores[1]  # type: ignore[operator]
    id = row.get("id")
    parent = row.get("parent")
    return (
        None if id in (None, MISSING) else str(id),
        question or "",
        given,
        without_prompt(better, whole, question or ""),
        without_prompt(worse, whole, question or ""),
        None if parent in (None, MISSING, "") else str(parent),
        origin,
        origin,
        margin,
        _text(row.get("reason"), place, "reason"),
    )


def side(value: Any, place: str, field: str) -> tuple[str | None, str]:
    """The question (None where it is not there) and the answer of a side: text, or messages, of which the last answer counts.

    Of what was said before, all is the question.
    """
    turns = _turns(value, place, field)
    if turns is None:
        return None, _text(value, place, field)
    last = max((at for at, turn in enumerate(turns) if turn.role == "assistant"), default=None)
    if last is None:
        raise Invalid(f"{place}: {field!r} has no turn of the assistant", "correct the pair")
    return (_said(turns[:last]) or None), turns[last].text


def prompt_of(value: Any, place: str) -> str:
    """What is asked: text, or messages."""
    turns = _turns(value, place, "prompt")
    return _text(value, place, "prompt") if turns is None else _said(turns)


def _turns(value: Any, place: str, field: str) -> list[Turn] | None:
    if not isinstance(value, list) or not any(isinstance(one, dict) for one in value):
        return None
    turns = turns_of(value)
    if turns is None:
        raise Invalid(f"{place}: {field!r} is not a list of turns with role and content", "correct the pair")
    return turns


def _said(turns: list[Turn]) -> str:
    """One question as it is; of several turns, all of them, each after a word for its speaker."""
    spoken = [turn for turn in turns if turn.role in ("user", "assistant")]
    if len(spoken) == 1:
        return spoken[0].text
    return "\n\n".join(f"{'Usuario' if turn.role == 'user' else 'Asistente'}: {turn.text}" for turn in spoken)


def without_prompt(answer: str, *prompts: str) -> str:
    """An answer that repeats its prompt, without that."""
    for prompt in prompts:
        if prompt and answer.startswith(prompt) and (rest := answer[len(prompt) :])[:1] in ("\n", " ", "\r"):
            return rest.lstrip()
    return answer


def _text(value: Any, place: str, field: str) -> str:
    if value is None or value is MISSING:
        return ""
    text = value if isinstance(value, str) else plain_text(value)
    if text is None:
        raise Invalid(f"{place}: {field!r} must be text, not {kind_of(value)}", "correct it, or map another column")
    return text


def _number(value: Any, place: str, field: str) -> float | None:
    if value is None or value is MISSING:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:  # nor what is no number
        raise Invalid(f"{place}: {field!r} must be a number, not {kind_of(value)}", "correct it, or map another column")
    return float(value)


# ---- rated answers ---------------------------------------------------------------------------------------------------


def _rated(table: Table, columns: PairColumns) -> pl.DataFrame:
    """`id`, `instruction`, `input`, `answer`, `score` of each row."""
    there = set(table.names())
    keys = {"prompt": columns.prompt or "prompt", "answer": str(columns.answer), "score": str(columns.score)}
    keys |= {key: name for key, name in (("id", columns.id), ("input", columns.input)) if name and name in there}
    rows = []
    for part in table.parts(tuple(keys.values())):
        rows += [_rated_row(part, at, keys, table.name) for at in range(part.height)]
    schema = {"id": pl.String, "instruction": pl.String, "input": pl.String, "answer": pl.String, "score": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row")


def _rated_row(part: Part, at: int, keys: Mapping[str, str], name: str) -> tuple[Any, ...]:
    row, place = {key: part.values[column][at] for key, column in keys.items()}, f"{name}, {part.place(at)}"
    for key in ("prompt", "answer", "score"):
        if row[key] is MISSING or (key == "score" and row[key] is None):
            raise Invalid(f"{place}: field {keys[key]!r} is missing", f"name its column with source.columns.{key}")
    id = row.get("id")
    question, answer = prompt_of(row["prompt"], place), side(row["answer"], place, "answer")[1]
    score = _number(row["score"], place, "score")
    own = None if id in (None, MISSING) else str(id)
    return own, question, _text(row.get("input"), place, "input"), without_prompt(answer, question), score


def rated_pairs(answers: pl.DataFrame, name: str, origin: str = "rated") -> pl.DataFrame:
    """One pair of each prompt: its best answer and its worst. A prompt with one answer makes a pair whose worse side is empty,
    so that the ledger knows it.

    answers: `id`, `instruction`, `input`, `answer`, `score`, perhaps `origin`.
    """
    if answers.is_empty():
        raise Invalid(f"{name}: holds no rows", "a rated answer has a prompt, an answer and a score")
    if "origin" not in answers.columns:
        answers = answers.with_columns(pl.lit(origin).alias("origin"))
    best_first = answers.sort(["score", "answer", "id"], descending=[True, False, False], nulls_last=True)
    several = pl.len() > 1
    pairs = best_first.group_by("instruction", "input", maintain_order=True).agg(
        pl.col("id").first(),
        pl.col("answer").first().alias("output"),
        pl.when(several).then(pl.col("answer").last()).otherwise(pl.lit("")).alias("rejected_output"),
        pl.col("id").first().alias("parent"),
        pl.col("origin").first().alias("chosen_origin"),
        pl.col("origin").last().alias("rejected_origin"),
        pl.when(several).then(pl.col("score").first() - pl.col("score").last()).alias("margin"),
        pl.lit("").alias("reason"),
    )
    return pairs.select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]
