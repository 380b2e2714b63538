"""Answers in which the model speaks of itself instead of answering."""

import polars as pl

from filters.languages.spanish.refusals import (
    ABOUT_YOU,
    CUTOFF,
    DATED,
    DISCLAIMER,
    ELSEWHERE,
    IDENTITY,
    IDENTITY_HINTS,
    MODEL_HINTS,
    OPENS,
    OWN_LIMIT,
    REFUSAL,
    SELF_HINTS,
    SELF_TALK,
    SOMEBODY_TASK,
    SORRY_HINTS,
    TURN,
    WHOLE_NO_COMMENT,
)
from filters.languages.spanish.tasks import AI_TASK, VOICE_TASK
from filters.rule import Example, findings, rule
from filters.text import QUESTION, loosened, with_match

QUOTED = r"«[^»]*»|“[^”]*”"
OPENING = 300  # characters in which a refusal shows itself


@rule(
    version=4,
    defect=1,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("¿Qué tiempo hace hoy en Lugo?", "Lo siento, no tengo acceso a información en tiempo real."),
        Example("Cuéntame tu viaje favorito.", "Como modelo de lenguaje, no puedo viajar ni tener favoritos."),
        Example("¿Quién ganará el partido?", "No puedo predecir el resultado de un partido."),
        Example("¿Quién va primero en la liga?", "No estoy actualizado con los resultados de esta temporada."),
        Example("¿Qué opinas del árbitro?", "No tengo ningún comentario."),
        Example("Pon una canción.", "Lo siento, no tengo la capacidad de poner música."),
        Example("Completa la frase.", "No entiendo la pregunta.", "El gato ___ leche."),
        Example("Dime tu edad.", "Siendo una inteligencia artificial, carezco de edad."),
    ],
    spared=[
        Example(
            "Escribe una respuesta de atención al cliente por un pedido perdido.",
            "Lamentamos lo ocurrido. Lo siento mucho, pero no puedo reembolsarle hoy.",
        ),
        Example("¿Qué es un modelo de lenguaje?", "Un modelo de lenguaje predice la palabra siguiente de un texto."),
        Example("¿Se puede ir a pie de Cádiz a Ceuta?", "No es posible ir a pie, porque el mar está en medio."),
        Example("Describe la informática.", "Incluye campos como la inteligencia artificial, las redes y los datos."),
        Example("¿Se puede plantar un olivo en maceta?", "Sí, aunque no puede crecer tanto como en el suelo."),
        Example(
            "¿Puede un gato comer cebolla?", "No, lamentablemente la cebolla le sienta mal y no es posible evitarlo."
        ),
        Example("Diez caras seguidas, ¿qué podemos deducir?", "No podemos deducir que la moneda esté trucada."),
        Example("Escribe una excusa para no ir a la cena.", "Lo siento, no puedo ir: tengo fiebre."),
        Example("¿Qué contestó el niño?", "«Lo siento, no puedo mentir»."),
        Example("Traduce la frase.", "No tengo ningún comentario.", "I have no comment."),
        Example("¿Eres una persona?", "No, soy un modelo de lenguaje."),
        Example("¿Quién eres?", "Soy una inteligencia artificial."),
        Example("Completa el diálogo: —¿Vienes?", "—Lo siento, no puedo, tengo examen."),
    ],
)
def refusal(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer declines, or says what a language model cannot do, instead of answering.

    Source: habits of gpt-3.5-turbo in Bactrian-X answers (defect 1 of the table). A refusal counts as pure (score 1) when
    little follows it; 0.6 when a real answer seems to follow, or when the task itself is about AI systems. Tasks written
    in another voice (letters, dialogues, customer service) are spared.
    """
    output, opening = pl.col("output"), pl.col("opening")
    rows = _declining(rows).with_columns(
        (output.str.len_chars() - pl.col("hit").str.len_chars()).alias("rest"),
        (output.str.contains(WHOLE_NO_COMMENT) & ~QUESTION.str.contains(SOMEBODY_TASK)).alias("whole"),
        output.str.contains(ELSEWHERE).alias("elsewhere"),
    )
    disclaimer = opening.str.contains(r"(?i)" + DISCLAIMER) | opening.str.contains(OWN_LIMIT)
    about_ai = QUESTION.str.contains(AI_TASK) | pl.col("instruction").str.contains(ABOUT_YOU)
    voice = QUESTION.str.contains(VOICE_TASK) & ~disclaimer
    return findings(
        rows,
        when=~voice | pl.col("whole"),
        score=pl.when(_answered() | about_ai).then(0.6).otherwise(1.0),
        evidence=pl.col("hit"),
    )


def _declining(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose answer opens with a refusal, the `opening` without what it quotes, and the refusal as `hit`."""
    opening = pl.col("opening")
    rows = rows.select("row", "instruction", "input", "output", pl.col("output").str.head(OPENING).alias("opening"))
    # What somebody said is no refusal of the model's.
    said = opening.str.contains_any(["«", "“"])
    told = pl.when(said).then(opening.str.replace_all(QUOTED, " ")).otherwise(opening)
    rows = rows.with_columns(told.alias("opening"))
    model, itself, sorry = (
        opening.str.contains_any(hints, ascii_case_insensitive=True) for hints in (MODEL_HINTS, SELF_HINTS, SORRY_HINTS)
    )
    rows = rows.filter((model & itself) | sorry | opening.str.contains(loosened(OPENS)))
    rows = with_match(rows, opening, REFUSAL, "hit").filter(pl.col("hit").is_not_null())
    return rows.filter((model & itself) | sorry | opening.str.contains(OPENS))


def _answered() -> pl.Expr:
    """Whether an answer seems to follow the refusal (`rest`: characters after it, `elsewhere`: it sends the reader elsewhere)."""
    output, rest, elsewhere = pl.col("output"), pl.col("rest"), pl.col("elsewhere")
    listed = output.str.contains(r"(?m)^\s*(?:[-*•]|\d+[.)])\s")
    turned = (rest > 120) & output.str.contains(TURN)
    speaks_of_itself = output.str.count_matches(SELF_TALK) >= 2
    answered = (rest > 700) | ((turned | ((rest > 200) & listed) | (rest > 400)) & ~elsewhere)
    return answered | (rest > 150) & ~elsewhere & ~speaks_of_itself


@rule(
    version=3,
    defect=22,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="drop",
    caught=[
        Example("¿Cómo te llamas?", "Soy ChatGPT, y estoy aquí para ayudarte."),
        Example(
            "¿Quién preside Perú?",
            "Según mi última actualización, en septiembre de 2021, el presidente de Perú era Pedro Castillo.",
        ),
        Example("¿Quién te creó?", "Fui entrenado por OpenAI para responder preguntas."),
    ],
    spared=[
        Example("¿Qué empresa creó ChatGPT?", "ChatGPT fue creado por la empresa OpenAI en 2022."),
        Example("¿Hasta cuándo duró la obra?", "La obra duró hasta septiembre de 2021."),
        Example("¿Qué puede escribir un programa?", "Modelos como GPT-3 y BERT redactan textos."),
        Example("Describe tu carrera.", "Mi entrenamiento como enfermera me llevó tres años."),
    ],
)
def model_identity(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer speaks as ChatGPT, or of its own knowledge cutoff.

    Source: defect 22 of the table. A model fine-tuned on such rows takes over a name and a date that are not its own.
    """
    rows = rows.filter(pl.col("output").str.contains_any(IDENTITY_HINTS, ascii_case_insensitive=True))
    identity = pl.col("output").str.extract(IDENTITY, 0)
    cutoff = pl.col("output").str.extract(CUTOFF, 0)
    dated = cutoff.str.contains(DATED)
    return findings(rows, when=identity.is_not_null() | dated.fill_null(False), evidence=pl.coalesce(identity, cutoff))
