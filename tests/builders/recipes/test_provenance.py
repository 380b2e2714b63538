import pytest

from builders.errors import Invalid
from builders.hub.publishing import publish
from builders.recipes.loading import load_recipe
from builders.recipes.model import Card
from builders.recipes.provenance import with_terms
from builders.sources.reading import with_source
from builders.versions.registry import build
from tests.builders.files import write_file

NOTHING = Card()


@pytest.fixture
def recipe(tmp_path):
    """Write a recipe beside a file of rows, and read it."""
    write_file(tmp_path / "filas.jsonl")

    def load(text, *overrides):
        (tmp_path / "receta.yaml").write_text(text, "utf-8")
        return load_recipe(str(tmp_path / "receta.yaml"), overrides)

    return load


@pytest.mark.parametrize(
    "source",
    [
        "{kind: file, path: filas.jsonl}",
        "{kind: hub, repo: ana/otras, revision: " + "c" * 40 + ", file: filas.jsonl}",
        "{kind: demo}",
        "{repo: ana/otras}",
    ],
)
def test_another_source_inherits_nothing_that_the_card_said_of_the_old_one(recipe, source):
    assert recipe(f"extends: es-full\nname: mias\nsource: {source}\n").card == NOTHING


def test_what_is_stated_with_the_new_source_counts(recipe):
    card = recipe(
        "extends: es-full\nname: mias\nsource: {kind: file, path: filas.jsonl}\ncard: {license: cc0-1.0, title: Mías}\n"
    ).card

    assert card == Card(license="cc0-1.0", title="Mías")


@pytest.mark.parametrize(
    "source", ["{revision: " + "c" * 40 + "}", "{columns: {id: uid}}", "{file: data/otra.json.gz}"]
)
def test_another_commit_file_or_mapping_of_the_same_source_keeps_its_terms(recipe, source):
    assert recipe(f"extends: es-full\nsource: {source}\n").card == load_recipe("es-full").card


def test_a_source_replaced_on_the_command_line_likewise(tmp_path, recipe):
    set_source = f"source={{kind: file, path: {tmp_path / 'filas.jsonl'}}}"

    assert load_recipe("es-full", [set_source]).card == NOTHING
    assert load_recipe("es-full", [set_source, "card.license=mit"]).card == Card(license="mit")
    assert load_recipe("es-full", ["card.license=cc-by-nc-4.0", set_source]).card == Card(license="cc-by-nc-4.0")
    assert with_source(load_recipe("es-full"), str(tmp_path / "filas.jsonl"), tmp_path).card == NOTHING


@pytest.mark.parametrize(
    ("card", "is_told"), [("3", "card: must be"), ("null", "card: must be"), ("[a]", "card: must be")]
)
@pytest.mark.parametrize("source", ["{kind: file, path: q.csv}", "{kind: demo}"])
def test_a_card_that_is_no_mapping_is_an_error_in_words(source, card, is_told):
    with pytest.raises(Invalid, match=is_told):
        load_recipe("es-full", [f"card={card}", f"source={source}"])


def test_a_recipe_that_leaves_its_file_open_keeps_its_words(tmp_path, recipe):
    mix = load_recipe("mix")

    assert with_source(mix, str(tmp_path / "filas.jsonl"), tmp_path).card == mix.card


def test_a_version_takes_over_the_terms_of_the_version_that_it_is_made_of(tmp_path, recipe):
    terms = ["card.license=cc-by-nc-4.0", "card.source_datasets=[ana/fuente]", "card.attribution=[Filas de Ana.]"]
    first = build(
        recipe("extends: mix\nname: primera\nsource: {path: filas.jsonl}\n", *terms), tmp_path / "versions"
    ).version

    second = build(with_source(load_recipe("es-full"), str(first.path), tmp_path), tmp_path / "versions").version

    card = second.recipe.card
    assert (card.license, card.source_datasets, card.attribution) == (
        "cc-by-nc-4.0",
        ("ana/fuente",),
        ("Filas de Ana.",),
    )
    assert "gpt-3.5" not in second.text("README.md") and "license: cc-by-nc-4.0" in second.text("README.md")


def test_a_stated_licence_is_not_replaced_and_the_repository_is_a_source():
    own = Card(license="cc-by-sa-4.0", source_datasets=("ana/fuente",))

    assert with_terms(own, Card(license="mit", source_datasets=("ana/fuente", "otra/mas")), "ana/publicada") == Card(
        license="cc-by-sa-4.0", source_datasets=("ana/fuente", "ana/publicada", "otra/mas")
    )


def test_an_unknown_licence_is_said_by_the_build_and_asked_for_by_publishing(hub, tmp_path, recipe, caplog):
    version = build(recipe("extends: mix\nsource: {path: filas.jsonl}\n"), tmp_path / "versions").version

    assert "the licence of the source is not stated" in caplog.text
    assert "\nlicense: unknown\n" in version.text("README.md")
    with pytest.raises(Invalid, match=r"the licence of its rows is not stated; add `card: \{license: cc-by-4.0\}`"):
        publish(version, "ana/mezcla")
    assert publish(version, "ana/mezcla", license_unknown=True).outcome == "published"


def test_a_licence_of_ones_own_is_named(hub, tmp_path, recipe):
    other = "extends: mix\nsource: {path: filas.jsonl}\ncard: {license: other}\n"
    version = build(recipe(other), tmp_path / "versions").version
    with pytest.raises(Invalid, match=r"its licence is `other`; name it: card.license_name and card.license_link"):
        publish(version, "ana/mezcla")

    named = ["card.license_name=licencia-de-ana", "card.license_link=https://ana.example/licencia"]
    version = build(recipe(other, *named), tmp_path / "versions").version

    assert "[licencia-de-ana](https://ana.example/licencia)" in version.text("README.md")
    assert publish(version, "ana/mezcla").outcome == "published"


def test_more_keys_of_the_head_belong_to_their_source_too(recipe):
    assert load_recipe("es-full", ["card.extra={viewer: false}", "source={kind: demo}"]).card.extra == {"viewer": False}
    stated = "extends: mix\nsource: {path: filas.jsonl}\ncard: {extra: {viewer: false, extra_gated_fields: {Correo: text}}}\n"
    first = recipe(stated)

    assert first.card.extra == {"viewer": False, "extra_gated_fields": {"Correo": "text"}}
    assert "extra" not in recipe("extends: mix\nsource: {path: filas.jsonl}\n").model_dump(mode="json")["card"]


@pytest.mark.parametrize("key", ["license", "configs", "tags", "pretty_name"])
def test_what_the_build_writes_is_not_stated_as_a_further_key(key):
    with pytest.raises(Invalid, match=r"card.extra: self would keep the Hub's client from reading the card"):
        load_recipe("demo", ["card.extra={self: x}"])
    with pytest.raises(Invalid, match=rf"card.extra: {key} is written by the build; there is a key of its own"):
        load_recipe("demo", [f"card.extra={{{key}: x}}"])
