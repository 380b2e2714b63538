"""Keywords of programming languages, and what a translator makes of them."""

import re

from filters.languages.spanish.keywords import CONDITION, TRANSLATIONS
from filters.text import CODE_LOOK

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
