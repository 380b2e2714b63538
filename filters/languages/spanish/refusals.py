"""How a Spanish answer declines, and how a model speaks of itself."""

MODEL = (
    r"(?:modelo (?:de |del )?(?:lenguaje|ia|inteligencia artificial|aprendizaje)|modelo lingüístico|"
    r"asistente (?:virtual|de ia|digital|ling[üu][ií]stico|basado|con ia|de inteligencia|conversacional)\b|chatbot\b|bot conversacional\b|"
    r"programa (?:de ordenador|de computadora|de computaci[oó]n|inform[aá]tico|de ia|de inteligencia)|sistema (?:de ia|de inteligencia|automatizado)|"
    r"(?:máquina|entidad) (?:virtual|digital|de ia))"
)
INTELLIGENCE = r"(?:inteligencia artificial|ia)\b"
WHAT = r"(?: un| una| solo| sólo| solamente| simplemente| tan| simple| mero| mera| gran){0,4}"
# "Como modelo de lenguaje", "soy una inteligencia artificial"; but not the examples of "campos como la inteligencia artificial".
DISCLAIMER = (
    rf"\b(?:como{WHAT} {MODEL}|(?:siendo|al ser|por ser|soy|(?:ya|dado|puesto|debido a) que (?:solo |s[oó]lo )?soy){WHAT} (?:el |la )?(?:{MODEL}|{INTELLIGENCE})|"
    rf"como (?:una |solo una |simple ){{1,2}}{INTELLIGENCE}|(?-i:Como) {INTELLIGENCE})"
)
FIRST_PERSON = (
    r"no (?:me |le |te |os |les )?(?:puedo|podr[eé]|podr[ií]a|tengo (?:(?:la )?(?:capacidad|habilidad)|acceso|informaci[oó]n|permi|datos|la posibilidad|conocimiento|opini|preferenc|sentimient|emocion|gustos|favorit|comentarios|(?:una?|ning[uú]n\w*) [^.!?\n]{0,20}favorit|experienc|suficiente|forma|manera|c[oó]mo)|"
    r"soy capaz|dispongo|cuento con|estoy (?:en condiciones|autorizad|capacitad|program|dise[ñn]ad|actualizad)|poseo|hay (?:un|una|ning[uú]n|ninguna) [^.!?\n]{0,20}(?:adjunt|proporcionad|facilitad)\w+)"
)
UNABLE = rf"(?:{FIRST_PERSON}|no (?:me |le |te )?(?:es posible|ser[aá] posible|est[aá] permitido))"
SORRY = r"(?:lo siento|lo lamento|lamento|lamentablemente|disculp[aeo]\w*|perd[oó]n\w*|me temo|desafortunadamente|desgraciadamente|por desgracia|siento)"
# Regret inside an answer ("No, lamentablemente no es posible …") declines nothing: an apology opens the answer, or speaks as "I".
APOLOGY = rf"(?:^\W*{SORRY}\b[^.!?\n]{{0,100}}\b(?:{UNABLE}|imposible)|\b{SORRY}\b[^.!?\n]{{0,100}}\b{FIRST_PERSON})"
NO_COMMENT = rf"^\W*(?:{SORRY}\W+(?:pero )?)?(?:no (?:entiendo|comprendo) (?:la|tu|su) (?:pregunta|instrucci[oó]n|petici[oó]n|solicitud)|no tengo ning[uú]n comentario|sin comentarios|prefiero no (?:responder|opinar))"
BARE = rf"^\W*(?:{FIRST_PERSON})[^.!?\n]*"
REFUSAL = rf"(?i)(?:{DISCLAIMER}|{APOLOGY}|{BARE}|{NO_COMMENT})[^.!?\n]*"
# Literals of which every such disclaimer has one of each kind, and every apology one; the other refusals open the answer.
MODEL_HINTS = [
    "modelo",
    "inteligencia",
    " ia",
    "asistente",
    "chatbot",
    "bot ",
    "programa",
    "sistema",
    "virtual",
    "digital",
    "de ia",
]
SELF_HINTS = ["como ", "siendo", "al ser", "por ser", "soy"]
SORRY_HINTS = ["siento", "lament", "disculp", "perd", "me temo", "desafort", "desgrac"]
OPENS = r"(?i)^\W*(?:no|sin|prefiero)\b"
# What turns an apology into an answer after all.
TURN = (
    r"(?i)\b(?:sin embargo|no obstante|aun as[ií]|dicho esto|pero|en cambio|en general|por lo general)\b[^.\n]{0,60}"
    r"\b(?:puedo|podr[ií]a|aqu[ií]|algun[oa]s|te |le |se (?:puede|suele|sabe|cree)|a continuaci[oó]n|existen|hay|la |el |los |las |un |una )"
)
# What the model says of itself; an answer that does it more than once is about nothing else.
SELF_TALK = (
    r"(?i)\bmi (?:funci[oó]n|prop[oó]sito|objetivo|conocimiento|tarea)\b|\b(?:no tengo|no puedo|no poseo|no soy|estoy aqu[ií]|dise[ñn]ad[oa] para|ni tengo|ni puedo)\b|"
    r"\bsoy (?:un|una)\b|\bestar[eé] encantad"
)
# What sends the reader elsewhere: a refusal still, however long.
ELSEWHERE = (
    r"(?i)\b(?:recomi[eé]nd\w*|recomendar\w*|sugi[eé]r\w*|sugerir\w*|aconsej\w*|te animo|puedes|podr[ií]as|debes|es mejor|lo mejor es)\b[^.\n]{0,60}"
    r"\b(?:consult\w*|busc\w*|verific\w*|visit\w*|revis\w*|acud\w*|contact\w*|pregunt\w*|hablar|utilizar)\b|¿(?:hay algo|te gustar[ií]a|en qué|puedo ayudar)"
)
# Literals of which every such answer has one.
IDENTITY_HINTS = [
    "openai",
    "mi informaci",
    "mis datos",
    "mi base",
    "mi conocim",
    "mis conocim",
    "gpt",
    "bard",
    "2021",
    "202",
    "201",
    "corte",
    "actualizaci",
    "tiempo real",
]
IDENTITY = (
    r"(?i)\b(?:soy|me llamo|mi nombre es|yo,) (?:un |una |el |la )?(?:chat\s?gpt|gpt\b|gpt-?[34]|bard\b|modelo[^.\n]{0,40}\bopenai)|"
    r"\b(?:fui|he sido|me (?:ha|han)) (?:creado|creada|desarrollado|desarrollada|entrenado|entrenada|diseñado|diseñada)[^.\n]{0,30} openai|"
    r"(?:^|[.,;:]\s|\n)como (?:chat\s?gpt|gpt-?[34]),? (?:no|yo|puedo|soy|mi)\b|\b(?:openai|chat\s?gpt),? (?:mi|quien me|que me) "
)
CUTOFF = (
    r"(?i)\bmis? (?:informaci[oó]n|conocimientos?|entrenamiento|datos|base de conocimientos?) (?:solo )?(?:llegan?|alcanzan?|terminan?|se detienen?|est[aá]n? limitad\w+)\b[^.\n]{0,60}|"
    r"\b(?:mi|mis)\b[^.\n]{0,40}\b(?:fecha de corte|corte de conocimiento|última actualización|datos de entrenamiento|entrenamiento|base de datos de conocimiento|conocimientos?)\b[^.\n]{0,60}|"
    r"\b(?:hasta|a partir de|según) (?:la|mi) (?:fecha de (?:mi )?(?:corte|conocimiento|última actualización)|última actualización de mis)[^.\n]{0,60}|"
    r"\bhasta (?:septiembre de )?2021\b[^.\n]{0,40}\b(?:mi|mis|conocimiento|información disponible|última actualización)[^.\n]{0,40}"
)
DATED = r"(?i)\b20[12]\d\b|fecha de corte|última actualización|tiempo real|corte de conocimiento"
# Such an answer and nothing else; it is no refusal where somebody else is to give it.
WHOLE_NO_COMMENT = r"(?i)^\W*(?:no (?:entiendo|comprendo) (?:la|tu|su) (?:pregunta|instrucci[oó]n|petici[oó]n|solicitud)|no tengo ning[uú]n comentario)\W*$"
SOMEBODY_TASK = r"(?i)\b(?:traduc|tradúc|dij|dic|respond|respuesta|contest|entrevist|di[aá]log|conversaci|excus|mensaje|carta|correo)\p{L}*"
# A question about what answers it: a true answer is no refusal.
ABOUT_YOU = r"(?i)¿(?:eres|es usted|sos) (?:un |una )?(?:human|person|robot|m[aá]quina|real\b|programa|bot\b|consciente)|¿(?:qui[eé]n|qu[eé]) eres\W*$"
# What only a program says of itself, whatever voice the task asks for.
OWN_LIMIT = r"(?i)\bno (?:tengo (?:la )?(?:capacidad|habilidad) de (?:reproducir|acceder|poner|ver|o[ií]r|enviar|abrir|realizar)|tengo acceso a (?:internet|tus?\b|sus?\b|informaci[oó]n en tiempo real)|estoy actualizad)"
