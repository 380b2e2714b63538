"""The adapters or merged models that a model repository of the Hub holds."""

import logging
from dataclasses import dataclass

from builders.errors import NotFound
from builders.hub.snapshots import commits, published
from train.adapters.form import ADAPTER, MODEL
from train.adapters.publishing import record_at

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ListedAdapter:
    """A published adapter or merged model as `aguila versions` shows it: number, commit, date, base, and the data it learnt."""

    version: str
    commit: str
    date: str
    base: str
    data: str


def list_adapters(repo: str) -> list[ListedAdapter]:
    """What a model repository holds, oldest first. Raises NotFound when it has no adapter or merged model of ours."""
    found: list[ListedAdapter] = []
    for one in published(repo, "model").values():
        record = record_at(ADAPTER, repo, one.commit) or record_at(MODEL, repo, one.commit)
        if record is None:
            log.warning("%s@%s is left out: it is no adapter and no model of this tool", repo, one.tag)
            continue
        date = commits(repo, one.commit, "model")[0].created_at.isoformat()
        found.append(ListedAdapter(str(one.number), one.commit, date, record.base.label, record.data.reference))
    if not found:
        raise NotFound(f"{repo}: holds no adapter", f"publish one with `aguila publish-adapter FOLDER {repo}`")
    return found
