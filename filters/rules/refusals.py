"""Answers in which the model speaks of itself instead of answering."""

import polars as pl

from filters.rule import Example, findings, rule
from filters.text import AI_TASK, QUESTION, VOICE_TASK

OPENING = 300  # characters in which a refusal shows itself

MODEL = (
    r"(?:modelo (?:de |del )?(?:lenguaje|ia|inteligencia artificial|aprendizaje)|modelo lingüístico|"
    r"asistente (?:virtual|de ia|digital|ling[üu][ií]stico|basado|con ia|de inteligencia|conversacional)\b|chatbot\b|bot conversacional\b|"
    r"programa (?:de ordenador|de computadora|de computaci[oó]n|inform[aá]tico|de ia|de inteligencia)|sistema (?:de ia|de inteligencia|automatizado)|"
    r"(?:máquina|entidad) (?:virtual|digital|de ia))"
)
INTELLIGENCE = r"(?:inteligencia artificial|ia)\b"
WHAT = r"(?: un| una| solo| sólo| solamente| simplemente| tan| simple| mero| mera| gran){0,4}"
# "Como modelo de lenguaje", "soy una inteligencia artificial"; but not the examples of "campos como la inteligencia artificial".
DISCLAIMER = (
    rf"\b(?:como{WHAT} {MODEL}|(?:siendo|al ser|por ser|soy|(?:ya|dado|puesto|debido a) que (?:solo |s[oó]lo )?soy){WHAT} (?:el |la )?(?:{MODEL}|{INTELLIGENCE})|"
    rf"como (?:una |solo una |simple ){{1,2}}{INTELLIGENCE}|(?-i:Como) {INTELLIGENCE})"
)
FIRST_PERSON = (
    r"no (?:me |le |te |os |les )?(?:puedo|podr[eé]|podemos|podr[ií]a|tengo (?:la capacidad|acceso|informaci[oó]n|permi|datos|la posibilidad|conocimiento|opini|preferenc|experienc|suficiente|forma|manera|c[oó]mo)|"
    r"soy capaz|dispongo|cuento con|estoy (?:en condiciones|autorizad|capacitad|program|dise[ñn]ad)|poseo)"
)
UNABLE = rf"(?:{FIRST_PERSON}|no (?:me |le |te )?(?:es posible|ser[aá] posible|est[aá] permitido))"
SORRY = r"(?:lo siento|lo lamento|lamento|lamentablemente|disculp[aeo]\w*|perd[oó]n\w*|me temo|desafortunadamente|desgraciadamente|por desgracia|siento)"
APOLOGY = rf"\b{SORRY}\b[^.!?\n]{{0,100}}\b(?:{UNABLE}|imposible)"
BARE = rf"^\W*(?:{FIRST_PERSON})[^.!?\n]*"
REFUSAL = rf"(?i)(?:{DISCLAIMER}|{APOLOGY}|{BARE})[^.!?\n]*"

# Literals of which every refusal has one.
HINTS = [
    *("modelo", "inteligencia", " ia", "asistente", "chatbot", "bot ", "programa", "sistema", "virtual", "digital"),
    *(
        "no puedo",
        "no podr",
        "no podemos",
        "no me ",
        "no le ",
        "no te ",
        "no os ",
        "no les ",
        "no es posible",
        "no ser",
        "no tengo",
    ),
    *("no soy", "no dispongo", "no cuento", "no est", "no poseo", "imposible"),
]

# What turns an apology into an answer after all.
TURN = (
    r"(?i)\b(?:sin embargo|no obstante|aun as[ií]|dicho esto|pero|en cambio|en general|por lo general)\b[^.\n]{0,60}"
    r"\b(?:puedo|podr[ií]a|aqu[ií]|algun[oa]s|te |le |se (?:puede|suele|sabe|cree)|a continuaci[oó]n|existen|hay|la |el |los |las |un |una )"
)

# What the model says of itself; an answer that does it more than once is about nothing else.
SELF_TALK = (
    r"(?i)\bmi (?:funci[oó]n|prop[oó]sito|objetivo|conocimiento|tarea)\b|\b(?:no tengo|no puedo|no poseo|no soy|estoy aqu[ií]|dise[ñn]ad[oa] para|ni tengo|ni puedo)\b|"
    r"\bsoy (?:un|una)\b|\bestar[eé] encantad"
)

# What sends the reader elsewhere: a refusal still, however long.
ELSEWHERE = (
    r"(?i)\b(?:recomi[eé]nd\w*|recomendar\w*|sugi[eé]r\w*|sugerir\w*|aconsej\w*|te animo|puedes|podr[ií]as|debes|es mejor|lo mejor es)\b[^.\n]{0,60}"
    r"\b(?:consult\w*|busc\w*|verific\w*|visit\w*|revis\w*|acud\w*|contact\w*|pregunt\w*|hablar|utilizar)\b|¿(?:hay algo|te gustar[ií]a|en qué|puedo ayudar)"
)


@rule(
    defect=1,
    fields=("output", "instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("¿Qué tiempo hace hoy en Lugo?", "Lo siento, no tengo acceso a información en tiempo real."),
        Example("Cuéntame tu viaje favorito.", "Como modelo de lenguaje, no puedo viajar ni tener favoritos."),
        Example("¿Quién ganará el partido?", "No puedo predecir el resultado de un partido."),
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
        Example("Completa el diálogo: —¿Vienes?", "—Lo siento, no puedo, tengo examen."),
    ],
)
def refusal(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer declines, or says what a language model cannot do, instead of answering.

    Source: habits of gpt-3.5-turbo in Bactrian-X answers (defect 1 of the table). A refusal counts as pure (score 1) when
    little follows it; 0.6 when a real answer seems to follow, or when the task itself is about AI systems. Tasks written
    in another voice (letters, dialogues, customer service) are spared.
    """
    opening = pl.col("output").str.head(OPENING)
    rows = rows.filter(opening.str.contains_any(HINTS, ascii_case_insensitive=True)).filter(
        opening.str.contains(REFUSAL)
    )
    hit = opening.str.extract(REFUSAL, 0)
    rest = pl.col("output").str.len_chars() - hit.str.len_chars()
    listed = pl.col("output").str.contains(r"(?m)^\s*(?:[-*•]|\d+[.)])\s")
    turned = (rest > 120) & pl.col("output").str.contains(TURN)
    elsewhere = pl.col("output").str.contains(ELSEWHERE)
    speaks_of_itself = pl.col("output").str.count_matches(SELF_TALK) >= 2
    answered = (rest > 700) | ((turned | ((rest > 200) & listed) | (rest > 400)) & ~elsewhere)
    answered |= (rest > 150) & ~elsewhere & ~speaks_of_itself
    disclaimer = opening.str.contains(r"(?i)" + DISCLAIMER)
    about_ai = QUESTION.str.contains(AI_TASK)
    voice = QUESTION.str.contains(VOICE_TASK) & ~disclaimer
    return findings(
        rows,
        when=~voice,
        score=pl.when(answered | about_ai).then(0.6).otherwise(1.0),
        evidence=hit,
    )


IDENTITY = (
    r"(?i)\b(?:soy|me llamo|mi nombre es|yo,) (?:un |una |el |la )?(?:chat\s?gpt|gpt\b|gpt-?[34]|bard\b|modelo[^.\n]{0,40}\bopenai)|"
    r"\b(?:fui|he sido|me (?:ha|han)) (?:creado|creada|desarrollado|desarrollada|entrenado|entrenada|diseñado|diseñada)[^.\n]{0,30} openai|"
    r"\bcomo (?:chat\s?gpt|gpt-?[34])|\b(?:openai|chat\s?gpt),? (?:mi|quien me|que me) "
)
CUTOFF = (
    r"(?i)\b(?:mi|mis)\b[^.\n]{0,40}\b(?:fecha de corte|corte de conocimiento|última actualización|datos de entrenamiento|entrenamiento|base de datos de conocimiento|conocimientos?)\b[^.\n]{0,60}|"
    r"\b(?:hasta|a partir de|según) (?:la|mi) (?:fecha de (?:mi )?(?:corte|conocimiento|última actualización)|última actualización de mis)[^.\n]{0,60}|"
    r"\bhasta (?:septiembre de )?2021\b[^.\n]{0,40}\b(?:mi|mis|conocimiento|información disponible|última actualización)[^.\n]{0,40}"
)
DATED = r"(?i)\b20[12]\d\b|fecha de corte|última actualización|tiempo real|corte de conocimiento"


@rule(
    defect=22,
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
        Example("Describe tu carrera.", "Mi entrenamiento como enfermera me llevó tres años."),
    ],
)
def model_identity(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer speaks as ChatGPT, or of its own knowledge cutoff.

    Source: defect 22 of the table. A model fine-tuned on such rows takes over a name and a date that are not its own.
    """
    hints = ["openai", "gpt", "bard", "2021", "202", "201", "corte", "actualizaci", "tiempo real"]
    rows = rows.filter(pl.col("output").str.contains_any(hints, ascii_case_insensitive=True))
    identity = pl.col("output").str.extract(IDENTITY, 0)
    cutoff = pl.col("output").str.extract(CUTOFF, 0)
    dated = cutoff.str.contains(DATED)
    return findings(rows, when=identity.is_not_null() | dated.fill_null(False), evidence=pl.coalesce(identity, cutoff))
