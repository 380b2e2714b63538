import json
import re

import pytest

torch = pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from builders.errors import Problem
from builders.versions.version import open_version
from tests.train.models import TINY, copied, planned, tokenizer
from train.adapters.adapter import open_adapter
from train.base.checkpoint import open_checkpoint
from train.methods.sft import train
from train.recipes.model import Base
from train.run.plan import summary
from train.run.progress import Evaluation, Step, line
from train.run.trainer import COMPLETE, peak_memory

LONG = ("train.num_train_epochs=4", "train.learning_rate=0.01", "train.save_steps=3", "train.eval_steps=4", "lora.lora_dropout=0.1")


@pytest.fixture
def run(aguila_base, registry, cache, tmp_path):
    """Train with some overrides: the adapter and what was told."""

    def trained(name, *overrides, resume=False, base=aguila_base):
        told = []
        adapter = train(planned(base, registry, cache, *overrides), tmp_path / name, resume, told.append)
        return adapter, told

    return trained


def losses(adapter):
    return (adapter.path / "losses.csv").read_text("utf-8")


# ---- the adapter -----------------------------------------------------------------------------------------------------


def test_an_adapter_folder_holds_what_the_design_says(run, registry, tmp_path):
    adapter, _ = run("mio", "train.max_steps=2")

    assert sorted(path.name for path in adapter.path.iterdir()) == [
        *("README.md", "adapter_config.json", "adapter_model.safetensors", "loss.svg", "losses.csv"),
        *("template.json", "tokenizer.json", "tokenizer_config.json", "training.json"),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mio"]
    version, record = open_version(registry / "filas" / "v1.0.0"), adapter.record
    assert (record["data"]["reference"], record["data"]["content_sha256"]) == ("filas@1.0.0", version.content_sha256)
    assert (record["template"]["name"], adapter.template.name) == ("instruccion", "instruccion")
    assert record["template"]["sha256"] == version.manifest.template["sha256"] == adapter.template.sha256
    assert (record["base"]["name"], record["base"]["vocabulary"], record["base"]["layers"]) == ("aguila-tiny", 400, 2)
    assert (record["steps"], record["engine"], record["precision"], record["optimizer"]) == (
        2,
        "plain",
        "fp32",
        "adamw_torch_fused",
    )
    assert record["recipe"]["base"]["sha256"] == record["base"]["sha256"]
    assert set(record["files"]) == {path.name for path in adapter.path.iterdir()} - {"training.json"}


def test_nothing_in_an_adapter_names_this_machine(run, aguila_base, cache, registry, tmp_path):
    adapter, _ = run("mio", "train.max_steps=1")

    text = "".join(path.read_bytes().decode("latin-1") for path in adapter.path.iterdir())
    assert [place for place in (aguila_base, cache, registry, tmp_path) if str(place) in text] == []
    assert json.loads((adapter.path / "adapter_config.json").read_text())["base_model_name_or_path"] == "aguila-tiny"


def test_two_runs_write_the_same_bytes(run):
    one, _ = run("uno", *LONG)
    other, _ = run("dos", *LONG)

    hashes = [
        {**adapter.record, "run": None, "files": {**adapter.record["files"], "README.md": None}}
        for adapter in (one, other)
    ]
    assert hashes[0] == hashes[1]
    for name in set(one.record["files"]) - {"README.md"}:  # the card tells how long it took
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name


def test_it_learns_and_tells(run):
    adapter, told = run("mio", "train.num_train_epochs=8", "train.learning_rate=0.01", "train.eval_steps=4")

    steps = [one for one in told if isinstance(one, Step)]
    evaluations = [one for one in told if isinstance(one, Evaluation)]
    assert [one.step for one in steps] == list(range(1, adapter.record["steps"] + 1))
    assert steps[-1].loss < 0.9 * steps[0].loss
    assert all(one.tokens_per_second > 0 and one.memory > 0 and one.seconds_left >= 0 for one in steps)
    assert [one.step for one in evaluations][:2] == [0, 4]
    metrics = adapter.record["metrics"]
    assert (metrics["first_eval_loss"], metrics["eval_loss"]) == (evaluations[0].loss, evaluations[-1].loss)
    assert (metrics["first_train_loss"], metrics["last_train_loss"]) == (steps[0].loss, steps[-1].loss)
    assert losses(adapter).splitlines()[:3] == [
        *("step,split,loss", f"0,validation,{evaluations[0].loss!r}", f"1,train,{steps[0].loss!r}"),
    ]
    assert re.fullmatch(r"step 1/\d+  loss \d+\.\d{4}  [\d,]+ tokens/s  \d\.\d\d GiB  0:00:\d\d left", line(steps[0]))
    assert (adapter.path / "loss.svg").read_text().startswith("<svg")


def test_the_first_evaluation_is_of_the_base_itself(run, aguila_base, registry, cache):
    """A new adapter changes nothing yet: its second factor is zero."""
    from transformers import AutoModelForCausalLM

    from train.run.loss import mean_loss

    metrics = run("mio", "train.max_steps=2", "train.learning_rate=0.05")[0].record["metrics"]
    plan = planned(aguila_base, registry, cache)
    base = AutoModelForCausalLM.from_pretrained(plan.checkpoint.folder, dtype=torch.float32).eval()
    alone, _ = mean_loss(base, plan.validation, plan.tokenizer.pad_token_id, 2)

    assert metrics["first_eval_loss"] == pytest.approx(alone, rel=1e-5)
    assert metrics["eval_loss"] != metrics["first_eval_loss"]


@pytest.mark.parametrize("packing", ["false", "true"])
@pytest.mark.parametrize("kind", ["nf4", "none"])
@pytest.mark.parametrize("base", ["aguila_base", "llama_base"])
def test_bases_quantizations_and_packing(run, request, base, kind, packing):
    adapter, _ = run(
        "mio", "train.max_steps=3", "train.learning_rate=0.02", f"quantization.kind={kind}", f"train.packing={packing}",
        "train.gradient_checkpointing=true", base=request.getfixturevalue(base),
    )  # fmt: skip

    metrics = adapter.record["metrics"]
    assert metrics["eval_loss"] < metrics["first_eval_loss"]


def test_accumulated_steps_are_steps_of_a_larger_batch(run):
    """The mean over all answer tokens of a step, not the mean of means."""
    apart, _ = run("aparte", "train.per_device_train_batch_size=1", "train.gradient_accumulation_steps=4", "train.max_steps=3", "train.eval_steps=0")
    together, _ = run("junto", "train.per_device_train_batch_size=4", "train.gradient_accumulation_steps=1", "train.max_steps=3", "train.eval_steps=0")

    for one, other in zip(losses(apart).splitlines()[1:], losses(together).splitlines()[1:], strict=True):
        assert float(one.split(",")[2]) == pytest.approx(float(other.split(",")[2]), rel=1e-4)


def test_peak_memory_remembers_what_was_given_back():
    import psutil

    block = bytearray(b"x") * 2**28
    held = psutil.Process().memory_info().rss
    del block

    assert psutil.Process().memory_info().rss < held - 2**27
    assert peak_memory() > held - 2**24  # the kernel counts pages in batches


# ---- going on --------------------------------------------------------------------------------------------------------


class Stop(Exception):
    pass


def stopped_at(step):
    def report(done):
        if isinstance(done, Step) and done.step == step:
            raise Stop

    return report


def test_a_resumed_run_has_the_losses_of_an_unbroken_one(run, aguila_base, registry, cache, tmp_path):
    unbroken, _ = run("entero", *LONG)
    with pytest.raises(Stop):
        train(planned(aguila_base, registry, cache, *LONG), tmp_path / "roto", report=stopped_at(8))
    assert [path.name for path in sorted((tmp_path / "roto.run").iterdir())] == ["checkpoint-3", "checkpoint-6"]
    torch.rand(7)  # another state of the generator than the run had

    resumed, told = run("roto", *LONG, resume=True)

    assert told[0].step == 7
    assert losses(resumed) == losses(unbroken)
    assert (resumed.path / "adapter_model.safetensors").read_bytes() == (
        unbroken.path / "adapter_model.safetensors"
    ).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entero", "roto"]


def test_a_checkpoint_that_was_cut_off_is_passed_over(run, aguila_base, registry, cache, tmp_path):
    with pytest.raises(Stop):
        train(planned(aguila_base, registry, cache, *LONG), tmp_path / "roto", report=stopped_at(8))
    (tmp_path / "roto.run" / "checkpoint-6" / COMPLETE).unlink()
    (tmp_path / "roto.run" / "checkpoint-6" / "optimizer.pt").write_bytes(b"half")

    _, told = run("roto", *LONG, resume=True)

    assert told[0].step == 4


@pytest.mark.parametrize(("name", "data"), [("optimizer.pt", b"half"), ("trainer_state.json", None), (COMPLETE, b"x")])
def test_a_checkpoint_that_was_damaged_after_its_mark_is_passed_over(
    run, aguila_base, registry, cache, tmp_path, name, data
):
    with pytest.raises(Stop):
        train(planned(aguila_base, registry, cache, *LONG), tmp_path / "roto", report=stopped_at(8))
    damaged = tmp_path / "roto.run" / "checkpoint-6" / name
    damaged.write_bytes(data) if data else damaged.unlink()

    adapter, told = run("roto", *LONG, resume=True)

    assert told[0].step == 4
    steps, after = adapter.record["steps"], adapter.record["run"]["after_step"]
    assert (after, told[-2].step) == (3, steps)
    assert f" for the steps after {after}, where it was resumed, " in (adapter.path / "README.md").read_text("utf-8")
    assert f"  {steps - after} steps after step {after} in " in summary(adapter.record)


def test_a_run_that_diverges_is_stopped(run, tmp_path):
    hot = ("train.learning_rate=1e30", "train.warmup_steps=0", "train.max_steps=8", "train.lr_scheduler_type=constant_with_warmup")
    with pytest.raises(
        Problem, match=r"step 2: the loss is nan, the run has diverged; lower train.learning_rate .now 1e"
    ):
        run("mio", *hot)
    assert not (tmp_path / "mio").exists()


@pytest.mark.parametrize("change", ["train.learning_rate=0.02", "train.seed=1", "train.packing=true"])
def test_another_run_cannot_be_resumed(run, aguila_base, registry, cache, tmp_path, change):
    with pytest.raises(Stop):
        train(planned(aguila_base, registry, cache, *LONG), tmp_path / "roto", report=stopped_at(4))

    with pytest.raises(Problem, match=r"checkpoint-3: belongs to another run"):
        run("roto", *LONG, change, resume=True)
    with pytest.raises(Problem, match=r"roto.run: holds an interrupted run; go on with --resume, or remove it"):
        run("roto", *LONG)


def test_there_must_be_something_to_resume_and_nothing_in_the_way(run, tmp_path):
    with pytest.raises(Problem, match=r"nada.run: no checkpoint to go on from; run without --resume"):
        run("nada", resume=True)
    (tmp_path / "algo").mkdir()
    with pytest.raises(Problem, match=r"algo: there is something already; choose another --out"):
        run("algo")


# ---- opening ---------------------------------------------------------------------------------------------------------


def test_an_adapter_is_checked_when_it_is_opened(run, tmp_path):
    adapter, _ = run("mio", "train.max_steps=1")
    damaged = copied(adapter.path, tmp_path / "roto")
    weights = damaged / "adapter_model.safetensors"

    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(Problem, match=r"adapter_model.safetensors: not what training.json says"):
        open_adapter(damaged)
    weights.unlink()
    with pytest.raises(Problem, match=r"adapter_model.safetensors is missing"):
        open_adapter(damaged)
    (damaged / "training.json").unlink()
    with pytest.raises(Problem, match=r"not an adapter \(it has no training.json, which is written last\)"):
        open_adapter(damaged)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"recipe": {"name": "x"}},
        {"base": {"repo": "x", "revision": None, "sha256": None, "name": "x"}},
        {"template": {}},
        {"files": {}},
        {"files": ["README.md"]},
        {"name": None},
    ],
)
def test_a_manifest_from_elsewhere_is_checked_before_it_is_used(touched, tmp_path, change):
    copy = copied(touched.path, tmp_path / "copia")
    (copy / "training.json").write_text(json.dumps({**touched.record, **change}), "utf-8")
    with pytest.raises(Problem, match=r"training.json: not a manifest that this software reads"):
        open_adapter(copy)


def test_an_adapters_base_is_its_own_and_no_other(run, aguila_base, llama_base, cache):
    adapter, _ = run("mio", "train.max_steps=1")

    with pytest.raises(Problem, match=r"its base is the folder 'aguila-tiny'; say where it is with --base FOLDER"):
        adapter.base()
    assert open_checkpoint(adapter.base(str(aguila_base)), cache).pin["sha256"] == adapter.record["base"]["sha256"]
    with pytest.raises(Problem, match=r"another content than the recipe pins"):
        open_checkpoint(adapter.base(str(llama_base)), cache)


def test_peft_opens_it_without_this_software(run, aguila_base, cache):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    adapter, _ = run("mio", "train.max_steps=1")
    base = AutoModelForCausalLM.from_pretrained(open_checkpoint(Base(path=str(aguila_base)), cache).folder)

    assert PeftModel.from_pretrained(base, adapter.path).peft_config["default"].r == 4
    assert len(AutoTokenizer.from_pretrained(adapter.path)) == len(tokenizer()) and TINY


def test_a_logger_that_is_missing_says_how_to_get_it(run):
    with pytest.raises(Problem, match=r"report_to: trackio is not installed; `pip install trackio`"):
        run("mio", "report_to=trackio")
