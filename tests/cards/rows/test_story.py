import io

import msgspec
import pytest
from rich.console import Console

from cards.rows.records import KeptRow, Message, Reason, RowLanguage, RuleScore, Story, Texts
from cards.rows.story import story_lines
from cards.rows.view import story_view
from tests.cards.rows.hostile import ESCAPE, HOSTILE, MARKUP

TEXTS = Texts(id="fila-1", instruction="Di algo.", input="", output="Lo siento, no puedo.")


def story(**changes):
    """A dropped row's story."""
    entry = {
        "id": "fila-1",
        "status": "dropped",
        "stage": "quality",
        "rule": "refusal",
        "score": 1.0,
        "evidence": "lo siento",
        "duplicate_of": None,
        "edits": [],
        "flags": [],
        "split": None,
        "source_sha256": "a",
        "row_sha256": "a",
    }
    return Story(**(entry | {"source": TEXTS, "repaired": TEXTS} | changes))


def output(text, **changes):
    return msgspec.structs.replace(TEXTS, output=text, **changes)


def kept(prompt, completion):
    row = KeptRow(**msgspec.structs.asdict(TEXTS), origin="fila", prompt=prompt, completion=completion, split="train")
    return story(status="kept", stage=None, rule=None, split="train", row=row)


def on_terminal(parts):
    """What a terminal 100 columns wide receives."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, color_system="standard", width=100, highlight=False, no_color=False
    )
    for part in parts:
        console.print(part)
    return file.getvalue()


def test_the_reason_of_a_decision_is_told_with_a_row_on_each_side_of_it():
    reason = Reason("refusal", "The answer declines.", 4, "drop", 0.8, ("¿Hoy?", "No sé."), ("¿Ayer?", "Sí."))
    lines = list(story_lines(story(reasons=(reason, Reason("same_prompt", f"Another asks. {ESCAPE}")))))

    assert lines[3:7] == [
        "  refusal (version 4, drop from 0.80): The answer declines.",
        "  it catches: '¿Hoy?' → 'No sé.'",
        "  it spares: '¿Ayer?' → 'Sí.'",
        lines[6],
    ]
    assert lines[6].startswith("  same_prompt: Another asks. ") and lines[6].isprintable()
    shown = on_terminal(story_view(story(reasons=(reason,))))
    assert "The answer declines." in shown and "it spares" in shown


def test_evidence_is_highlighted_in_the_source():
    shown = on_terminal(story_view(story()))

    assert "\x1b[30;43mLo siento\x1b[0m, no puedo." in shown


def test_source_and_repair_are_side_by_side_with_what_changed():
    edited = story(edits=["output:entities"], source=output("pan &amp; queso"), repaired=output("pan & queso"),
                   status="kept", stage=None, rule=None, split="train")  # fmt: skip

    shown = on_terminal(story_view(edited))
    row = next(line for line in shown.splitlines() if "queso" in line)

    assert "\x1b[9;31m&amp;\x1b[0m" in row or "\x1b[9;31mamp;\x1b[0m" in row
    assert row.count("pan") == row.count("queso") == 2
    assert "  output, word by word: pan &[-amp;-] queso" in list(story_lines(edited))


def test_duplicates_are_side_by_side_with_the_words_that_both_have():
    dropped = story(
        stage="dedup",
        rule="near_duplicate",
        evidence="resembles the duplicate",
        duplicate_of="fila-2",
        duplicate_row=output("Lo lamento, no puedo.", id="fila-2"),
    )

    shown = on_terminal(story_view(dropped))

    assert "the kept row, fila-2" in shown
    assert "\x1b[1mLo \x1b[0m\x1b[31msiento\x1b[0m\x1b[1m, no puedo.\x1b[0m" in shown
    assert "\x1b[1mLo \x1b[0m\x1b[32mlamento\x1b[0m\x1b[1m, no puedo.\x1b[0m" in shown
    assert "  output, word by word: Lo [-siento-]{+lamento+}, no puedo." in list(story_lines(dropped))


def test_without_the_source_the_kept_row_is_shown_alone():
    dropped = story(source=None, repaired=None, duplicate_row=output("Sí.", id="fila-2"), note="it is gone")

    assert "the kept row, fila-2" in on_terminal(story_view(dropped))
    assert "  note: it is gone" in list(story_lines(dropped))


@pytest.mark.parametrize("chat", [False, True])
def test_the_prompt_is_dim_and_the_completion_is_not(chat):
    a_story = kept("### Pregunta\n", "Respuesta.")
    if chat:
        a_story = kept([Message("user", "Pregunta")], [Message("assistant", "Respuesta.")])

    shown = on_terminal(story_view(a_story))

    assert ("\x1b[2muser: Pregunta\x1b[0m" if chat else "\x1b[2m### Pregunta\x1b[0m") in shown
    assert shown.endswith("assistant: Respuesta.\n" if chat else "\nRespuesta.\n")
    assert list(story_lines(a_story))[-1] == (
        "user: Pregunta\nassistant: Respuesta." if chat else "### Pregunta\nRespuesta."
    )


def hostile_story():
    texts = Texts(id=HOSTILE, instruction=HOSTILE, input=HOSTILE, output=HOSTILE)
    row = KeptRow(**msgspec.structs.asdict(texts), origin="", prompt=HOSTILE, completion=HOSTILE, split="train")
    return story(
        id=HOSTILE,
        evidence=HOSTILE,
        duplicate_of=HOSTILE,
        edits=[HOSTILE],
        flags=[HOSTILE],
        note=HOSTILE,
        source=texts,
        repaired=msgspec.structs.replace(texts, output="x"),
        duplicate_row=row,
        row=row,
        rules=[RuleScore("refusal", 1.0, 0.8, "drop", HOSTILE)],
        language=RowLanguage(HOSTILE, 1.0, HOSTILE, HOSTILE, 1.0, HOSTILE),
    )


def test_a_hostile_row_does_not_reach_the_terminal_as_it_is():
    received = on_terminal(story_view(hostile_story()))

    assert "título" in received and "[bold red]" in received.replace("\n", "")
    assert not set("\x07\u202e") & set(received)
    assert "\x1b[2J" not in received and "\x1b]" not in received


def test_nor_does_it_pass_a_pipe():
    shown = "\n".join(story_lines(hostile_story()))

    assert "título" in shown and MARKUP in shown and ESCAPE not in shown
    assert not set("\x07\x1b\u202e") & set(shown)
