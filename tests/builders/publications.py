"""Versions to publish: three numbers of one small dataset, and what a test says to their publisher."""

from builders.hub.published import open_published
from builders.recipes.model import Recipe
from builders.sources.reading import with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from cards.shared.sections import with_sections
from tests.builders.files import ROWS, write_file

REPO = "ana/recetas"
WHOLE = {stage: {"enabled": False} for stage in ("repair", "language", "quality", "dedup")}


def recipe(**changes):
    """A recipe that keeps every row as it is; the half of them is in validation."""
    card = {"title": "Recetas", "summary": "Cuatro filas sobre todo un poco.", "license": "apache-2.0"}
    settings = {"name": "recetas", "split": {"validation": 0.5, "seed": 2}, "card": card, **WHOLE}
    return Recipe.model_validate(settings | changes)


def built(folder, rows=ROWS, number=None, published=None, **changes):
    """Build rows, written into folder/filas.jsonl, into folder/versions: the result of `build`."""
    chosen = with_source(recipe(**changes), str(write_file(folder / "filas.jsonl", rows)), folder)
    return build(chosen, folder / "versions", number, published=published)


def make(folder, *words, **changes):
    """The version that `built` built."""
    return built(folder, *words, **changes).version


def spoken(rows=ROWS):
    """Other rows: a word more in each answer."""
    return [{**row, "output": f"{row['output']} Eso es todo."} for row in rows]


def three(folder):
    """1.0.0, then 1.1.0 with other rows, then 2.0.0 with another template and no validation split."""
    return {
        "1.0.0": make(folder),
        "1.1.0": make(folder, spoken()),
        "2.0.0": make(folder, spoken(), template="alpaca", split={"validation": 0.0}),
    }


def put(hub, version, repo=REPO):
    """A version in a repository as publishing leaves it, without the client. Returns the commit."""
    files = {path: (version.path / path).read_bytes() for path in [*version.manifest.files, "manifest.json"]}
    old = hub.paths(repo) if ("dataset", repo) in hub.store.repos else []
    gone = dict.fromkeys(path for path in old if path not in files and path != ".gitattributes")
    commit = hub.commit(repo, files | gone, message=f"Version {version.number}")
    hub.tag(repo, f"v{version.number}")
    return commit


def edit_card(hub, text, repo=REPO, revision="main"):
    """A person writes into the section `about` of the card on the Hub. Returns the commit."""
    card = hub.files(repo, revision)["README.md"].decode()
    return hub.commit(repo, {"README.md": with_sections(card, {"about": text})}, message="Update README.md")


def writes(hub, since=0):
    """The requests that change something, from the given place in the log on."""
    return [f"{one.method} {one.path}" for one in hub.log[since:] if one.method not in ("GET", "HEAD")]


def failing(repo, revision, registry):
    """{check: detail} of what does not verify, by hashes and ledger."""
    checks = verify(open_published(repo, revision, check=False), registry, quick=True)
    return {check.check: check.detail for check in checks if not check.ok}
