"""Words and numbers of Spain and Latin America around personal data, and what stands in its place."""

import re

PLACEHOLDER = {
    "correo": "[correo]",
    "teléfono": "[teléfono]",
    "tarjeta": "[tarjeta]",
    "iban": "[cuenta]",
    "cuenta": "[cuenta]",
    "ip": "[dirección IP]",
}
DOCUMENT_PLACEHOLDER = "[documento]"  # every other kind is an identity number
# A task about code or commands: the addresses in it are samples. "Código postal" is no such task.
SAMPLE_TASK = (
    r"(?i)\b(?:python|java|javascript|typescript|sql|mysql|html|css|php|bash|shell|ssh|regex|curl|git|comandos?|algoritmo|script|"
    r"expresi[oó]n(?:es)? regular(?:es)?|c[oó]digo (?:fuente|en|que|para)|fragmento de c[oó]digo|(?:una?|la|esta) funci[oó]n que)\b"
)

SAMPLE_ENDINGS = {"ejemplo"}
SAMPLE_DOMAIN = re.compile(
    r"ejemplos?|ex[ae]mples?|(?:tu|su|mi|un|el|some|your|my)?-?(?:nombre)?-?(?:de)?-?(?:dominio|domain)s?\d*|"
    r"(?:tu|su|mi|your|my)-?(?:empresa|correo|e?mail|sitio|sitioweb|web|compa[ñn][ií]a|company|servidor|tienda|site|negocio|"
    r"organizaci[oó]n|universidad|escuela|colegio|hotel|restaurante|banco|marca|proveedor)|x{2,}|abc|xyz|foo|bar|acme"
)
# Domains that examples share with firms: an address there is a sample when its user is a desk and not a person.
SHARED_DOMAIN = re.compile(
    r"(?:la)?(?:empresa|compa[ñn][ií]a|company|correo|correoelectronico|e?mail|sitio|web|servidor|server|host|tienda)"
)
DESK = re.compile(
    r"(?i)info\w*|contact[oe]?|soporte|support|ventas|sales|admin\w*|rrhh|ayuda|help|atenci[oó]n\w*|clientes?|servicio\w*|"
    r"hola|hello|recepci[oó]n|webmaster"
)
SAMPLE_USER = re.compile(
    r"(?i)(?:tu|su|mi|un|el|your|my)?[._-]?(?:nombre|correo|e?-?mail|usuario|name|user(?:name)?|direcci[oó]n|apellidos?|cuenta)"
    r"(?:[._-]?(?:y|de|tu|su)?[._-]?(?:nombre|apellidos?|usuario|correo|electr[oó]nico|name|lastname|completo|aqu[ií]))*\d{0,3}|"
    r"ejemplos?|ex[ae]mples?|first[._-]?(?:name)?[._-]?last(?:name)?|pruebas?|test\w{0,2}|foo|bar|x{2,}|abc|alguien|someone|"
    r"git|root|destinatario|remitente|no-?reply"
)
IP_WORDS = re.compile(
    r"(?i)(?<!\[dirección )\b(?:ips?|ipv[46]|servidor(?:es)?|router|enrutador|host|dns|red|conect\w+|conexi[oó]n)\b"
)
VERSION_WORDS = re.compile(
    r"(?i)\b(?:v(?:er|ersi[oó]n(?:es)?)?\.?|secci[oó]n|apartado|art[ií]culo|cap[ií]tulo|punto|release|actualizaci[oó]n|"
    r"build|firmware|kernel)\s?(?:a\s|la\s|n[º°.]\s?)?$"
)
COUNTED = r"€|\$|%|(?:euros?|pesos?|d[oó]lares|soles|millones|mil|unidades|personas|habitantes|usuarios)\b"
PHONE = r"(?<!\[)(?:tel[eé]fonos?|tel[eé]f|tel|tfnos?|tlfn?o?s?|tlfs?|m[oó]vil|celular|cel|whats?app|fax|n[uú]mero de contacto|(?:mi|tu|su) n[uú]mero(?! de))\b"
PHONE_WORDS = re.compile(
    rf"(?i)\b(?:{PHONE}|(?:ll[aá]m|marc|comun[ií]c|cont[aá]ct)\w+\s(?:\w+\s){{0,3}}?al\b)[^\d\n]{{0,30}}$"
)
PHONE_LABEL = re.compile(rf"(?i)\b{PHONE}\W{{1,4}}$")
SPAIN = ("ES",)
LATIN_AMERICA = (
    *("MX", "CO", "AR", "PE", "VE", "CL", "EC", "GT", "CU", "BO"),
    *("DO", "HN", "PY", "SV", "NI", "CR", "PA", "UY", "PR"),
)

ID_WORDS = r"dni|nif|d\.n\.i|identidad|identificaci[oó]n"
# A bare run of 16 digits is more often a large number: one in ten passes Luhn.
CARD_WORDS = (
    r"tarjetas?|visa|mastercard|american express|amex|cr[eé]dito|d[eé]bito|pagos?|pag(?:ar|ué|ó|a)|cobr(?:ar|o|ó)"
)
ACCOUNT_WORDS = r"clabe|cbu|ccc|cuentas?|transferencias?|transfier\w+"
SOCIAL_SECURITY_WORDS = r"seguro social|seguridad social|ssn"
# What introduces an identity number that has no check digit, and may stand between it and its name.
INTRODUCTION = (
    r"\b(?:DNI|D\.N\.I\.|c[eé]dula(?: de (?:ciudadan[ií]a|identidad|extranjer[ií]a))?|C\.C\.|C\.I\.|pasaporte|"
    r"documento (?:nacional )?de identidad|carn[eé]t? de identidad)"
    r"[\s:,*]*(?:(?:del? \w+|es|el|con|n[uú]mero|n[uú]m\.?|nro\.?|no\.|n\.?\s?[º°]|#)[\s:*]*){0,3}"
)
