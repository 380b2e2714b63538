"""Code that a translator took for prose."""

import polars as pl

from filters.rule import Example, findings, rule
from filters.text import QUESTION

TRANSLATED = (
    r"\b[Ii]mprim(?:ir|e)\s?\(\s*(?:f?[\"'“]|\w+[,)])|\b[Pp]ara (?:cada )?\w+ en (?:el )?(?:rango|range)\s?\(|\b(?:SELECCIONAR?|SELECCIONE)\b[^\n]{1,80}\b(?:DE|DESDE|FROM)\b|"
    r"\b(?:devolver|retornar|regresar|devuelve)\s+[\w.\[\]()]{1,30}(?:\s?[+*/%-]\s?[\w.\[\]()]{1,20}){0,3};|\bfunción \w+\s?\([^)\n]*\)\s*\{|\b(?:def|definir) \w+\s?\([^)\n]*\):\s*(?:\n\s*)?(?:devolver|retornar|regresar|imprimir|si|para|mientras)\b|"
    r"\b[Ss]i \(?\w+(?:\[\w+\])?\s?(?:==|!=|>=|<=|>|<|%)\s?[\w\"'.%= ]{1,30}\)?\s?[:{]|\b[Mm]ientras \(?\w+\s?(?:==|!=|>=|<=|>|<)\s?[\w\"'.]{1,20}\)?\s?[:{]|\b(?:consola|console)\.(?:registro|registrar)\s?\(|\bconsola\.log\s?\(|"
    r"\bimportar \w+ como \w+|\bdesde \w+ importar \w+|\b(?:público|publico) (?:estático|vacío|clase)\b|\bINSERTAR EN \w+|\bdocumento\.(?:obtenerElemento|getElement)\w*|"
    r"\bsino:\s|\bcadena\.(?:longitud|reemplazar|dividir)\b|\bACTUALIZAR \w+ (?:SET|ESTABLECER)\b|\bverdadero && |\bimprimirln\s?\("
)
# Literals of which all translated code has one.
HINTS = [
    *(
        "imprim",
        " rango",
        " range",
        "selecci",
        "devolver",
        "retornar",
        "regresar",
        "devuelve",
        "función ",
        "def ",
        "definir ",
    ),
    *(
        "==",
        "!=",
        ">=",
        "<=",
        " > ",
        " < ",
        " % ",
        "consola",
        "importar ",
        "público",
        "publico",
        "insertar en",
        "documento.",
    ),
    *("sino:", "cadena.", "actualizar ", "verdadero &&"),
]
PSEUDOCODE = r"(?i)pseudoc[oó]digo|pseint|en español|(?:def|function|func|void|fn) (?:imprimir|devolver|sumar?)\b|lenguaje inventado"


@rule(
    defect=10,
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
    hit = QUESTION.str.extract(TRANSLATED, 0)
    return findings(
        rows.filter(QUESTION.str.contains_any(HINTS, ascii_case_insensitive=True)),
        when=hit.is_not_null() & ~QUESTION.str.contains(PSEUDOCODE),
        evidence=hit,
    )
