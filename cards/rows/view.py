"""A row's story on a terminal: facts, texts side by side with what changed or what the evidence is, rules, prompt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table

from cards.rows.records import RuleScore, Story
from cards.rows.story import SILENT, facts, language_of_parts, prompt_pieces, reason_lines
from cards.shared.terminal import styled
from cards.shared.words import Piece, changes, marked, side

if TYPE_CHECKING:
    from rich.console import RenderableType


def story_view(story: Story) -> Iterator["RenderableType"]:
    """A row's story in parts for rich."""
    evidence = story.pieces()
    color = "loud" if story.status == "dropped" else "good"
    yield styled([("title", story.id), (color, f"  {story.outcome()}")])
    yield _facts(facts(story))
    for reason in story.reasons:
        yield styled([("dim", "\n".join(f"  {line}" for line in reason_lines(reason)))])
    source, repaired, duplicate = story.source, story.repaired, story.duplicate_row
    if source and repaired and story.edits:
        both = _pairs(source.fields(), repaired.fields())
        yield _side_by_side("source", "after repair", {key: _beside(*texts, evidence) for key, texts in both.items()})
    elif source and not duplicate:
        yield _one_column("source", {key: marked(text, evidence) for key, text in source.fields().items()})
    here = repaired or source
    if here and duplicate:
        compared = {key: changes(*texts) for key, texts in _pairs(here.fields(), duplicate.fields()).items()}
        columns = {key: (_shared(pieces, "old"), _shared(pieces, "new")) for key, pieces in compared.items()}
        yield _side_by_side("this row", f"the kept row, {duplicate.id}", columns)
    elif duplicate:
        texts = {key: [("", text)] for key, text in duplicate.fields().items()}
        yield _one_column(f"the kept row, {duplicate.id}", texts)
    if story.language:
        yield _facts({f"{part} language": said for part, said in language_of_parts(story.language).items()})
    if story.rules:
        yield from _rules(story.rules)
    if story.row:
        yield styled(
            [("title", "\nprompt"), ("dim", " (masked: the model does not learn it)"), ("title", " and completion")]
        )
        yield styled(prompt_pieces(story.row))


def _facts(found: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for key, value in found.items():
        table.add_row(styled([("label", f"  {key}")]), styled([("evidence" if key == "evidence" else "", value)]))
    return table


def _pairs(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {key: (text, new[key]) for key, text in old.items()}


def _beside(old: str, new: str, evidence: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    """A field before and after: what changed if it did, else where the evidence is."""
    if old == new:
        return marked(old, evidence), marked(new, evidence)
    pieces = changes(old, new)
    return side(pieces, "old"), side(pieces, "new")


def _shared(pieces: Sequence[Piece], which: str) -> list[Piece]:
    """One of two duplicates, the words that both have in bold."""
    names = {"same": "shared", "old": "left", "new": "right"}
    return [(names[what], text) for what, text in side(pieces, which)]


def _side_by_side(left: str, right: str, fields: Mapping[str, tuple[list[Piece], list[Piece]]]) -> Table:
    titles = (Column(styled([("", title)]), ratio=1) for title in (left, right))
    table = Table(Column(), *titles, show_lines=True, expand=True)
    for key, (one, other) in fields.items():
        table.add_row(styled([("label", key)]), styled(one), styled(other))
    return table


def _one_column(title: str, fields: Mapping[str, list[Piece]]) -> Table:
    table = Table(Column(), Column(styled([("", title)]), ratio=1), show_lines=True, expand=True)
    for key, pieces in fields.items():
        table.add_row(styled([("label", key)]), styled(pieces))
    return table


def _rules(rules: list[RuleScore]) -> Iterator["RenderableType"]:
    table = Table("rule", "score", "from", "action", "evidence", box=None, header_style="bold", pad_edge=False)
    for rule in rules:
        if rule.score:
            cells = (rule.rule, f"{rule.score:.2f}", f"{rule.threshold:.2f}", rule.action)
            table.add_row(*(styled([("", cell)]) for cell in cells), styled([("evidence", rule.evidence or "")]))
    if table.rows:
        yield table
    yield styled([("dim", f"0.00: {SILENT}")])
