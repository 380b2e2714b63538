"""Code whose keywords were translated into Spanish."""

TRANSLATED_CODE = (
    r"\b[Ii]mprim(?:ir|e)\s?\(\s*(?:f?[\"'“]|\w+[,)])|\b[Pp]ara (?:cada )?\w+ en (?:el )?(?:rango|range)\s?\(|\b(?:SELECCIONAR?|SELECCIONE)\b[^\n]{1,80}\b(?:DE|DESDE|FROM)\b|"
    r"\b(?:devolver|retornar|regresar|devuelve)\s+[\w.\[\]()]{1,30}(?:\s?[+*/%-]\s?[\w.\[\]()]{1,20}){0,3};|\bfunción \w+\s?\([^)\n]*\)\s*\{|\b(?:def|definir) \w+\s?\([^)\n]*\):\s*(?:\n\s*)?(?:devolver|retornar|regresar|imprimir|si|para|mientras)\b|"
    r"\b[Ss]i \(?\w+(?:\[\w+\])?\s?(?:==|!=|>=|<=|>|<|%)\s?[\w\"'.%= ]{1,30}\)?\s?[:{]|\b[Mm]ientras \(?\w+\s?(?:==|!=|>=|<=|>|<)\s?[\w\"'.]{1,20}\)?\s?[:{]|\b(?:consola|console)\.(?:registro|registrar)\s?\(|\bconsola\.log\s?\(|"
    r"\bimportar \w+ como \w+|\bdesde \w+ importar \w+|\b(?:público|publico) (?:estático|vacío|clase)\b|\bINSERTAR EN \w+|\bdocumento\.(?:obtenerElemento|getElement)\w*|"
    r"\bsino:\s|\bcadena\.(?:longitud|reemplazar|dividir)\b|\bACTUALIZAR \w+ (?:SET|ESTABLECER)\b|\bverdadero && |\bimprimirln\s?\("
)
# Literals of which all translated code has one.
TRANSLATED_CODE_HINTS = [
    *("imprim", " rango", " range", "selecci", "devolver", "retornar", "regresar", "devuelve", "función ", "def "),
    *("definir ", "==", "!=", ">=", "<=", " > ", " < ", " % ", "consola", "importar ", "público", "publico"),
    *("insertar en", "documento.", "sino:", "cadena.", "actualizar ", "verdadero &&"),
]
PSEUDOCODE = r"(?i)pseudoc[oó]digo|pseint|en español|(?:def|function|func|void|fn) (?:imprimir|devolver|sumar?)\b|lenguaje inventado"
