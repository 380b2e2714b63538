import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from builders.errors import Problem
from builders.reading.audit import audit
from builders.reading.tokenizer import load_tokenizer
from tests.builders.rows import KEPT, small_version


@pytest.fixture
def saved(tmp_path):
    """A folder with a tokenizer for which every run of letters, or of signs, is a token; it would cut and pad."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=9, pad_token="[UNK]")
    folder = tmp_path / "fichas"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.mark.parametrize("file", ["", "tokenizer.json"])
def test_a_folder_or_its_file(saved, file):
    tokenizer = load_tokenizer(str(saved / file))

    assert len(tokenizer.encode("una dos tres cuatro cinco").ids) == 5


def test_nothing_is_cut_off_or_filled_up(saved):
    tokenizer = load_tokenizer(str(saved))

    assert (len(tokenizer.encode("a b c d e f g h i j k l").ids), len(tokenizer.encode("a").ids)) == (12, 1)


def test_a_tokenizer_of_the_hub(saved, hub):
    hub.commit("ana/modelo", {"tokenizer.json": (saved / "tokenizer.json").read_bytes()}, kind="model")

    assert len(load_tokenizer("ana/modelo").encode("una dos tres cuatro").ids) == 4


def test_a_repository_without_a_tokenizer(hub):
    hub.commit("ana/modelo", {"README.md": b"# Nada\n"}, kind="model")

    with pytest.raises(Problem, match=r"ana/modelo: tokenizer\.json: the repository has no tokenizer\.json"):
        load_tokenizer("ana/modelo")


@pytest.mark.parametrize("place", ["nada.json", "./nada", "/nada/de/nada", "a/b/c"])
def test_a_place_where_nothing_is(place):
    with pytest.raises(Problem) as problem:
        load_tokenizer(place)

    assert str(problem.value) == (
        f"--tokenizer {place}: no such file or folder, and not OWNER/NAME on the Hub; check the name"
    )


def test_a_folder_without_one(tmp_path):
    with pytest.raises(Problem, match=r"the folder has no tokenizer\.json"):
        load_tokenizer(str(tmp_path))


@pytest.mark.parametrize("text", ["{", "{}", '{"model": {"type": "Nada"}}'])
def test_a_broken_one(tmp_path, text):
    (tmp_path / "tokenizer.json").write_text(text, "utf-8")

    with pytest.raises(Problem, match=r"tokenizer\.json is no tokenizer that can be read"):
        load_tokenizer(str(tmp_path))


def test_tokens_of_a_version(saved, tmp_path):
    version = small_version(tmp_path)

    found = audit(version, str(saved)).tokens

    tokenizer = load_tokenizer(str(saved))
    rows = version.rows()
    sizes = {part: [len(tokenizer.encode(text).ids) for text in rows[part]] for part in ("prompt", "completion")}
    assert len(rows) == len(KEPT)
    assert {part: found.parts()[part].sum for part in sizes} == {part: sum(counts) for part, counts in sizes.items()}
    assert found.row.max == max(map(sum, zip(*sizes.values(), strict=True)))
    assert found.over == {"512": 0.0, "1024": 0.0, "2048": 0.0}
