"""Markers of chats and templates inside a row, and answers that are none."""

import polars as pl

from filters.languages import ANY, UNFILLED
from filters.languages.spanish.markers import (
    ANSWERS,
    ASKS,
    BLANK,
    DIALOGUE_TASK,
    FILL_IN,
    FORM_TASK,
    FURTHER,
    HEADER,
    MARKER_HINTS,
    NO_OUTPUT,
    OPEN_SLOT,
    QUESTIONS_TASK,
    ROMAN_TASK,
    STAND_IN,
)
from filters.languages.spanish.tasks import CODE_TASK
from filters.rule import Example, findings, rule
from filters.text import CODE_LOOK, QUESTION, matching, with_match

TOKENS = r"<\|(?:im_start|im_end|endoftext|system|user|assistant|end|eot_id)\|>|\[/?INST\]|<</?SYS>>"
STRONG = rf"(?mi)^\s*#{{2,}}\s*{HEADER}\s*:.*$|{TOKENS}|^\s*\d{{1,2}}\.\s*{HEADER}\s*:.*$"
END = r"</s>\s*$"  # the end-of-text token of Llama; in HTML it closes a tag
UNSOLVED = r"(?i)^\s*```\w*\s*(?://|#|/\*|--)\s*(?:solution required|your code here|todo\b|(?:tu |el |su )?(?:c[oó]digo|soluci[oó]n) (?:va |ir[ií]a )?(?:aqu[ií]|requerid[oa])|escrib[ea] (?:aqu[ií] )?(?:tu|el|su) (?:c[oó]digo|soluci[oó]n))[^\n]*\s*```\s*$"
SIGN_TASK = r"(?i)\b(?:s[ií]mbolo|signo|operador|morse|gui[oó]n|raya|puntuaci[oó]n|car[aá]cter)\b|[+*/=_]"
OWN_LINE = r"(?mi)^\s*(?:human|assistant|system)\s*:.*$"


@rule(
    version=2,
    defect=17,
    languages=("es",),
    fields=("instruction", "input", "output"),
    verdict="drop",
    threshold=0.7,
    caught=[
        Example("¿Cuánto es 2 + 2?", "4\n\n### Instrucción:\n¿Y 3 + 3?"),
        Example("Saluda.", "¡Hola!<|im_end|>"),
        Example("Nombra un río.", "El Ebro.\n\n12. Instrucción: Nombra un mar.\n12. Entrada:"),
        Example("Di un color.", "Verde</s>"),
        Example("¿Qué es un faro?", "A: Una torre con luz.\nP: ¿Qué es un puerto?\nA: Un abrigo para barcos."),
        Example("Usuario: hola\nAsistente: hola\nUsuario: di un mes", "Mayo\nUsuario: otro\nAsistente: Junio"),
        Example("Di la hora.", "Son las dos.\nUsuario: ¿Y mañana?\nAsistente: También."),
    ],
    spared=[
        Example("Escribe un diálogo entre un usuario y un asistente.", "Usuario: Hola.\nAsistente: Buenos días."),
        Example("Escribe un índice.", "### Introducción\n### Resultados"),
        Example(
            "Escribe tres preguntas sobre Roma y su respuesta.", "P: ¿Quién fue Nerón?\nR: Un emperador.\nP: ¿Y Livia?"
        ),
        Example("¿Cómo se tacha en HTML?", "Con <s>texto</s>"),
        Example("¿Qué es una entrada?", "Entrada: billete que permite pasar a un espectáculo."),
    ],
)
def role_markers(rows: pl.DataFrame) -> pl.DataFrame:
    """A chat's or template's own markers are inside a field: two rows in one, or a forged turn.

    Source: defect 17 of the table. Dialogues that the task asks for are spared.
    """
    text = pl.concat_str("instruction", pl.lit("\n"), "input", pl.lit("\n"), "output")
    rows = rows.filter(
        pl.any_horizontal(
            pl.col("instruction", "input", "output").str.contains_any(MARKER_HINTS, ascii_case_insensitive=True)
        )
    )
    rows = matching(rows, text, f"{STRONG}|{ASKS}|{OWN_LINE}|{FURTHER}|{END}")
    strong = text.str.extract(f"({STRONG})", 1)
    turns = pl.col("output").str.extract(f"({ASKS})", 1)
    both = turns.is_not_null() & pl.col("output").str.contains(ANSWERS)
    english = pl.col("output").str.extract(f"({OWN_LINE})", 1)
    end = pl.col("output").str.extract(f"({END})", 1)
    end = pl.when(~text.str.contains(r"<s>|(?i:html)")).then(end)
    further = pl.col("output").str.extract(f"({FURTHER})", 1)
    # A transcript in the question is continued by one turn; to go on and ask for the user is to forge a turn.
    asked = QUESTION.str.replace_all(
        r"(?mi)^\s*(?:usuari[oa]|user|human|asistente|assistant|bot)\s*:", ""
    ).str.contains(DIALOGUE_TASK)
    weak = (both | english.is_not_null()) & ~asked
    weak |= (
        further.is_not_null()
        & ~pl.col("output").str.contains(CODE_LOOK)
        & ~asked
        & ~QUESTION.str.contains(QUESTIONS_TASK)
    )
    return findings(
        rows,
        when=strong.is_not_null() | end.is_not_null() | weak,
        score=pl.when(strong.is_not_null()).then(1.0).otherwise(0.8),
        evidence=pl.coalesce(strong, end, turns, english, further),
    )


@rule(
    version=3,
    defect=19,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="drop",
    caught=[
        Example("Suma dos números.", "No aplicable"),
        Example("Di el resultado.", "-"),
        Example("Resuelve el problema 12.", "```js\n// solution required\n```"),
        Example("Nombra un planeta.", ""),
        Example("Nombra un planeta.", " \n\t"),
        Example("Nombra un planeta.", "<nooutput>"),
        Example("Nombra un planeta.", "Sin salida."),
    ],
    spared=[
        Example("¿Flota el hierro en el agua?", "No"),
        Example("¿Cuántas patas tiene una serpiente?", "0"),
        Example("¿Qué devuelve en Python una función sin return?", "None"),
        Example("¿Qué ave vuela de noche?", "Ninguna respuesta es única: la lechuza, por ejemplo."),
    ],
)
def empty_answer(rows: pl.DataFrame) -> pl.DataFrame:
    """There is no answer: nothing, white space, or a marker that says so.

    Source: defect 19 of the table. A short answer ("No", "42") is an answer.
    """
    rows = rows.filter(pl.col("output").str.len_chars() < 60)
    rows = rows.filter(pl.col("output").str.contains(NO_OUTPUT + r"|^\s*$|^\s*[-–—]\s*$|(?i)^\W*none\W*$|" + UNSOLVED))
    dash = pl.col("output").str.contains(r"^\s*[-–—]\s*$") & ~QUESTION.str.contains(SIGN_TASK)
    unsolved = pl.col("output").str.contains(UNSOLVED)
    empty = pl.col("output").str.strip_chars() == ""
    none = pl.col("output").str.contains(r"(?i)^\W*none\W*$") & ~QUESTION.str.contains(CODE_TASK)
    sure = empty | unsolved | pl.col("output").str.contains(NO_OUTPUT)
    # Questions are long and empty answers many: a question is read only where the answer alone does not decide.
    return pl.concat(
        [
            findings(rows.filter(sure), when=pl.lit(True), evidence=pl.col("output")),
            findings(rows.filter(~sure), when=none | dash, evidence=pl.col("output")),
        ]
    )


@rule(
    defect=19,
    languages=UNFILLED,
    fields=("output",),
    verdict="drop",
    caught=[Example("Diz um planeta.", ""), Example("Diz um planeta.", " \n\t"), Example("行星是什么?", "\u3000")],
    spared=[
        Example("Quanto é dois menos dois?", "0"),
        Example("Wie viel ist 2 - 2?", "Null"),
        Example("Bai ala ez?", "Ez"),
    ],
)
def blank_answer(rows: pl.DataFrame) -> pl.DataFrame:
    """There is no answer: nothing, or white space.

    Source: defect 19 of the table, as far as it can be told without knowing the language. Where the language has a room,
    `empty_answer` says the same and knows the words that stand for nothing, too.
    """
    return findings(rows, when=pl.col("output").str.strip_chars() == "", evidence=pl.col("output"))


@rule(
    defect=19,
    languages=ANY,
    fields=("instruction",),
    verdict="drop",
    caught=[
        Example("", "Claro."),
        Example("   ", "Son tres.", "Uno, dos, tres."),
        Example("…", "¿En qué puedo ayudar?"),
    ],
    spared=[Example("¿?", "No entiendo la pregunta."), Example("Hola", "Hola."), Example("2 + 2", "4")],
)
def empty_instruction(rows: pl.DataFrame) -> pl.DataFrame:
    """There is no instruction: an answer to nothing teaches to answer without being asked.

    Source: the data contract admits empty strings; defect 19 of the table names the same for answers.
    """
    return findings(
        rows, when=~pl.col("instruction").str.contains(r"[\p{L}\p{N}¿?+=*/<>]"), evidence=pl.col("instruction")
    )


@rule(
    defect=19,
    languages=("es",),
    fields=("output", "instruction"),
    version=4,
    verdict="drop",
    threshold=0.8,
    flag_from=0.4,
    caught=[
        Example("¿Quién escribió el libro?", "Lo escribió [insertar nombre del autor]."),
        Example("¿Qué hora es?", "Son las [hora actual]."),
        Example("¿Qué día es hoy?", "Hoy es [día de la semana], [día del mes] de [mes]."),
        Example("Escribe la fecha de hoy.", "La fecha de hoy es [fecha actual]."),
        Example("Dibuja una flor.", "[Imagen de una flor roja con cinco pétalos]"),
    ],
    spared=[
        Example("Escribe una carta de renuncia.", "Estimado [nombre]: le comunico mi renuncia."),
        Example("¿Qué número romano es treinta?", "XXX, en números romanos, es treinta."),
        Example("Propón un trato.", "Propongo [un acuerdo] entre todos."),
        Example("Escribe un bucle en Python.", "lista = [nombre for nombre in nombres]"),
    ],
)
def placeholder(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer leaves a blank for somebody else to fill in.

    Source: defect 19 of the table. Score 1 for the fact that is asked for or stated, and for a picture's stand-in, 0.6 for
    another blank, 0.4 in letters and forms, where blanks are right and somebody must fill them in all the same. Code is spared.
    """
    rows = rows.filter(
        pl.col("output").str.contains_any(["[", "<", "lorem", "xxx", "todo"], ascii_case_insensitive=True)
    )
    rows = matching(rows, pl.col("output"), BLANK)
    for pattern, name in ((FILL_IN, "hit"), (OPEN_SLOT, "slot"), (STAND_IN, "stand_in")):
        rows = with_match(rows, pl.col("output"), pattern, name)
    hit, slot, stand_in = pl.col("hit"), pl.col("slot"), pl.col("stand_in").is_not_null()
    rows = rows.filter(hit.is_not_null() | slot.is_not_null() | stand_in)
    short = pl.col("output").str.len_chars() < 200
    asked = pl.col("instruction").str.contains(r"^\W*¿|\?\s*$|^(?i:dime|di)\b")
    form = QUESTION.str.contains(FORM_TASK)
    spared = QUESTION.str.contains(CODE_TASK) | QUESTION.str.contains(ROMAN_TASK)
    spared |= pl.col("output").str.contains("```", literal=True)
    stated = slot.is_not_null() & ~slot.str.contains(":", literal=True)  # "La fecha es [fecha]", asked for or not
    fact = (
        ((asked & short) | stated.fill_null(False)) & ~form & pl.coalesce(slot, hit).str.contains(r"\[", literal=False)
    )
    return findings(
        rows,
        when=~spared & (fact | stand_in | hit.is_not_null()),
        score=pl.when(fact | stand_in).then(1.0).when(form).then(0.4).otherwise(0.6),
        evidence=pl.coalesce(hit, slot, pl.when(stand_in).then("output")),
    )
