"""Rows whose task cannot be done with what the row holds."""

import polars as pl

from filters.rule import Example, findings, rule
from filters.text import CODE_TASK, QUESTION, URL, VOICE_TASK

THING = (
    r"(?:textos?|informaci[oó]n|art[ií]culos?|entradas?|datos|contexto|detalles|im[aá]gen(?:es)?|enlaces?|frases?|oraci[oó]n(?:es)?|listas?|documentos?|"
    r"contenidos?|pregunta|input|archivos?|tablas?|c[oó]digo|p[aá]rrafos?|poema|pasaje|fragmento|ejemplos?|palabras?|n[uú]meros?|opciones|"
    r"instrucciones|correo|mensaje|enunciado|ecuaci[oó]n|cifras|medidas|nombre|tema|t[ií]tulo|v[ií]deo|foto\w*|gr[aá]fic[oa]s?)"
)
NOT_GIVEN = (
    r"(?i)\bno (?:(?:se (?:me |nos |le )?(?:ha|han)|se|me ha[sn]?|nos ha[sn]?|has|he|hemos|hab[eé]is|est[aá]n?|fue(?:ron)?|ha sido|han sido|usted ha)(?: sido)? )"
    rf"(?:proporcion|facilit|inclu|indic|especific|adjunt|recib|compart|dad[oa]|suministr|aport|envi|encontr|mencion)\w*[^.\n]{{0,40}}\b{THING}\b[^.\n]*|"
    rf"\bno (?:hay|veo|aparece|tengo|recib[ií]|dispongo de|cuento con|encuentro|existe) (?:ning[uú]n\w*|el|la|los|las)? ?(?:{THING}) [^.\n]{{0,30}}(?:proporcion|facilit|inclu|indic|especific|adjunt|para (?:resumir|analizar|clasificar|traducir|corregir))\w*[^.\n]*|"
    r"\bno ha (?:incluido|adjuntado|facilitado|proporcionado|especificado|compartido|indicado)\b[^.\n]{0,60}\.\s*(?:¿(?:podría|puede|me)|por favor)"
)
PLEASE = (
    r"(?i)\bpor favor,? (?:me |necesito que )?(?:proporci[oó]n\w*|facil[ií]t\w*|ind[ií][cq]\w*|espec[ií]fi[cq]\w*|comp[aá]rt\w*|env[ií]\w*|incluy\w*|incl[uú]y\w*|adj[uú]nt\w*|"
    r"escr[ií]b\w*|dime|d[ií]game|dame|deme|p[aá]s[ae]me|p[eé]g\w*|a[ñn]ad\w*|aporta\w*|bríndame|br[ií]nde\w*|sumin[ií]str\w*|introduzc\w*)\b[^.\n]{0,80}"
)
NEED_MORE = (
    r"(?i)\b(?:necesito|necesitar[ií]a|necesitamos|requiero|se necesita|se requiere|har[ií]a falta|me falta|faltan?)\b[^.\n]{0,30}"
    r"\b(?:m[aá]s (?:informaci[oó]n|contexto|detalles|datos)|(?:que|saber|conocer|ver|tener|leer)\b[^.\n]{0,40}(?:texto|art[ií]culo|informaci[oó]n|datos|contexto|imagen|frase|contenido|documento)|"
    r"(?:el|la|los|las) (?:texto|art[ií]culo|informaci[oó]n|datos|imagen|frase|oraci[oó]n|contenido|documento|enunciado|lista))[^.\n]*"
)


@rule(
    defect=2,
    fields=("output", "instruction"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("Resume el texto.", "No se ha proporcionado ningún texto para resumir."),
        Example("Clasifica las palabras.", "Por favor, facilíteme la lista de palabras que desea clasificar."),
        Example("¿Es correcta?", "Necesito más información para poder responder a la pregunta."),
    ],
    spared=[
        Example(
            "Escribe un correo a un proveedor.", "Estimado señor: por favor, envíe la lista de precios. Un saludo."
        ),
        Example("¿Qué dijo el ministro?", "No ha dado información sobre el presupuesto, según el periódico."),
        Example("¿Qué necesita una planta?", "Luz, agua y tierra con nutrientes."),
    ],
)
def missing_context(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer asks for a text, a list or data that the row does not hold.

    Source: defect 2 of the table. Only where the asking is the answer: near its beginning, with little after it.
    """
    opening = pl.col("output").str.head(250)
    rows = rows.filter(
        opening.str.contains_any(["no ", "por favor", "necesit", "requier", "falta"], ascii_case_insensitive=True)
    )
    rows = rows.filter(opening.str.contains(f"{NOT_GIVEN}|{PLEASE}|{NEED_MORE}"))
    not_given = opening.str.extract(NOT_GIVEN, 0)
    missing = not_given.is_not_null()
    please = opening.str.extract(PLEASE, 0)
    need = opening.str.extract(NEED_MORE, 0)
    strong = missing | need.is_not_null() | pl.col("output").str.contains(r"(?i)^\W*(?:s[ií]|claro)?\W*por favor")
    short = pl.col("output").str.len_chars() < 400
    hypothetical = opening.str.contains(
        r"(?i)\bsi (?:no (?:se|me|has?|hay)\b|buscas|quieres|deseas|necesitas|prefieres)"
    )
    asked = pl.col("instruction").str.contains(
        r"(?i)\b(?:p[ií]de(?:le|les)?|pida|pedir|solicit\w+|pregunt[ae]\w*|preguntar)\b"
    )
    voice = QUESTION.str.contains(VOICE_TASK) & ~opening.str.contains(
        r"(?i)^\W*(?:lo siento|disculp|no se (?:me )?ha|necesito|por favor)|\bno ha (?:incluido|adjuntado|facilitado|proporcionado|compartido)\b"
    )
    return findings(
        rows,
        when=~voice & ~hypothetical & ~asked,
        score=pl.when(strong & short).then(1.0).when(short).then(0.7).otherwise(0.4),
        evidence=pl.coalesce(not_given, need, please),
    )


SEEN_OR_HEARD = r"(?:im[aá]gen(?:es)?|fotos?|fotograf[ií]as?|dibujos?|cuadro|mapa|gr[aá]fic[oa]s?|diagramas?|audios?|v[ií]deos?|grabaci[oó]n|enlaces?|p[aá]gina web|archivos? adjuntos?|captura de pantalla)"
READ = r"(?:tablas?|art[ií]culos?|textos?|p[aá]rrafos?|pasajes?|documentos?|poemas?|fragmentos?|noticias?|correos?|conjunto de datos|datos|lista|di[aá]logos?|conversaci[oó]n|historias?|cuentos?|relatos?|p[aá]rrafo|oraci[oó]n|oraciones|frases?|c[oó]digo|rese[ñn]as?|canci[oó]n|informes?|ensayos?|discursos?|extracto|tuit|mensaje|carta)"
ABSENT = (
    rf"(?i)\b(?:(?:el|la|los|las|del|al|este|esta|estos|estas|un|una)\s)?(?:siguientes?|adjunt[oa]s?) (?:{SEEN_OR_HEARD}|{READ})\b|"
    rf"\b(?:est[ea]|est[oa]s|dicha?) {SEEN_OR_HEARD}\b|"
    rf"\b(?:{SEEN_OR_HEARD}|{READ}) (?:(?:que aparece |que se muestra |mostrad[oa] |de )?(?:a continuaci[oó]n|abajo)|siguientes?|adjunt[oa]s?|dad[oa]s?|proporcionad[oa]s?|anterior(?:es)?|facilitad[oa]s?)\b|"
    rf"\b(?:resum[ae]|res[uú]m[ae]|lee|lea|traduc[ea]|corrige|analiza|parafrasea|reescribe) (?:este|esta|estos|estas|dicho) {READ}\b"
)
# Literals of which every pointing phrase has one.
HINTS = [
    *("siguiente", "adjunt", "esta ", "este ", "esto ", "estos ", "estas ", "dicha ", "dicho ", "continuaci", "abajo"),
    *(" dad", "proporcionad", "anterior", "facilitad", "mostrad"),
]
CARRIED = r":\s*\S.{7,}|\n\s*\S.{5,}|[\"“«'‘*`(\[].{6,}[\"”»'’*`)\]]|\d\s*[,;]\s*\d|—"


@rule(
    defect=4,
    fields=("instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("Describe la siguiente imagen con detalle.", "En la imagen se ve un faro."),
        Example("Resume el artículo adjunto en tres frases.", "El artículo trata de la sequía."),
        Example("¿Qué se oye en este audio?", "Se oye un tren."),
        Example("Lee este párrafo y di cuál es la idea principal.", "La idea principal es el ahorro."),
    ],
    spared=[
        Example("Resume el siguiente texto.", "Trata del mar.", "El mar cubre la mayor parte del planeta."),
        Example("Pasa a plural la siguiente frase: el perro ladra.", "Los perros ladran."),
        Example("¿Qué es una tabla periódica?", "Una ordenación de los elementos químicos."),
        Example("Escribe una carta para el siguiente cumpleaños de Ana.", "Querida Ana: ¡felicidades!"),
    ],
)
def absent_object(rows: pl.DataFrame) -> pl.DataFrame:
    """The instruction points at an image, a table, a text … that is nowhere in the row.

    Source: defect 4 of the table. What is carried in the instruction itself (after a colon, in quotes, on its own line)
    is not absent. Score 1 for what cannot be text, 0.9 for text, 0.6 where digits may be the data.
    """
    rows = rows.filter(pl.col("input").str.strip_chars() == "").filter(
        pl.col("instruction").str.contains_any(HINTS, ascii_case_insensitive=True)
    )
    rows = rows.filter(pl.col("instruction").str.contains(ABSENT))
    hit = pl.col("instruction").str.extract(ABSENT, 0)
    carried = pl.col("instruction").str.contains(CARRIED)
    goes_on = pl.col("instruction").str.contains(r"[.?!]\s+\S.{8,}$")  # another sentence, which may be the text
    makes = pl.col("instruction").str.contains(
        r"(?i)^\W*(?:por favor,? )?(?:crea|cree|genera|genere|escrib[ea]|dise[ñn]a|dise[ñn]e|inventa|redacta|elabora|compón|dibuja|sugiere|da|dame|nombra|enumera)\b"
    )
    return findings(
        rows,
        when=~carried,
        score=pl.when(hit.str.contains(rf"(?i){SEEN_OR_HEARD}"))
        .then(pl.when(makes).then(0.6).otherwise(1.0))
        .when(
            goes_on | pl.col("instruction").str.contains(r"\d") | (pl.col("instruction").str.len_chars() > 250) | makes
        )
        .then(0.6)
        .otherwise(0.9),
        evidence=hit,
    )


@rule(
    defect=5,
    fields=("instruction", "input"),
    verdict="drop",
    caught=[
        Example("Resume el artículo.", "El artículo habla del clima.", "https://diario.example/clima-2023"),
        Example("Lee la noticia de www.diario.example/rio y haz un resumen.", "La noticia trata de un río."),
        Example("¿De qué trata esta página?", "Trata de recetas.", "  http://cocina.example/ "),
    ],
    spared=[
        Example("Extrae el dominio de esta URL.", "diario.example", "https://diario.example/clima-2023"),
        Example("Resume el texto.", "El río creció.", "El río creció tres metros (https://diario.example/rio)."),
        Example("¿Qué significa https://?", "Que la conexión con la página va cifrada."),
    ],
)
def url_as_data(rows: pl.DataFrame) -> pl.DataFrame:
    """The only data is an address: the answer about what stands there must be invented.

    Source: defect 5 of the table. Tasks about the address itself (its domain, its parts, checking it) are spared.
    """
    rows = rows.filter(
        pl.concat_str("instruction", pl.lit(" "), "input").str.contains_any(["http://", "https://", "www."])
    )
    only_url = pl.col("input").str.strip_chars().str.extract(rf"^(?:{URL})$", 0)
    linked = pl.col("instruction").str.extract(
        rf"(?i)\b(?:res[uú]m\w*|lee[rd]?\b|lea\b|anali[zc]\w*|trad[uú]\w*|descri\w+|extra[ei]\w*|seg[uú]n|bas[aá]ndo\w*|rese[ñn]a)[^\n]{{0,120}}({URL})",
        1,
    )
    about_url = pl.col("instruction").str.contains(
        r"(?i)\b(?:url|dominio|subdominio|protocolo|codific\w+|par[aá]metros?|expresi[oó]n regular|regex|v[aá]lid\w*|ruta|clasific\w+|html|c[oó]digo|api|acorta\w*)\b"
    )
    alone = linked.is_not_null() & (pl.col("input").str.strip_chars() == "")
    return findings(rows, when=(only_url.is_not_null() | alone) & ~about_url, evidence=pl.coalesce(only_url, linked))


PICTURE = r"(?:im[aá]gen|logotipo|logo|gr[aá]fic[oa]|ilustraci[oó]n|dibujo|cartel|p[oó]ster|infograf[ií]a|diagrama|fotograf[ií]a|foto|collage|animaci[oó]n|v[ií]deo|boceto|retrato|caricatura|mapa|pintura|folleto|portada|[ií]cono|icono|banner|mural|meme|emoji)s?"
ACTION = (
    rf"(?i)^\W*(?:por favor,? )?(?:dib[uú]ja(?:me)?|dibuje|pinta|pinte|ilustra|esboza|fotograf[ií]a|filma)\b|"
    rf"^\W*(?:por favor,? )?(?:dise[ñn]a|dise[ñn]e|crea|cree|genera|genere|haz|haga|produce|elabora|prepara|env[ií]a(?:me)?|mu[eé]stra(?:me)?)\s(?:[^.,:\n]{{0,25}}\s)?(?:un|una|el|la|unos|unas|tu)?\s?(?:[a-záéíóúñ]+ ){{0,2}}{PICTURE}\b|"
    r"^\W*(?:por favor,? )?(?:reproduce|p[oó]n(?:me)?|toca|graba) (?:una?|la|el|mi|esta|esa)? ?(?:canci[oó]n|m[uú]sica|melod[ií]a|pieza|pel[ií]cula|alarma|audio|temporizador)|"
    r"^\W*(?:por favor,? )?(?:llama|telefonea|marca) (?:a|al)\b|^\W*(?:por favor,? )?(?:enciende|apaga|abre|cierra) (?:el|la|las|los) (?:luz|luces|puerta|televisor|televisión|ventana|coche|horno|calefacci[oó]n|aire)|"
    r"^\W*(?:por favor,? )?(?:compra|reserva|pide|imprime|escanea|cocina|limpia|lava|riega|tr[aá]eme) (?:un|una|el|la|dos|mi|las|los|me)\b"
)


@rule(
    defect=6,
    fields=("instruction", "input"),
    verdict="flag",
    caught=[
        Example("Dibuja un gato sobre un tejado.", "Un gato gris duerme sobre un tejado rojo."),
        Example("Diseña un logotipo para una panadería.", "Un círculo con una espiga en el centro."),
        Example("Llama a mi hermana y dile que voy tarde.", "Llamando."),
    ],
    spared=[
        Example("Escribe código SVG que dibuje un círculo.", "<svg><circle r='5'/></svg>"),
        Example("¿Quién pintó Las meninas?", "Diego Velázquez."),
        Example("Diseña un plan de estudio para una semana.", "Lunes: repaso de álgebra."),
        Example("Crea una tabla de verbos irregulares.", "| ser | fui |"),
    ],
)
def impossible_action(rows: pl.DataFrame) -> pl.DataFrame:
    """The task asks for a picture, a sound or a deed that text cannot be.

    Source: defect 6 of the table. Code that draws is possible and spared.
    """
    hit = pl.col("instruction").str.extract(ACTION, 0)
    return findings(
        rows.filter(pl.col("instruction").str.contains(ACTION)), when=~QUESTION.str.contains(CODE_TASK), evidence=hit
    )
