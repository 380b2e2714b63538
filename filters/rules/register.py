"""How a row addresses its reader: as tú, usted, vos or vosotros."""

import polars as pl

from filters.languages.spanish.register import FIRST, GRAMMAR_TASK, OF_BOTH, QUOTED, SIGN, SPEECH, WRITING_TASK
from filters.languages.spanish.tasks import OTHER_LANGUAGE_TASK, VOICE_TASK
from filters.rule import Example, findings, read_once, rule
from filters.text import QUESTION, without_matching

ANY_SIGN = "|".join((*SIGN.values(), OF_BOTH))
CERTAIN = 2  # signs of one register, and none of another, that make sure of an answer's


def _sign(text: pl.Expr, name: str, beginning: bool) -> pl.Expr:
    """A sign of a register in a text, in lower case; null where there is none. beginning: a plain imperative there is one."""
    found = [text.str.extract(SIGN[name], 1), text.str.extract(SIGN[name], 2)]
    if beginning and name in FIRST:
        found.append(text.str.extract(FIRST[name], 1))
    return pl.coalesce(found).str.to_lowercase()


def _registers(texts: pl.DataFrame, beginning: bool) -> pl.DataFrame:
    """`row`, `register` and `sign` of texts (`row`, `text`) with signs of one register and of no other."""
    text, signs = pl.col("text"), texts.select("row")
    for name in SIGN:
        firsts = [FIRST[name]] if beginning and name in FIRST else []
        # To look for groups takes long: it is done where there is one.
        shows = pl.any_horizontal(text.str.contains(one) for one in (SIGN[name], *firsts))
        shown = texts.filter(shows).select("row", _sign(text, name, beginning).alias(name))
        signs = signs.join(shown, on="row", how="left", maintain_order="left")
    shared = texts.filter(text.str.contains(OF_BOTH)).select("row", text.str.extract(OF_BOTH, 1).alias("both"))
    signs = signs.join(shared, on="row", how="left", maintain_order="left")
    seen = {name: pl.col(name).is_not_null() for name in SIGN}
    both = pl.col("both").is_not_null()  # of tú, where there is no vos
    registers = pl.sum_horizontal(*seen.values(), both & ~seen["tú"] & ~seen["vos"])
    named = pl.coalesce(*(pl.when(one).then(pl.lit(name)) for name, one in seen.items()), pl.lit("tú"))
    return signs.filter(registers == 1).select(
        "row", named.alias("register"), pl.coalesce(*SIGN, pl.col("both").str.to_lowercase()).alias("sign")
    )


@read_once
def of_instructions(rows: pl.DataFrame) -> pl.DataFrame:
    """`row`, `register` and `sign` of the instructions that address somebody in one register."""
    return _registers(rows.select("row", _own("instruction").alias("text")), beginning=True)


@read_once
def of_answers(rows: pl.DataFrame) -> pl.DataFrame:
    """`row`, `register` and `sign` of the answers that address their reader for certain: in one register, more than once."""
    texts = rows.select("row", "output", _own("output").alias("text"))
    texts = texts.filter(pl.col("text").str.contains(ANY_SIGN))
    signs = pl.sum_horizontal(pl.col("text").str.count_matches(one) for one in (*SIGN.values(), OF_BOTH))
    texts = without_matching(texts.filter(signs >= CERTAIN), pl.col("output"), SPEECH)
    return _registers(texts.select("row", "text"), beginning=False)


def _own(field: str) -> pl.Expr:
    """The text without what it quotes."""
    text = pl.col(field)
    quotes = text.str.contains_any(["«", "“", '"', "‘", "'", "`"])
    return pl.when(quotes).then(text.str.replace_all(QUOTED, " ")).otherwise(text)


def _sides(rows: pl.DataFrame) -> pl.DataFrame:
    """`row`, and `register` and `sign` of the instruction and (`_answer`) of the answer, where one of them has one."""
    return of_instructions(rows).join(of_answers(rows), on="row", how="full", coalesce=True, suffix="_answer")


@rule(
    defect=27,
    languages=("es",),
    fields=("instruction", "output"),
    verdict="signal",
    caught=[
        Example("Describe tu barrio.", "Es tranquilo y tiene una plaza."),
        Example("Explique qué es un cenote.", "Un pozo natural."),
        Example("Escribime un saludo.", "Buenas."),
        Example("Enumerad tres ríos.", "Duero, Tajo, Segura."),
        Example("¿Qué te gusta leer?", "Novelas."),
        Example("Nombre tres frutas de invierno.", "Naranja, kiwi y mandarina."),
        Example("¿Cómo se cuida un helecho?", "Ponga la maceta a la sombra. Riegue poco. Evite el sol directo."),
        Example(
            "¿Cómo se limpia una sartén?", "Déjala enfriar y échale sal. Si tú la usas a diario, contigo durará años."
        ),
    ],
    spared=[
        Example("¿Cuál es la capital de Perú?", "Lima."),
        Example("Nombre del río más largo de España.", "El Tajo."),
        Example("Traducir la frase «¿Cómo te llamas tú?».", "What is your name?"),
        Example("¿Qué es el departamento de TI?", "El que cuida de los ordenadores."),
        Example("Describe tu casa y diga usted cuántas puertas tiene.", "Tiene dos."),
        Example("María es autora. Escribe dos páginas al día. ¿Cuántas son en una semana?", "Catorce."),
        Example("Lista de ríos.", "—¿Tú vienes?\n—Yo voy contigo."),
    ],
)
def register(rows: pl.DataFrame) -> pl.DataFrame:
    """Who is addressed, and how: tú, usted, vos (of the Río de la Plata and Central America) or vosotros (of Spain).

    Source: issue 12, point 5. Pronouns, and imperatives that begin a sentence. The evidence says the register of each side that
    has one, with a sign of it; the statistic `register` reads it.
    """
    sides = _sides(rows).with_columns(
        _said("instruction", "register", "sign"), _said("answer", "register_answer", "sign_answer")
    )
    told = pl.concat_str("instruction", "answer", separator=", ", ignore_nulls=True)
    return findings(sides.sort("row"), when=pl.lit(True), evidence=told)


def _said(side: str, name: str, sign: str) -> pl.Expr:
    return pl.format(f"{side} {{}} ({{}})", name, sign).alias(side)


@rule(
    defect=28,
    languages=("es",),
    fields=("instruction", "input", "output"),
    verdict="flag",
    caught=[
        Example(
            "Describe cómo se cambia una rueda.",
            "Primero, asegúrese de parar el coche. Coloque el gato y afloje las tuercas.",
        ),
        Example("Explique cómo estudiar mejor.", "Haz un horario y ten a mano tus apuntes. Si te cansas, para."),
        Example("Decime cómo llego al centro.", "Usted puede ir a pie. Siga la avenida hasta el río."),
        Example("Explicá cómo se ceba un mate.", "Pon la yerba en el mate. Si tú lo quieres dulce, echa azúcar."),
    ],
    spared=[
        Example(
            "Describe cómo se cambia una rueda.",
            "Para el coche y afloja las tuercas. Pon el gato y haz fuerza con tu pie.",
        ),
        Example("Describe cómo se cambia una rueda.", "Hay que parar el coche, poner el gato y aflojar las tuercas."),
        Example(
            "Escribe una carta al director.",
            "Le escribo para quejarme. Dígame usted cuándo puedo ir. Considere mi caso.",
        ),
        Example("Redacte un anuncio de zapatos.", "Tus pies lo notan. Contigo a todas partes."),
        Example(
            "Explica la diferencia entre los pronombres tú y usted.", "Usted pide la tercera persona. Usted es formal."
        ),
        Example(
            "Dé otra oportunidad a un amigo.",
            "Juan, te perdono. Espero que tú hagas lo mismo.",
            "El amigo se llama Juan.",
        ),
        Example(
            "Resuma el texto.", "Cuida tus plantas y no te olvides del riego.", "Riega tus plantas. No te olvides."
        ),
        Example("Explica a tus amigos qué es la sal.", "Echadla en vuestra sopa. A vosotros os gustará."),
    ],
)
def register_clash(rows: pl.DataFrame) -> pl.DataFrame:
    """Instruction and answer address each other in different registers, such as tú and usted, where neither writes to others.

    Source: issue 12, point 5. Tasks of writing, rewriting and translating are spared, and those about grammar; so is an answer that
    speaks to a person whom the task names, and one whose register is the input's. Vosotros clashes with usted alone, for it
    says how many are addressed.
    """
    asked, answered = of_instructions(rows), of_answers(rows)
    for side in (asked, answered):
        rows = rows.join(side, on="row", how="semi", maintain_order="left")
    rows = without_matching(rows, pl.col("instruction"), WRITING_TASK)
    for task in (VOICE_TASK, OTHER_LANGUAGE_TASK, GRAMMAR_TASK):
        rows = without_matching(rows, QUESTION, task)
    named = pl.col("output").str.extract(r"^\W*(\p{Lu}\p{Ll}+),\s", 1)
    rows = rows.filter(~QUESTION.str.contains(named, literal=True).fill_null(False))
    sides = asked.join(rows, on="row", how="semi").join(answered, on="row", suffix="_answer")
    formal = pl.col("register") == "usted", pl.col("register_answer") == "usted"
    plural = (pl.col("register") == "vosotros") | (pl.col("register_answer") == "vosotros")
    clashes = sides.filter((pl.col("register") != pl.col("register_answer")) & (formal[0] | formal[1] | ~plural))
    inputs = _registers(
        rows.join(clashes, on="row", how="semi").select("row", _own("input").alias("text")), beginning=True
    )
    quoted = inputs.select("row", pl.col("register").alias("register_answer"))
    clashes = clashes.join(quoted, on=["row", "register_answer"], how="anti").sort("row")
    evidence = pl.concat_str(
        _said("instruction", "register", "sign"), _said("answer", "register_answer", "sign_answer"), separator=", "
    )
    return findings(clashes, when=pl.lit(True), evidence=evidence)
