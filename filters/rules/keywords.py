"""Keywords of programming languages, and what a translator made of them, seen beside the English row."""

import re

import polars as pl

from filters.languages.spanish.keywords import CONDITION, TRANSLATIONS
from filters.languages.spanish.parallel import PSEUDOCODE_TASK
from filters.rule import Example, findings_by_row, rule
from filters.rules.parallel import NEEDS, QUESTION_EN
from filters.text import CODE_LOOK, QUESTION

# Without one of these, no English row holds a keyword below.
# fmt: off
CODE_CUES = (
    "print", "console.log", "document.", " in range", "for(", "for (", "if ", "if(", "while", "else", "elif ", "def ",
    "function", "return", "import ", "class ", "FROM", "INTO", "UPDATE", "CREATE TABLE", "</",
)
# fmt: on
TAGS = r"(?:title|body|head|button|form|table|input|link|style|label)"
# A keyword in a place that only code has, and the keyword itself wherever it stands.
KEYWORDS = {
    "print": (r"\bprint(?:ln|f)?\(", r"\bprint\w*\s*\("),
    "console.log": (r"\bconsole\.log\(", r"console\s*\.\s*log"),
    "document": (r"\bdocument\.(?:get|query|write|create|body|add)\w*", r"\bdocument\s?\."),
    "for … in range": (r"\bfor \w+ in range\(", r"\bfor\s+\w+\s+in\s+range"),
    "for": (r"\bfor ?\((?:(?:int|var|let)\s+\w|\w+ ?= ?\d)", r"\bfor\s*\("),
    "if": (rf"\bif\b{CONDITION}", r"\bif\b"),
    "while": (rf"\bwhile\b{CONDITION}", r"\bwhile\b"),
    "else": (r"^[ \t]*else\s*[:{]|\}\s*else\b|^[ \t]*elif\b", r"\b(?:else|elif)\b"),
    "def": (r"\bdef \w+\s?\(", r"\bdef\s"),
    "function": (r"\bfunction\s?\w*\s?\([^)\n]*\)\s*\{", r"\bfunction\b"),
    "return": (r"[{};]\s*return\b[^\n;]{1,60};|^(?:[ ]{2,}|\t+)return\b", r"\breturn\b"),
    "import": (r"^[ \t]*(?:import [\w.]+(?: as \w+)?;?\s*$|from [\w.]+ import )", r"\bimport\b"),
    "class": (r"^[ \t]*(?:public )?class [A-Z]\w*\s?(?:\([\w, ]*\))?\s*[:{]", r"\bclass\b"),
    "SELECT": (r"\bSELECT\b[^;]{1,300}?\bFROM\b", r"\bselect\b[\s\S]+\bfrom\b"),
    "WHERE": (r"\bFROM\b[^;]{1,200}?\bWHERE\b", r"\bwhere\b"),
    "INSERT": (r"\bINSERT INTO\b", r"\binsert\s+into\b"),
    "UPDATE": (r"\bUPDATE \w+ SET\b", r"\bupdate\b[\s\S]+\bset\b"),
    "DELETE": (r"\bDELETE FROM\b", r"\bdelete\s+from\b"),
    "CREATE TABLE": (r"\bCREATE TABLE\b", r"\bcreate\s+table\b"),
    "tags": (rf"</{TAGS}>", rf"</\s?{TAGS}\s?>"),
}
# The same, compiled, with what a translator makes of it.
PATTERNS = tuple(
    (
        re.compile(english, re.MULTILINE),
        re.compile(kept, re.IGNORECASE),
        re.compile(TRANSLATIONS[name], re.IGNORECASE | re.MULTILINE),
    )
    for name, (english, kept) in KEYWORDS.items()
)
ANY_KEYWORD = "(?m)" + "|".join(keyword for keyword, _ in KEYWORDS.values())  # for polars, to narrow
# The pattern for polars, read by Python, which would try every line break of an empty page as a beginning.
CODE = re.compile(CODE_LOOK.replace(r"(?m)^\s*", r"^[ \t]*"), re.MULTILINE)


def translated(english: str, spanish: str) -> tuple[float, str] | None:
    """The first keyword of the English code that the Spanish text lacks: a score and `keyword → what took its place`.

    Score: 1 where its translation is found and was not there before ("mostrar(" in both is a function of that name), 0.7
    where it is only gone and the rest still looks like code.
    """
    gone = None
    for keyword, kept, made in PATTERNS:
        if not (had := keyword.search(english)) or kept.search(spanish):
            continue
        shown = had[0].lstrip("{}; \t\n").rstrip()
        now = next((m[0] for m in made.finditer(spanish) if m[0].lower() not in english.lower()), None)
        if now is not None:
            return 1.0, f"{shown} → {now.strip()}"
        gone = gone or shown
    return (0.7, f"{gone} → ∅") if gone and CODE.search(spanish) else None


@rule(
    defect=10,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.7,
    needs=NEEDS,
    caught=[
        Example(
            "¿Qué muestra este código?",
            "Del 0 al 4.",
            "para i en rango(5): impresión(i)",
            instruction_en="What does this code print?",
            input_en="for i in range(5): print(i)",
        ),
        Example(
            "Explica la consulta.",
            "Lee clientes.",
            "SELECCIONE nombre DE clientes DONDE edad > 30;",
            instruction_en="Explain the query.",
            input_en="SELECT nombre FROM clientes WHERE edad > 30;",
        ),
        Example(
            "Corrige la función.",
            "Falta un paréntesis.",
            "función suma(a, b) { devolver a + b; }",
            instruction_en="Fix the function.",
            input_en="function suma(a, b) { return a + b; }",
        ),
    ],
    spared=[
        Example(
            "¿Qué muestra este código?",
            "Del 0 al 4.",
            "for i in range(5):\n    print(i)",
            instruction_en="What does this code print?",
            input_en="for i in range(5):\n    print(i)",
        ),
        Example("Escribe una función que devuelva la suma.", "…", instruction_en="Write a function to return the sum."),
        Example(
            "Ordena los medios impresos (y digitales) si hay más de 3.",
            "…",
            instruction_en="Sort the print (and digital) media if there are more than 3.",
        ),
        Example(
            "Corrige la frase.",
            "…",
            "Si el 50 % (o x > 3) se va, devuelve el libro; algo más: avisa.",
            instruction_en="Correct the sentence.",
            input_en="If 50% (or x > 3) leave, return the book; anything else: call.",
        ),
        Example(
            "Completa el pseudocódigo.",
            "…",
            "si x > 3: imprimir(x)",
            instruction_en="Complete the pseudocode.",
            input_en="if x > 3: print(x)",
        ),
        Example("¿Qué muestra este código?", "Del 0 al 4.", "para i en rango(5): imprimir(i)"),
    ],
)
def translated_keywords(rows: pl.DataFrame) -> pl.DataFrame:
    """Keywords or calls of the English row's code were translated in the Spanish one, which no longer runs.

    Source: defect 10 of the table, with the English row as oracle. Score: 1 where the translation is seen in the
    keyword's place, 0.7 where the keyword is gone and the rest still looks like code. Pseudocode is spared: there, a
    translated keyword is right.
    """
    coded = rows.filter(QUESTION_EN.str.contains_any(list(CODE_CUES)) & (QUESTION != QUESTION_EN))
    texts = coded.filter(QUESTION_EN.str.contains(ANY_KEYWORD)).filter(~QUESTION.str.contains(PSEUDOCODE_TASK))
    texts = texts.select("row", QUESTION.alias("spanish"), QUESTION_EN.alias("english"))
    return findings_by_row(texts, lambda row: translated(row["english"], row["spanish"]))
