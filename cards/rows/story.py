"""A row's story: plain lines where it is piped, side by side and highlighted on a terminal (`view.py`)."""

import sys
from collections.abc import Iterator

from msgspec import UNSET

from cards.rows.records import KeptRow, Message, Reason, RowLanguage, Story, Texts
from cards.shared.terminal import plain, put, safe_line
from cards.shared.words import Piece, changes, shortened

SILENT = "every other rule that was applied"  # their names would fill the screen; --json has them


def show_story(story: Story) -> None:
    """Print one row's story."""
    if not sys.stdout.isatty():
        put("\n".join(story_lines(story)))
        return
    from rich.console import Console

    from cards.rows.view import story_view

    console = Console(highlight=False)
    for part in story_view(story):
        console.print(part)


def story_lines(story: Story) -> Iterator[str]:
    """A row's story as text."""
    yield safe_line(f"{story.id}: {story.outcome()}")
    yield from (safe_line(f"  {key}: {value}") for key, value in facts(story).items())
    for reason in story.reasons:
        yield from (safe_line(f"  {line}") for line in reason_lines(reason))
    here = story.repaired or story.source
    yield from _text_lines("source", story.source, None)
    yield from _text_lines("after repair", story.repaired if story.edits else None, story.source)
    yield from _text_lines("the kept row", story.duplicate_row, here)
    if story.language:
        yield "\nlanguage"
        yield from (safe_line(f"  {part}: {said}") for part, said in language_of_parts(story.language).items())
    if story.rules:
        yield "\nrules (score, threshold)"
        for rule in story.rules:
            if rule.score:
                yield f"  {rule.rule} {rule.score:.2f}, {rule.threshold:.2f} → {rule.action}: {rule.evidence!r}"
        yield f"  0.00: {SILENT}"
    if story.row:
        yield "\nprompt and completion"
        yield plain(prompt_pieces(story.row))


def _text_lines(title: str, texts: Texts | None, beside: Texts | None) -> Iterator[str]:
    """A row's fields; and those that differ from another row's, word by word."""
    if texts is None:
        return
    yield f"\n{title} ({safe_line(texts.id)})"
    yield from (f"  {field}: {text!r}" for field, text in texts.fields().items())
    if beside:
        for field, old in beside.fields().items():
            new = texts.fields()[field]
            if old != new:
                yield f"  {field}, word by word: {safe_line(plain(shortened(changes(old, new))))}"


# ---- what both forms say ---------------------------------------------------------------------------------------------


def facts(story: Story) -> dict[str, str]:
    """What the ledger says beside the outcome, as far as it says anything, and why text is missing."""
    found = {
        "score": "" if story.score is None else str(story.score),
        "evidence": story.evidence or "",
        "duplicate_of": story.duplicate_of or "",
        "edits": ", ".join(story.edits),
        "flags": ", ".join(story.flags),
        "note": story.note or "",
    }
    return {key: value for key, value in found.items() if value}


def reason_lines(reason: Reason) -> list[str]:
    """What a decision means; of a rule also how it was applied, and a row that it catches and one that it spares."""
    applied = f" (version {reason.version}, {reason.verdict} from {reason.threshold:.2f})" if reason.threshold else ""
    examples = {"it catches": reason.caught, "it spares": reason.spared}
    shown = [f"{what}: {one[0]!r} → {one[1]!r}" for what, one in examples.items() if one]
    return [f"{reason.rule}{applied}: {reason.reason}", *shown]


def language_of_parts(language: RowLanguage) -> dict[str, str]:
    """The language of question and answer, with what the detectors said."""
    return {
        "question": f"{language.question} ({language.question_evidence})",
        "answer": f"{language.answer} ({language.answer_evidence})",
    }


def prompt_pieces(row: KeptRow) -> list[Piece]:
    """Prompt and completion as the model sees them, the part that it does not learn dim."""
    between = "" if isinstance(row.prompt, str) else "\n"
    pieces: list[Piece] = [("dim", _written(row.prompt) + between), ("", _written(row.completion))]
    if row.pair is UNSET:
        return pieces
    about = f"\n\nrejected ({row.pair.rejected_origin}" + (
        "" if row.pair.margin is None else f", margin {row.pair.margin:g}"
    )
    why = f"\nwhy: {row.pair.reason}" if row.pair.reason else ""
    return [*pieces, ("title", f"{about})\n"), ("", _written(row.pair.rejected)), ("dim", why)]


def _written(part: str | list[Message]) -> str:
    """A prompt or completion; of a chat, one turn a line."""
    return part if isinstance(part, str) else "\n".join(f"{turn.role}: {turn.content}" for turn in part)
