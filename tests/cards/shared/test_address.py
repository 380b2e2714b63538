import pytest

from cards.shared import address
from cards.shared.sections import fixed_sha256

BUILT = """# a@1.0.0 is here: "versions/a/v1.0.0"

<!-- aguila:address -->
load("versions/a/v1.0.0")
aguila verify a@1.0.0   # again
In the discussions of the repository where it is published.
<!-- /aguila:address -->
"""
PUBLISHED = """# a@1.0.0 is here: "versions/a/v1.0.0"

<!-- aguila:address -->
load("ana/filas.es", revision="v1.0.0")
aguila verify ana/filas.es@v1.0.0   # again
In the [discussions](https://huggingface.co/datasets/ana/filas.es/discussions) of this repository.
<!-- /aguila:address -->
"""


def test_a_published_card_names_the_repository_between_the_marks_alone():
    assert address.published(BUILT, address.DATASET, "a", "1.0.0", "ana/filas.es") == PUBLISHED


def test_and_back():
    assert address.as_built(PUBLISHED, address.DATASET, "a", "1.0.0") == BUILT
    assert address.as_built(PUBLISHED, address.DATASET, "a", "1.0.1") != BUILT
    assert fixed_sha256(PUBLISHED) == fixed_sha256(BUILT)


@pytest.mark.parametrize(
    ("old", "new"),
    [("# again", "# never"), ('load("', 'steal("'), ("ana/filas.es", "ana/filas.es; rm -r ."), ("# a@1", "# b@1")],
)
def test_nothing_else_may_change(old, new):
    assert fixed_sha256(PUBLISHED.replace(old, new)) != fixed_sha256(BUILT)
