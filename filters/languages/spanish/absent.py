"""Words that point at what a row does not hold."""

SEEN_OR_HEARD = r"(?:im[aá]gen(?:es)?|fotos?|fotograf[ií]as?|dibujos?|cuadro|mapa|gr[aá]fic[oa]s?|diagramas?|audios?|v[ií]deos?|grabaci[oó]n|enlaces?|p[aá]gina web|archivos? adjuntos?|captura de pantalla)"
READABLE = r"(?:tablas?|art[ií]culos?|textos?|p[aá]rrafos?|pasajes?|documentos?|poemas?|fragmentos?|noticias?|correos?|conjunto de datos|datos|lista|di[aá]logos?|conversaci[oó]n|historias?|cuentos?|relatos?|p[aá]rrafo|oraci[oó]n|oraciones|frases?|c[oó]digo|rese[ñn]as?|canci[oó]n|informes?|ensayos?|discursos?|extracto|tuit|mensaje|carta|titular(?:es)?|ecuaci[oó]n|opini[oó]n|comentario|estrofa)"
# Listening tests without the recording: "¿Qué quiere la mujer del audio?", "según la conversación".
HEARD = (
    r"\b(?:hombre|mujer|chic[oa]|niñ[oa]|persona|hablantes?|locutora?) (?:del|de la) (?:audio|v[ií]deo|grabaci[oó]n|conversaci[oó]n|di[aá]logo|foto|imagen)\b|"
    r"\b(?:seg[uú]n|en) (?:el|la) (?:audio|v[ií]deo|grabaci[oó]n|conversaci[oó]n|di[aá]logo)\s*[,.?]|\blos (?:dos )?(?:hablantes|interlocutores) (?:del|de la) \w+|"
    rf"\b(?:escuch[ae]|oye|mira|observa|f[ií]jate en) (?:el|la|los|las) {SEEN_OR_HEARD} y\b|"
    r"¿(?:de qu[eé] color|cu[aá]nt[oa]s|qu[eé] (?:se ve|hay|aparece|hace|lleva)|qui[eé]n)\b[^?\n]{0,60} (?:de|en) la (?:imagen|foto|fotograf[ií]a)\s*\?"
)
POINTING = (
    rf"(?i)\b(?:(?:el|la|los|las|del|al|este|esta|estos|estas|un|una)\s)?(?:siguientes?|adjunt[oa]s?) (?:{SEEN_OR_HEARD}|{READABLE})\b|"
    rf"{HEARD}|"
    rf"\b(?:est[ea]|est[oa]s|dicha?) {SEEN_OR_HEARD}\b|"
    rf"\b(?:{SEEN_OR_HEARD}|{READABLE}) (?:(?:que aparece |que se muestra |mostrad[oa] |de )?(?:a continuaci[oó]n|abajo)|siguientes?|adjunt[oa]s?|dad[oa]s?|proporcionad[oa]s?|anterior(?:es)?|facilitad[oa]s?)\b|"
    rf"\b(?:resum[ae]|res[uú]m[ae]|lee|lea|traduc[ea]|corrige|analiza|parafrasea|reescribe) (?:este|esta|estos|estas|dicho) {READABLE}\b"
)
# Literals of which every pointing phrase has one.
POINTING_HINTS = [
    *("siguiente", "adjunt", "esta ", "este ", "esto ", "estos ", "estas ", "dicha ", "dicho ", "continuaci", "abajo"),
    *("audio", "deo", "grabaci", "conversaci", "logo", "hablante", "interlocutor", "de la foto", "de la im"),
    *(" dad", "proporcionad", "anterior", "facilitad", "mostrad", "en la foto", "en la im", "escuch", "la foto"),
    *("mira ", "observa ", "oye ", "jate en "),
]
# A text that stood before: a few words of it in quotes are not the text.
BEFORE = r"(?i)\b(?:textos?|art[ií]culos?|p[aá]rrafos?|pasajes?|documentos?|poemas?|fragmentos?|noticias?|di[aá]logos?|conversaci[oó]n|cuentos?|relatos?|discursos?|cartas?) anterior(?:es)?\b"
# A task that makes something, which need not be there before.
MAKING_TASK = r"(?i)^\W*(?:por favor,? )?(?:crea|cree|genera|genere|escrib[ea]|dise[ñn]a|dise[ñn]e|inventa|redacta|elabora|compón|dibuja|sugiere|da|dame|nombra|enumera)\b"
# What a new text makes of one that is there: a summary is nothing without what it sums up.
RETELLS = r"(?i)\b(?:resumen|descripci[oó]n|an[aá]lisis|cr[ií]tica|pie de (?:foto|imagen))\b[^.\n]{0,25}\b(?:de|del|de la|para|a|al) (?:la |el |los |las )?(?:est[ea]|siguientes?|anterior)\b"

# The whole input, or all of it but a label, is a stub of what was to be there.
STUB = (
    r"(?i)^\W*(?:[\p{L}]+\s*:\s*)?(?:[\[(<{][^\[\](){}<>\n]{0,30}\b(?:insert\w*|adjunt\w*|pegar?|pegue|a[ñn]ad\w*|sub[ie]\w*|carg\w*)\b[^\[\](){}<>\n]{0,60}[\])>}]|"
    r"(?:(?:el|la|los|las|ver|v[eé]ase) )?(?:im[aá]gen(?:es)?|fotos?|art[ií]culo|texto|archivo|documento|enlace|tabla|v[ií]deo|audio|p[aá]rrafo|gr[aá]fic[oa]|diagrama|mapa|poema|pasaje|correo|c[oó]digo) adjunt[oa]s?|\[(?:im[aá]gen|foto|audio|v[ií]deo|gr[aá]fico|texto|art[ií]culo|enlace|archivo)\])\W*$"
)
# A task on the stub itself.
STUB_TASK = r"(?i)\b(?:traduc\w*|corri[gj]\w*|plantilla|reescrib\w*|correo|carta|complet\w*|gram[aá]tic\w*)\b"

# Nothing but the options of a question, one a line.
OPTIONS = r"^\s*`?A[).]\s[^\n]*(?:\n+\s*`?[B-G][).]\s[^\n]*)+\s*$"
# A question on what was said or heard. Read where the rest of the row is its options.
SPOKEN = (
    r"(?i)\b(?:escuchas|oyes|puedes (?:escuchar|o[ií]r))\b|"
    r"\b(?:el|del|este|la|esta) (?:di[aá]logo|conversaci[oó]n|audio|grabaci[oó]n)\b|\b(?:el|la|este|esta) (?:art[ií]culo|v[ií]deo|p[aá]gina) (?:enlazad|vinculad)[oa]\b"
)
# Given names of textbook dialogues, English and Spanish. Those that a king, a saint or an author is known by alone are not here.
GIVEN_NAMES = (
    *(
        "Alejandra",
        "Alice",
        "Amanda",
        "Ana",
        "Andrea",
        "Ángela",
        "Anna",
        "Antonio",
        "Beatriz",
        "Ben",
        "Bob",
        "Brian",
        "Camila",
        "Carla",
        "Carmen",
    ),
    *(
        "Carol",
        "Carolina",
        "Charlie",
        "Claudia",
        "Cristina",
        "Daniel",
        "Daniela",
        "David",
        "Diana",
        "Diego",
        "Eduardo",
        "Elena",
        "Emily",
        "Emma",
    ),
    *(
        "Enrique",
        "Esteban",
        "Fernanda",
        "Francisca",
        "Gabriela",
        "Gonzalo",
        "Guillermo",
        "Helen",
        "Inés",
        "Irene",
        "Jack",
        "Jacob",
        "Jake",
    ),
    *(
        "James",
        "Jane",
        "Javier",
        "Jennifer",
        "Jessica",
        "Jim",
        "Joaquín",
        "Joe",
        "John",
        "Jorge",
        "José",
        "Josh",
        "Juan",
        "Julia",
        "Julieta",
    ),
    *(
        "Karen",
        "Kate",
        "Laura",
        "Linda",
        "Lisa",
        "Lorena",
        "Lucas",
        "Lucía",
        "Lucy",
        "Luis",
        "Luisa",
        "Luna",
        "Manuel",
        "Manuela",
        "Marcela",
    ),
    *(
        "Margarita",
        "María",
        "Maria",
        "Mariana",
        "Mario",
        "Mark",
        "Marta",
        "Martín",
        "Mary",
        "Mateo",
        "Matt",
        "Miguel",
        "Mike",
        "Mónica",
    ),
    *(
        "Natalia",
        "Nicolás",
        "Nora",
        "Olga",
        "Olivia",
        "Pablo",
        "Paula",
        "Paul",
        "Pedro",
        "Peter",
        "Pilar",
        "Rafael",
        "Ramón",
        "Raquel",
        "Raúl",
    ),
    *(
        "Ricardo",
        "Riker",
        "Roberto",
        "Rocío",
        "Sandra",
        "Sara",
        "Sarah",
        "Sebastián",
        "Sergio",
        "Silvia",
        "Sofía",
        "Sophie",
        "Susan",
        "Teresa",
    ),
    *("Tim", "Tom", "Tomás", "Valentina", "Valeria", "Verónica", "Víctor", "Ximena", "Yolanda"),
)
NAMED = rf"(?:^|[\s¿(,])(?:{'|'.join(GIVEN_NAMES)})(?:[\s?,.:]|$)"
# What holds a name without being about somebody of a dialogue: code, quotes, titles and full names.
NAME_CODE = r"`[^`\n]*`|\"[^\"\n]*\"|«[^»\n]*»|“[^”\n]*”"
NAME_ELSEWHERE = (
    r"\b(?i:el|la|san|santa|santo|rey|reina|papa|don|doña) \p{Lu}\p{Ll}+|"
    r"\p{Lu}[\p{L}.]+(?: (?:von |van )?\p{Lu}[\p{L}.]*)+"
)
# Before a name at the beginning, no part of it.
BEFORE_NAME = r"\b(?:Según|Para|Con|De|En|Por|Cuando|Entre)\s|:"
# A premise in the question itself, or a question on the options alone.
SELF_CONTAINED = r"[.!?]\s+\S|\d|^\W*[Ss]i\b|(?i)\b(?:podr[ií]an?\b[^?\n]{0,30}\b(?:decir|usar|preguntar|responder)\p{L}*|para (?:mostrar|decir|reconocer|expresar|presentar)\p{L}*|la mejor respuesta|(?:elige|selecciona|escoge) la (?:oraci[oó]n|pregunta|frase)|qu[eé] (?:oraci[oó]n|frase))\b"
# A stub inside the instruction, right behind what it stands for.
STUB_INSIDE = rf"(?i)\b(?:{SEEN_OR_HEARD}|{READABLE})\W{{0,4}}[\[(<{{][^\[\](){{}}<>\n]{{0,12}}\b(?:insert|adjunt|peg[au]|carg|sub[ie])\p{{L}}*[^\[\](){{}}<>\n]{{0,60}}[\])>}}]"
# The next step of something whose earlier steps are nowhere.
STEP = r"^\W*Paso \d+\W*$"
