"""Code that a translator took for prose."""

import polars as pl

from filters.languages.spanish.code import PSEUDOCODE, TRANSLATED_CODE, TRANSLATED_CODE_HINTS
from filters.rule import Example, findings, rule
from filters.text import QUESTION, matching


@rule(
    defect=10,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="drop",
    caught=[
        Example("¿Qué muestra este programa?", "Muestra los números.", "para i en rango(10):\n    imprimir(i)"),
        Example("Explica la consulta SELECCIONAR * DE clientes DONDE edad > 30.", "Lee los clientes."),
        Example("Corrige el código.", "Falta un paréntesis.", "función suma(a, b) { devolver a + b; }"),
    ],
    spared=[
        Example("¿Qué muestra este programa?", "Muestra los números.", "for i in range(10):\n    print(i)"),
        Example("Escribe en pseudocódigo un bucle.", "Mientras", "si x == 3: imprimir('tres')"),
        Example("¿Qué es imprimir?", "Imprimir (del latín imprimere) es marcar letras en papel."),
        Example("Explica la función.", "Escribe el texto.", "def imprimir(texto):\n    print(texto)\nimprimir('hola')"),
    ],
)
def translated_code(rows: pl.DataFrame) -> pl.DataFrame:
    """Keywords of a programming language were translated: the code no longer runs, and its answer teaches wrong code.

    Source: defect 10 of the table, in its form without the English row. Pseudocode is spared.
    """
    rows = rows.filter(QUESTION.str.contains_any(TRANSLATED_CODE_HINTS, ascii_case_insensitive=True))
    hit = QUESTION.str.extract(TRANSLATED_CODE, 0)
    return findings(
        matching(rows, QUESTION, TRANSLATED_CODE),
        when=hit.is_not_null() & ~QUESTION.str.contains(PSEUDOCODE),
        evidence=hit,
    )
