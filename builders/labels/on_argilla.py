"""The review queue on an Argilla 2 server, where several people judge it, and their answers back from there.

Needs the extra `argilla`. The key is that of the environment (ARGILLA_API_KEY) and is shown nowhere.
"""

import contextlib
import io
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import polars as pl

from builders.errors import Conflict, Denied, Invalid, NotFound, Problem, Unreachable, clipped
from builders.labels.queue import Queue
from builders.labels.records import Judgement, Label
from builders.labels.votes import Agreed, Vote, agreed
from builders.records import reason
from builders.schema import FIELDS
from builders.versions.version import Version
from filters import all_rules

if TYPE_CHECKING:
    import argilla

KEY = "ARGILLA_API_KEY"
VERDICTS: tuple[Judgement, ...] = get_args(Judgement)
# The labels of the community that cleaned Alpaca in Spanish (somosnlp/somos-alpaca-es).
GOOD = "ALL GOOD"
AT_FAULT = {"instruction": "BAD INSTRUCTION", "input": "BAD INPUT", "output": "BAD OUTPUT"}
QUALITIES = (GOOD, *AT_FAULT.values(), "INAPPROPRIATE", "BIASED")
# What is at fault where it is not the first field that a rule reads; rules that read all three fields alike do not tell.
BY_RULE = {
    "question_language": "instruction",
    "answer_language": "output",
    "url_as_data": "input",
    "echo": "output",
    "claimed_deed": "output",
}
GUIDELINES = (
    "Verdict: keep a row that is fit to learn from as it is, drop one that is not, fix one that is worth keeping, but not so. "
    "Quality says what is wrong. What the builder's rules say is suggested, and may be wrong."
)


@dataclass(frozen=True)
class Pushed:
    """A dataset that waits on the server. rows: how many it has. missing: rows whose text is not at hand."""

    dataset: str
    workspace: str
    rows: int
    missing: int


def require_workspace(url: str, workspace: str) -> None:
    """Raises Problem where a queue could not be sent: no client, no key, no server, no such workspace."""
    with _said(url):
        _workspace(_client(url), workspace)


def push_review(
    version: Version, found: Queue, url: str, workspace: str, dataset: str | None = None, annotators: int = 1
) -> Pushed:
    """Make a dataset of a queue, whose labels carry their texts. annotators: how many people are to judge each row.

    Raises Conflict where a dataset of that name is there, NotFound for an unknown workspace, Denied and Unreachable for what the
    server refuses. What was begun is taken back when it fails.
    """
    argilla = _library()
    name = dataset or f"{version.name}-v{version.number}".replace(".", "-")
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_ -]{0,199}", name):
        raise Invalid(f"{name!r} is no name of a dataset in Argilla", "letters, digits, - and _ make one")
    labels = [label for label in found.labels if label.instruction is not None]
    with _said(url):
        client = _client(url)
        if _dataset(client, _workspace(client, workspace), name) is not None:
            raise Conflict(f"{url}: workspace {workspace!r} has a dataset {name!r}", "choose another --dataset")
        made = argilla.Dataset(name, workspace, _settings(annotators), client)
        made.create()
        try:
            made.records.log(_records(version, labels))
        except BaseException:
            with contextlib.suppress(Exception):
                made.delete()
            raise
    return Pushed(name, workspace, len(labels), len(found.labels) - len(labels))


def fetch_review(url: str, workspace: str, dataset: str) -> Agreed:
    """What people answered: one label of each row on which they agree. Answers that wait or were discarded do not count.

    Raises NotFound for an unknown workspace or dataset, Invalid for a dataset that is none of ours.
    """
    with _said(url):
        client = _client(url)
        there = _dataset(client, _workspace(client, workspace), dataset)
        if there is None:
            raise NotFound(f"{url}: workspace {workspace!r} has no dataset {dataset!r}", "see its list there")
        judged = [_judged(record) for record in there.records(with_suggestions=False, with_responses=True)]
    return agreed(judged)


# ---- what is sent ----------------------------------------------------------------------------------------------------


def _settings(annotators: int) -> "argilla.Settings":
    import argilla

    return argilla.Settings(
        guidelines=GUIDELINES,
        fields=[argilla.TextField(name, required=name == "instruction") for name in FIELDS],
        questions=[
            argilla.LabelQuestion("verdict", labels=list(VERDICTS)),
            argilla.MultiLabelQuestion("quality", labels=list(QUALITIES), required=False),
            argilla.TextQuestion("note", required=False),
        ],
        metadata=[
            *(argilla.TermsMetadataProperty(name) for name in ("rule", "stratum", "row_sha256")),
            argilla.IntegerMetadataProperty("of"),
        ],
        distribution=argilla.TaskDistribution(min_submitted=annotators),
    )


def _records(version: Version, labels: list[Label]) -> "list[argilla.Record]":
    """Rows with what the rules say of them."""
    import argilla

    columns = ("id", "status", "rule", "score", "flags")
    ids = pl.DataFrame({"id": [label.id for label in labels]}, schema={"id": pl.String})
    entries = {row["id"]: row for row in version.ledger().join(ids, on="id", how="semi").select(columns).to_dicts()}
    records = []
    for label in labels:
        rule = label.stratum.partition(":")[2]
        suggestions = [
            argilla.Suggestion(question, value, score=score, agent=agent)
            for question, value, score, agent in _suggested(entries[label.id])
        ]
        records.append(
            argilla.Record(
                id=label.id,
                fields={name: getattr(label, name) for name in FIELDS},
                metadata={"rule": rule, "stratum": label.stratum, "row_sha256": label.row_sha256, "of": label.of},
                suggestions=suggestions,
            )
        )
    return records


def _suggested(entry: dict[str, Any]) -> Iterator[tuple[str, Any, Any, str]]:
    """What the ledger says of a row: question, answer, score and who says so."""
    if entry["status"] == "dropped":
        by, score = entry["rule"], entry["score"]
        yield "verdict", "drop", score, by
    elif entry["flags"]:
        by, score = entry["flags"][0], None
    else:
        yield "verdict", "keep", None, "no rule"
        yield "quality", [GOOD], None, "no rule"
        return
    if fault := _fault(by):
        yield "quality", [fault], None if score is None else [score], by


def _fault(name: str) -> str | None:
    """What a rule finds fault with, in the community's words; None where it does not tell, as for duplicates."""
    if name in BY_RULE:
        return AT_FAULT[BY_RULE[name]]
    rule = all_rules().get(name)
    if rule is None or (len(rule.fields) == len(FIELDS) and rule.fields[0] == FIELDS[0]):
        return None
    return AT_FAULT[rule.fields[0]]


# ---- what comes back -------------------------------------------------------------------------------------------------


def _judged(record: "argilla.Record") -> tuple[Label, list[Vote]]:
    """A row as it was sent, and what people answered about it."""
    told = dict(record.metadata)
    values = {"id": str(record.id), **{key: told.get(key) for key in ("row_sha256", "stratum", "of")}}
    try:
        label = msgspec.convert({key: value for key, value in values.items() if value is not None}, Label)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"record {clipped(str(record.id))!r} is no row of a review ({reason(error)})",
            "name a dataset that `aguila review --argilla` made",
        ) from None
    said: dict[str, dict[str, Any]] = {}
    for response in record.responses:
        if response.status == "submitted":
            said.setdefault(str(response.user_id), {})[response.question_name] = response.value
    votes = [
        Vote(
            who,
            one["verdict"],
            tuple(quality for quality in one.get("quality") or () if quality != GOOD),
            one.get("note") or "",
        )
        for who, one in sorted(said.items())
        if one.get("verdict") in VERDICTS
    ]
    return label, votes


# ---- the server ------------------------------------------------------------------------------------------------------


def _library() -> Any:
    try:
        import argilla
        import nltk  # noqa: F401
    except ImportError as error:
        raise NotFound(
            f"Argilla's client is not installed ({error.name} is missing)", "pip install 'aguila-data[argilla]'"
        ) from None
    return argilla


def _client(url: str) -> "argilla.Argilla":
    if not re.match(r"https?://[^/]", url):
        raise Invalid(f"{clipped(url)!r} is no address of a server", "such as http://localhost:6900")
    key = os.environ.get(KEY)
    if not key:
        raise Denied(f"{KEY} is not set", f"export {KEY}=… (the server's page shows yours under My settings)")
    if not key.isascii() or not key.isprintable():
        raise Denied(f"{KEY} holds signs that no key has", "copy it again from the server's page")
    return _library().Argilla(api_url=url, api_key=key, retries=2)


def _workspace(client: "argilla.Argilla", name: str) -> "argilla.Workspace":
    spaces = {one.name: one for one in client.workspaces}
    if name not in spaces:
        there = ", ".join(sorted(spaces)) or "none"
        raise NotFound(
            f"{client.api_url}: no workspace {name!r} (there are: {clipped(there, 200)})", "name one of those"
        )
    return spaces[name]


def _dataset(client: "argilla.Argilla", workspace: "argilla.Workspace", name: str) -> "argilla.Dataset | None":
    return next((one.get() for one in workspace.datasets if one.name == name), None)


@contextlib.contextmanager
def _said(url: str) -> Iterator[None]:
    """One line for what the server or the way to it says no with, in place of the client's errors, bars and warnings."""
    import httpx

    argilla = _library()
    errors = argilla._exceptions
    try:
        unheard = io.StringIO()  # the client prints bars and, without a script that is run, errors on stdout
        with warnings.catch_warnings(), contextlib.redirect_stderr(unheard), contextlib.redirect_stdout(unheard):
            warnings.simplefilter("ignore")
            yield
    except Problem:
        raise
    except errors.ArgillaCredentialsError:
        raise Denied(
            f"{url}: the server does not know the key in {KEY}", "copy it again from the server's page"
        ) from None
    except errors.ArgillaError as error:
        raise _refused(url, error) from None
    except httpx.HTTPError as error:
        raise Unreachable(
            f"{url}: no answer ({clipped(str(error)) or type(error).__name__})", "is it Argilla's address?"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        told = clipped(" ".join(str(error).split()))
        raise Invalid(
            f"{url}: the answer is none of an Argilla 2 server ({told})", "is it Argilla's address?"
        ) from None


def _refused(url: str, error: Exception) -> Problem:
    """What the server said no with, in its own words."""
    import argilla

    chain: list[BaseException] = [error]  # a dataset that cannot be made is told by what made it fail
    while following := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(following)
    denied = (argilla._exceptions.ForbiddenError, argilla._exceptions.UnauthorizedError)
    cause = next((one for one in chain if hasattr(one, "status_code")), error)
    words = clipped(re.sub(r"^Argilla SDK error: \w+: ", "", " ".join(str(cause).split())), 200)
    if isinstance(cause, denied):
        return Denied(f"{url}: the server does not allow it ({words})", "ask its owner, or use another workspace")
    status = getattr(cause, "status_code", None)
    if status is None or status >= 500:
        return Unreachable(f"{url}: the server fails ({words})", "try again later")
    return Invalid(f"{url}: the server refuses ({words})", "see what it says")
