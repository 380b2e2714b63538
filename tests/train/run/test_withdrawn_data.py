"""A version that was withdrawn on the Hub is no data to train on, unless that is meant."""

import pytest

from builders.errors import Denied
from builders.hub.publishing import publish
from builders.hub.yanking import yank
from tests.builders.publications import REPO, make
from train.run.data import open_data

REASON = "La mitad de las respuestas es de otras preguntas."


def test_training_on_it_is_refused_unless_it_is_meant(hub, tmp_path, caplog):
    commit = publish(make(tmp_path), REPO).commit
    yank(f"{REPO}@v1.0.0", REASON)

    for revision in ("v1.0.0", commit):
        with pytest.raises(Denied) as told:
            open_data(f"{REPO}@{revision}", tmp_path)
        assert str(told.value) == (
            f"{REPO}@v1.0.0 was withdrawn: {REASON}; use another version, or --yanked for this one"
        )
    assert open_data(f"{REPO}@v1.0.0", tmp_path, yanked=True).version.commit == commit
    assert caplog.messages == [f"{REPO}@v1.0.0 was withdrawn: {REASON}"]
