"""Tasks by what a Spanish question says, read on instruction and input together."""

# A task whose subject is a computer language or markup. Read on instruction and input together.
CODE_TASK = (
    r"(?i)\b(?:c[oó]digo|python|java|javascript|typescript|sql|mysql|html|css|xml|xhtml|svg|json|yaml|php|bash|c\+\+|c#|"
    r"regex|expresi[oó]n regular|script|programar|programaci[oó]n|programa (?:que|en|para)|algoritmo|función que|etiquetas? html|react|jquery|terminal|"
    r"comando|consulta sql|latex|matplotlib)\b"
)
# A task that asks for another language, or is about one. An adjective alone ("sellos chinos", "yogur griego") is neither.
LANGUAGE_NAMES = (
    r"(?:ingl[eé]s|franc[eé]s|alem[aá]n|italiano|portugu[eé]s|catal[aá]n|valenciano|gallego|vasco|euskera|lat[ií]n|rumano|holand[eé]s|"
    r"neerland[eé]s|sueco|noruego|dan[eé]s|finland[eé]s|h[uú]ngaro|checo|polaco|turco|ruso|chino|mandar[ií]n|canton[eé]s|japon[eé]s|coreano|"
    r"[aá]rabe|hebreo|griego|hindi|ucraniano|quechua|n[aá]huatl|guaran[ií]|maya|aimara|swahili|vietnamita|tailand[eé]s|esperanto|indonesio)"
)
OTHER_LANGUAGE_TASK = (
    r"(?i)\b(?:traduc\w*|trad[uú]zc\w*|tradúc\w*|idiomas?|lenguas?|biling[üu]e|spanglish|translate\w*|pronuncia\w*|english|french|"
    r"(?:present|past) (?:simple|perfect|continuous))\b|"
    r"\b(?:en|al|del?|lengua|idioma|palabras?|frases?|oraci[oó]n|texto|gram[aá]tica|vocabulario|t[eé]rminos?|expresi[oó]n|verbos?|hablar?|"
    rf"aprende[rn]?|aprendiendo|estudi\w+|significa|adjetivos?|sustantivos?|escrib\w+|versi[oó]n|traducci[oó]n)\s+(?:el\s)?{LANGUAGE_NAMES}\b|"
    rf"\b{LANGUAGE_NAMES}\s+(?:a|al|y)\s+(?:el\s)?(?:espa[ñn]ol|castellano|{LANGUAGE_NAMES})\b"
)
# A task whose answer speaks in someone else's voice: what it says is not what the model says of itself.
VOICE_TASK = (
    r"(?i)\b(?:carta|correo|e-?mail|mensaje|di[aá]logo|conversaci[oó]n|guion|gui[oó]n|escena|cuento|historia|relato|poema|canci[oó]n|"
    r"(?:qu[eé]|c[oó]mo) (?:contest\w*|respond\w*|dir[ií]as?|(?:debo|puedo|podr[ií]a) (?:decir|responder|contestar))|"
    r"discurso|personaje|interpreta|act[uú]a como|hazte pasar|finge|imagina que eres|simula|atenci[oó]n al cliente|servicio al cliente|"
    r"reclamaci[oó]n|queja|excusas?|pretextos?|disculp\w*|perd[oó]n|lamentar?|respuesta autom[aá]tica|plantilla|rese[ñn]a|tuit|frase|oraci[oó]n|reescrib\w*|"
    r"reformul\w*|parafrase\w*|traduc\w*|tradúc\w*|corri\w+|complet\w+|convier\w+)\b"
)
AI_TASK = (
    r"(?i)(?:\bIA\b|inteligencias? artificial(?:es)?|modelos? (?:grandes )?de lenguaje|chatbots?|asistentes? (?:virtual(?:es)?|de voz|digital(?:es)?)|"
    r"chat\s?gpt|openai|\bgpt|redes? neuronal(?:es)?|aprendizaje autom[aá]tico|\bsiri\b|\balexa\b)"
)
