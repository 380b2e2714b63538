"""Tasks about the form of words, which a translation changes."""

import polars as pl

from filters.languages.spanish.form import CORRECTION_TASK, MARKS_TASK, UNRHYMED_TASK, WORD_FORM_HINTS, WORD_FORM_TASK
from filters.languages.spanish.tasks import CODE_TASK
from filters.rule import Example, findings, rule
from filters.text import matching, normalized


@rule(
    defect=11,
    languages=("es",),
    fields=("instruction", "input", "output"),
    verdict="flag",
    caught=[
        Example("Corrige la gramática de esta frase.", "Ella va al colegio.", "Ella va al colegio."),
        Example("Revisa la ortografía.", "El árbol es alto", "El árbol es alto."),
        Example("Encuentra el error y corrígelo.", '"Tengo dos gatos."', "Tengo dos gatos."),
    ],
    spared=[
        Example("Corrige la gramática de esta frase.", "Ella va al colegio.", "Ella van al colegio."),
        Example("Copia la frase.", "Ella va al colegio.", "Ella va al colegio."),
        Example("Corrige la frase si hace falta.", "La frase es correcta.", "Ella va al colegio."),
    ],
)
def repaired_correction(rows: pl.DataFrame) -> pl.DataFrame:
    """A correction task whose error is gone: translating the sentence repaired it, so nothing is corrected.

    Source: defect 11 of the table. Input and output are compared without case and punctuation, but with accents.
    """
    length = pl.col("input").str.len_chars().cast(pl.Int64) - pl.col("output").str.len_chars().cast(pl.Int64)
    rows = rows.filter((pl.col("input") != "") & (length.abs() <= 12))
    same = normalized(pl.col("input")) == normalized(pl.col("output"))
    return findings(
        matching(rows, pl.col("instruction"), CORRECTION_TASK),
        when=same & (pl.col("input").str.strip_chars(' "\n') == pl.col("output").str.strip_chars(' "\n'))
        | same & ~_marks_matter(),
        evidence=pl.col("input"),
    )


def _marks_matter() -> pl.Expr:
    """The task is about punctuation or capitals, which the comparison leaves out."""
    return pl.col("instruction").str.contains(MARKS_TASK)


@rule(
    defect=12,
    languages=("es",),
    fields=("instruction",),
    verdict="flag",
    caught=[
        Example("Escribe cuatro palabras que rimen con «sol».", "Col, gol, rol, farol."),
        Example("¿Cuántas letras tiene «murciélago»?", "Diez."),
        Example("Forma un anagrama de «amor».", "Roma"),
        Example("Nombra frutas que empiecen por la letra p.", "Pera, plátano, piña."),
    ],
    spared=[
        Example("Escribe una carta a tu abuela.", "Querida abuela: estoy bien."),
        Example("¿Qué es una letra de cambio?", "Un documento de pago."),
        Example("Escribe un poema sobre el mar.", "Mar que vienes y que vas."),
    ],
)
def english_form(rows: pl.DataFrame) -> pl.DataFrame:
    """The task depends on the letters or sounds of words: what was right in English may be wrong in Spanish.

    Source: defect 12 of the table (rhymes, anagrams, spelling, counts of letters, first letters).
    """
    rows = rows.filter(pl.col("instruction").str.contains_any(WORD_FORM_HINTS, ascii_case_insensitive=True))
    rows = matching(rows, pl.col("instruction"), WORD_FORM_TASK)
    hit = pl.col("instruction").str.extract(WORD_FORM_TASK, 0)
    spared = pl.col("instruction").str.contains(CODE_TASK) | pl.col("instruction").str.contains(UNRHYMED_TASK)
    return findings(rows, when=~spared, evidence=hit)


@rule(
    defect=25,
    languages=("es",),
    fields=("instruction",),
    verdict="signal",
    caught=[Example("Cuál es la capital de Chile?"), Example("Qué bien!"), Example("Hola. Cómo estás?")],
    spared=[Example("¿Cuál es la capital de Chile?"), Example("Di la capital de Chile."), Example("¡Qué bien!")],
)
def missing_opening_mark(rows: pl.DataFrame) -> pl.DataFrame:
    """A question or exclamation without its opening ¿ or ¡: a weak sign of machine translation, never a reason to drop.

    Source: defect 25 of the table.
    """
    text = pl.col("instruction")
    missing = (text.str.contains(r"\?\s*$") & ~text.str.contains("¿")) | (
        text.str.contains(r"!\s*$") & ~text.str.contains("¡")
    )
    return findings(rows, when=missing, evidence=text.str.tail(60))
