"""Rows whose task cannot be done with what the row holds; `absent.py` has those that point at what is nowhere."""

import polars as pl

from filters.languages.spanish.context import (
    ABOUT_ADDRESS_TASK,
    ASKING_TASK,
    ASKS_BACK,
    CONDITION,
    DEED_DONE,
    DEED_TASK,
    IMPOSSIBLE_ACTION,
    MISSING_HINTS,
    NEED_MORE,
    NOT_GIVEN,
    OWN_VOICE,
    PLEASE,
    PLEASE_FIRST,
    READING_TASK,
)
from filters.languages.spanish.tasks import CODE_TASK, VOICE_TASK
from filters.rule import Example, findings, rule
from filters.text import QUESTION, URL, matching


@rule(
    version=4,
    defect=2,
    languages=("es",),
    fields=("output", "instruction"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("Resume el texto.", "No se ha proporcionado ningún texto para resumir."),
        Example("Clasifica las palabras.", "Por favor, facilíteme la lista de palabras que desea clasificar."),
        Example("Continúa la carta.", "¿Podría proporcionarme el inicio de la carta?"),
        Example("Resuelve.", "¿Cuál es la ecuación que quieres resolver?"),
        Example("Calcula la rebaja.", "Necesito saber el precio y el porcentaje para poder calcularla."),
        Example("Corrige el párrafo.", "No puedo corregirlo sin ver el párrafo."),
        Example("Resume la reseña.", "Para poder resumirla, necesitaría leer la reseña."),
        Example("¿Es correcta?", "Necesito más información para poder responder a la pregunta."),
    ],
    spared=[
        Example(
            "Escribe un correo a un proveedor.", "Estimado señor: por favor, envíe la lista de precios. Un saludo."
        ),
        Example("¿Qué dijo el ministro?", "No ha dado información sobre el presupuesto, según el periódico."),
        Example("Haz una pregunta cortés en un hotel.", "¿Podría decirme a qué hora abre el comedor?"),
        Example("¿Qué necesita una planta?", "Luz, agua y tierra con nutrientes."),
    ],
)
def missing_context(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer asks for a text, a list or data that the row does not hold.

    Source: defect 2 of the table. Only where asking is all that the answer does: near its beginning, with little after it.
    """
    opening = pl.col("output").str.head(250)
    rows = rows.filter(opening.str.contains_any(MISSING_HINTS, ascii_case_insensitive=True))
    rows = matching(rows, opening, f"{NOT_GIVEN}|{PLEASE}|{NEED_MORE}|{ASKS_BACK}")
    back = pl.col("output").str.extract(ASKS_BACK, 0)
    not_given = opening.str.extract(NOT_GIVEN, 0)
    asks_me = back.str.contains(r"(?i)\b(?:me|nos|proporcionarme|facilitarme|compartir)\b|rme\b").fill_null(False)
    missing = not_given.is_not_null()
    please = opening.str.extract(PLEASE, 0)
    need = opening.str.extract(NEED_MORE, 0)
    strong = missing | need.is_not_null() | back.is_not_null() | pl.col("output").str.contains(PLEASE_FIRST)
    short = pl.col("output").str.len_chars() < 400
    hypothetical = opening.str.contains(CONDITION)
    asked = pl.col("instruction").str.contains(ASKING_TASK)
    voice = QUESTION.str.contains(VOICE_TASK) & ~opening.str.contains(OWN_VOICE) & ~asks_me
    return findings(
        rows,
        when=~voice & ~hypothetical & ~asked,
        score=pl.when(strong & short).then(1.0).when(short).then(0.7).otherwise(0.4),
        evidence=pl.coalesce(not_given, back, need, please),
    )


@rule(
    defect=5,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="drop",
    caught=[
        Example("Resume el artículo.", "El artículo habla del clima.", "https://diario.example/clima-2023"),
        Example("Lee la noticia de www.diario.example/rio y haz un resumen.", "La noticia trata de un río."),
        Example("¿De qué trata esta página?", "Trata de recetas.", "  http://cocina.example/ "),
    ],
    spared=[
        Example("Extrae el dominio de esta URL.", "diario.example", "https://diario.example/clima-2023"),
        Example("Resume el texto.", "El río creció.", "El río creció tres metros (https://diario.example/rio)."),
        Example("¿Qué significa https://?", "Que la conexión con la página va cifrada."),
    ],
)
def url_as_data(rows: pl.DataFrame) -> pl.DataFrame:
    """The only data is a web address: what the answer says of that page must be invented.

    Source: defect 5 of the table. Tasks about the address itself (its domain, its parts, checking it) are spared.
    """
    rows = rows.filter(
        pl.concat_str("instruction", pl.lit(" "), "input").str.contains_any(["http://", "https://", "www."])
    )
    only_url = pl.col("input").str.strip_chars().str.extract(rf"^(?:{URL})$", 0)
    linked = pl.col("instruction").str.extract(
        rf"{READING_TASK}[^\n]{{0,120}}({URL})",
        1,
    )
    about_url = pl.col("instruction").str.contains(ABOUT_ADDRESS_TASK)
    alone = linked.is_not_null() & (pl.col("input").str.strip_chars() == "")
    return findings(rows, when=(only_url.is_not_null() | alone) & ~about_url, evidence=pl.coalesce(only_url, linked))


@rule(
    defect=6,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="flag",
    caught=[
        Example("Dibuja un gato sobre un tejado.", "Un gato gris duerme sobre un tejado rojo."),
        Example("Diseña un logotipo para una panadería.", "Un círculo con una espiga en el centro."),
        Example("Llama a mi hermana y dile que voy tarde.", "Llamando."),
    ],
    spared=[
        Example("Escribe código SVG que dibuje un círculo.", "<svg><circle r='5'/></svg>"),
        Example("¿Quién pintó Las meninas?", "Diego Velázquez."),
        Example("Diseña un plan de estudio para una semana.", "Lunes: repaso de álgebra."),
        Example("Crea una tabla de verbos irregulares.", "| ser | fui |"),
    ],
)
def impossible_action(rows: pl.DataFrame) -> pl.DataFrame:
    """The task asks for a picture, a sound or an action, which text cannot give.

    Source: defect 6 of the table. Code that draws is possible and spared.
    """
    hit = pl.col("instruction").str.extract(IMPOSSIBLE_ACTION, 0)
    return findings(
        matching(rows, pl.col("instruction"), IMPOSSIBLE_ACTION),
        when=~QUESTION.str.contains(CODE_TASK),
        evidence=hit,
    )


@rule(
    defect=6,
    languages=("es",),
    fields=("instruction", "output"),
    verdict="flag",
    caught=[
        Example("Manda un fax a la oficina.", "He mandado el fax a la oficina."),
        Example("Apaga la radio.", "Listo, la radio está apagada."),
        Example("Aumenta el volumen.", "El volumen se ha aumentado."),
    ],
    spared=[
        Example("Describe tu mañana.", "He puesto la mesa y he salido a correr."),
        Example("Elimina las vocales de «sol».", "sl"),
        Example("Pon un ejemplo de metáfora.", "Tus ojos son dos luceros."),
    ],
)
def claimed_deed(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer claims a deed in the world, such as a letter sent or a lamp put out, which a text cannot do.

    Source: defect 6 of the table, seen from the answer. A flag, for the task may be a role.
    """
    rows = rows.filter(pl.col("output").str.len_chars() < 300).filter(pl.col("instruction").str.contains(DEED_TASK))
    hit = pl.col("output").str.extract(DEED_DONE, 0)
    return findings(rows, when=hit.is_not_null(), evidence=hit)
