"""Keywords of programming languages, and what a translator makes of them."""

import re

from filters.text import CODE_LOOK

# Without one of these, no English row holds a keyword below.
# fmt: off
CODE_CUES = (
    "print", "console.log", "document.", " in range", "for(", "for (", "if ", "if(", "while", "else", "elif ", "def ",
    "function", "return", "import ", "class ", "FROM", "INTO", "UPDATE", "CREATE TABLE", "</",
)
# fmt: on
# A condition and the beginning of what depends on it. "If x > 3, then" is mathematics, "if 5 % stay:" is prose.
CONDITION = r"\s?\(?[^\n;{:]{0,40}(?:==|!=|<=|>=|[<>])[^\n;{:]{0,40}(?:\{|:\s*(?:$|\w+\s?[=(]|return|break|continue|retorn|dev|romp))"
TAGS = r"(?:title|body|head|button|form|table|input|link|style|label)"
# A keyword in a place that only code has, the keyword itself, and what a translator makes of it.
KEYWORDS = tuple(
    (re.compile(english, re.MULTILINE), re.compile(kept, re.IGNORECASE), re.compile(made, re.IGNORECASE | re.MULTILINE))
    for english, kept, made in (
        (r"\bprint(?:ln|f)?\(", r"\bprint\w*\s*\(", r"\bimpr\w+\s?\(|\b(?:escrib|mostr|muestr)\w+\s?\("),
        (r"\bconsole\.log\(", r"console\s*\.\s*log", r"\bconsol[ae]\s?\.\s?\w+"),
        (r"\bdocument\.(?:get|query|write|create|body|add)\w*", r"\bdocument\s?\.", r"\bdocumento\s?\.\s?\w+"),
        (
            r"\bfor \w+ in range\(",
            r"\bfor\s+\w+\s+in\s+range",
            r"\bpara\s+(?:cada\s+)?\w+\s+(?:en|in)\s+(?:el\s+)?(?:rango|range|gama)\b|\bfor\s+\w+\s+en\b|\brango\s?\(",
        ),
        (r"\bfor ?\((?:(?:int|var|let)\s+\w|\w+ ?= ?\d)", r"\bfor\s*\(", r"\bpara\s*\("),
        (rf"\bif\b{CONDITION}", r"\bif\b", rf"\bsi\b{CONDITION}"),
        (rf"\bwhile\b{CONDITION}", r"\bwhile\b", rf"\bmientras(?: que)?\b{CONDITION}"),
        (
            r"^[ \t]*else\s*[:{]|\}\s*else\b|^[ \t]*elif\b",
            r"\b(?:else|elif)\b",
            r"\b(?:de lo contrario|si ?no|otro|más)\s*[:{]",
        ),
        (r"\bdef \w+\s?\(", r"\bdef\s", r"\b(?:definir|definición|define|definido|función)\s+\w+\s?\("),
        (r"\bfunction\s?\w*\s?\([^)\n]*\)\s*\{", r"\bfunction\b", r"\bfunci[oó]n\s?\w*\s?\("),
        (
            r"[{};]\s*return\b[^\n;]{1,60};|^(?:[ ]{2,}|\t+)return\b",
            r"\breturn\b",
            r"\b(?:devolver|devuelve|devuelva|retornar?|retorno|regresar?|regreso|volver)\b",
        ),
        (r"^[ \t]*(?:import [\w.]+(?: as \w+)?;?\s*$|from [\w.]+ import )", r"\bimport\b", r"\bimportar?\s"),
        (r"^[ \t]*(?:public )?class [A-Z]\w*\s?(?:\([\w, ]*\))?\s*[:{]", r"\bclass\b", r"\bclase\s+\w+\s?[:{(]"),
        (
            r"\bSELECT\b[^;]{1,300}?\bFROM\b",
            r"\bselect\b[\s\S]+\bfrom\b",
            r"\b(?:SELECCION\w+|SELECT)\b[^\n]{1,200}\b(?:DE|DESDE|DEL|FROM)\b",
        ),
        (r"\bFROM\b[^;]{1,200}?\bWHERE\b", r"\bwhere\b", r"\bDONDE\b"),
        (r"\bINSERT INTO\b", r"\binsert\s+into\b", r"\b(?:INSERTAR?|INSERTE|INSERT)\s+EN\b"),
        (r"\bUPDATE \w+ SET\b", r"\bupdate\b[\s\S]+\bset\b", r"\bACTUALI[ZC]\w+\b|\b(?:ESTABLE[CZ]\w+|CONJUNTO)\b"),
        (r"\bDELETE FROM\b", r"\bdelete\s+from\b", r"\b(?:ELIMIN|BORR|SUPRIM)\w+\s+(?:DE|DESDE|FROM)\b"),
        (r"\bCREATE TABLE\b", r"\bcreate\s+table\b", r"\b(?:CREAR?|CREE)\s+(?:LA\s+|UNA\s+)?TABLA\b"),
        (
            rf"</{TAGS}>",
            rf"</\s?{TAGS}\s?>",
            r"</\s?(?:título|cuerpo|cabez\w+|botón|formulario|forma|tabla|mesa|entrada|enlace|estilo|etiqueta)\s?>",
        ),
    )
)
ANY_KEYWORD = "(?m)" + "|".join(keyword.pattern for keyword, _, _ in KEYWORDS)  # for polars, to narrow
# The pattern for polars, read by Python, which would try every line break of an empty page as a beginning.
CODE = re.compile(CODE_LOOK.replace(r"(?m)^\s*", r"^[ \t]*"), re.MULTILINE)


def translated(english: str, spanish: str) -> tuple[float, str] | None:
    """The first keyword of the English code that the Spanish text lacks: a score and `keyword → what stands there`.

    Score: 1 where its translation stands there and did not before ("mostrar(" in both is a function of that name), 0.7
    where it is only gone and the rest still looks like code.
    """
    gone = None
    for keyword, kept, made in KEYWORDS:
        if not (had := keyword.search(english)) or kept.search(spanish):
            continue
        shown = had[0].lstrip("{}; \t\n").rstrip()
        now = next((m[0] for m in made.finditer(spanish) if m[0].lower() not in english.lower()), None)
        if now is not None:
            return 1.0, f"{shown} → {now.strip()}"
        gone = gone or shown
    return (0.7, f"{gone} → ∅") if gone and CODE.search(spanish) else None
