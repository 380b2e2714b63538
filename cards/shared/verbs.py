"""What Spanish instructions begin with: questions, and verbs in the imperative or the infinitive."""

import unicodedata
from functools import cache

import polars as pl

# Infinitives and their imperatives, tú and usted (vosotros and vos fall together with these or with the infinitive once the
# final d or the accent is gone). What is listed here is recognised, and nothing else: "una" is an article far more often than
# the usted of unir, so it is left out.
IMPERATIVES = """
aclarar aclara aclare; acortar acorta acorte; actuar actúa actúe; adaptar adapta adapte; adivinar adivina adivine;
agradecer agradece agradezca; agregar agrega agregue; agrupar agrupa agrupe; ajustar ajusta ajuste; alinear alinea
alinee; añadir añade añada; analizar analiza analice; aplicar aplica aplique; armar arma arme; arreglar arregla
arregle; asignar asigna asigne; ayudar ayuda ayude; buscar busca busque; calcular calcula calcule; cambiar cambia
cambie; categorizar categoriza categorice; citar cita cite; clasificar clasifica clasifique; combinar combina combine;
comentar comenta comente; comparar compara compare; completar completa complete; componer compón componga; comprobar
comprueba compruebe; construir construye construya; contar cuenta cuente; contestar contesta conteste; continuar
continúa continúe; convertir convierte convierta; copiar copia copie; corregir corrige corrija; crear crea cree; dar
da dé; decir di diga; deducir deduce deduzca; definir define defina; demostrar demuestra demuestre; desarrollar
desarrolla desarrolle; describir describe describa; descubrir descubre descubra; detectar detecta detecte; determinar
determina determine; dibujar dibuja dibuje; diferenciar diferencia diferencie; diseñar diseña diseñe; dividir divide
divida; editar edita edite; ejecutar ejecuta ejecute; elaborar elabora elabore; elegir elige elija; eliminar elimina
elimine; encontrar encuentra encuentre; enlistar enlista enliste; enumerar enumera enumere; enunciar enuncia enuncie;
escoger escoge escoja; escribir escribe escriba; establecer establece establezca; estimar estima estime; evaluar
evalúa evalúe; explicar explica explique; exponer expón exponga; expresar expresa exprese; extraer extrae extraiga;
formar forma forme; formular formula formule; generar genera genere; hablar habla hable; hacer haz haga; hallar halla
halle; identificar identifica identifique; imaginar imagina imagine; implementar implementa implemente; indicar indica
indique; informar informa informe; insertar inserta inserte; interpretar interpreta interprete; inventar inventa
invente; investigar investiga investigue; leer lee lea; listar lista liste; llenar llena llene; mejorar mejora mejore;
mencionar menciona mencione; modificar modifica modifique; mostrar muestra muestre; narrar narra narre; nombrar nombra
nombre; observar observa observe; obtener obtén obtenga; ofrecer ofrece ofrezca; ordenar ordena ordene; organizar
organiza organice; parafrasear parafrasea parafrasee; pasar pasa pase; pedir pide pida; pensar piensa piense;
planificar planifica planifique; plantear plantea plantee; poner pon ponga; predecir predice prediga; preparar prepara
prepare; presentar presenta presente; probar prueba pruebe; programar programa programe; proponer propón proponga;
proporcionar proporciona proporcione; puntuar puntúa puntúe; realizar realiza realice; recomendar recomienda
recomiende; redactar redacta redacte; reemplazar reemplaza reemplace; reescribir reescribe reescriba; reformular
reformula reformule; relacionar relaciona relacione; relatar relata relate; rellenar rellena rellene; reordenar
reordena reordene; reorganizar reorganiza reorganice; resaltar resalta resalte; resolver resuelve resuelva; responder
responde responda; resumir resume resuma; revisar revisa revise; sacar saca saque; seleccionar selecciona seleccione;
señalar señala señale; separar separa separe; simplificar simplifica simplifique; sintetizar sintetiza sintetice;
subrayar subraya subraye; sugerir sugiere sugiera; sumar suma sume; sustituir sustituye sustituya; tirar tira tire;
tomar toma tome; traducir traduce traduzca; transformar transforma transforme; unir une; usar usa use; utilizar
utiliza utilice; valorar valora valore; verificar verifica verifique; visualizar visualiza visualice
"""
CLITICS = ("melo", "mela", "melos", "melas", "selo", "sela", "me", "nos", "le", "les", "te", "lo", "la", "los", "las")
# What may stand before the verb without being what the row asks for.
BEFORE = r"^(?:[^\p{L}¿]|por favor|ahora|primero)*"
QUESTION = (
    r"(?i)^[^\p{L}]*¿|^[^\p{L}]*(?:(?:[aeny]|de|del|con|por|para|desde|hasta|en|según)\s+)?"
    r"(?:qué|cuál(?:es)?|quién(?:es)?|cómo|dónde|cuándo|cuánt[oa]s?)\b"
)


def first_words(instructions: pl.Series) -> pl.Series:
    """The first word of each instruction in lower case, after "por favor" and the like; null where there is none."""
    return instructions.str.head(100).str.to_lowercase().str.replace(BEFORE, "").str.extract(r"^[^\p{L}]*(\p{L}+)")


def leading_verbs(instructions: pl.Series) -> pl.Series:
    """The infinitive of the verb that each instruction begins with; null where it begins with something else."""
    words = first_words(instructions)
    distinct = words.unique().drop_nulls().to_list()  # a loop over words, a few thousand, not over rows
    verbs = {word: verb for word in distinct if (verb := infinitive(word)) is not None}
    return words.replace_strict(verbs, default=None, return_dtype=pl.String) if verbs else words.clear(len(words))


def infinitive(word: str) -> str | None:
    """The verb of which a word is an imperative or the infinitive, pronouns at its end left aside; None for another word."""
    known, plain = _forms(), _unaccented(word)
    for form in (plain, *(plain.removesuffix(clitic) for clitic in CLITICS if plain.endswith(clitic))):
        # vosotros: escribid, vos: escribí; both are the infinitive but for its last letter.
        for one in (form, f"{form.removesuffix('d')}r"):
            if one in known:
                return known[one]
    return None


@cache
def _forms() -> dict[str, str]:
    """Every form without accents → the infinitive. Where two verbs share a form, the first that is listed has it."""
    forms: dict[str, str] = {}
    for entry in IMPERATIVES.split(";"):
        verb, *imperatives = entry.split()
        for form in (verb, *imperatives):
            forms.setdefault(_unaccented(form), verb)
    return forms


def _unaccented(word: str) -> str:
    """Without the accents that a pronoun or another person of the verb brings; ñ stays."""
    parts = unicodedata.normalize("NFD", word.replace("ñ", "\0"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).replace("\0", "ñ")
