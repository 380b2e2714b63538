"""`aguila train sft` as a shell meets it: streams, exit codes, Ctrl-C, memory and space that run out."""

import json
import os
import signal
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from pathlib import Path

from aguila import cli as command_line
from tests.train.models import TINY, needs_unsloth

ROOT = Path(__file__).parents[2]
SHORT = ("train.max_steps=3", "train.learning_rate=0.02", "quantization.kind=nf4", "train.packing=true")


@pytest.fixture
def command(aguila_base, registry, tmp_path):
    """The words of a command that trains on filas@1.0.0, its options last."""

    def words(*options, overrides=SHORT, base=aguila_base):
        settings = [word for one in (*TINY, f"base.path={base}", *overrides) for word in ("--set", one)]
        return [
            *(
                sys.executable,
                "-m",
                "aguila",
                "train",
                "sft",
                "tiny",
                "--dataset",
                "filas@1.0.0",
                "--registry",
                str(registry),
            ),
            *settings,
            *options,
        ]

    return words


@pytest.fixture
def environment(tmp_path):
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("UNSLOTH", "HF_"))},
        "PYTHONPATH": str(ROOT),
        "HF_HOME": str(tmp_path / "hub"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """The same command in this process, in `tmp_path`."""

    def run(words):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["aguila", *words[3:]])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return subprocess.CompletedProcess(words, ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def aguila(environment, tmp_path):
    def run(words, **options):
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, **options
        )

    return run


def error_of(done):
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    return last.removeprefix("error: ")


# ---- both engines ----------------------------------------------------------------------------------------------------


@needs_unsloth
def test_both_engines_train_the_same_adapter(aguila, command, aguila_base, llama_base, tmp_path):
    """Traps B and D: Unsloth itself, on its CPU backend, and a trainer whose loss needs no GPU kernel."""
    done = {
        engine: aguila(command("--engine", engine, "--device", "cpu", "--out", engine, "--json"))
        for engine in ("plain", "unsloth")
    }

    records = {engine: json.loads(one.stdout) for engine, one in done.items()}
    assert [record["engine"] for record in records.values()] == ["plain", "unsloth"]
    assert records["unsloth"]["software"]["unsloth"] and "unsloth" not in records["plain"]["software"]
    assert records["plain"]["metrics"] == records["unsloth"]["metrics"]
    assert records["plain"]["tokens"] == records["unsloth"]["tokens"]
    assert records["plain"]["metrics"]["eval_loss"] < records["plain"]["metrics"]["first_eval_loss"]
    files = [{name: one for name, one in record["files"].items() if name != "README.md"} for record in records.values()]
    assert files[0] == files[1]
    assert "Unsloth" in done["unsloth"].stderr and "step 3/3" in done["unsloth"].stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub", "plain", "unsloth"]


@needs_unsloth
def test_unsloth_trains_a_llama(aguila, command, llama_base):
    done = aguila(command("--engine", "unsloth", "--device", "cpu", "--json", base=llama_base))

    record = json.loads(done.stdout)
    assert (record["path"], record["base"]["model_type"]) == ("adapters/tiny", "llama")
    assert record["metrics"]["eval_loss"] < record["metrics"]["first_eval_loss"]


# ---- looking first ---------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_everything_and_leaves_nothing(here, command, tmp_path):
    done = here(command("--dry-run", overrides=("train.max_steps=3", "train.max_length=56")))

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    heads = list(dict.fromkeys(line.split()[0] for line in lines[: lines.index("")]))
    assert heads == ["data", "template", "base", "engine", "tokens", "filling", "cut", "left", "steps", "memory"]
    masked = lines.index("masked (read, not learnt):")
    assert lines[masked + 1] == "### Instrucción:" and lines[-1].startswith("Un pozo natural")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_as_json(here, command):
    told = json.loads(here(command("--dry-run", "--json")).stdout)

    assert (told["steps"], told["epoch_steps"], told["engine"], told["device"]) == (3, 2, "plain", "cpu")
    assert told["memory"]["total"] == sum(told["memory"][part] for part in ("base", "adapter", "activations", "logits"))
    assert {"padded", "packed"} == told["tokens"]["filling"].keys()
    assert told["data"]["content_sha256"] and told["example"]["learnt"].endswith("<|endoftext|>")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--device", "cuda"], "--device cuda: no CUDA GPU can be used here"),
        (["--engine", "unsloth", "--device", "cuda"], "--device cuda: no CUDA GPU can be used here"),
        (["--set", "base.path=nada"], "base nada: no such folder; check base.path"),
        (["--set", "train.template=alpaca"], "filas@1.0.0 is written in template instruccion, and the recipe names"),
        (["--set", "train.max_length=8"], "filas@1.0.0 train: every row's prompt alone fills the window of 8 tokens"),
        (["--set", f"base.sha256={'ab' * 32}"], "base "),
        (["--resume"], "adapters/tiny.run: no checkpoint to go on from"),
        (["--set", "report_to=mlflow"], "report_to: mlflow is not installed"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(here, command, tmp_path, options, told):
    assert error_of(here(command(*options))).startswith(told)
    assert list(tmp_path.iterdir()) == []


# ---- what happens in between -----------------------------------------------------------------------------------------

LONGER = ("train.max_steps=12", "train.learning_rate=0.02", "train.save_steps=0", "train.eval_steps=4", "lora.lora_dropout=0.1")


def test_ctrl_c_saves_and_says_how_to_go_on(aguila, command, environment, tmp_path):
    unbroken = aguila(command("--out", "entero", overrides=LONGER))
    assert unbroken.returncode == 0, unbroken.stderr
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        command("--out", "roto", overrides=LONGER), cwd=tmp_path, env=environment, text=True, **pipes
    ) as child:
        read = next(line for line in child.stderr if line.startswith("step 2/12"))
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=120)

    assert read and (child.returncode, out) == (130, "")
    last = err.splitlines()[-1]
    assert (
        last.startswith("interrupted after step ")
        and "of 12; saved in roto.run: go on with" in last
        and last.endswith("--resume")
    )
    assert not (tmp_path / "roto").exists()

    resumed = aguila(command("--out", "roto", "--resume", overrides=LONGER))
    assert resumed.returncode == 0, resumed.stderr
    assert (tmp_path / "roto" / "losses.csv").read_text() == (tmp_path / "entero" / "losses.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entero", "hub", "roto"]


LIMITED = """
import resource, runpy, signal, sys
size = int(sys.argv[1])
sys.argv = ["aguila", *sys.argv[2:]]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("aguila", run_name="__main__")
"""


def test_out_of_memory_says_what_to_lower(here, command, tmp_path):
    """An adapter of petabytes, which no address space holds."""
    told = error_of(here(command(overrides=("train.per_device_train_batch_size=4", "lora.r=10000000000000"))))

    assert told.startswith("out of memory on cpu (estimate: ")
    assert "lower train.per_device_train_batch_size (now 4; raise train.gradient_accumulation_steps as much), train.max_length (now 128)" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are set as Linux sets them")
@pytest.mark.parametrize("save", ["0", "1"])
def test_a_full_disk_leaves_nothing_half_written(aguila, command, tmp_path, save):
    """No file may grow beyond 300 KiB: without checkpoints it is the adapter that does not fit, with them the first one."""
    words = command("--out", "mio", overrides=("train.max_steps=2", "lora.r=64", f"train.save_steps={save}"))[3:]
    done = aguila([sys.executable, "-c", LIMITED, str(300 * 2**10), *words])

    told = error_of(done)
    assert told.startswith("mio: could not be written (") and "free space there" in told
    assert not (tmp_path / "mio").exists() and not list(tmp_path.glob(".mio*"))


def test_ctrl_c_that_reaches_one_process_stops_all_after_the_same_step(command, environment, tmp_path):
    import psutil

    words = command("--out", "mio", overrides=("train.max_steps=2000", "train.eval_steps=0", "train.save_steps=0"))
    launched = [words[0], "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *words[1:]]
    with subprocess.Popen(
        launched, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as launcher:
        read = next(line for line in launcher.stderr if line.startswith("step 20/"))
        second = next(
            one for one in psutil.Process(launcher.pid).children(recursive=True) if one.environ().get("RANK") == "1"
        )
        second.send_signal(signal.SIGINT)
        try:
            _, err = launcher.communicate(timeout=60)
        finally:  # one process would wait for the other for ever
            for one in psutil.Process(launcher.pid).children(recursive=True) if launcher.poll() is None else ():
                one.kill()

    told = [line for line in err.splitlines() if line.startswith("interrupted after step ")]
    assert read and len(told) == 2 and told[0] == told[1]
    saved = tmp_path / "mio.run" / f"checkpoint-{told[0].split()[3]}"
    assert list((tmp_path / "mio.run").iterdir()) == [saved]
    mark = json.loads((saved / "complete.json").read_text("utf-8"))
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= mark["files"].keys()


def test_two_processes_train_together(command, aguila):
    """On a machine with GPUs `accelerate launch` starts them; here torch's own launcher does, on the CPU."""
    words = command("--out", "mio", "--json", overrides=("train.max_steps=2", "train.learning_rate=0.02"))
    launched = [words[0], "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = aguila([*launched, *words[1:]])

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["run"]["processes"], record["steps"]) == (2, 2)
    assert record["metrics"]["eval_loss"] < record["metrics"]["first_eval_loss"]
