"""Killed at points over the whole of a build, of a publication and of a training: whole or not at all, and the next one works.

The suite kills builds alone; `make chaos` (CHAOS_KILLS) publications and trainings too.
"""

import os
import random
import shutil
import time
from contextlib import suppress

import pytest

from builders.hub.published import open_published
from builders.versions.references import sound_versions
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.publications import REPO, failing, make
from tests.builders.rows import write_rows
from tests.chaos.points import ends_at, points, spread
from tests.processes import processes

SEED = int(os.environ.get("CHAOS_SEED", "1"))
KILLS = int(os.environ.get("CHAOS_KILLS", "10"))
LONG = "CHAOS_KILLS" in os.environ
TOGETHER = 5  # builds that run at once, in one registry
only_long = pytest.mark.skipif(not LONG, reason="runs with make chaos")


def test_a_build_that_is_killed_leaves_a_whole_version_or_none(tmp_path):
    write_rows(tmp_path / "filas.jsonl")
    (tmp_path / "filas.yaml").write_text(
        "name: filas\nsource: {kind: file, path: filas.jsonl}\nsplit: {validation: 0.3}\ncard: {license: apache-2.0}\n"
    )
    registry, tally = tmp_path / "versions", tmp_path / "tally"
    statuses = []
    with processes(tmp_path) as start:

        def build(title, nth=0):
            # Not in builders/versions, which is imported.
            first = ends_at("versions/filas", nth, tally.with_suffix(f".{title}"))
            return start("build", "filas.yaml", "--set", f"card.title=Filas {title}", first=first)

        def ended(child):
            child.communicate()
            return child.wait()

        assert ended(build("enteras")) == 0
        at = spread(points(tally.with_suffix(".enteras")), KILLS)
        random.Random(SEED).shuffle(at)
        for group in range(0, KILLS, TOGETHER):
            statuses += map(ended, [build(nth, at[nth]) for nth in range(group, min(group + TOGETHER, KILLS))])
        versions = [path for path in registry.glob("*/*") if path.is_dir() and path.name.startswith("v")]
        print(
            f"{KILLS} builds from seed {SEED}: {statuses.count(-9)} killed, {len(versions) - 1} of them with a version"
        )

        assert statuses.count(-9) == KILLS and 1 + KILLS // 5 <= len(versions) < KILLS
        assert {path.name for path in versions} == {f"v{number}" for number in sound_versions(registry, "filas")}
        for folder in versions:
            assert [one for one in verify(open_version(folder), registry, quick=True) if not one.ok] == [], folder
        assert ended(build("otra vez")) == 0  # nothing that is left stands in the way of the next build


@only_long
def test_a_publication_that_is_killed_is_whole_or_not_there_and_is_finished_by_the_next(hub, tmp_path):
    version = make(tmp_path)
    outcomes = []
    with processes(tmp_path) as start:

        def publish(repo):
            return start("publish", version.path, repo)

        begun = time.monotonic()
        assert (first := publish(REPO)).communicate() and first.wait() == 0
        lasts = time.monotonic() - begun
        for number in range(KILLS // 4):
            repo = f"ana/recetas-{number}"
            child = publish(repo)
            time.sleep(lasts * (0.2 + 0.9 * number / max(1, KILLS // 4 - 1)))
            with suppress(ProcessLookupError):  # it may be done
                child.kill()
            child.communicate()
            there = ("dataset", repo) in hub.store.repos and "manifest.json" in hub.paths(repo)
            outcomes.append((child.wait(), there))
            if there:
                assert failing(repo, hub.head(repo), tmp_path / "versions") == {}
            assert (again := publish(repo)).communicate() and again.wait() == 0
            assert failing(repo, "v1.0.0", tmp_path / "versions") == {}
            assert open_published(repo, "v1.0.0").manifest == version.manifest
    killed = [there for status, there in outcomes if status == -9]
    print(f"{len(outcomes)} publications: {len(killed)} killed, {sum(killed)} of them with the version on the Hub")


@only_long
def test_a_training_that_is_killed_leaves_a_whole_adapter_or_none_and_goes_on(tmp_path):
    pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")
    from tests.train.models import TINY, make_version, write_aguila
    from train.adapters.adapter import open_adapter

    make_version(tmp_path)
    base = write_aguila(tmp_path / "aguila-tiny")
    settings = (*TINY, f"base.path={base}", "train.max_steps=6", "train.save_steps=2", "train.learning_rate=0.02")
    words = [*("train", "sft", "tiny", "--dataset", "filas@1.0.0", "--registry", tmp_path / "versions")]
    words += [word for one in settings for word in ("--set", one)]
    tally = tmp_path / "tally"
    with processes(tmp_path, OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1") as start:

        def train(out, nth=0):
            resumed = ["--resume"] if any((tmp_path / f"{out}.run").glob("checkpoint-*/complete.json")) else []
            child = start(*words, "--out", out, *resumed, first=ends_at("mio", nth, tally))
            _, err = child.communicate()
            return child.wait(), err

        assert train("mio-0")[0] == 0
        losses = (tmp_path / "mio-0" / "losses.csv").read_text()
        at, whole, killed = spread(points(tally), max(4, KILLS // 8)), set(), 0
        for number, nth in enumerate(at, 1):
            out = f"mio-{number}"
            status, err = train(out, nth)
            assert "Traceback" not in err
            killed += status == -9
            if not (tmp_path / out).exists():
                status, err = train(out)
                assert status == 0, err
            else:
                whole.add(out)
            assert open_adapter(tmp_path / out).record.metrics.eval_loss
            assert (tmp_path / out / "losses.csv").read_text() == losses
            shutil.rmtree(tmp_path / out)
        assert killed == len(at) and (whole or len(at) < 6)  # of six, one stands behind the rename
        # Killed after the rename, it had not put its own folder away; nothing else is left.
        assert {path.name.removesuffix(".run") for path in tmp_path.glob("*mio-*")} <= whole | {"mio-0"}
    print(f"{len(at)} trainings: {killed} killed, {len(whole)} of them with an adapter")
