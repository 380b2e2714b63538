"""What a terminal shows: tables, and a row's story in lines."""

import sys
from collections.abc import Iterator
from typing import Any


def story_lines(story: dict[str, Any]) -> Iterator[str]:
    """A row's story as text."""
    yield f"{story['id']}: {story['fate']}" + (
        f" at {story['stage']} by {story['rule']}" if story["stage"] else f" in {story['split']}"
    )
    for key in ("score", "evidence", "twin"):
        if story[key] is not None:
            yield f"  {key}: {story[key]}"
    for key in ("edits", "flags"):
        if story[key]:
            yield f"  {key}: {', '.join(story[key])}"
    if story["note"]:
        yield f"  note: {story['note']}"
    for title, fields in (
        ("source", story["source"]),
        ("after repair", story["repaired"] if story["edits"] else None),
        ("twin", story["twin_row"]),
    ):
        if fields:
            yield f"\n{title} ({fields['id']})"
            yield from (f"  {key}: {fields[key]!r}" for key in ("instruction", "input", "output"))
    if story["language"]:
        told = story["language"]
        yield "\nlanguage"
        yield from (f"  {part}: {told[part]} ({told[f'{part}_evidence']})" for part in ("question", "answer"))
    if story["rules"]:
        yield "\nrules (score, threshold)"
        for rule in story["rules"]:
            if rule["score"]:
                yield f"  {rule['rule']} {rule['score']:.2f}, {rule['threshold']:.2f} → {rule['action']}: {rule['evidence']!r}"
        yield f"  0.00: {', '.join(rule['rule'] for rule in story['rules'] if not rule['score'])}"
    if story["row"]:
        yield "\nprompt and completion"
        yield f"{story['row']['prompt']}{story['row']['completion']}"


def share(gold: dict[str, Any] | None, name: str, other: str) -> str:
    """`0.97 (30/31)`, or a dash where nothing was counted."""
    if gold is None or gold[name] is None:
        return "–"
    return f"{gold[name]:.2f} ({gold['right']}/{gold['right'] + gold[other]})"


def acted(counts: dict[str, int] | None) -> str:
    """What a rule did in a build."""
    if counts is None:
        return "–"
    return ", ".join(f"{counts[name]:,} {name}" for name in ("drops", "flags", "signals") if counts[name]) or "0"


def splits(counts: dict[str, int]) -> str:
    """`train 380, validation 23`."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def table(header: list[str], rows: list[list[Any]]) -> None:
    """A table on a terminal, tab-separated lines elsewhere."""
    if not sys.stdout.isatty():
        for row in [header, *rows]:
            print("\t".join(map(str, row)), flush=True)
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*header, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        drawn.add_row(*map(str, row))
    Console().print(drawn)
