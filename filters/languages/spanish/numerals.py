"""Numbers and measures in Spanish words."""

import re

from filters.languages.number_words import NumberWords

HUNDREDS = "cient doscient trescient cuatrocient quinient seiscient setecient ochocient novecient"
SPANISH_NUMBERS = NumberWords(
    ones="cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis "
    "veintisiete veintiocho veintinueve",
    tens="veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    others={"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21, "cien": 100}
    | {stem + end: 100 * at for at, stem in enumerate(HUNDREDS.split(), 1) for end in ("o", "os", "as")},
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ordinals="primer segund tercer cuart quint sext septim octav noven decim undecim duodecim",
    endings=("", "o", "a", "os", "as"),
    scales={"mil": 10**3, "miles": 10**3, "k": 10**3, "millon": 10**6, "millones": 10**6, "m": 10**6, "billon": 10**12}
    | {"billones": 10**12, "docena": 12, "docenas": 12, "cientos": 100},
    joint="y",
    said="medio:1,2 media:1,2 medios:2 medias:2 mitad:1,2,50 mitades:2 tercio:1,3 tercios:3 tercera:1 cuarto:1 cuartos:4 "
    "cuarta:1 doble:2 triple:3 cuadruple:4 par:2 ambos:2 ambas:2 pareja:2 trio:3 decada:10 docena:12 centenar:100 "
    "siglo:100 mil:1000 millar:1000 mediodia:12 medianoche:12,0 quincena:15,2 quincenal:2 bienal:2 trienal:3",
    decade_before="años|los|década de(?: los)?",
)
METRIC_UNIT = re.compile(
    r"\s?(?:(?:k?m|[cm]m|k?g|m?l|ha|km/h|km2|m2|cm2|°\s?C?)\b|(?:centí|kiló|milí)?metros?|centimetros?|(?:kilo|kilogramo|gramo|litro|mililitro|hectárea|grado)s?)",
    re.IGNORECASE,
)
HUNDREDTHS = re.compile(r"\s?(?:%|centavos?|céntimos?|por ciento)")
