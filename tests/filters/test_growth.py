"""No text makes a rule, a repair or a comparison slow: twice the text takes at most two and a half times as long.

For every rule by its name, new ones with the others. Measured as processor time of this process, on texts that are long
enough for it to count, the best of several; what takes less than a few milliseconds may grow as it likes.
"""

import time

import polars as pl
import pytest

from builders.recipes.model import Repair
from builders.stages.repair import repair
from cards.shared.words import changes
from filters import all_rules
from filters.detectors.language import Thresholds, decide
from filters.normal_form import normal_form
from filters.rules.pii import mask
from filters.window import WINDOW, windowed

# What patterns and loops could go back over: a beginning that never ends, marks on one letter, pairs of what is alike.
PIECES = (
    *(
        "1 + ",
        "12345678Z, ",
        "ana.lopez@empresa.es ",
        "a.",
        "(",
        "a\u0301\u0323",
        "7",
        "6.",
        "7 ",
        "palabra ",
        " ",
        "\n",
        "`",
    ),
    *(
        "<a ",
        "{{",
        "http://a.es/",
        "$$",
        "+34 612 345 678, ",
        "1.2.3.4 ",
        "a:",
        "1=",
        "ES91 ",
        "### ",
        "¿",
        '"',
        "null ",
    ),
)
# An opening that nothing closes, before what closes at once: whoever looks for the first end looks far, each time. Polars' patterns
# do so fast, and only on long texts does it show.
OPEN = ('«"y" ', "“‘y’ `z` ‘", "\\($$z$$ \\[$w$", "<a {{b}} [c](d <!-- ")
SIZES = (WINDOW // 16, WINDOW // 8)
LONG = (WINDOW // 2, WINDOW)
NOTHING = 0.05  # seconds
MOST = 2.5


def rows(text):
    fields = {"instruction": text, "input": text, "output": f"x = {text} = 4", "instruction_en": text, "input_en": text}
    return pl.DataFrame(
        {"row": [0], **{name: [value] for name, value in fields.items()}},
        {"row": pl.UInt32} | dict.fromkeys(fields, pl.String),
    )


def seconds(work, text):
    start = time.process_time()
    work(text)
    return time.process_time() - start


def grows(work):
    """The pieces on which a longer text takes too long, the best of five tries of both sizes."""
    slow = {}
    for piece in (*PIECES, *OPEN):
        texts = [piece * (size // len(piece)) for size in (LONG if piece in OPEN else SIZES)]
        if seconds(work, texts[1]) < NOTHING:
            continue
        for _ in range(3):  # other work on the machine takes its caches: what is too slow is measured again
            short, long = (min(seconds(work, text) for _ in range(5)) for text in texts)
            if long <= MOST * short:
                break
        if long > NOTHING and long > MOST * short:
            slow[piece] = (short, long)
    return slow


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.name)
def test_a_rule_takes_time_in_proportion_to_the_text(rule):
    assert grows(lambda text: rule.find(rows(text))) == {}


WORK = {
    "repair": lambda text: repair(rows(text), Repair()),
    "mask": mask,
    "language": lambda text: decide(rows(text).drop("instruction_en", "input_en"), Thresholds()),
    "normal form": lambda text: normal_form("NFC", text),
    "word diff": lambda text: changes(text, text[::-1]),
}


@pytest.mark.parametrize("name", WORK)
def test_other_work_on_texts_takes_time_in_proportion_to_them(name):
    assert grows(WORK[name]) == {}


def test_of_a_text_beyond_the_window_both_ends_are_read_whatever_its_length():
    text = "a" * WINDOW + "b" * WINDOW
    read = windowed(rows(text))["input"][0]
    assert read == "a" * (WINDOW // 2) + "\n" + "b" * (WINDOW // 2)
    short = rows("ñ" * (WINDOW - 10))
    assert windowed(short).equals(short)
