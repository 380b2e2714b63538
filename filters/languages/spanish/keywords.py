"""What a translator into Spanish makes of the keywords of code."""

# A condition and the beginning of what depends on it, in English code or translated. "If x > 3, then" is mathematics, "if
# 5 % stay:" is prose.
CONDITION = r"\s?\(?[^\n;{:]{0,40}(?:==|!=|<=|>=|[<>])[^\n;{:]{0,40}(?:\{|:\s*(?:$|\w+\s?[=(]|return|break|continue|retorn|dev|romp))"
# By the keyword, as in `filters/rules/keywords.py`.
TRANSLATIONS = {
    "print": r"\bimpr\w+\s?\(|\b(?:escrib|mostr|muestr)\w+\s?\(",
    "console.log": r"\bconsol[ae]\s?\.\s?\w+",
    "document": r"\bdocumento\s?\.\s?\w+",
    "for … in range": r"\bpara\s+(?:cada\s+)?\w+\s+(?:en|in)\s+(?:el\s+)?(?:rango|range|gama)\b|\bfor\s+\w+\s+en\b|\brango\s?\(",
    "for": r"\bpara\s*\(",
    "if": rf"\bsi\b{CONDITION}",
    "while": rf"\bmientras(?: que)?\b{CONDITION}",
    "else": r"\b(?:de lo contrario|si ?no|otro|más)\s*[:{]",
    "def": r"\b(?:definir|definición|define|definido|función)\s+\w+\s?\(",
    "function": r"\bfunci[oó]n\s?\w*\s?\(",
    "return": r"\b(?:devolver|devuelve|devuelva|retornar?|retorno|regresar?|regreso|volver)\b",
    "import": r"\bimportar?\s",
    "class": r"\bclase\s+\w+\s?[:{(]",
    "SELECT": r"\b(?:SELECCION\w+|SELECT)\b[^\n]{1,200}\b(?:DE|DESDE|DEL|FROM)\b",
    "WHERE": r"\bDONDE\b",
    "INSERT": r"\b(?:INSERTAR?|INSERTE|INSERT)\s+EN\b",
    "UPDATE": r"\bACTUALI[ZC]\w+\b|\b(?:ESTABLE[CZ]\w+|CONJUNTO)\b",
    "DELETE": r"\b(?:ELIMIN|BORR|SUPRIM)\w+\s+(?:DE|DESDE|FROM)\b",
    "CREATE TABLE": r"\b(?:CREAR?|CREE)\s+(?:LA\s+|UNA\s+)?TABLA\b",
    "tags": r"</\s?(?:título|cuerpo|cabez\w+|botón|formulario|forma|tabla|mesa|entrada|enlace|estilo|etiqueta)\s?>",
}
