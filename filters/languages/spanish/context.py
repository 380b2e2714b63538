"""Words that ask for what a row does not hold, point at it, or ask for a deed."""

THING = (
    r"(?:textos?|informaci[oó]n|art[ií]culos?|entradas?|datos|contexto|detalles|im[aá]gen(?:es)?|enlaces?|frases?|oraci[oó]n(?:es)?|listas?|documentos?|"
    r"contenidos?|pregunta|input|archivos?|tablas?|c[oó]digo|p[aá]rrafos?|poema|pasaje|fragmento|ejemplos?|palabras?|n[uú]meros?|opciones|"
    r"instrucciones|correo|mensaje|enunciado|ecuaci[oó]n|cifras|medidas|nombre|tema|t[ií]tulo|v[ií]deo|foto\w*|gr[aá]fic[oa]s?|productos?|relatos?|rese[ñn]as?|cuentos?|afirmaci[oó]n|animales|elementos|nombres|historia|noticia|di[aá]logo|problema|f[oó]rmula)"
)
NOT_GIVEN = (
    r"(?i)\bno (?:(?:se (?:me |nos |le )?(?:ha|han)|se|me ha[sn]?|nos ha[sn]?|has|he|hemos|hab[eé]is|est[aá]n?|fue(?:ron)?|ha sido|han sido|usted ha)(?: sido)? )"
    rf"(?:proporcion|facilit|inclu|indic|especific|adjunt|recib|compart|dad[oa]|suministr|aport|envi|encontr|mencion)\w*[^.\n]{{0,40}}\b{THING}\b[^.\n]*|"
    rf"\bno (?:hay|veo|aparece|tengo|recib[ií]|dispongo de|cuento con|encuentro|existe) (?:ning[uú]n\w*|una?|el|la|los|las)? ?(?:{THING}) [^.\n]{{0,30}}(?:proporcion|facilit|inclu|indic|especific|adjunt|para (?:resumir|analizar|clasificar|traducir|corregir))\w*[^.\n]*|"
    rf"\b(?:el|la|los|las) {THING} (?:no (?:est[aá]n?|ha sido|han sido|fue(?:ron)?|aparecen?|figuran?|se (?:ve|encuentra|incluye)n?)) ?(?:inclu|adjunt|proporcion|disponib|facilit|especific|en (?:la|tu|su) (?:pregunta|mensaje|instrucci))\w*[^.\n]*|"
    rf"^\W*faltan? (?:el|la|los|las) {THING}\b[^.\n]*|"
    r"\bno ha (?:incluido|adjuntado|facilitado|proporcionado|especificado|compartido|indicado)\b[^.\n]{0,60}\.\s*(?:¿(?:podría|puede|me)|por favor)"
)
PLEASE = (
    r"(?i)\bpor favor,? (?:me |necesito que )?(?:proporci[oó]n\w*|facil[ií]t\w*|ind[ií][cq]\w*|espec[ií]fi[cq]\w*|comp[aá]rt\w*|env[ií]\w*|incluy\w*|incl[uú]y\w*|adj[uú]nt\w*|"
    r"escr[ií]b\w*|dime|d[ií]game|dame|deme|p[aá]s[ae]me|p[eé]g\w*|a[ñn]ad\w*|aporta\w*|bríndame|br[ií]nde\w*|sumin[ií]str\w*|introduzc\w*)\b[^.\n]{0,80}"
)
# A question back, in place of an answer, that asks for the task's own data.
ASKS_BACK = (
    rf"(?i)^\W*(?:(?:claro|por supuesto|lo siento|s[ií])\W{{1,3}})?¿(?:me |nos |te |le )?(?:podr[ií]as?|puedes?|importar[ií]a)\b[^?\n]{{0,30}}\b(?:proporcion|facilit|indic|especific|compart|envi|dar|decir|aclar|mostr)\w*[^?\n]{{0,40}}\b(?:{THING}|inicio|comienzo|principio)\b[^?\n]*\?\s*$|"
    rf"(?i)^\W*¿(?:qu[eé]|cu[aá]l) {THING} (?:quieres?|deseas?|te gustar[ií]a|le gustar[ií]a|necesitas?|debo)\b[^?\n]*\?\s*$|"
    r"(?i)^\W*¿cu[aá]l(?:es)? (?:es|son) (?:el|la|los|las) [^?\n]{0,30}(?:que|a la que|al que) (?:quieres?|deseas?|necesitas?|te refieres|se refiere|quiere que)\b[^?\n]*\?\s*$"
)
NEED_MORE = (
    # "Necesito saber el precio para poder calcularlo", "Para poder analizarla, necesitaría conocer la película".
    r"(?i)^\W*(?:lo siento\W+(?:pero )?)?(?:necesito|necesitar[ií]a|necesitamos) (?:saber|conocer|ver|tener|leer)\b[^.\n]{0,120}\bpara (?:poder|ayudar|responder|contestar|calcular|resolver)\p{L}*[^.\n]*|"
    r"^\W*para (?:poder )?\p{L}+(?:r|rl[aeo]s?|rte|rle)\b[^.\n]{0,80}, (?:necesito|necesitar[ií]a|necesitamos)\b (?:saber|conocer|ver|tener|leer|m[aá]s)\b[^.\n]*|"
    # "No puedo corregir los errores sin ver el párrafo."
    rf"^\W*(?:lo siento\W+(?:pero )?)?no (?:puedo|podr[ií]a|es posible|podemos)\b[^.\n]{{0,60}}\bsin (?:ver|leer|tener|saber|conocer|m[aá]s|la|el|los|las)\b[^.\n]{{0,40}}\b{THING}\b[^.\n]*|"
    r"\b(?:necesito|necesitar[ií]a|necesitamos|requiero|se necesita|se requiere|har[ií]a falta|me falta|faltan?)\b[^.\n]{0,30}"
    r"\b(?:m[aá]s (?:informaci[oó]n|contexto|detalles|datos)|(?:que|saber|conocer|ver|tener|leer)\b[^.\n]{0,40}(?:texto|art[ií]culo|informaci[oó]n|datos|contexto|imagen|frase|contenido|documento|poema|pasaje|c[oó]digo|n[uú]meros|lista|relato)|"
    r"(?:el|la|los|las) (?:texto|art[ií]culo|informaci[oó]n|datos|imagen|frase|oraci[oó]n|contenido|documento|enunciado|lista))[^.\n]*"
)
# Literals of which every asking for what is missing has one.
MISSING_HINTS = ["¿", "no ", "por favor", "necesit", "requier", "falta"]
PLEASE_FIRST = r"(?i)^\W*(?:s[ií]|claro)?\W*por favor"
CONDITION = r"(?i)\bsi (?:no (?:se|me|has?|hay)\b|buscas|quieres|deseas|necesitas|prefieres)"
# A task that wants somebody to be asked.
ASKING_TASK = r"(?i)\b(?:p[ií]de(?:le|les)?|pida|pedir|solicit\w+|pregunt[ae]\w*|preguntar)\b"
# The model's own voice, whatever voice the task asks for.
OWN_VOICE = r"(?i)^\W*(?:no puedo \p{L}+r(?:l[aeo]s?|te|le)?\b|para (?:poder )?\p{L}+r(?:l[aeo]s?|te|le)?\b[^.\n]{0,80}, necesit|(?:el|la|los|las) \p{L}+ no (?:est[aá]n?|ha sido|fue|se)\b|lo siento|disculp|no se (?:me )?ha|necesito|por favor)|\bno ha (?:incluido|adjuntado|facilitado|proporcionado|compartido)\b"

READING_TASK = r"(?i)\b(?:res[uú]m\w*|lee[rd]?\b|lea\b|anali[zc]\w*|trad[uú]\w*|descri\w+|extra[ei]\w*|seg[uú]n|bas[aá]ndo\w*|rese[ñn]a)"
ABOUT_ADDRESS_TASK = r"(?i)\b(?:url|dominio|subdominio|protocolo|codific\w+|par[aá]metros?|expresi[oó]n regular|regex|v[aá]lid\w*|ruta|clasific\w+|html|c[oó]digo|api|acorta\w*)\b"

PICTURE = r"(?:im[aá]gen|logotipo|logo|gr[aá]fic[oa]|ilustraci[oó]n|dibujo|cartel|p[oó]ster|infograf[ií]a|diagrama|fotograf[ií]a|foto|collage|animaci[oó]n|v[ií]deo|boceto|retrato|caricatura|mapa|pintura|folleto|portada|[ií]cono|icono|banner|mural|meme|emoji)s?"
IMPOSSIBLE_ACTION = (
    rf"(?i)^\W*(?:por favor,? )?(?:dib[uú]ja(?:me)?|dibuje|pinta|pinte|ilustra|esboza|fotograf[ií]a|filma)\b|"
    rf"^\W*(?:por favor,? )?(?:dise[ñn]a|dise[ñn]e|crea|cree|genera|genere|haz|haga|produce|elabora|prepara|env[ií]a(?:me)?|mu[eé]stra(?:me)?)\s(?:[^.,:\n]{{0,25}}\s)?(?:un|una|el|la|unos|unas|tu)?\s?(?:[a-záéíóúñ]+ ){{0,2}}{PICTURE}\b|"
    r"^\W*(?:por favor,? )?(?:reproduce|p[oó]n(?:me)?|toca|graba) (?:una?|la|el|mi|esta|esa)? ?(?:canci[oó]n|m[uú]sica|melod[ií]a|pieza|pel[ií]cula|alarma|audio|temporizador)|"
    r"^\W*(?:por favor,? )?(?:llama|telefonea|marca) (?:a|al)\b|^\W*(?:por favor,? )?(?:enciende|apaga|abre|cierra) (?:el|la|las|los) (?:luz|luces|puerta|televisor|televisión|ventana|coche|horno|calefacci[oó]n|aire)|"
    r"^\W*(?:por favor,? )?(?:compra|reserva|pide|imprime|escanea|cocina|limpia|lava|riega|tr[aá]eme) (?:un|una|el|la|dos|mi|las|los|me)\b"
)
# An order to do a deed, and an answer that claims to have done it.
DEED_TASK = (
    r"(?i)^\W*(?:por favor,? )?(?:env[ií]a(?:le|me)?|manda(?:le|me)?|pon(?:me|le)?|apaga|enciende|aumenta|reduce|sube|baja|guarda|borra|elimina|llama|reserva|compra|imprime|abre|"
    r"cierra|programa|agenda|conecta|desconecta|activa|desactiva|descarga|instala|reproduce|paga|transfiere|cancela|av[ií]sa(?:le|me)?|recu[eé]rda(?:me|le))\b"
)
DEED_DONE = (
    r"(?i)^\W*(?:(?:listo|hecho|claro|de acuerdo|vale|ok|s[ií]|por supuesto|perfecto)\W{1,3})?(?:(?:ya )?(?:le |te |lo |la |los |las )?(?:he|hemos) (?:enviado|mandado|puesto|apagado|encendido|aumentado|reducido|subido|bajado|guardado|borrado|"
    r"llamado|reservado|comprado|impreso|abierto|cerrado|programado|agendado|conectado|desconectado|activado|desactivado|descargado|instalado|pagado|transferido|cancelado|avisado|configurado)\b|"
    r"(?:(?:el|la|los|las|tu|su) [^.\n]{0,60}\b)?(?:se (?:ha|han)|ha sido|han sido) (?:enviad|mandad|puest|apagad|encendid|aumentad|reducid|guardad|reservad|comprad|impres|programad|activad|desactivad|cancelad|instalad)\w*|"
    r"(?:el|la|tu|su) [^.\n]{0,40}\best[aá]n? (?:ya )?(?:puest|enviad|apagad|encendid|reservad|programad|guardad|activad)[oa]s?\b)[^.\n]*"
)
