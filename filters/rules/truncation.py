"""Answers that stop before their end."""

import polars as pl

from filters.languages.spanish.truncation import HANGING
from filters.rule import Example, findings, rule

LONG = 200  # characters: shorter answers are phrases, titles and names as often as sentences
LAST = 600  # characters in which the last line is looked for
CLOSED = r"(?:^|\s)[#@]\w+\s*$|[.!?…:;)\]}»”\"'’*`|>%€$°=\p{So}]\s*$|\p{N}\s*$"
# A last line that need not end like a sentence: list item, table row, heading, code, signature, verse.
OPEN_LINE = r"^\s*(?:[-*•–—+#|]|\d+[.)]|[a-zA-Z][.)]\s)|[{};=<>\\]\S*\s*$"


@rule(
    defect=18,
    languages=("es",),
    fields=("output",),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example(
            "Explica la historia del café.",
            "El café llegó a Europa en el siglo diecisiete, traído por comerciantes venecianos que lo habían probado en los "
            "puertos del Mediterráneo oriental, y pronto abrieron locales donde la gente se reunía a conversar, leer y",
        ),
        Example(
            "Escribe una función y explícala.",
            "La función suma dos números. Recibe dos argumentos, los suma y devuelve el resultado, de modo que puede "
            "usarse en cualquier programa que necesite sumar. Se escribe de la siguiente manera en el lenguaje Python:\n"
            "```python\ndef suma(a, b):\n    return a + b",
        ),
        Example(
            "Describe la sierra.",
            "La sierra se levanta al norte de la comarca y en ella nacen tres ríos que riegan los huertos del valle; sus "
            "bosques de pino y roble dan sombra en verano, y en invierno la nieve cubre las cumbres más altas durante la",
        ),
    ],
    spared=[
        Example("Nombra un río.", "El río de la"),
        Example(
            "Escribe una lista de la compra larga.",
            "Esta es la lista de la compra para toda la semana, pensada para una familia de cuatro personas que come en "
            "casa todos los días y cena ligero, con fruta y verdura de temporada comprada en el mercado del barrio:\n- pan\n- tomates\n- un kilo de",
        ),
        Example(
            "Escribe una carta de despedida.",
            "Queridos compañeros: después de doce años dejo la oficina, y quiero daros las gracias por cada mañana de "
            "trabajo, por la paciencia con mis manías y por tantas risas junto a la máquina de café. Os echaré de menos.\n\nAna María Ruiz",
        ),
    ],
)
def cut_off(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer stops in the middle of a sentence or of a code block.

    Source: defect 18 of the table. Score 1 for a long answer that ends in a word which cannot end one, 0.9 for a code fence
    left open or a last long line that ends in a comma, 0.5 for a last long line without closing punctuation.
    """
    rows = rows.filter(pl.col("output").str.len_chars() >= LONG)
    text = pl.col("output").str.tail(LAST).str.strip_chars_end()
    last_line = text.str.extract(r"([^\n]*)$", 1)
    long_line = last_line.str.len_chars() >= 80
    listed = last_line.str.contains(OPEN_LINE)
    hanging = last_line.str.contains(HANGING) & ~listed & (last_line.str.len_chars() >= 30)
    open_fence = pl.col("output").str.count_matches("```", literal=True) % 2 == 1
    comma = last_line.str.ends_with(",") & long_line & ~listed
    unclosed = long_line & ~text.str.contains(CLOSED) & ~listed
    return findings(
        rows,
        when=hanging | open_fence | comma | unclosed,
        score=pl.when(hanging).then(1.0).when(open_fence | comma).then(0.9).otherwise(0.5),
        evidence=text.str.tail(60),
    )
