"""Markers of chats and templates, of no answer and of blanks, and the tasks that may hold them."""

HEADER = r"(?:instrucci[oó]n(?:es)?|instruction|entrada|input|respuesta|response|output|salida)"
ASKS = r"(?mi)^\s*\**(?:human|user|usuario|humano|usuaria)\**\s*:.*$"
ANSWERS = r"(?mi)^\s*\**(?:assistant|asistente|ai|ia|bot|chatbot|gpt)\**\s*:"
# Literals of which every marker has one.
MARKER_HINTS = [
    *("##", "<|", "inst]", "sys>>", "human:", "user:", "usuario:", "usuaria:", "humano:", "assistant:", "system:"),
    *("human*", "usuario*", "user*", ". instruc", ". entrada", ". input", ". respuesta", ". response"),
    *(". output", ". salida", "</s>", "p:", "q:", "pregunta:", "pregunta*", "b:"),
]
# A further question after an answer, invented; and tasks that ask for questions and answers.
FURTHER = r"(?m)\n\s*\**(?:P|Q|Pregunta|B)\**\s*:\s\S.*$"
QUESTIONS_TASK = r"(?i)\b(?:preguntas|cuestionario|adivinanzas?|faq|examen|test|chistes?|opciones|quiz|tarjetas|trivia|debate|personajes?|obra|escena)\b|(?m)^\s*(?:P|Q|A|B)\s*:"
# A fact that is left open in the very sentence that states it.
OPEN_SLOT = r"(?i)\b(?:es|son|est[aá]|fue|tiene|se llama|cuesta|:)\s+(?:\p{Ll}+ ){0,2}\[[\p{L} /,]{3,60}\]"
# The picture, the sound … that was asked for, in brackets, and nothing else.
STAND_IN = r"(?i)^\W*\[[^\[\]\n]{0,80}\b(?:im[aá]gen|ilustraci[oó]n|gr[aá]fic[oa]|dibujo|diagrama|foto(?:graf[ií]a)?|audio|v[ií]deo|mapa|logotipo|canci[oó]n|sonido|adjunt[oa])\b[^\[\]]{0,400}\]\W*$"
DIALOGUE_TASK = r"(?i)\b(?:di[aá]logo|conversaci[oó]n|chat|chatbot|guion|gui[oó]n|entrevista|transcripci[oó]n|charla|bot|asistente)\b"
NO_OUTPUT = (
    r"(?i)^[\s<(\[{\"'*.\-]*(?:no\s?-?output|nooutput|no (?:hay )?(?:salida|respuesta)|sin (?:ninguna )?(?:salida|respuesta)|n/a|null|"
    r"ninguna (?:salida|respuesta)|salida vac[ií]a|respuesta vac[ií]a|no aplicable|[.…]{1,6}|sin comentarios|ning[uú]n comentario|\(?vac[ií]o\)?|no aplica)[\s>)\]}\"'*.]*$"
)
FILL_IN = (
    r"(?i)\[[^\[\]\n]{0,12}(?:insert\w*|ins[eé]rt\w*|introdu\w*|escrib[ae]\w*|a[ñn]ad[ae]\w*|complet[ae]\w*|rellen\w*|pon\w* aqu[ií]|aqu[ií]|tu nombre|su nombre|nombre|fecha|empresa|cargo|ciudad|producto|direcci[oó]n|tel[eé]fono)[^\[\]\n]{0,50}\]|"
    r"<(?:insert\w*|introdu\w*|tu nombre|su nombre)[^<>\n]{0,40}>|\blorem ipsum\b[^.\n]{0,40}|\bX{3,}\b|(?-i:\bTODO\b:?)"
)
# What every blank has: brackets around words, or a word for a text to come.
BLANK = r"\[[^\[\]\n]{0,80}\]|<[^<>\n]{3,60}>|(?i:lorem ipsum)|[Xx]{3}|TODO"
FORM_TASK = (
    r"(?i)\b(?:carta|correo|e-?mail|plantilla|formulario|curr[ií]culum|curr[ií]culo|invitaci[oó]n|contrato|discurso|mensaje|anuncio|gui[oó]n|guion|nota|"
    r"solicitud|respuesta|presentaci[oó]n|informe|memorando|circular|modelo|esquema|biograf[ií]a|comunicado|tarjeta|rese[ñn]a|poema|diálogo|relleno|lorem)\b"
)
ROMAN_TASK = r"(?i)roman"
