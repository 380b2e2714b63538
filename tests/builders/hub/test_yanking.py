"""Versions that are withdrawn: noted in main and on the card, with their tag kept and their number used up."""

import json

import pytest

from builders.errors import Problem
from builders.hub.published import list_published
from builders.hub.publishing import publish
from builders.hub.yanking import note_on, yank
from builders.reading.audit import audited
from builders.sources.reading import read_source, with_source
from builders.versions.references import resolve
from cards.shared.sections import fixed_sha256, sections
from tests.builders.publications import REPO, failing, recipe, three, writes

REASON = "La mitad de las respuestas es de otras preguntas."


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return three(tmp_path_factory.mktemp("versiones"))


@pytest.fixture
def withdrawn(hub, versions):
    """1.0.0, withdrawn. Returns the commit behind its tag."""
    tagged = publish(versions["1.0.0"], REPO).commit
    yank(f"{REPO}@v1.0.0", REASON)
    return tagged


def refused(call, *arguments, **options):
    with pytest.raises(Problem) as told:
        call(*arguments, **options)
    return str(told.value)


def changes(hub, revision="main"):
    return sections(hub.files(REPO, revision)["README.md"].decode())["changes"]


def test_the_note_is_one_commit_on_main_and_the_tag_stays(hub, versions, withdrawn):
    assert [title for _, title in hub.history(REPO)] == ["Withdraw v1.0.0", "Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": withdrawn}
    assert json.loads(hub.files(REPO)["yanked.json"]) == {"v1.0.0": {"commit": withdrawn, "reason": REASON}}
    assert f"**Withdrawn: v1.0.0.** {REASON}" in changes(hub)
    assert [(one.version, one.yanked) for one in list_published(REPO)] == [("1.0.0", REASON)]
    assert resolve(f"{REPO}@v1.0.0", versions["1.0.0"].path).commit == withdrawn


def test_withdrawing_again_changes_nothing_and_another_reason_is_refused(hub, withdrawn):
    asked = len(hub.log)

    assert yank(f"{REPO}@1.0.0", REASON).outcome == "unchanged"
    assert refused(yank, f"{REPO}@v1.0.0", "otra").startswith(f"{REPO}@v1.0.0: was withdrawn before, because: {REASON}")
    assert writes(hub, asked) == []


def test_the_number_is_never_used_again_also_without_its_tag(hub, versions, withdrawn):
    told = f"{REPO}@v1.0.0 was withdrawn ({REASON}), and its number is not used again; the next free number is 1.0.1"
    assert refused(publish, versions["1.0.0"], REPO).startswith(told)
    hub.delete_tag(REPO, "v1.0.0")
    assert refused(publish, versions["1.0.0"], REPO).startswith(told.rpartition(";")[0])
    assert hub.tags(REPO) == {}


def test_a_reason_is_no_markup_on_the_card_and_leaves_its_parts_in_place(hub, versions):
    publish(versions["1.0.0"], REPO)
    hostile = "<!-- /aguila:editable --> <img src=x> [a](b) `c`\n# Título"
    before = fixed_sha256(hub.files(REPO, "main")["README.md"].decode())

    yank(f"{REPO}@v1.0.0", hostile)

    assert (
        r"**Withdrawn: v1.0.0.** &lt;\!-- /aguila:editable --&gt; &lt;img src=x&gt; \[a\](b) \`c\` \# Título"
        in changes(hub)
    )
    assert fixed_sha256(hub.files(REPO, "main")["README.md"].decode()) == before
    publish(versions["1.1.0"], REPO)
    assert changes(hub).count("Withdrawn: v1.0.0") == 1


def test_the_next_version_carries_the_note_on_and_verifies(hub, versions, withdrawn, caplog):
    publish(versions["1.1.0"], REPO)

    assert "yanked.json" in hub.paths(REPO, "v1.1.0")
    assert changes(hub).count("Withdrawn: v1.0.0") == 1 and changes(hub).startswith(f"\nSince {REPO}@v1.0.0: ")
    assert failing(REPO, "v1.1.0", versions["1.0.0"].path.parents[1]) == {}
    assert caplog.messages == []
    assert [one.yanked for one in list_published(REPO)] == [REASON, None]


def test_what_was_withdrawn_is_known_only_where_the_hub_can_be_asked(hub, versions, withdrawn):
    version = resolve(f"{REPO}@v1.0.0", versions["1.0.0"].path)

    assert note_on(version).reason == REASON and note_on(versions["1.0.0"]) is None
    hub.unplug()
    assert note_on(version) is None


def test_who_audits_it_or_builds_of_it_is_told_in_one_line(hub, versions, withdrawn, tmp_path, caplog):
    told = [f"{REPO}@v1.0.0 was withdrawn: {REASON}"]

    audited(f"{REPO}@v1.0.0", tmp_path)
    assert caplog.messages == told
    caplog.clear()
    read_source(with_source(recipe(name="nueva"), f"{REPO}@v1.0.0", tmp_path), tmp_path)
    assert caplog.messages == told


def test_a_note_whose_answer_is_lost_is_made_once(hub, versions):
    publish(versions["1.0.0"], REPO)
    hub.faults.lose_response("POST", "/commit/")

    made = yank(f"{REPO}@v1.0.0", REASON)

    assert made.commit == hub.head(REPO)
    assert [title for _, title in hub.history(REPO)] == ["Withdraw v1.0.0", "Version 1.0.0", "initial commit"]


@pytest.mark.parametrize(
    ("reference", "reason", "told"),
    [
        ("recetas@1.0.0", REASON, "recetas@1.0.0: not a version on the Hub; write OWNER/NAME@v1.0.0"),
        (f"{REPO}@main", REASON, f"{REPO}@main: not a version on the Hub; write OWNER/NAME@v1.0.0"),
        (f"{REPO}@v7.0.0", REASON, f"{REPO}@v7.0.0: no such version; versions of {REPO}: v1.0.0"),
        ("ana/nada@v1.0.0", REASON, "ana/nada@v1.0.0: no such version; no such repository"),
        (
            f"{REPO}@v1.0.0",
            " \n",
            "--reason is empty or too long; say in up to 300 characters why nobody should use it",
        ),
    ],
)
def test_what_cannot_be_withdrawn_is_told(hub, versions, reference, reason, told):
    publish(versions["1.0.0"], REPO)

    assert refused(yank, reference, reason) == told


@pytest.mark.parametrize("note", ["[]", '{"v1.0.0": {"x": ' + "[" * 100_000 + "]" * 100_000 + "}}"])
def test_a_note_that_cannot_be_read_is_told(hub, versions, withdrawn, note):
    hub.commit(REPO, {"yanked.json": note})

    assert refused(publish, versions["1.1.0"], REPO) == (
        f"{REPO}: its yanked.json cannot be read; put it right on the Hub, as `aguila yank` wrote it"
    )
