"""Letters that do not belong: other scripts, and text broken on its way."""

import polars as pl

from filters.languages import ANY
from filters.languages.spanish.scripts import FOREIGN_SCRIPT as FOREIGN
from filters.languages.spanish.scripts import SCRIPT_TASK
from filters.languages.spanish.tasks import OTHER_LANGUAGE_TASK
from filters.rule import Example, findings, rule
from filters.text import QUESTION


@rule(
    defect=16,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="drop",
    threshold=0.05,
    caught=[
        Example("¿Qué es el té?", "El té es 一种饮料 muy antigua."),
        Example("Describe el invierno.", "El invierno es очень холодный en la sierra."),
        Example("¿Qué es la paz?", "La paz es السلام entre las personas."),
    ],
    spared=[
        Example("¿Cómo se escribe «agua» en chino?", "Se escribe 水."),
        Example("Traduce al ruso: invierno.", "зима"),
        Example("¿Qué es el número π?", "La razón entre la longitud de una circunferencia y su diámetro."),
        Example("Explica este texto.", "Dice «gracias»: спасибо.", "спасибо"),
    ],
)
def foreign_script(rows: pl.DataFrame) -> pl.DataFrame:
    """Part of the answer is in a script that nobody asked for.

    Score: share of the answer's letters in Han, Kana, Hangul, Cyrillic, Arabic, Hebrew, Thai or Devanagari, from three
    letters on (defect 16 of the table). Greek is left out: it writes mathematics.
    """
    foreign = pl.col("output").str.count_matches(FOREIGN)
    letters = pl.col("output").str.count_matches(r"\p{L}")
    asked = (
        QUESTION.str.contains(OTHER_LANGUAGE_TASK) | QUESTION.str.contains(SCRIPT_TASK) | QUESTION.str.contains(FOREIGN)
    )
    return findings(
        rows.filter(pl.col("output").str.contains(FOREIGN)),
        when=(foreign >= 3) & ~asked,
        score=foreign / letters,
        evidence=pl.col("output").str.extract(rf"({FOREIGN}(?:{FOREIGN}|\s)*)", 1),
    )


LOST = r"(?:^|[\s(\"“¿¡])\p{L}+\?\p{Ll}+(?:[\s.,;:)\"”]|\?|$)"  # a letter became a question mark
BROKEN = r"\S*\u{FFFD}\S*|\S*(?:Ã[\u{80}-\u{BF}ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[¿¡ºª°«»]|â€[œ™˜“”¦\u{9d}])\S*"
# Technical names, which are the same in every language, and the Spanish word among them.
ENCODING_TASK = r"(?i)\b(?:codificaci[oó]n|mojibake|utf-?8|latin-?1|unicode|iso-?8859\S*|encoding|windows-1252|ascii)\b"


@rule(
    version=2,
    defect=14,
    languages=ANY,
    fields=("instruction", "input", "output"),
    verdict="drop",
    caught=[
        Example("¿Dónde está M�xico?", "Está en América del Norte."),
        Example("Nombra un mes.", "El mes de a�o nuevo es enero."),
        Example("¿Qué es la inflaci?n?", "La inflaci?n es la subida de los precios de un pa?s."),
        Example("Resume.", "Habla de niños.", "Los ni�os juegan en el patio."),
    ],
    spared=[
        Example("¿Qué es el carácter � en UTF-8?", "Es U+FFFD, el carácter de sustitución."),
        Example("¿Dónde está México?", "Está en América del Norte."),
        Example("Escribe «São Paulo».", "São Paulo"),
    ],
)
def broken_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Characters were lost, or were decoded wrongly and cannot be repaired.

    Source: defect 14 of the table; what can be repaired has been repaired before this rule reads it.
    """
    broken = pl.any_horizontal(pl.col("instruction", "input", "output").str.contains_any(["\ufffd", "Ã", "Â", "â€"]))
    hit = pl.concat_str("instruction", pl.lit("\n"), "input", pl.lit("\n"), "output").str.extract(BROKEN, 0)
    # One word may lack a space after a question; two words have lost letters.
    texts = pl.concat_str("instruction", pl.lit("\n"), "input", pl.lit("\n"), "output")
    lost = texts.str.count_matches(LOST) >= 2
    hit = pl.when(lost & hit.is_null()).then(texts.str.extract(LOST, 0)).otherwise(hit)
    broken |= pl.col("output").str.contains(LOST) & lost
    return findings(rows.filter(broken), when=hit.is_not_null() & ~QUESTION.str.contains(ENCODING_TASK), evidence=hit)
