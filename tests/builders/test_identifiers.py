import re
import string

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from builders.errors import Invalid
from builders.identifiers import (
    COMMIT,
    DATASET_NAME,
    FIRST,
    SHA256,
    Commit,
    HubReference,
    LocalReference,
    Repository,
    Sha256,
    VersionNumber,
    is_commit,
    is_repository,
    parse_reference,
    require_repository,
    require_version_number,
    version_number,
    whole,
)

# ---- repositories ----------------------------------------------------------------------------------------------------

REPOSITORIES = ["ana/demo", "a/b", "_a_/_b_", "A1/b.c-d_e", "a.b/c.git.d", "9/9", "ana/" + "x" * 90]
NONE = [
    *("", "demo", "/", "a/", "/b", "a/b/c", "a//b", " a/b", "a/b ", "a/b\n", "a b/c", "a@b/c", "a/b@v1"),
    *("../..", "./.", ".a/b", "a./b", "a/.b", "a/b.", "-a/b", "a-/b", "a/-b", "a/b-"),
    *("a..b/c", "a/b..c", "a--b/c", "a/b--c", "a/b.git", "a\\b/c", "~/b", "a/b:c", "a/%2e", "a/b?c", "a/b#c"),
    *("añá/demo", "ana/demó", "аna/demo", "ana/d\u200bemo", "ana/١", "ana\x00/demo", "a/" + "x" * 97, "x" * 97 + "/a"),
]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_names_of_repositories(name):
    assert is_repository(name)
    assert require_repository(name, "ana/demo") == name
    assert TypeAdapter(Repository).validate_python(name) == name


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_name_of_a_repository(name):
    assert not is_repository(name)
    with pytest.raises(Invalid) as problem:
        require_repository(name, "ana/demo")
    assert str(problem.value) == f"{name}: not a name of a repository; write OWNER/NAME, such as ana/demo"
    with pytest.raises(ValidationError, match="must be OWNER/NAME"):
        TypeAdapter(Repository).validate_python(name)


NEAR_NAMES = st.text(st.sampled_from("ab9_.-/gitñ١ @\n"), max_size=14) | st.from_regex(
    r"[\w.-]{1,8}/[\w.-]{1,8}(\.git)?", fullmatch=True
)


@given(NEAR_NAMES | st.text(string.printable, max_size=120))
def test_the_hub_s_client_takes_every_name_that_is_taken_here(name):
    if is_repository(name):
        validate_repo_id(name)


@given(NEAR_NAMES)
def test_every_name_with_an_owner_that_the_hub_s_client_takes_is_taken_here(name):
    """But for letters of other alphabets, which its pattern lets pass and the Hub does not, and ends that no path should have."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        return
    owner, slash, rest = name.partition("/")
    ends = {owner[:1], owner[-1:], rest[:1], rest[-1:]}
    if slash and name.isascii() and not name.endswith("\n") and not ends & set(".-"):
        assert is_repository(name)


# ---- hashes and commits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["0123456789abcdef" * 2 + "01234567", "a" * 40])
def test_a_commit_has_forty_digits(digits):
    assert is_commit(digits) and TypeAdapter(Commit).validate_python(digits) == digits


@pytest.mark.parametrize(
    "text", ["", "a" * 39, "a" * 41, "A" * 40, "g" * 40, "a" * 39 + "\n", "a" * 40 + "\n", "١" * 40, "main"]
)
def test_what_is_no_commit(text):
    assert not is_commit(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Commit).validate_python(text)


@pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "A" * 64, "a" * 64 + "\n"])
def test_a_sha256_has_sixty_four_digits(text):
    assert TypeAdapter(Sha256).validate_python("a" * 64) == "a" * 64
    with pytest.raises(ValidationError):
        TypeAdapter(Sha256).validate_python(text)


@pytest.mark.parametrize(("pattern", "word"), [(COMMIT, "a" * 40), (SHA256, "a" * 64), (DATASET_NAME, "es-50k")])
def test_a_whole_pattern_lets_no_line_end_pass(pattern, word):
    assert re.search(whole(pattern), word)
    assert not re.search(whole(pattern), f"{word}\n")


# ---- version numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0.0", FIRST),
        ("v1.0.0", FIRST),
        ("0.0.0", VersionNumber(0, 0, 0)),
        ("10.20.30", VersionNumber(10, 20, 30)),
        ("999999999.0.0", VersionNumber(999_999_999, 0, 0)),
    ],
)
def test_version_numbers(text, number):
    assert version_number(text) == require_version_number(text) == number
    assert version_number(str(number)) == version_number(number.tag) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.0", "1.0.0.0", "1.0.x", "01.0.0", "1.00.0", "1.0.01", "-1.0.0", "+1.0.0", "1.0.0-rc1", "V1.0.0", "vv1.0.0"),
        *(" 1.0.0", "1.0.0 ", "1.0.0\n", "1..0", "1,0,0", "1.0.1000000000", "١.0.0", "main", "9" * 5_000 + ".0.0"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_is_no_version_number(text):
    assert version_number(text) is None
    with pytest.raises(Invalid, match=r"is not a version number; write X\.Y\.Z, such as 1\.0\.0"):
        require_version_number(text)


def test_version_numbers_are_ordered_by_their_numbers():
    texts = ["0.9.9", "1.0.0", "1.0.2", "1.0.10", "1.2.0", "1.10.0", "2.0.0", "10.0.0"]

    assert [str(number) for number in sorted(map(version_number, reversed(texts)))] == texts
    assert VersionNumber(1, 0, 0) <= FIRST and not VersionNumber(1, 0, 0) < FIRST


def test_the_number_after_a_change_of_each_size():
    number = VersionNumber(3, 4, 5)

    assert [str(number.bumped(step)) for step in ("major", "minor", "patch")] == ["4.0.0", "3.5.0", "3.4.6"]


# ---- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("demo@1.0.0", LocalReference("demo", "1.0.0")),
        ("demo@v1.0.0", LocalReference("demo", "v1.0.0")),
        ("demo@main", LocalReference("demo", "main")),  # a number or not, it names nothing else
        ("es-50k.x_y@2.0.0", LocalReference("es-50k.x_y", "2.0.0")),
        ("ana/demo@v1.0.0", HubReference("ana/demo", "v1.0.0")),
        ("ana/demo@main", HubReference("ana/demo", "main")),
        ("ana/demo@refs/pr/1", HubReference("ana/demo", "refs/pr/1")),
        (f"ana/demo@{'a' * 40}", HubReference("ana/demo", "a" * 40)),
    ],
)
def test_references(text, reference):
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    [
        *("", "demo", "demo@", "@1.0.0", "demo@1@2", "demo@a/b", "Demo@1.0.0", "-demo@1.0.0", "d" * 97 + "@1.0.0"),
        *("ana/demo", "ana/demo@", "ana/demo@a@b", "../demo@v1.0.0", "a/b/c@v1.0.0", "ana/demo.git@v1", "añá/demo@v1.0.0"),
        *("versions/demo/v1.0.0", "./demo@1.0.0", "/versions@x/demo", "demo@1.0.0/"),
    ],
)  # fmt: skip
def test_what_is_no_reference(text):
    assert parse_reference(text) is None


@given(NEAR_NAMES, st.text(st.sampled_from("v10.ab/@-"), max_size=6))
def test_a_reference_gives_back_what_was_written(name, revision):
    found = parse_reference(f"{name}@{revision}")

    if isinstance(found, HubReference):
        assert is_repository(found.repo) and f"{found.repo}@{found.revision}" == f"{name}@{revision}"
    elif found:
        assert re.search(whole(DATASET_NAME), found.name) and f"{found.name}@{found.version}" == f"{name}@{revision}"
