"""The published card: where it is found, and what people add to its head, through the real client."""

import logging

import pytest

from builders.errors import Invalid
from builders.hub.published import open_published
from builders.hub.publishing import publish
from builders.versions.verify import verify
from cards.shared import header
from cards.shared.sections import sections
from tests.builders.files import ROWS
from tests.builders.publications import REPO, edit_card, failing, make, three, writes

GATED = {
    "extra_gated_prompt": "Di para qué la quieres.",
    "extra_gated_fields": {"Correo": "text"},
    "viewer": False,
    "thumbnail": "https://ana.example/foto.png",
}


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return three(tmp_path_factory.mktemp("versiones"))


@pytest.fixture
def registry(versions):
    return versions["1.0.0"].path.parents[1]


def card(hub, revision="main"):
    return hub.files(REPO, revision)["README.md"].decode()


def add(hub, **keys):
    """A person adds keys to the head of the card on the Hub, whose editor writes all of it anew. Returns the commit."""
    there = card(hub)
    head = dict(sorted((header.read(there) | keys).items()))
    return hub.commit(REPO, {"README.md": header.written(there, head)}, message="Update README.md")


# ---- where it is found -----------------------------------------------------------------------------------------------


def test_the_published_card_names_its_repository(hub, versions):
    publish(versions["1.0.0"], REPO)
    there = card(hub)

    assert f'rows = load_dataset("{REPO}", revision="v1.0.0")  # splits train, validation\n' in there
    assert f'ledger = load_dataset("{REPO}", revision="v1.0.0", name="ledger")\n' in there
    assert f"aguila verify {REPO}@v1.0.0   #" in there and f"aguila explain {REPO}@v1.0.0 ID   #" in there
    assert f"https://huggingface.co/datasets/{REPO}/discussions" in there
    assert f'  howpublished = "https://huggingface.co/datasets/{REPO}/tree/v1.0.0",\n' in there
    assert "versions/recetas" not in there and "recetas@1.0.0" not in there
    assert sections(there)["changes"] == "\nThe first version that is published here.\n"
    for placeholder in ("path/or/name", "OWNER/NAME", "compares no versions"):
        assert placeholder not in there


def test_the_published_card_verifies_and_one_of_another_number_does_not(hub, tmp_path):
    version = make(tmp_path)
    publish(version, REPO)
    there = card(hub)
    told = hub.commit(REPO, {"README.md": there.replace('revision="v1.0.0"', 'revision="v0.9.0"')})
    tagless = hub.commit(REPO, {"README.md": there.replace("- instruction-tuning\n", "")})
    recited = hub.commit(REPO, {"README.md": there.replace("/tree/v1.0.0", "/tree/v0.9.0")})
    copied = hub.commit(REPO, {"README.md": there.replace(REPO, "berta/copia")})

    def wrong(commit):
        found = verify(open_published(REPO, commit, check=False), tmp_path / "versions", str(tmp_path / "filas.jsonl"))
        return [check.check for check in found if not check.ok]

    assert wrong("v1.0.0") == []
    assert verify(version, tmp_path / "versions", str(tmp_path / "filas.jsonl")).result == "same bytes"
    assert wrong(told) == wrong(tagless) == wrong(recited) == ["rebuilt card"]
    assert wrong(copied) == [], "a copy of the repository"


# ---- the head --------------------------------------------------------------------------------------------------------


def test_what_people_add_to_the_head_is_kept_and_verifies(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    commit = add(hub, **GATED, tags=["instruction-tuning", "spanish", "cocina"])
    assert failing(REPO, commit, registry) == {}

    publish(versions["1.1.0"], REPO)

    head = header.read(card(hub))
    assert {key: head[key] for key in GATED} == GATED
    assert head["tags"] == ["instruction-tuning", "spanish", "cocina"]
    assert head["dataset_info"][0]["splits"][0]["num_examples"] == versions["1.1.0"].manifest.splits["train"]
    assert failing(REPO, "v1.1.0", registry) == {}


def test_what_a_version_vouches_for_is_written_anew_and_does_not_verify_changed(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    commit = add(hub, license="mit")
    assert failing(REPO, commit, registry)["files"].startswith("README.md: changed")

    publish(versions["1.1.0"], REPO)

    assert header.read(card(hub))["license"] == "apache-2.0"


def test_keys_of_the_recipe_leave_with_it_and_win_over_those_there(hub, tmp_path):
    stated = {"title": "Recetas", "license": "apache-2.0", "tags": ["cocina"]}
    publish(make(tmp_path, card={**stated, "extra": {"viewer": False, "thumbnail": "a.png"}}), REPO)
    assert header.read(card(hub))["viewer"] is False
    add(hub, thumbnail="de-ana.png", extra_gated_prompt="¿Quién eres?")

    changed = {**stated, "tags": ["postres"], "extra": {"extra_gated_prompt": "Di quién eres."}}
    publish(make(tmp_path, number="1.0.1", card=changed), REPO)

    head = header.read(card(hub))
    assert "viewer" not in head, "nobody but the recipe of before said it"
    assert head["thumbnail"] == "de-ana.png"
    assert head["extra_gated_prompt"] == "Di quién eres."
    assert head["tags"] == ["instruction-tuning", "spanish", "postres"]


def test_an_added_key_does_not_make_the_sections_peoples(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    there = card(hub)
    hub.commit(REPO, {"README.md": header.written(there, {**header.read(there), "viewer": False})})

    again = {"title": "Recetas", "summary": "Contadas de nuevo.", "license": "apache-2.0"}
    publish(make(tmp_path, number="1.0.1", card=again), REPO)

    assert sections(card(hub))["about"] == "\nContadas de nuevo.\n"
    assert header.read(card(hub))["viewer"] is False


@pytest.mark.parametrize("head", ["tags: [a", "a: &x [1]\nb: *x", "- lista", "viewer: !!python/name:os.system"])
def test_a_head_that_cannot_be_read_is_told(hub, versions, head):
    hub.commit(REPO, {"README.md": f"---\n{head}\n---\n"})
    asked = len(hub.log)

    with pytest.raises(Invalid, match=r"the YAML of its README.md cannot be read: .*; correct it there"):
        publish(versions["1.0.0"], REPO)
    assert writes(hub, asked) == []


# ---- a card that a person wrote --------------------------------------------------------------------------------------


def test_a_card_that_a_person_wrote_is_not_replaced_unasked(hub, versions):
    first = hub.commit(REPO, {"README.md": "---\nviewer: false\n---\n# Mis recetas\n"})
    asked = len(hub.log)

    with pytest.raises(Invalid) as told:
        publish(versions["1.0.0"], REPO)
    assert str(told.value) == (
        f"{REPO}: its README.md was written by hand, and a version brings a card of its own; put what it says into "
        f"card.summary, or replace it with --replace-card (it stays in commit {first[:12]})"
    )
    assert writes(hub, asked) == []

    publish(versions["1.0.0"], REPO, replace_card=True)
    assert "Mis recetas" not in card(hub)
    assert header.read(card(hub))["viewer"] is False


def test_a_head_alone_as_the_hub_makes_it_is_merged(hub, versions, caplog):
    hub.commit(REPO, {"README.md": "---\nlicense: mit\nviewer: false\n---\n"})

    with caplog.at_level(logging.WARNING, "builders"):
        publish(versions["1.0.0"], REPO)

    head = header.read(card(hub))
    assert (head["license"], head["viewer"]) == ("apache-2.0", False)
    assert caplog.records == []


def test_an_edited_section_is_carried_on_beside_all_that(hub, versions):
    publish(versions["1.0.0"], REPO)
    add(hub, viewer=False)
    edit_card(hub, "\nDe Marta.\n")

    publish(versions["1.1.0"], REPO)

    assert sections(card(hub))["about"] == "\nDe Marta.\n"
    assert f'load_dataset("{REPO}", revision="v1.1.0")' in card(hub)
    assert sections(card(hub))["changes"].endswith(f"0 added, 0 removed, {len(ROWS)} changed.\n")
