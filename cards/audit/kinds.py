"""What instructions begin with, and which kinds of task and forms of answer there are, by plain rules."""

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from cards.shared.records import Counts
from cards.shared.tables import SHOWN, Table, ranked, share
from cards.shared.verbs import QUESTION

READ = 500  # characters of an instruction in which its kind is looked for
MOST = 20  # openings that are listed

# Kinds of task by what the instruction says; a row may be of several kinds.
TASKS = {
    "question": QUESTION,
    "code": (
        r"(?i)\b(?:c[oó]digo|python|javascript|java|sql|html|css|c\+\+|funci[oó]n que|algoritmo|expresi[oó]n regular|"
        r"script|comando)\b"
    ),
    "translation": r"(?i)\btrad[uú](?:c|zc)\w*",
    "summary": r"(?i)\b(?:res[uú]m\w+|sintetiza\w*|sintetice\w*|s[ií]ntesis)\b",
    "rewriting": r"(?i)\b(?:reescrib\w*|reform[uú]l\w*|parafrase\w*|corr[ie][gj]\w*|ed[ií]t[ae]\w*|simplifi\w*)\b",
    "classification": r"(?i)\b(?:clasif[ií][cq]\w*|categori\w*|etiquet\w*|agrup\w*)\b",
    "maths": (
        r"(?i)\b(?:calc[uú]l\w*|ecuaci[oó]n\w*|resuelv\w*|suma|resta|multiplic\w*|divid\w*|fracci[oó]n\w*|porcentaje|"
        r"promedio|[áa]rea|per[ií]metro|probabilidad)\b|\d\s*[-+*/×÷=]\s*\d"
    ),
    "list": (
        r"(?i)\b(?:list[ae]s?|enumer\w*|enlist\w*|nombra|menciona|(?:tres|cuatro|cinco|seis|siete|ocho|diez|\d+) "
        r"(?:ejemplos|ideas|consejos|razones|formas|maneras|cosas|ventajas))\b"
    ),
    "writing": (
        r"(?i)\b(?:cuento|historia|relato|poema|canci[oó]n|haiku|carta|correo|ensayo|discurso|di[aá]logo|eslogan|anuncio|"
        r"gui[oó]n|art[ií]culo|p[aá]rrafo)\b"
    ),
}
# Forms of an answer by its look; a row may have several.
FORMS = {
    "code": r"```|(?m)^\s*(?:def |class |import |function |const |let |var |public |#include|SELECT |INSERT |<!DOCTYPE|<html)",
    "list": r"(?m)^\s*(?:[-*•–]|\d{1,2}[.)])\s+\S.*\n+\s*(?:[-*•–]|\d{1,2}[.)])\s+\S",
    "table": r"(?m)^\s*\|.*\|.*\n\s*\|[\s:|-]+\|",
    "maths": r"\$\$|\\(?:frac|sqrt|begin)\b|\d\s*[-+*/×÷]\s*\d[\d\s.,*/×÷+-]*=\s*-?\d",
    "one word": r"^\s*\S+\s*$",
    "several paragraphs": r"\S\n\s*\n\s*\S",
}


class Kinds(Struct, frozen=True):
    """How many rows are of each kind: `task` by what the instruction says, `answer` by its look; "other" is none of them.

    A row may be of several kinds, so the counts do not add up to the rows.
    """

    task: Counts
    answer: Counts


def openings(instructions: pl.Series, words: int = 3) -> Counts:
    """The most frequent first words of instructions, without case and punctuation, with how many rows begin so."""
    text = instructions.str.head(200).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    first = text.str.extract(rf"^(\S+(?: \S+){{0,{words - 1}}})").drop_nulls()
    counted = first.alias("words").value_counts().sort("count", "words", descending=[True, False])
    return dict(counted.head(MOST).iter_rows())


def kinds(rows: pl.DataFrame) -> Kinds:
    """The kinds of task and answer of `instruction` and `output`."""
    return Kinds(_matching(rows["instruction"].str.head(READ), TASKS), _matching(rows["output"], FORMS))


def openings_table(found: Counts, rows: int) -> Iterable[Table]:
    """The most frequent openings."""
    opened = [(words, count, share(count, rows)) for words, count in ranked(found)[:SHOWN]]
    yield Table("Openings", ("first words", "rows", "share"), opened)


def kinds_tables(found: Kinds, rows: int) -> Iterable[Table]:
    """Kinds of task and forms of answer that occur."""
    for title, counts in (("Kinds of task", found.task), ("Forms of answer", found.answer)):
        occurring = [(name, count, share(count, rows)) for name, count in counts.items() if count]
        yield Table(title, ("kind", "rows", "share"), occurring, "A row may be of several kinds.")


def _matching(texts: pl.Series, patterns: Mapping[str, str]) -> Counts:
    found = (
        texts.alias("text")
        .to_frame()
        .select(pl.col("text").str.contains(one).alias(name) for name, one in patterns.items())
    )
    sums = {name: int(found[name].sum()) for name in found.columns}
    other = found.height - int(found.select(pl.any_horizontal(pl.all()))[:, 0].sum())
    return {**dict(sorted(sums.items(), key=lambda item: (-item[1], item[0]))), "other": other}
