"""What tells Spanish from the English row beside it."""

PSEUDOCODE_TASK = r"(?i)pseudo-?\s?c[oó]d(?:igo|e)|pseint"
COMMON_WORDS = r"\b(?:el|la|los|las|un|una|de|del|que|y|en|con|para|por|es|se|qué|cómo)\b"
