from cards.rows.listing import row_lines
from cards.rows.records import SelectedRow
from cards.shared.terminal import plain
from tests.cards.rows.hostile import HOSTILE, MARKUP


def a_row(**changes):
    """A dropped row in a list."""
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
        "instruction": "Di algo.",
        "input": "",
        "output": "Lo siento, no puedo.",
    }
    return SelectedRow(**(entry | changes))


def lines(row, terminal, whole=False):
    return [plain(line) for line in row_lines(row, terminal, whole)]


HEAD = ["fila-1  dropped at quality by refusal, score 1.00", "  evidence: lo siento"]


def test_a_row_is_a_line_per_field_where_it_is_piped():
    assert lines(a_row(), terminal=False) == [
        *HEAD,
        "  instruction: 'Di algo.'",
        "  input: ''",
        "  output: 'Lo siento, no puedo.'",
    ]


def test_a_terminal_shows_no_empty_field():
    assert lines(a_row(output="Lo siento."), terminal=True)[2:] == ["  instruction: Di algo.", "  output: Lo siento."]


def test_edits_flags_and_the_duplicate_are_told():
    shown = lines(a_row(duplicate_of="fila-2", edits=["output:nfc"], flags=["echo", "cut_off"]), terminal=False)

    assert shown[0] == "fila-1  dropped at quality by refusal, score 1.00, duplicate of fila-2"
    assert shown[2:4] == ["  edits: output:nfc", "  flags: echo, cut_off"]


def test_a_long_text_is_cut_everywhere_unless_all_of_it_is_asked_for():
    long = a_row(output="palabra " * 200)

    assert lines(long, terminal=False)[-1].endswith("' … 900 characters more (--whole)")
    assert lines(long, terminal=False, whole=True)[-1] == f"  output: {'palabra ' * 200!r}"
    assert lines(long, terminal=True, whole=True)[-1] == f"  output: {'palabra ' * 200}"


def test_a_long_text_is_shown_as_far_as_its_evidence():
    long = a_row(output="palabra " * 200 + "lo siento" + " y sigue" * 200)

    assert lines(long, terminal=True)[-1] == (
        "  output: " + "palabra " * 200 + "lo siento … 1,600 characters more (--whole)"
    )


def test_a_row_whose_text_is_not_at_hand_is_its_entry():
    assert lines(a_row(instruction=None, input=None, output=None), terminal=False) == HEAD


def test_hostile_text_does_not_pass_a_pipe():
    row = a_row(id=HOSTILE, evidence=HOSTILE, edits=[HOSTILE], flags=[HOSTILE], duplicate_of=HOSTILE, output=HOSTILE)
    shown = "\n".join(lines(row, terminal=False))

    assert "título" in shown and MARKUP in shown
    assert not set("\x07\x1b\u202e") & set(shown)
