"""Training in processes of its own: Ctrl-C as a shell sends it, and several processes that train together."""

import json
import signal

import pytest

from tests.installed import TRAINER, needs
from tests.processes import TRAINING, processes

needs("torch", TRAINER)

LONGER = (
    *("train.max_steps=12", "train.learning_rate=0.02", "train.save_steps=0"),
    *("train.eval_steps=4", "lora.lora_dropout=0.1"),
)


@pytest.fixture
def process(environment, tmp_path):
    """Start `aguila WORDS…` in a process that has torch and transformers; whatever still runs at the end is killed."""
    with processes(tmp_path, TRAINING, **environment) as start:
        yield start


def test_ctrl_c_saves_and_says_how_to_go_on(aguila, training_words, process, tmp_path):
    """Interrupted in a process of its own, resumed in this one: the losses are those of a run that nobody interrupted."""
    words = training_words("--out", "roto", overrides=LONGER)
    child = process(*words)
    read = next(line for line in child.stderr if line.startswith("step 2/12"))
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()

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


# What precedes the second command in the same process: the first one.
BEFORE = """
import sys
from aguila.__main__ import main
second, sys.argv = sys.argv, {argv!r}
try:
    main()
except SystemExit as ended:
    if ended.code:
        raise
sys.argv = second
"""


def launched(number):
    """The environment in which `accelerate launch --multi_gpu --num_processes NUMBER` and torchrun start each process.

    What accelerate sets is asked of accelerate itself. It starts several on the CPU if it is told that there are GPUs.
    """
    from accelerate.commands import launch
    from accelerate.utils.launch import prepare_multi_gpu_env

    options = ["--multi_gpu", "--num_processes", str(number), "--main_process_port", "0", "-m", "aguila"]
    parsed = launch._validate_launch_command(launch.launch_command_parser().parse_args(options))[0]
    known = {name: value for name, value in prepare_multi_gpu_env(parsed).items() if name.startswith("ACCELERATE")}
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(parsed.main_process_port)}
    size = {"WORLD_SIZE": str(number), "LOCAL_WORLD_SIZE": str(number)}
    return [{**known, **address, **size, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(number)]


def test_two_processes_train_together_and_ctrl_c_that_reaches_one_stops_both_after_the_same_step(
    training_words, process, tmp_path
):
    short = ("train.max_steps=2", "train.learning_rate=0.02", "train.save_steps=0")
    endless = ("train.max_steps=2000", "train.eval_steps=0", "train.save_steps=0")
    before = BEFORE.format(argv=["aguila", *map(str, training_words("--out", "dos", "--json", overrides=short))])
    words = training_words("--out", "mio", overrides=endless)
    first, second = (process(*words, first=before, **environment) for environment in launched(2))
    read = next(line for line in first.stderr if line.startswith("step 20/"))
    second.send_signal(signal.SIGINT)
    (out, err), (nothing, second_err) = first.communicate(), second.communicate()

    record = json.loads(out)
    assert (record["run"]["processes"], record["steps"], nothing) == (2, 2, "")
    assert record["metrics"]["eval_loss"] < record["metrics"]["first_eval_loss"]

    ends = [text.splitlines()[-1] for text in (err, second_err)]
    assert read and ends[0].startswith("interrupted after step ") and ends[0] == ends[1]
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
