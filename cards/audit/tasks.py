"""What an instruction asks for: one kind of task, by the verb that it begins with and what it names.

Each kind is held against rows that were judged by hand (`benchmarks/tasks.py`); one that is right in fewer than 8 of 10 rows
that it names is no kind here. What no kind names is "other".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cards.shared.verbs import QUESTION, leading_verbs

READ = 300  # characters of an instruction in which its kind is looked for

TEXT = (
    r"(?i)\b(?:oraci[oó]n(?:es)?|frases?|textos?|p[aá]rrafos?|mensajes?|palabras?|voz|verbos?|ortogr[aá]f\w+|gram[aá]tic\w+|"
    r"errores|error|faltas|concordancia|pret[eé]rito|tiempo verbal|art[ií]culo|carta|correo|poema|cuento|ensayo|estilo|tono)\b"
)
WORK = (
    r"(?i)\b(?:cuentos?|historias?|relatos?|poemas?|canci[oó]n|haiku|f[aá]bula|carta|correo|e-?mail|ensayo|discurso|"
    r"di[aá]logo|eslogan|esl[oó]ganes|anuncio|gui[oó]n|art[ií]culo|p[aá]rrafos?|oraci[oó]n(?:es)?|frases?|mensaje|nota|"
    r"aviso|rese[ñn]a|respuesta|t[ií]tulo|titular|tweet|tuit|publicaci[oó]n|blog|redacci[oó]n|descripci[oó]n|an[eé]cdota|"
    r"broma|chiste|adivinanza|story|whatsapp|wasap|comentario|invitaci[oó]n|saludo|brindis|receta|preguntas?|verso|estrofa|"
    r"biograf[ií]a|informe|noticia|comunicado|presentaci[oó]n)\b"
)
COUNTED = r"(?:un[oa]s?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|algun[oa]s|vari[oa]s|al menos|los|las|\d+)"
LISTED = (
    r"(?i)\blist[ae]s?\b|\b(?:ideas|consejos|sugerencias|pasos|ventajas|desventajas)\b|"
    rf"^\P{{L}}*\p{{L}}+\s+(?:(?:el nombre de|al menos)\s+)?{COUNTED}\s+(?:\p{{L}}+\s+)?\p{{L}}+s\b"
)
# Three sentences are a piece of writing; three countries are a list.
COUNTED_WORKS = (
    rf"^\P{{L}}*\p{{L}}+\s+{COUNTED}\s+(?:oraciones|frases|p[aá]rrafos|preguntas|versos|estrofas|l[ií]neas)\b"
)
ASKED_AT_THE_END = r"(?:^|[,;:.]\s+|[^\p{L}]\s)¿[^?]*\?\W*$"
CODE = (
    r"(?i)\b(?:python|javascript|typescript|java|sql|html|css|php|c\+\+|bash|git|regex|c[oó]digo (?:en|que|de|para)|"
    r"el c[oó]digo|este c[oó]digo|funci[oó]n (?:en|que|llamada)|expresi[oó]n regular|algoritmo (?:que|para|en)|"
    r"(?:este|el siguiente|un) (?:programa|script)|comando de terminal|consulta sql)\b|```"
)
WHAT_FOR = r"(?i)^\P{L}*(?:para )?qu[eé] (?:es|son|sirve|significa|quiere decir)\b"
MATHS = (
    r"(?i)\b(?:ecuaci[oó]n|ecuaciones|inecuaci[oó]n|derivada|integral|per[ií]metro|m[ií]nimo com[uú]n|m[aá]ximo com[uú]n|"
    r"n[uú]mero romano|a decimal|a binario)\b|\d\s*[-+*×÷=]\s*\d|\d+\s*[a-z]\s*[-+]\s*\d|%\s+de\s+\d"
)
# A sum told as a story: a quantity is asked for, and at least two numbers are given (or one, by its unit).
HOW_MANY = r"(?i)\bcu[aá]nt[oa]s?\b"
TWO_NUMBERS = r"(?s)\d.*?\D\d|\d+\s*%"
TONGUES = (
    r"ingl[eé]s|franc[eé]s|alem[aá]n|italiano|portugu[eé]s|catal[aá]n|gallego|euskera|vasco|japon[eé]s|chino|ruso|[aá]rabe|"
    r"lat[ií]n|griego|coreano|quechua|castellano|español"
)
INTO_A_TONGUE = (
    rf"(?i)^\P{{L}}*(?:pon|ponga|pasa|pase|di|diga|escribe|escriba)\b.{{0,60}}\b(?:al|en) (?:{TONGUES})\b.{{0,20}}$|"
    rf"\bc[oó]mo se (?:dice|escribe)\b.{{0,80}}\ben (?:{TONGUES})\b"
)
SUMMARY = (
    r"(?i)^\P{L}*\p{L}+\s+(?:(?:un|una|el|la|breve|corto|corta|peque[ñn]o)\s+){1,3}"
    r"(?:resumen|sinopsis|s[ií]ntesis)\b|^\P{L}*(?:sumari[zc])"
)
DEFINITION = r"(?i)^\P{L}*\p{L}+\s+(?:la|una)\s+(?:breve\s+|corta\s+)?definici[oó]n\b|\bdiferencias?\b"


@dataclass(frozen=True)
class Kind:
    """A kind of task. verbs: those that an instruction of it begins with. names: what it also names, or names whatever it
    begins with, if there are no verbs. without: what an instruction of it does not name."""

    name: str
    verbs: Sequence[str] = ()
    names: Sequence[str] = ()

    def of(self, verb: pl.Expr, text: pl.Expr) -> pl.Expr:
        """Whether an instruction is of this kind, by its leading verb and its text."""
        parts = [text.str.contains(one) for one in self.names]
        if self.verbs:
            parts.append(verb.is_in(self.verbs).fill_null(value=False))
        return pl.all_horizontal(parts)


MAKING = (
    "escribir",
    "redactar",
    "crear",
    "generar",
    "componer",
    "inventar",
    "contar",
    "hacer",
    "elaborar",
    "desarrollar",
)
EXPLAINING = ("explicar", "describir", "definir", "exponer", "aclarar", "diferenciar")
GIVING = (
    "dar",
    "decir",
    "proporcionar",
    "proponer",
    "sugerir",
    "nombrar",
    "recomendar",
    "mencionar",
    "indicar",
    "citar",
)
REWRITING = (
    *(
        "transformar",
        "cambiar",
        "convertir",
        "modificar",
        "simplificar",
        "acortar",
        "mejorar",
        "sustituir",
        "reemplazar",
    ),
    *("reordenar", "reorganizar", "ordenar", "editar", "pasar", "adaptar", "corregir", "revisar", "arreglar"),
)

# The first that fits is the kind of a row.
KINDS = (
    Kind("completion", ("completar", "rellenar", "llenar")),
    Kind("translation", ("traducir",)),
    Kind("translation", names=(INTO_A_TONGUE,)),
    Kind("summary", ("resumir", "sintetizar")),
    Kind("summary", names=(SUMMARY,)),
    Kind("classification", ("clasificar", "categorizar", "agrupar", "asignar", "etiquetar")),
    Kind("rewriting", ("reescribir", "reformular", "parafrasear", "corregir")),
    Kind("question", names=(WHAT_FOR,)),
    Kind("explanation", EXPLAINING, (CODE,)),
    Kind("code", names=(CODE,)),
    Kind("rewriting", REWRITING, (TEXT,)),
    Kind("maths", ("calcular", "resolver", "sumar", "demostrar", "hallar")),
    Kind("maths", names=(MATHS,)),
    Kind("maths", names=(HOW_MANY, TWO_NUMBERS)),
    Kind("explanation", EXPLAINING),
    Kind("explanation", ("escribir", "proporcionar", "dar", "identificar", "señalar", "indicar"), (DEFINITION,)),
    Kind("list", ("enumerar", "listar", "enlistar")),
    Kind("writing", MAKING, (COUNTED_WORKS,)),
    Kind("list", (*GIVING, *MAKING), (LISTED,)),
    Kind("writing", (*MAKING, "utilizar", "usar", "sugerir", "plantear", "responder"), (WORK,)),
    Kind("question", names=(QUESTION,)),
    Kind("question", names=(ASKED_AT_THE_END,)),
)
NAMES = tuple(dict.fromkeys(one.name for one in KINDS))
OTHER = "other"


def tasks(instructions: pl.Series) -> pl.Series:
    """The kind of task of each instruction: one of `NAMES`, or "other"."""
    rows = pl.DataFrame({"verb": leading_verbs(instructions), "text": instructions.str.head(READ)})
    named = [pl.when(one.of(pl.col("verb"), pl.col("text"))).then(pl.lit(one.name)) for one in KINDS]
    return rows.select(pl.coalesce(*named, pl.lit(OTHER)).alias("task"))["task"]
