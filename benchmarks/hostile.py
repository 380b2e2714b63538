"""How long every rule, repair, detector and comparison takes on texts that are made to be slow, by name.

`python -m benchmarks.hostile` prints a table: seconds of processor time for 1 MB, the slowest text of each kind of work, as one
row and as rows that are just short enough to be read whole. `--whole` builds versions of one row of 1 MB and of 10 MB instead.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.recipes.model import Card, EvaluationSet, FileSource, Quality, Recipe, Repair, Split
from builders.recipes.preferences import PairsFile
from builders.stages.decontamination import Texts, contaminated, passages
from builders.stages.dedup import without_duplicates
from builders.stages.language import by_language
from builders.stages.pairs import by_comparison, without_repeated
from builders.stages.preference import WORTH
from builders.stages.repair import LABELS, MARKERS, OF_SIGNS, repair
from builders.stages.templates import TEMPLATES, templated
from builders.versions.registry import build
from cards.shared.words import changes
from filters import all_rules
from filters.rules.pii import mask, personal
from filters.window import WINDOW, windowed

MB = 1_000_000
TEXTS = {
    "sums": "1 + ",
    "documents": "12345678Z, ",
    "accounts": "ES91 2100 0418 4502 0005 1332, ",
    "addresses": "ana.lopez@empresa.es ",
    "telephones": "tel. 612 345 678, ",
    "tax numbers": "20-26756539-3 ",
    "IPs": "83.45.112.207 ",
    "marks": "a\u0301\u0323",
    "one sign": "a",
    "digits": "7",
    "spaces": " ",
    "breaks": "\n",
    "words": "palabra ",
    "sentences": "El agua hierve a cien grados. ",
    "brackets": "(",
    "fences": "```\n",
    "tags": "<a ",
    "braces": "{{x",
    "links": "http://a.es/?q=[",
    "formulas": "$x^2$$",
    "entities": "&amp;#38;",
    "mojibake": "Ã±â€œ",
    "list": "- a\n1. b\n",
    "dialogue": "A: sí\nB: no\n",
    "questions": '¿«"',
    "JSON": '{"a":[',
    "zero-width": "a\u200b. \ufeffB",
    "width": "ＡＢ１２",
    "emoji": "👩\u200d👧 ",
    "table": "|a|b|\n|-|-|\n",
    "open guillemets": '«"y" ',
    "open quotes": "“‘y’ `z` ‘",
    "open formulas": "\\($$z$$ \\[$w$",
    "open fences": "```x `y` ~~~",
    "open markup": "<a {{b}} [c](d <!-- ",
    "letters of a list": "a) b) (c) ",
}


def rows(texts: list[str], field: str = "output") -> pl.DataFrame:
    """Rows with these texts in all fields but those that have an ordinary one."""
    fields = ("instruction", "input", "output", "instruction_en", "input_en")
    values = {
        name: texts if name in (field, "input_en") else ["Explica qué dice el texto."] * len(texts) for name in fields
    }
    return pl.DataFrame({"row": range(len(texts)), "id": [f"a-{at}" for at in range(len(texts))], **values}).cast(
        {"row": pl.UInt32}
    )


def texts_of(piece: str, whole: bool) -> list[str]:
    """1 MB in one text, or in texts that are read whole."""
    text = (piece * (MB // len(piece.encode()) + 1)).encode()[:MB].decode("utf-8", "ignore")
    return [text] if whole else [text[at : at + WINDOW] for at in range(0, len(text), WINDOW)]


Work = Callable[[list[str]], object]


def work() -> dict[str, Work]:
    """Everything that reads texts, by name."""
    found: dict[str, Work] = {
        f"rule {name}": lambda texts, one=one: [one.find(windowed(rows(texts, field))) for field in one.fields[-1:]]
        for name, one in all_rules().items()
    }
    off = {edit[0]: False for edit in (MARKERS, *OF_SIGNS, LABELS)}
    for name in off:
        found[f"repair {name}"] = lambda texts, name=name: repair(rows(texts), Repair(**off | {name: True}))
    recipe = Recipe(name="x", quality=Quality(enabled=False))  # rules are measured by name
    pairs = {"rejected_output": lambda texts: [text[::-1] for text in texts]}
    sets = passages(
        [Texts(EvaluationSet(name="x", path="x"), pl.Series(["el agua hierve a cien grados al nivel del mar y"]))], 8
    )
    found |= {
        "repair personal_data": lambda texts: [mask(text) for text in texts],
        "detector personal": lambda texts: [personal(text) for text in texts],
        "detector language": lambda texts: by_language(rows(texts), recipe.language),
        "comparison duplicates": lambda texts: without_duplicates(rows([*texts, texts[0][:-9]]), SAID, recipe.dedup),
        "comparison contaminated": lambda texts: contaminated(rows(texts), sets),
        "comparison word diff": lambda texts: [changes(text, text[::-1]) for text in texts],
        "comparison pairs": lambda texts: without_repeated(
            by_comparison(
                rows(texts).with_columns(
                    pl.Series("rejected_output", pairs["rejected_output"](texts)),
                    pl.lit(None, pl.Float64).alias("margin"),
                    *(pl.lit("").alias(name) for name in ("reason", "chosen_origin", "rejected_origin")),
                ),
                recipe,
            ).rows
        ),
        "template": lambda texts: [
            templated(rows(texts).with_columns(split=pl.lit("train")), one, ["a"]) for one in TEMPLATES.values()
        ],
    }
    return found


SAID = pl.DataFrame(schema=WORTH)


def seconds(one: Work, texts: list[str]) -> float:
    start = time.process_time()
    one(texts)
    return time.process_time() - start


def table(only: str) -> None:
    """The slowest text of each kind of work."""
    print("| work | one row of 1 MB | slowest text | rows of 64 KB, 1 MB in all | slowest text |")
    print("| --- | ---: | --- | ---: | --- |")
    for name, one in work().items():
        if only not in name:
            continue
        one(["uno dos tres"])
        cells = []
        for whole in (True, False):
            took = {text: seconds(one, texts_of(piece, whole)) for text, piece in TEXTS.items()}
            worst = max(took, key=lambda text: took[text])
            cells += [f"{took[worst]:.2f} s", worst]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def whole(size: int) -> None:
    """Builds, with masking, of one row (and of one pair) of a size."""
    print("| text | rows | seconds | pairs | seconds |")
    print("| --- | --- | ---: | --- | ---: |")
    for text, piece in TEXTS.items():
        output = texts_of(piece, True)[0] * (size // MB)
        print(f"| {text} | {' | '.join(built(output, kind) for kind in ('rows', 'pairs'))} |", flush=True)


def built(output: str, kind: str) -> str:
    """What came of a build, and how long it took."""
    small = {"id": "b", "instruction": "¿Qué es un río?", "output": "Una corriente de agua que llega al mar."}
    row = {"id": "a", "instruction": "Explica qué dice.", "output": output}
    asked: dict[str, Any] = {"name": "x", "repair": Repair(personal_data=True), "card": Card(license="mit")}
    asked["split"] = Split(validation=0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "filas.jsonl")
        if kind == "pairs":
            named = {"prompt": "instruction", "chosen": "output"}
            lines = [
                {**{key: one[value] for key, value in named.items()}, "rejected": "No sé."} for one in (row, small)
            ]
            recipe = Recipe(kind="preferences", source=PairsFile(path=str(path)), **asked)
        else:
            lines, recipe = [row, small], Recipe(source=FileSource(path=str(path)), **asked)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        start = time.process_time()
        try:
            build(recipe, Path(folder, "versions"))
            said = "built"
        except Problem as problem:
            said = type(problem).__name__
        return f"{said} | {time.process_time() - start:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="work whose name holds this")
    parser.add_argument("--whole", action="store_true", help="builds of one row of 1 MB and of 10 MB")
    asked = parser.parse_args()
    if asked.whole:
        for size in (MB, 10 * MB):
            whole(size)
    else:
        table(asked.only)
