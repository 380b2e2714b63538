"""How Spanish is told from other languages."""

from filters.languages.pack import Detection, Neighbour
from filters.languages.spanish.scripts import FOREIGN_SCRIPT
from filters.languages.spanish.tasks import CODE_TASK, OTHER_LANGUAGE_TASK

# Words of Spanish instructions that Galician, Portuguese and Catalan write otherwise; the last line's are Catalan, Italian or French too,
# and count because those languages bring others along.
OWN_WORDS = (
    r"(?i)¿|\b(?:y|los|las|qué|cuál|cuáles|cómo|cuándo|dónde|quién|quiénes|cuánt[oa]s?|más|muy|también|hay|siguientes?|según|hacer|haz|"
    r"dame|ciudad|ciudades|ejemplos?|respuestas?|dime|tus|puedes?|puedo|tienen?|tienes|hombres?|mujer|mujeres|cuentos?|juegos?|nuev[oa]s?|"
    r"mejor|mejores|ahora|oraciones|canciones|nombra|cuenta|resumen|conviert[ea]|verdadero|escribir|encuentra|estos|estas|hasta|hoy|lugar|españolas?|español|"
    r"el|la|una|del|lo)\b"
)
# The commonest of these, as literals: where one stands, no pattern need be read.
OWN_HINTS = (
    "¿",
    " el ",
    " la ",
    " los ",
    " las ",
    " una ",
    " del ",
    " y ",
    " lo ",
    " más ",
    " siguiente ",
    " ejemplo ",
    " según ",
)
# Function words of Galician, Portuguese, Catalan, French, Italian, English, Romanian, German and Basque that are no Spanish words.
OTHER_WORDS = (
    r"(?i)\b(?:os|as|um|uma|unha|do|das|na|nas|não|non|em|com|são|é|você|seu|sua|súa|seus|mais|máis|moi|cal|cales|qual|quais|ao|aos|á|à|pelo|pela|polo|pola|"
    r"co|coa|cos|coas|foi|isto|isso|hai|quen|onde|cando|nun|nunha|dun|dunha|num|numa|desta|deste|cun|cunha|ou|tamén|também|"
    r"els|les|i|amb|per|què|quin|quina|quins|quines|és|més|dels|als|pel|aquest|aquesta|aquests|també|són|mentre|escriu|fes|qui|pot|hi|cap|quants?|quan|món|seva|teva|llum|"
    r"le|des|du|et|est|une|dans|pour|quel|quelle|quels|quelles|sur|avec|cette|il|sont|"
    r"gli|di|che|è|della|delle|dei|nel|nella|sono|quali|quale|"
    r"the|of|and|to|is|in|what|how|are|with|for|this|that|you|your|from|serve|write|about|explain|why|where|which|does|an|be|it|"
    r"și|în|care|din|cu|der|und|ist|die|eta|zer|dira|ez|seguintes?|três|aínda|ainda|canto|exemplos?)\b|"
    r"\b[ldsn][’']\p{L}|(?:ção|ções|ões|xión|xións|ció)\b"
)

DETECTION = Detection(
    fasttext="es",
    langdetect="es",
    # langdetect has no Galician, and fastText lets it through as Spanish.
    neighbour=Neighbour("gl", threshold=0.15),
    function_words=r"(?:^|\s)(?:el|los|las|una|y|con|del|es|son|más|muy|pero|también|está|están|se)(?:\s|$)",
    own_words=OWN_WORDS,
    own_hints=OWN_HINTS,
    other_words=OTHER_WORDS,
    foreign_script=FOREIGN_SCRIPT,
    other_language_task=OTHER_LANGUAGE_TASK,
    code_task=CODE_TASK,
)
