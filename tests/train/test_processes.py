"""Training in processes of its own: Ctrl-C as a shell sends it, and several processes that train together."""

import json
import signal
import subprocess
import sys

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

LONGER = (
    *("train.max_steps=12", "train.learning_rate=0.02", "train.save_steps=0"),
    *("train.eval_steps=4", "lora.lora_dropout=0.1"),
)


def test_ctrl_c_saves_and_says_how_to_go_on(aguila, training_words, environment, tmp_path):
    """Interrupted in a process of its own, resumed in this one: the losses are those of a run that nobody interrupted."""
    words = training_words("--out", "roto", overrides=LONGER)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-m", "aguila", *words], cwd=tmp_path, env=environment, text=True, **pipes
    ) as child:
        read = next(line for line in child.stderr if line.startswith("step 2/12"))
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=120)

    assert read and (child.returncode, out) == (130, "")
    last = err.splitlines()[-1]
    assert last.startswith("interrupted after step ") and last.endswith("--resume")
    assert "of 12; saved in roto.run: go on with" in last
    assert not (tmp_path / "roto").exists()

    for again in (training_words("--out", "entero", overrides=LONGER), [*words, "--resume"]):
        done = aguila(*again)
        assert done.status == 0, done.err
    assert (tmp_path / "roto" / "losses.csv").read_text() == (tmp_path / "entero" / "losses.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entero", "roto"]


# Two commands in one process, as `python -m aguila` runs each: what precedes `then`, and what follows it.
TWICE = """
import runpy, sys
words = sys.argv[1:]
at = words.index("then")
for one in (words[:at], words[at + 1:]):
    sys.argv = ["aguila", *one]
    try:
        runpy.run_module("aguila", run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            raise
"""


def test_two_processes_train_together_and_ctrl_c_that_reaches_one_stops_both_after_the_same_step(
    training_words, environment, tmp_path
):
    """accelerate starts several on the CPU if it is told that there are GPUs.

    What lies in the folder under the name of one of this project's packages is not imported.
    """
    import psutil

    (tmp_path / "train.py").write_text("raise SystemExit('this file is the user's own')")

    short = ("train.max_steps=2", "train.learning_rate=0.02", "train.save_steps=0")
    endless = ("train.max_steps=2000", "train.eval_steps=0", "train.save_steps=0")
    (tmp_path / "twice.py").write_text(TWICE, "utf-8")
    launched = [
        *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"),
        *("--main_process_port", "0", "twice.py"),
        *(*training_words("--out", "dos", "--json", overrides=short), "then"),
        *training_words("--out", "mio", overrides=endless),
    ]
    with subprocess.Popen(
        launched, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as launcher:
        read = next(line for line in launcher.stderr if line.startswith("step 20/"))
        second = next(
            one for one in psutil.Process(launcher.pid).children(recursive=True) if one.environ().get("RANK") == "1"
        )
        second.send_signal(signal.SIGINT)
        try:
            out, err = launcher.communicate(timeout=60)
        finally:  # one process would wait for the other for ever
            for one in psutil.Process(launcher.pid).children(recursive=True) if launcher.poll() is None else ():
                one.kill()

    record = json.loads(out)
    assert (record["run"]["processes"], record["steps"]) == (2, 2)
    assert record["metrics"]["eval_loss"] < record["metrics"]["first_eval_loss"]

    ends = [line for line in err.splitlines() if line.startswith("interrupted after step ")]
    assert read and len(ends) == 2 and ends[0] == ends[1]
    saved = tmp_path / "mio.run" / f"checkpoint-{ends[0].split()[3]}"
    assert list((tmp_path / "mio.run").iterdir()) == [saved]
    mark = json.loads((saved / "complete.json").read_text("utf-8"))
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= mark["files"].keys()


@pytest.mark.parametrize("options", [["--cpu"], []])
def test_the_one_process_that_accelerate_starts_without_gpus_refuses_to_train_alone(
    aguila, training_words, monkeypatch, options
):
    """It would take twice the steps. What accelerate sets is asked of accelerate itself."""
    from accelerate.commands import launch
    from accelerate.utils.launch import prepare_simple_launcher_cmd_env

    parsed = launch.launch_command_parser().parse_args([*options, "--num_processes", "2", "-m", "aguila"])
    _, environment = prepare_simple_launcher_cmd_env(launch._validate_launch_command(parsed)[0])
    for name in ("MASTER_ADDR", "MASTER_PORT", "ACCELERATE_MIXED_PRECISION"):
        monkeypatch.setenv(name, environment[name])

    assert aguila(*training_words("--out", "solo")).error == (
        "accelerate started one process where several were asked for, as it does on a CPU; give it --multi_gpu and leave "
        "out --cpu, or use torchrun"
    )
