"""A row's story, and rows in a list: plain lines where they are piped, side by side and highlighted on a terminal."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cards.shared.terminal import plain, put, safe_line, show, styled
from cards.shared.words import Piece, changes, marked, pieces_of_evidence, shortened, side

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

FIELDS = ("instruction", "input", "output")
SILENT = "every other rule that was applied"  # their names would fill the screen; --json has them
LONG = 700  # characters of a field that a list of rows shows on a terminal


def show_story(story: Mapping[str, Any]) -> None:
    """Print one row's story."""
    if not sys.stdout.isatty():
        put("\n".join(story_lines(story)))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for part in story_view(story):
        console.print(part)


def told(entry: Mapping[str, Any]) -> str:
    """`dropped at quality by refusal`, `kept in train`."""
    if entry["status"] == "dropped":
        return f"dropped at {entry['stage']} by {entry['rule']}"
    return f"kept in {entry['split']}"


# ---- plain -----------------------------------------------------------------------------------------------------------


def story_lines(story: Mapping[str, Any]) -> Iterator[str]:
    """A row's story as text."""
    yield safe_line(f"{story['id']}: {told(story)}")
    for key in ("score", "evidence", "duplicate_of"):
        if story[key] is not None:
            yield safe_line(f"  {key}: {story[key]}")
    for key in ("edits", "flags"):
        if story[key]:
            yield safe_line(f"  {key}: {', '.join(story[key])}")
    if story["note"]:
        yield safe_line(f"  note: {story['note']}")
    here = story["repaired"] or story["source"]
    for title, fields, beside in (
        ("source", story["source"], None),
        ("after repair", story["repaired"] if story["edits"] else None, story["source"]),
        ("the kept row", story["duplicate_row"], here),
    ):
        if fields:
            yield f"\n{title} ({safe_line(fields['id'])})"
            yield from (f"  {key}: {fields[key]!r}" for key in FIELDS)
            yield from _changed_lines(beside, fields)
    if story["language"]:
        language = story["language"]
        yield "\nlanguage"
        for part in ("question", "answer"):
            yield safe_line(f"  {part}: {language[part]} ({language[f'{part}_evidence']})")
    if story["rules"]:
        yield "\nrules (score, threshold)"
        for rule in story["rules"]:
            if rule["score"]:
                yield f"  {rule['rule']} {rule['score']:.2f}, {rule['threshold']:.2f} → {rule['action']}: {rule['evidence']!r}"
        yield f"  0.00: {SILENT}"
    if story["row"]:
        yield "\nprompt and completion"
        yield plain(_prompt(story["row"]))


def _changed_lines(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Iterator[str]:
    """The fields that differ from another row's, word by word."""
    for key in FIELDS:
        if old and old[key] != new[key]:
            yield f"  {key}, word by word: {safe_line(plain(shortened(changes(old[key], new[key]))))}"


# ---- on a terminal ---------------------------------------------------------------------------------------------------


def story_view(story: Mapping[str, Any]) -> Iterator["RenderableType"]:
    """A row's story in parts for rich: facts, source beside its repair, the row kept instead, language, rules, prompt."""
    evidence = pieces_of_evidence(story)
    yield styled([("title", story["id"]), ("loud" if story["status"] == "dropped" else "good", f"  {told(story)}")])
    yield _facts({key: story[key] for key in ("score", "evidence", "duplicate_of", "edits", "flags", "note")})
    source, repaired, duplicate_of = story["source"], story["repaired"], story["duplicate_row"]
    if source and story["edits"]:
        columns = {key: _beside(source[key], repaired[key], evidence) for key in FIELDS}
        yield _side_by_side("source", "after repair", columns)
    elif source and not duplicate_of:
        yield _one_column("source", {key: marked(source[key], evidence) for key in FIELDS})
    here = repaired or source
    if here and duplicate_of:
        compared = {key: changes(here[key], duplicate_of[key]) for key in FIELDS}
        columns = {key: (_shared(pieces, "old"), _shared(pieces, "new")) for key, pieces in compared.items()}
        yield _side_by_side("this row", f"the kept row, {duplicate_of['id']}", columns)
    elif duplicate_of:
        yield _one_column(f"the kept row, {duplicate_of['id']}", {key: [("", duplicate_of[key])] for key in FIELDS})
    if story["language"]:
        language = story["language"]
        yield _facts(
            {
                f"{part} language": f"{language[part]} ({language[f'{part}_evidence']})"
                for part in ("question", "answer")
            }
        )
    if story["rules"]:
        yield _rules(story["rules"])
    if story["row"]:
        yield styled(
            [("title", "\nprompt"), ("dim", " (masked: the model does not learn it)"), ("title", " and completion")]
        )
        yield styled(_prompt(story["row"]))


def _facts(facts: Mapping[str, Any]) -> "Table":
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for key, value in facts.items():
        if value not in (None, [], ""):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            table.add_row(styled([("label", f"  {key}")]), styled([("evidence" if key == "evidence" else "", shown)]))
    return table


def _beside(old: str, new: str, evidence: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    """A field before and after: what changed if it did, else where the evidence stands."""
    if old == new:
        return marked(old, evidence), marked(new, evidence)
    pieces = changes(old, new)
    return side(pieces, "old"), side(pieces, "new")


def _shared(pieces: Sequence[Piece], which: str) -> list[Piece]:
    """One of two duplicates, the words that both have in bold."""
    names = {"same": "shared", "old": "left", "new": "right"}
    return [(names[what], text) for what, text in side(pieces, which)]


def _side_by_side(left: str, right: str, fields: Mapping[str, tuple[list[Piece], list[Piece]]]) -> "Table":
    from rich.table import Column, Table

    table = Table(
        Column(), *(Column(styled([("", title)]), ratio=1) for title in (left, right)), show_lines=True, expand=True
    )
    for key, (one, other) in fields.items():
        table.add_row(styled([("label", key)]), styled(one), styled(other))
    return table


def _one_column(title: str, fields: Mapping[str, list[Piece]]) -> "Table":
    from rich.table import Column, Table

    table = Table(Column(), Column(styled([("", title)]), ratio=1), show_lines=True, expand=True)
    for key, pieces in fields.items():
        table.add_row(styled([("label", key)]), styled(pieces))
    return table


def _rules(rules: Sequence[Mapping[str, Any]]) -> "RenderableType":
    from rich.console import Group
    from rich.table import Table

    table = Table("rule", "score", "from", "action", "evidence", box=None, header_style="bold", pad_edge=False)
    for rule in rules:
        if rule["score"]:
            facts = (rule["rule"], f"{rule['score']:.2f}", f"{rule['threshold']:.2f}", rule["action"])
            table.add_row(*(styled([("", fact)]) for fact in facts), styled([("evidence", rule["evidence"] or "")]))
    return Group(*([table] if table.rows else []), styled([("dim", f"0.00: {SILENT}")]))


def _prompt(row: Mapping[str, Any]) -> list[Piece]:
    """Prompt and completion as the model sees them, the part that it does not learn dim."""
    if isinstance(row["prompt"], str):
        return [("dim", row["prompt"]), ("", row["completion"])]
    turns = [("dim", turn) for turn in row["prompt"]] + [("", turn) for turn in row["completion"]]
    told = [(style, f"{turn['role']}: {turn['content']}\n") for style, turn in turns]
    return [*told[:-1], (told[-1][0], told[-1][1].removesuffix("\n"))]


# ---- a list of rows --------------------------------------------------------------------------------------------------


def show_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as blocks: what became of each, and its text with the evidence highlighted."""
    terminal = sys.stdout.isatty()
    for at, row in enumerate(rows):
        show(*([[]] if at else []), *row_lines(row, terminal))


def row_lines(row: Mapping[str, Any], terminal: bool) -> Iterator[list[Piece]]:
    """A row as lines of pieces; on a terminal with its line breaks, elsewhere one line per field."""
    facts = "" if row["score"] is None else f", score {row['score']:.2f}"
    facts += "" if row["duplicate_of"] is None else f", duplicate of {safe_line(row['duplicate_of'])}"
    head = "loud" if row["status"] == "dropped" else "good"
    yield [("title", safe_line(row["id"])), (head, f"  {safe_line(told(row))}"), ("", facts)]
    for key in ("evidence", "edits", "flags"):
        if row[key]:
            shown = row[key] if key == "evidence" else ", ".join(row[key])
            yield [("label", f"  {key}: "), ("evidence" if key == "evidence" else "", safe_line(shown))]
    for key in FIELDS:
        if row[key] is None:
            continue
        if not terminal:
            yield [("label", f"  {key}: "), ("", repr(row[key]))]
        elif row[key]:
            yield [("label", f"  {key}: "), *_cut(marked(row[key], pieces_of_evidence(row)))]


def _cut(pieces: Sequence[Piece]) -> list[Piece]:
    """The beginning of a long text, as far as its last evidence at least; and how much more there is."""
    length = sum(len(text) for _, text in pieces)
    last = max((at for at, (what, _) in enumerate(pieces) if what == "evidence"), default=-1)
    room = max(LONG, sum(len(text) for _, text in pieces[: last + 1]))
    if length <= room + 100:
        return list(pieces)
    shown: list[Piece] = []
    for what, text in pieces:
        shown.append((what, text[:room]))
        room -= len(shown[-1][1])
    left = length - sum(len(text) for _, text in shown)
    return [*shown, ("dim", f" … {left:,} characters more")]
