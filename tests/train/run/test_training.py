"""A run from a plan to an adapter: what it writes, what it learns, how it goes on."""

import json
import re

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Conflict, Invalid, NotFound
from builders.recipes.model import Split
from builders.versions.version import open_version
from tests.train.models import QUICK, copied, make_version, planned
from train.methods.sft import train
from train.run.checkpoints import COMPLETE
from train.run.description import summary
from train.run.progress import Evaluation, Step, line

# Eight steps over four rows, checkpoints after the third and the sixth.
LONG = (
    *("train.num_train_epochs=4", "train.learning_rate=0.01", "train.save_steps=3"),
    *("train.eval_steps=4", "lora.lora_dropout=0.1"),
)


@pytest.fixture(scope="module")
def plan(aguila_base, registry, cache):
    """The plan of a run with some overrides."""

    def plan(*overrides, base=aguila_base, registry=registry):
        return planned(base, registry, cache, *overrides)

    return plan


@pytest.fixture
def run(plan, tmp_path):
    """Train with some overrides: the adapter and what was reported."""

    def trained(name, *overrides, resume=False, **where):
        reported = []
        adapter = train(plan(*overrides, **where), tmp_path / name, resume, reported.append)
        return adapter, reported

    return trained


@pytest.fixture(scope="module")
def unbroken(plan, tmp_path_factory):
    """The long run, that nothing interrupts, and what it reported."""
    reported = []
    return train(plan(*LONG), tmp_path_factory.mktemp("unbroken") / "entero", report=reported.append), reported


class Stop(Exception):
    pass


@pytest.fixture(scope="module")
def stopped(plan, tmp_path_factory):
    """The folder of the long run after something stopped it at its last step."""

    def report(done):
        if isinstance(done, Step) and done.step == 8:
            raise Stop

    out = tmp_path_factory.mktemp("stopped") / "roto"
    with pytest.raises(Stop):
        train(plan(*LONG), out, report=report)
    assert not out.exists()
    return out.with_name("roto.run")


@pytest.fixture
def broken(stopped, tmp_path):
    """A copy of that folder where `run("roto", resume=True)` looks for it."""
    return copied(stopped, tmp_path / "roto.run")


def losses(adapter):
    return (adapter.path / "losses.csv").read_text("utf-8")


# ---- the adapter -----------------------------------------------------------------------------------------------------


def test_an_adapter_folder_holds_what_the_design_says(mine, registry):
    names = sorted(path.name for path in mine.path.iterdir())
    assert names == [
        *("README.md", "adapter_config.json", "adapter_model.safetensors", "base_config.json"),
        *("loss.svg", "losses.csv"),
        *("template.json", "tokenizer.json", "tokenizer_config.json", "training.json"),
    ]
    assert [path.name for path in mine.path.parent.iterdir()] == ["mio"]
    version, record = open_version(registry / "filas" / "v1.0.0"), mine.record
    assert (record.kind, record.format) == ("sft", 2)
    assert (record.data.reference, record.data.version) == ("filas@1.0.0", "1.0.0")
    assert record.data.content_sha256 == version.content_sha256
    assert (record.data.license, record.data.source_datasets) == (version.recipe.card.license, ())
    assert (record.template.name, mine.template.name) == ("instruccion", "instruccion")
    assert record.template.sha256 == version.manifest.template.sha256 == mine.template.sha256
    assert (record.base.name, record.base.vocabulary, record.base.layers) == ("aguila-tiny", 400, 2)
    assert (record.steps, record.engine, record.precision) == (2, "plain", "fp32")
    assert (record.optimizer, record.recipe.train.optim) == ("adamw_torch_fused", "adamw_torch_fused")
    assert record.recipe.base.sha256 == record.base.sha256
    assert record.recipe.sha256() == record.recipe_sha256
    assert set(record.files) == {*names} - {"training.json"}


def test_nothing_in_an_adapter_names_this_machine(mine, aguila_base, cache, registry):
    text = "".join(path.read_bytes().decode("latin-1") for path in mine.path.iterdir())
    assert [place for place in (aguila_base, cache, registry, mine.path.parent) if str(place) in text] == []
    assert json.loads((mine.path / "adapter_config.json").read_text())["base_model_name_or_path"] == "aguila-tiny"


def test_two_runs_write_the_same_bytes(run, unbroken):
    one, other = unbroken[0], run("dos", *LONG)[0]

    records = [json.loads((adapter.path / "training.json").read_text("utf-8")) for adapter in (one, other)]
    for record in records:
        del record["run"], record["files"]["README.md"]  # the card says how long it took
    assert records[0] == records[1]
    for name in records[0]["files"]:
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name


def test_it_learns_and_reports(unbroken):
    adapter, reported = unbroken

    steps = [one for one in reported if isinstance(one, Step)]
    evaluations = [one for one in reported if isinstance(one, Evaluation)]
    assert [one.step for one in steps] == list(range(1, adapter.record.steps + 1))
    assert steps[-1].loss < 0.95 * steps[0].loss
    assert all(one.tokens_per_second > 0 and one.memory > 0 and one.seconds_left >= 0 for one in steps)
    assert [one.step for one in evaluations][:2] == [0, 4]
    metrics = adapter.record.metrics
    assert (metrics.first_eval_loss, metrics.eval_loss) == (evaluations[0].loss, evaluations[-1].loss)
    assert (metrics.first_train_loss, metrics.last_train_loss) == (steps[0].loss, steps[-1].loss)
    assert [(one.step, one.loss) for one in metrics.evaluations] == [(one.step, one.loss) for one in evaluations]
    assert losses(adapter).splitlines()[:3] == [
        *("step,split,loss", f"0,validation,{evaluations[0].loss!r}", f"1,train,{steps[0].loss!r}"),
    ]
    assert re.fullmatch(r"step 1/\d+  loss \d+\.\d{4}  [\d,]+ tokens/s  \d\.\d\d GiB  0:00:\d\d left", line(steps[0]))
    assert (adapter.path / "loss.svg").read_text().startswith("<svg")


def test_the_first_evaluation_is_of_the_base_itself(mine, plan):
    """A new adapter changes nothing yet: its second factor is zero."""
    from transformers import AutoModelForCausalLM

    from train.run.loss import mean_loss

    made = plan()
    base = AutoModelForCausalLM.from_pretrained(made.checkpoint.folder, dtype=torch.float32).eval()
    alone, _ = mean_loss(base, made.validation, made.tokenizer.pad_token_id, 2)

    metrics = mine.record.metrics
    assert metrics.first_eval_loss == pytest.approx(alone, rel=1e-5)
    assert metrics.eval_loss != metrics.first_eval_loss


@pytest.mark.parametrize("packing", ["false", "true"])
@pytest.mark.parametrize("kind", ["nf4", "none"])
@pytest.mark.parametrize("base", ["aguila_base", "llama_base"])
def test_bases_quantizations_and_packing(run, request, base, kind, packing):
    overrides = (f"quantization.kind={kind}", f"train.packing={packing}", "train.gradient_checkpointing=true")
    adapter, _ = run("mio", *QUICK, "train.learning_rate=0.02", *overrides, base=request.getfixturevalue(base))

    metrics = adapter.record.metrics
    assert metrics.eval_loss < metrics.first_eval_loss


def test_accumulated_steps_are_steps_of_a_larger_batch(run):
    """The mean over all answer tokens of a step, not the mean of means."""
    batch, accumulated = "train.per_device_train_batch_size", "train.gradient_accumulation_steps"
    three = ("train.max_steps=3", "train.eval_steps=0", "train.save_steps=0")
    apart, _ = run("aparte", f"{batch}=1", f"{accumulated}=4", *three)
    together, _ = run("junto", f"{batch}=4", f"{accumulated}=1", *three)

    for one, other in zip(losses(apart).splitlines()[1:], losses(together).splitlines()[1:], strict=True):
        assert float(one.split(",")[2]) == pytest.approx(float(other.split(",")[2]), rel=1e-4)


def test_the_best_weights_are_kept_and_the_run_stops_early(run):
    """At this learning rate the loss falls, and rises again: the run ends before its last step with the lowest."""
    often = ("train.eval_steps=1", "train.save_steps=1", "train.load_best_model_at_end=true", "train.max_steps=30")
    hot = (
        "train.learning_rate=0.2",
        "train.early_stopping_patience=2",
        "train.neftune_noise_alpha=5",
        "lora.use_dora=true",
    )
    adapter, _ = run("mio", *often, *hot, "lora.use_rslora=true", "lora.init_lora_weights=gaussian")

    metrics = adapter.record.metrics
    seen = {one.step: one.loss for one in metrics.evaluations if one.step}
    assert adapter.record.steps < 30 and adapter.record.steps == metrics.kept_step + 2
    assert metrics.eval_loss == seen[metrics.kept_step] == min(seen.values())
    config = json.loads((adapter.path / "adapter_config.json").read_text("utf-8"))
    assert config["use_rslora"] and config["use_dora"] and config["init_lora_weights"] == "gaussian"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (("train.early_stopping_patience=2",), "train.early_stopping_patience needs train.load_best_model_at_end"),
        (
            ("train.load_best_model_at_end=true", "train.save_steps=3"),
            "needs train.save_steps equal to train.eval_steps",
        ),
        (("lora.init_lora_weights=pissa", "quantization.kind=nf4"), "pissa needs quantization.kind none"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(plan, overrides, said):
    with pytest.raises(Invalid, match=said):
        plan(*overrides)


def test_peak_memory_remembers_what_was_given_back():
    import psutil

    from train.run.trainer import peak_memory

    block = bytearray(b"x") * 2**28
    held = psutil.Process().memory_info().rss
    del block

    assert psutil.Process().memory_info().rss < held - 2**27
    assert peak_memory() > held - 2**24  # the kernel counts pages in batches


# ---- going on --------------------------------------------------------------------------------------------------------


def test_a_resumed_run_has_the_losses_of_an_unbroken_one(run, unbroken, broken, tmp_path):
    assert [path.name for path in sorted(broken.iterdir())] == ["checkpoint-3", "checkpoint-6"]
    torch.rand(7)  # another state of the generator than the run had

    resumed, reported = run("roto", *LONG, resume=True)

    assert reported[0].step == 7
    assert losses(resumed) == losses(unbroken[0])
    weights = [(adapter.path / "adapter_model.safetensors").read_bytes() for adapter in (resumed, unbroken[0])]
    assert weights[0] == weights[1]
    assert [path.name for path in tmp_path.iterdir()] == ["roto"]


def test_an_evaluation_that_was_cut_off_after_its_epochs_checkpoint_is_made_up_for(plan, run, tmp_path):
    short = ("train.max_steps=4", "train.save_steps=2")  # two steps an epoch

    def report(done):
        if isinstance(done, Evaluation) and done.step == 2:
            raise Stop

    with pytest.raises(Stop):
        train(plan(*short), tmp_path / "roto", report=report)
    resumed, reported = run("roto", *short, resume=True)

    assert [(type(one), one.step) for one in reported[:2]] == [(Evaluation, 2), (Step, 3)]
    assert losses(resumed) == losses(run("entero", *short)[0])


def test_a_damaged_checkpoint_is_passed_over_and_the_card_says_where_it_went_on(run, broken):
    (broken / "checkpoint-6" / "optimizer.pt").write_bytes(b"half")

    adapter, reported = run("roto", *LONG, resume=True)

    assert reported[0].step == 4
    steps, after = adapter.record.steps, adapter.record.run.after_step
    assert (after, reported[-2].step) == (3, steps)
    assert f" for the steps after {after}, where it was resumed, " in (adapter.path / "README.md").read_text("utf-8")
    assert f"  {steps - after} steps after step {after} in " in summary(adapter.record)


def test_a_run_that_diverges_is_stopped(run, tmp_path):
    hot = (
        *("train.learning_rate=1e30", "train.warmup_steps=0", "train.max_steps=8"),
        *("train.lr_scheduler_type=constant_with_warmup", "train.save_steps=0"),
    )
    with pytest.raises(
        Invalid, match=r"step 2: the loss is nan, the run has diverged; lower train.learning_rate .now 1e"
    ):
        run("mio", *hot)
    assert not (tmp_path / "mio").exists()


@pytest.mark.parametrize("change", ["train.learning_rate=0.02", "train.seed=1", "train.packing=true"])
def test_another_recipe_cannot_be_resumed(run, broken, change):
    with pytest.raises(Conflict, match=r"checkpoint-6: belongs to another run"):
        run("roto", *LONG, change, resume=True)


def test_a_run_on_other_data_cannot_be_resumed(run, broken, plan, tmp_path):
    """A version of the same name and number, whose rows are others: the data goes into what a run is."""
    make_version(tmp_path, split=Split(validation=0.3, seed=7))
    other = tmp_path / "versions"
    assert plan(registry=other).recipe == plan().recipe

    with pytest.raises(Conflict, match=r"checkpoint-6: belongs to another run \(method, recipe, data, base"):
        run("roto", *LONG, registry=other, resume=True)


def test_an_interrupted_run_is_not_trained_over(run, broken):
    with pytest.raises(Conflict, match=r"roto.run: holds an interrupted run; go on with --resume, or remove it"):
        run("roto", *LONG)


def test_checkpoints_that_were_cut_off_are_in_no_ones_way(run, broken):
    for folder in broken.iterdir():
        (folder / COMPLETE).unlink()

    assert run("roto", *QUICK)[0].record.steps == 2
    assert not broken.exists()


def test_there_must_be_something_to_resume_and_nothing_in_the_way(run, tmp_path):
    with pytest.raises(NotFound, match=r"nada.run: no checkpoint to go on from; run without --resume"):
        run("nada", resume=True)
    (tmp_path / "algo").mkdir()
    with pytest.raises(Conflict, match=r"algo: there is something already; choose another --out"):
        run("algo")


# ---- loggers ---------------------------------------------------------------------------------------------------------


def test_a_logger_that_is_missing_says_how_to_get_it(run):
    with pytest.raises(NotFound, match=r"report_to: trackio is not installed; `pip install trackio`"):
        run("mio", "report_to=trackio")
