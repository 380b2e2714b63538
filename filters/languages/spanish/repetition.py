"""Tasks that may repeat words, and the words that an answer adds without saying anything."""

REWRITE_TASK = (
    r"(?i)\b(?:re(?:escrib|formul|dact|word|ordena|orgaliza|organiz)\w*|parafrase\w*|corri[gj]\w*|correg\w*|corrección|clasific\w*|complet[ae]\w*|edit[ae]\w*|modific\w*|"
    r"convi[eé]rt\w*|convert\w*|transform\w*|trad[uú]\w*|cambi\w*|sustitu\w*|reemplaz\w*|a[ñn]ad\w*|agreg\w*|inserta\w*|elimin\w*|puntua\w*|subray\w*|orden[ae]\w*|rep[ií]t\w*|"
    r"copi[ae]\w*|cita\w*|transcri\w*|extra[ei]\w*|identifi[cq]\w*|encuentr\w*|elige\w*|escoge\w*|selecciona\w*|cu[aá]l de|format\w*|mejor[ae]\w*|acort\w*|resum\w*|pasa a|pon en|"
    r"verdader[oa]|adecuad\w*|apropiad\w*|deletre\w*|separ\w*|divid\w*|une|combin\w*|gramatical\w*|ortogr\w*|errores|tiempo verbal|voz pasiva|voz activa|plural|singular|may[uú]sculas|min[uú]sculas)\b"
)
QUESTION_WORD = r"(?i)\b(?:qué|que|cómo|cuál|cuáles|quién|quiénes|dónde|cuándo|cuánt[oa]s?|por qué)\b"
STATEMENT_VERBS = {
    *("es", "son", "era", "eran", "fue", "fueron", "sería", "serían", "está", "están", "hay", "tiene", "tienen"),
    *("incluyen", "llama"),
}
LITTLE_WORDS = {
    *("a", "al", "de", "del", "el", "en", "es", "la", "las", "lo", "los", "que", "respuesta", "se", "son", "un"),
    *("una", "y"),
}
LYRICS_TASK = r"(?i)\b(?:poema|poes[ií]a|canci[oó]n|letra|estribillo|villancico|nana|rap|verso|oraci[oó]n|himno|rima|trabalenguas|letan[ií]a|mantra|an[aá]fora)\b|\b(?:repit[ae]|repetir|escrib[ae]|di)\b[^.\n]{0,60}\b(?:veces|(?:la|una|esta) (?:misma )?(?:palabra|frase|l[ií]nea|s[ií]laba))\b|\bse repit\w+|\brepetici[oó]n de\b"
# Answers of a list in which the same few come again rightly: yes and no, true and false, classes.
VERDICTS = {
    *(
        "sí",
        "no",
        "verdadero",
        "falso",
        "verdadera",
        "falsa",
        "v",
        "f",
        "positivo",
        "negativo",
        "neutral",
        "neutro",
        "correcto",
        "incorrecto",
    ),
    *("positiva", "negativa", "par", "impar", "null", "none", "true", "false"),
}
