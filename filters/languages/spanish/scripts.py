"""Scripts that Spanish does not use, and the tasks that may."""

# Letters of scripts that Spanish does not use. Greek is left out: it writes mathematics.
FOREIGN_SCRIPT = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Thai}\p{Devanagari}]"

SCRIPT_TASK = r"(?i)\b(?:alfabeto|escritura|kanji|cir[ií]lic\w+|hiragana|caracteres|unicode|ideogramas?|letras?|s[ií]mbolos?|etimolog\w+)\b"
