"""Addresses in answers."""

import polars as pl

from filters.languages.spanish.links import SAMPLE_HOST
from filters.languages.spanish.tasks import CODE_TASK
from filters.rule import Example, findings, rule
from filters.text import CODE_LOOK, QUESTION

ADDRESS = r"https?://(?:www\.)?[^\s<>\"'`)\]]+"
HOST = r"https?://(?:www\.)?([^/\s:<>\"'`)\]}]+)"
CODE_HOST = rf"(?i)^(?:[\w.-]*example\.(?:com|org|net)|localhost.*|127\.0\.0\.1.*|[\w.-]*w3\.org|{SAMPLE_HOST}|cdn\..*|[\w.-]*googleapis\.com|schemas\..*|api\..*)$"


@rule(
    defect=7,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="flag",
    caught=[
        Example("Recomienda una receta de pan.", "Mira https://www.panes.example/hogaza para la receta."),
        Example("¿Dónde leo más?", "En http://lecturas.example."),
        Example("Cita una fuente.", "Según (https://datos.example/2020), llueve menos."),
    ],
    spared=[
        Example(
            "Extrae la dirección.", "https://museo.example/horario", "El horario está en https://museo.example/horario."
        ),
        Example("Escribe un enlace en HTML.", '<a href="https://example.com">Inicio</a>'),
        Example("¿Qué es una URL?", "La dirección de un recurso en la red."),
    ],
)
def invented_url(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer names a web address that the row did not give: it is likely invented.

    Source: defect 7 of the table. Hosts that code examples use by custom are spared inside code.
    """
    host = pl.col("output").str.extract(HOST, 1)
    given = QUESTION.str.contains(host, literal=True)
    in_code = pl.col("output").str.contains(CODE_LOOK) & (
        host.str.contains(CODE_HOST) | QUESTION.str.contains(CODE_TASK)
    )
    return findings(
        rows.filter(pl.col("output").str.contains(r"https?://")),
        when=host.is_not_null() & ~given & ~in_code,
        evidence=pl.col("output").str.extract(ADDRESS, 0),
    )
