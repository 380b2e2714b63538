"""Command lines that people copy."""

import shlex

from cards.shared.terminal import safe_line


def command(*words: str) -> str:
    """A command line of these words: `aguila explain mix@1.0.0 'fila 1'`."""
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word as a shell reads it back, with nothing in it that steers whatever shows it ($'…' of bash and zsh)."""
    if safe_line(word) == word:
        return shlex.quote(word)
    return "$'" + "".join(one if one.isascii() and one.isalnum() else f"\\U{ord(one):08x}" for one in word) + "'"
