"""How Spanish addresses its reader: tú, usted, vos, vosotros, by pronouns and by imperatives that begin a sentence.

The forms are those of the grammar; what is left out is left out because it says something else as well: "su" and "le" are also
those of he and she, "cuenta", "cita" and "lista" are nouns, "ustedes" is several people anywhere.
"""

# Infinitive, imperative of tú, of usted; `-` where the form begins other sentences as well ("Nombre del autor").
_VERBS = """
agregar agrega agregue; analizar analiza analice; añadir añade añada; aplicar aplica aplique; ayudar ayuda ayude; buscar busca
busque; calcular calcula calcule; cambiar cambia cambie; clasificar clasifica clasifique; comparar compara compare; completar
completa complete; construir construye construya; convertir convierte convierta; corregir corrige corrija; crear crea -;
definir define defina; describir describe describa; diseñar diseña diseñe; editar edita edite; elaborar elabora elabore;
elegir elige elija; eliminar elimina elimine; encontrar encuentra encuentre; enumerar enumera enumere; escoger escoge escoja;
escribir escribe escriba; evaluar evalúa evalúe; explicar explica explique; generar genera genere; hacer - haga; identificar
identifica identifique; imaginar imagina imagine; indicar indica indique; inventar inventa invente; leer lee lea; mencionar
menciona mencione; modificar modifica modifique; mostrar muestra muestre; nombrar nombra -; ofrecer ofrece ofrezca; ordenar
ordena ordene; organizar organiza organice; parafrasear parafrasea parafrasee; pensar piensa piense; poner - ponga; predecir
predice prediga; preparar prepara prepare; proponer - proponga; proporcionar proporciona proporcione; realizar realiza
realice; recomendar recomienda recomiende; redactar redacta redacte; reemplazar reemplaza reemplace; reescribir reescribe
reescriba; reformular reformula reformule; reordenar reordena reordene; resolver resuelve resuelva; responder responde
responda; resumir resume resuma; revisar revisa revise; seleccionar selecciona seleccione; simplificar simplifica simplifique;
sugerir sugiere sugiera; sustituir sustituye sustituya; traducir traduce traduzca; transformar transforma transforme; usar usa
-; utilizar utiliza utilice; verificar verifica verifique; decir - diga; dar da dé; contar - cuente; hablar habla
hable; obtener - obtenga; comenzar - comience; asegurar - asegúrese; recordar - recuerde; mezclar - mezcle; agitar - agite;
hervir - hierva; cocinar - cocine; evitar - evite; visitar - visite; consultar - consulte;
mantener - mantenga; colocar - coloque; abrir - abra; tener - tenga; intentar - intente; practicar - practique; escuchar
escucha escuche; presionar - presione; seguir - siga; beber - beba; comer - coma; dormir - duerma; considerar - considere
"""
_CLITICS = r"(?:me|nos|lo|la|los|las|le|les|selo|sela|melo|mela)"
# Imperatives of tú that are nothing else: irregular, or with a pronoun at their end.
_OF_TU = (
    r"haz|di|pon|propón|compón|obtén|expón|mantén|ten en cuenta|"
    rf"(?:di|da|haz|pon|cuénta|explíca|descríbe|escríbe|muéstra|ayúda|recomiénda|sugiére|indíca|hábla|proporcióna|enséña|resúme|tradúce|"
    rf"corríge|ordéna|clasifíca|reescríbe|conviérte|complét[ae]|identifíca|utilíza|úsa){_CLITICS}|asegúrate|imagínate|fíjate"
)
_OF_USTED = (
    rf"(?:díga|dé|de|hága|pónga|cuénte|explíque|descríba|escríba|muéstre|ayúde|recomiénde|sugiéra|indíque|háble|proporcióne|enséñe|resúma|"
    rf"tradúzca|corríja|ordéne|clasifíque|reescríba|conviérta|identifíque|utilíce){_CLITICS}|asegúrese|imagínese|fíjese|"
    r"(?:cree|nombre|use|corte|cite) (?:un|una|unos|unas|el|la|los|las|al menos|dos|tres|cuatro|cinco|\d+)"
)
# With a pronoun only where the stem differs from that of tú: "explicame" may be a tú without its accent.
_OF_VOS = r"(?:deci|hace|pone|conta|mostra|recomenda|sugeri|escribi|describi|traduci|corregi|resumi|elegi)(?:me|lo|la|los|las|le|les|nos)|andá|fijate"
# Forms that a vos shares with other words.
_NOT_OF_VOS = ("leé",)

_ROWS = [entry.split() for entry in _VERBS.split(";")]
_LAST = {"ar": "á", "er": "é", "ir": "í"}


def _either(words: list[str]) -> str:
    return "|".join(sorted({word for word in words if word != "-" and word not in _NOT_OF_VOS}))


_TU = _either([row[1] for row in _ROWS])
_USTED = _either([row[2] for row in _ROWS])
_VOS = _either([row[0][:-2] + _LAST[row[0][-2:]] for row in _ROWS])
_VOSOTROS = _either([row[0][:-1] + "d" for row in _ROWS])
_PLEASE = r"(?:(?:por favor|ahora|primero|luego|después|a continuación|finalmente)\W{1,3})?"
# Where a text begins, its number or label aside; and where any sentence does.
_FIRST = rf"^[^\p{{L}}¿?]*(?i:{_PLEASE})"
_SENTENCE = rf"(?:^|[.!?:;…]\s|\n)[ 0-9.)*#(•·¡>-]*(?i:{_PLEASE})"

# One sign each, as the pattern's group. Of tú and vos plain imperatives count only where the text begins: elsewhere they are a
# third person ("Juan es autor. Escribe novelas.") or a first ("Escribí una carta."). Capitals tell "ti" from "TI". No `\b`: beside
# letters with accents it makes the search many times slower.
_OPEN, _END = r"(?:^|\P{L})", r"(?:\P{L}|$)"
FIRST = {"tú": rf"{_FIRST}((?i:{_TU})){_END}", "vos": rf"{_FIRST}((?i:{_VOS})){_END}"}
SIGN = {
    "tú": rf"{_OPEN}([Tt]ú|contigo|tuy[oa]s?){_END}|{_SENTENCE}((?i:{_OF_TU})){_END}",
    "usted": rf"{_OPEN}([Uu]sted|Ud\.){_END}|{_SENTENCE}((?i:{_USTED}|{_OF_USTED})){_END}",
    "vos": rf"{_OPEN}([Vv]os){_END}|{_SENTENCE}((?i:{_OF_VOS})){_END}",
    "vosotros": rf"{_OPEN}([Vv]osotr[oa]s|[Vv]uestr[oa]s?){_END}|{_SENTENCE}((?i:{_VOSOTROS})){_END}",
}
# What vos has in common with tú.
OF_BOTH = rf"{_OPEN}([Tt]e|[Tt]us?|ti){_END}"
# What somebody else says, or is told: it is not how the row addresses its reader. No opening mark stands inside: one that is
# never closed would be read to the text's end again at each quotation after it.
QUOTED = r"«[^«»]*»|“[^“”]*”|\"[^\"\n]*\"|‘[^‘’\n]*’|(?:^|\s)'[^'\n]*'|`[^`\n]*`"
# A dialogue, a letter, verses: the answer speaks to somebody of its own.
SPEECH = (
    r"(?m)^\s*[—–-]\s?[¿¡]|^\s*[—–]\s?\p{Lu}|^\s*\p{Lu}\p{Ll}+:\s[¿¡\p{Lu}]|^\W*(?i:querid[oa]s?|estimad[oa]s?|hola|buen[oa]s (?:días|tardes))\b|"
    r"^\W*(?i:asunto:|atentamente|saludos|cordialmente)|^\W*(?i:verso|estribillo|coro|título)\b"
)
# A task whose answer speaks to readers of its own, besides those of `tasks.VOICE_TASK`.
WRITING_TASK = (
    r"(?i)^[^\p{L}]*(?:por favor\W+)?(?:escrib|redact|reescrib|traduc|tradúz|tradúc|corri|correg|edit|parafras|reformul|cre[ae]r?\b|gener|compon|compón|"
    r"diseñ|invent|complet|transform|conviert|cambi|elabor|reemplaz|resum)\p{L}*|"
    r"\b(?:anuncio|eslogan|lema|publicidad|publicación|tuit|blog|artículo|ensayo|invitación|felicitación|tarjeta|receta|instrucciones|manual|guía|"
    r"encuesta|cuestionario|preguntas|pregunta|citas?|consejos?|letra|poesía|entrevista|canción|refrán|refranes|dicho|proverbio|título|titular)\b"
)
GRAMMAR_TASK = r"(?i)\b(?:verbos?|verbal(?:es)?|pronombres?|conjug\p{L}*|gram[aá]tica\p{L}*|tuteo|voseo|cortesía|persona del (?:singular|plural))\b"
