"""Tasks about the form of words."""

CORRECTION_TASK = (
    r"(?i)\b(?:corrig\w+|corrij\w+|correg\w+|correcci[oó]n|errores? (?:gramatical|ortogr[aá]fic|de)\w*|gram[aá]tica|ortograf[ií]a|revisa\w*|arregla\w*|"
    r"encuentra (?:el|los) error\w*|identifica (?:el|los) error\w*|edit[ae]\w*)\b"
)
# A task about punctuation or capitals.
MARKS_TASK = r"(?i)puntua|may[uú]scul|min[uú]scul|comas?\b|signos"

# Literals of which every task about the form of words has one.
WORD_FORM_HINTS = [
    *("rima", "rime", "anagrama", "ndrom", "deletre", "letra", "vocal", "laba", "consonante", "caracteres"),
    *("palabra", "haiku", "aliteraci", "stic", "trabalenguas", "empie", "comie", "termin", "acab", "fon"),
]
WORD_FORM_TASK = (
    r"(?i)\b(?:rim(?:a|an|as|e|en|ar)\b|anagramas?|pal[ií]ndrom\w+|deletre\w+|cu[aá]ntas (?:letras|vocales|consonantes|s[ií]labas)|n[uú]mero de (?:letras|vocales|s[ií]labas|caracteres)|"
    r"cuent[ae] (?:las|los|el n[uú]mero de) (?:letras|vocales|consonantes|s[ií]labas|caracteres)|palabras? que (?:empie|comien|termin|conten|contien|acab|rim)\w+|s[ií]labas|haikus?|aliteraci\w+|"
    r"acr[oó]stic\w+|trabalenguas|(?:empiec|empiez|comienc|comienz|termin|acab)\w+ (?:por|con|en) (?:la letra|«|\"|')|la letra [«\"']?\w[»\"']?(?:\W|$)|hom[oó]fon\w+|juegos? de palabras)"
)
UNRHYMED_TASK = r"(?i)\bsin rimas?\b|verso libre"
