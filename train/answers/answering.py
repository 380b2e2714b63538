"""Questions from a file or a terminal, and their answers there: as they are written on a terminal, as text or JSON elsewhere."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct

from builders.errors import Invalid, NotFound, Problem
from cards.shared.terminal import safe
from train.answers.generation import Answer, Answerer, Question
from train.answers.sampling import Sampling

JSON_LINES = (".jsonl", ".ndjson", ".json")


class Asked(Struct, frozen=True):
    """A question of a file, and what it is called there: any JSON value, UNSET where it has no `id`."""

    question: Question
    id: Any = UNSET


class Answered(Struct, frozen=True, kw_only=True):
    """A question and its answer, as they are written as JSON; the id only where the question had one."""

    id: Any = UNSET
    instruction: str
    input: str
    answer: str
    tokens: int
    stopped: str

    @classmethod
    def of(cls, question: Question, answer: Answer, id: Any = UNSET) -> "Answered":
        """A question with its answer."""
        return cls(
            id=id,
            instruction=question.instruction,
            input=question.input,
            answer=answer.text,
            tokens=answer.tokens,
            stopped=answer.stopped,
        )


Emit = Callable[[Answered], None]


def read_questions(path: Path) -> list[Asked]:
    """The questions of a file.

    JSON Lines by the file's ending: objects with `instruction` and perhaps `input` and `id`; what else they hold is not
    read. Any other file: one instruction a line. Empty lines are passed over. Raises NotFound for a file that cannot be read,
    and Invalid, naming the line, for anything else and for a file without questions.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NotFound(f"--file {path}: cannot be read ({error.strerror})", "check the name") from None
    except UnicodeDecodeError:
        raise Invalid(f"--file {path}: not UTF-8 text", "save it as UTF-8") from None
    as_json = path.suffix.lower() in JSON_LINES
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise Invalid(f"--file {path}: holds no question", "write one a line")
    return [
        _asked(line, f"--file {path}, line {number}") if as_json else Asked(Question(line)) for number, line in lines
    ]


def _asked(line: str, where: str) -> Asked:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{where}: not JSON ({error})", "write one object a line, or name the file *.txt") from None
    if not isinstance(row, dict) or not isinstance(row.get("instruction"), str):
        raise Invalid(f"{where}: needs an object with a text `instruction`")
    given = row.get("input")
    if not isinstance(given, str | None):
        raise Invalid(f"{where}: `input` must be a text")
    try:
        return Asked(Question(row["instruction"], given or ""), row.get("id", UNSET))
    except Invalid as problem:
        problem.message = f"{where}: {problem.message}"
        raise


def answer_file(answerer: Answerer, asked: Sequence[Asked], sampling: Sampling, emit: Emit) -> None:
    """Answer the questions of a file; each is given to `emit` in the file's order, with its answer."""
    answers = answerer.answers([one.question for one in asked], sampling)
    for number, (one, answer) in enumerate(zip(asked, answers, strict=True), 1):
        emit(Answered.of(one.question, answer, one.id))
        if number % sampling.batch == 0 or number == len(asked):
            print(f"{number:,} of {len(asked):,} answers", file=sys.stderr, flush=True)


def answer_lines(answerer: Answerer, sampling: Sampling, as_json: bool, emit: Emit) -> None:
    """Answer line after line of the standard input until it ends, each by itself, as the model was trained."""
    here = sys.stdin.isatty()
    if here:
        print("One question a line, each answered by itself; Ctrl-D ends.", file=sys.stderr)
    for line in _lines(here):
        try:
            answered = answer_one(answerer, Question(line), sampling, as_json)
        except Problem as problem:
            if not here:
                raise
            print(f"error: {safe(str(problem))}", file=sys.stderr)
            continue
        if as_json:
            emit(answered)


def _lines(here: bool) -> Iterator[str]:
    while True:
        if here:
            print("> ", end="", file=sys.stderr, flush=True)
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError:
            raise Invalid("the input is not UTF-8 text", "write UTF-8") from None
        if not line:
            return
        if line.strip():
            yield line.strip()


def answer_one(answerer: Answerer, question: Question, sampling: Sampling, silent: bool = False) -> Answered:
    """Answer one question on the standard output: piece by piece on a terminal, whole elsewhere, not at all if `silent`.

    What could steer a terminal is shown as escapes.
    """
    if not silent and sys.stdout.isatty():
        answer = answerer.stream(question, lambda piece: print(safe(piece), end="", flush=True), sampling)
        print(flush=True)
    else:
        answer = next(answerer.answers([question], sampling))
        if not silent:
            print(safe(answer.text), flush=True)
    if answer.stopped == "length" and not silent:
        print(f"note: cut at {answer.tokens:,} tokens", file=sys.stderr)
    return Answered.of(question, answer)
