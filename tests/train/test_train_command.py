"""`aguila train sft` as a shell meets it: streams, exit codes, what is refused, memory and space that run out."""

import json
import sys

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from tests.train.models import files_up_to

# ---- looking first ---------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_everything_and_leaves_nothing(aguila, training_words, tmp_path):
    done = aguila(*training_words("--dry-run", overrides=("train.max_steps=3", "train.max_length=56")))

    assert done.status == 0, done.err
    lines = done.out.splitlines()
    heads = list(dict.fromkeys(line.split()[0] for line in lines[: lines.index("")]))
    assert heads == ["data", "template", "base", "engine", "tokens", "filling", "cut", "left", "steps", "memory"]
    masked = lines.index("masked (read, not learnt):")
    assert lines[masked + 1] == "### Instrucción:" and lines[-1].startswith("Un pozo natural")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_as_json(aguila, training_words):
    overrides = ("train.max_steps=3", "train.learning_rate=0.02", "quantization.kind=nf4", "train.packing=true")
    found = json.loads(aguila(*training_words("--dry-run", "--json", overrides=overrides)).out)

    assert (found["steps"], found["epoch_steps"], found["engine"], found["device"]) == (3, 2, "plain", "cpu")
    parts = ("base", "adapter", "activations", "logits")
    assert found["memory"]["total"] == sum(found["memory"][part] for part in parts)
    assert found["tokens"]["filling"].keys() == {"padded", "packed"}
    assert found["tokens"]["train"]["left_out"] == found["tokens"]["validation"]["left_out"] == []
    assert found["data"]["content_sha256"] and found["example"]["learnt"].endswith("<|endoftext|>")
    assert found["recipe"]["train"]["max_steps"] == 3


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--device", "cuda"], "--device cuda: no CUDA GPU can be used here"),
        (["--engine", "unsloth", "--device", "cuda"], "--device cuda: no CUDA GPU can be used here"),
        (["--set", "base.path=nada"], "base nada: no such folder; check base.path"),
        (["--set", "train.template=alpaca"], "filas@1.0.0 is written in template instruccion, and the recipe names"),
        (["--set", "train.max_length=8"], "filas@1.0.0 train: every row's prompt alone fills the window of 8 tokens"),
        (
            ["--set", "train.length=8"],
            "training recipe tiny: unknown key train.length; it is called train.max_length now",
        ),
        (["--set", f"base.sha256={'ab' * 32}"], "base "),
        (["--resume"], "adapters/tiny.run: no checkpoint to go on from"),
        (["--set", "report_to=mlflow"], "report_to: mlflow is not installed"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(aguila, training_words, tmp_path, options, error):
    assert aguila(*training_words(*options)).error.startswith(error)
    assert list(tmp_path.iterdir()) == []


# ---- training --------------------------------------------------------------------------------------------------------


def test_what_was_trained_is_said_in_two_lines(aguila, training_words, tmp_path):
    done = aguila(*training_words(overrides=("train.max_steps=1", "train.save_steps=0")))

    assert done.status == 0, done.err
    first, second, folder = done.out.splitlines()
    assert first.startswith("trained tiny on filas@1.0.0, validation loss ")
    assert second.startswith("  1 steps in ") and folder == "  adapters/tiny"
    assert [path.name for path in (tmp_path / "adapters").iterdir()] == ["tiny"]


# ---- memory and space ------------------------------------------------------------------------------------------------


def test_out_of_memory_says_what_to_lower(aguila, training_words, tmp_path):
    """An adapter of petabytes, which no address space holds."""
    overrides = ("train.per_device_train_batch_size=4", "lora.r=10000000000000")
    error = aguila(*training_words(overrides=overrides)).error

    assert error.startswith("out of memory on cpu (estimate: ")
    batch = "train.per_device_train_batch_size (now 4; raise train.gradient_accumulation_steps as much)"
    assert f"lower {batch}, train.max_length (now 128)" in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are set as Linux sets them")
@pytest.mark.parametrize("save", ["0", "1"])
def test_a_full_disk_leaves_nothing_half_written(aguila, training_words, tmp_path, save):
    """No file may grow beyond 300 KiB: without checkpoints it is the adapter that does not fit, with them the first one."""
    overrides = ("train.max_steps=2", "lora.r=64", f"train.save_steps={save}")
    with files_up_to(300 * 2**10):
        done = aguila(*training_words("--out", "mio", overrides=overrides))

    assert done.error.startswith("mio: could not be written (") and "free space there" in done.error
    assert not (tmp_path / "mio").exists() and not list(tmp_path.glob(".mio*"))
