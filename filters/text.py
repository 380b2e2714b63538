"""Expressions that several rules share: what a row's text is about and what of it is prose."""

import polars as pl

QUESTION = pl.concat_str("instruction", pl.lit("\n"), "input")

URL = r"(?:https?://|www\.)[^\s<>\"')\]]+"

# A task whose subject is a computer language or markup. Read on instruction and input together.
CODE_TASK = (
    r"(?i)\b(?:c[oó]digo|python|java|javascript|typescript|sql|mysql|html|css|xml|xhtml|svg|json|yaml|php|bash|c\+\+|c#|"
    r"regex|expresi[oó]n regular|script|programa(?:r|ción)?|algoritmo|función que|etiquetas? html|react|jquery|terminal|"
    r"comando|consulta sql|latex|matplotlib)\b"
)
# Code by its look: fences, tags, statements, calls, operators that prose does not use.
CODE_LOOK = (
    r"```|</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|(?m)^\s*(?:def|class|import|from|function|const|let|var|public|private|#include|SELECT|INSERT|UPDATE|CREATE|"
    r"while|for|if|return|print|echo|sudo)\b.*[({;:=*]|\w\(\)|[=!]==?|=>|->|\{\{|&&|\|\||;\s*$"
)

# A task that asks for another language, or is about one.
OTHER_LANGUAGE_TASK = (
    r"(?i)\b(?:traduc\w*|tradúc\w*|traduzc\w*|idiomas?|lenguas?|biling[üu]e|ingl[eé]s(?:a|as|es)?|franc[eé]s(?:a|as|es)?|alem[aá]n(?:a|as|es)?|"
    r"italian[oa]s?|portugu[eé]s(?:a|as|es)?|catal[aá]n(?:a|as|es)?|galleg[oa]s?|vasc[oa]s?|euskera|lat[ií]n|ruman[oa]s?|holand[eé]s|neerland[eé]s|"
    r"sueco|polac[oa]|turc[oa]|rus[oa]s?|chin[oa]s?|mandar[ií]n|japon[eé]s(?:a|as|es)?|corean[oa]s?|[aá]rabes?|hebre[oa]s?|grieg[oa]s?|hindi|"
    r"ucranian[oa]s?|quechua|n[aá]huatl|guaran[ií]|maya|aimara|swahili|vietnamita|tailand[eé]s|english|french|german|spanglish|translate)\b"
)

# A task whose answer speaks in someone else's voice: what it says is not what the model says of itself.
VOICE_TASK = (
    r"(?i)\b(?:carta|correo|e-?mail|mensaje|di[aá]logo|conversaci[oó]n|guion|gui[oó]n|escena|cuento|historia|relato|poema|canci[oó]n|"
    r"discurso|personaje|interpreta|act[uú]a como|hazte pasar|finge|imagina que eres|simula|atenci[oó]n al cliente|servicio al cliente|"
    r"reclamaci[oó]n|queja|disculp\w*|perd[oó]n|lamentar?|respuesta autom[aá]tica|plantilla|rese[ñn]a|tuit|frase|oraci[oó]n|reescrib\w*|"
    r"reformul\w*|parafrase\w*|traduc\w*|tradúc\w*|corri\w+|complet\w+|convier\w+)\b"
)

AI_TASK = (
    r"(?i)(?:\bIA\b|inteligencias? artificial(?:es)?|modelos? (?:grandes )?de lenguaje|chatbots?|asistentes? (?:virtual(?:es)?|de voz|digital(?:es)?)|"
    r"chat\s?gpt|openai|\bgpt|redes? neuronal(?:es)?|aprendizaje autom[aá]tico|\bsiri\b|\balexa\b)"
)


def normalized(field: pl.Expr) -> pl.Expr:
    """Lower-case words separated by single spaces, punctuation gone, numbers and accents kept."""
    return field.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def prose(field: pl.Expr) -> pl.Expr:
    """The text without what has no language: code, tags, placeholders, addresses, numbers, symbols."""
    text = field.str.replace_all(r"(?s)```.*?(?:```|\z)|\$\$.*?\$\$", " ")
    text = text.str.replace_all(r"`[^`\n]*`|\{\{[^{}\n]*\}\}|<[^<>\n]{1,200}>|" + URL + r"|\S+@\S+\.\S+", " ")
    return text.str.replace_all(r"[\d_=+*/\\|#~^$%&@{}\[\]<>]+|\s+", " ").str.strip_chars()
