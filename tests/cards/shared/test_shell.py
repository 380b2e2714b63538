import subprocess

import pytest

from cards.shared.shell import command, quoted


def test_plain_words_stay_as_they_are():
    assert command("aguila", "explain", "mix@1.0.0", "alpaca-7") == "aguila explain mix@1.0.0 alpaca-7"


@pytest.mark.parametrize("word", ["una fila", "it's", "$(rm x)", "a\nb", "\u202ea-1", "\x1b[31m", "ñ 😀"])
def test_a_shell_reads_back_what_was_quoted(word):
    shown = quoted(word)

    assert shown.isprintable()
    read = subprocess.run(
        ["bash", "-c", f"printf %s {shown}"], capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=True
    )
    assert read.stdout.decode() == word
