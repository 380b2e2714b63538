"""Direct preference optimization: what pairs become, the loss, a run, and what it goes on from."""

import json
import math
from functools import partial

import polars as pl
import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.models import copied, tokenizer
from tests.train.pairs import make_pairs, planned_pairs
from train.methods.dpo import encode_pairs, pair_loss
from train.methods.sft import train
from train.recipes.model import Dpo
from train.run.progress import Step, line
from train.run.reference import RECORD, VALUES

LONG = ("train.num_train_epochs=3", "train.learning_rate=0.005", "train.save_steps=3")


@pytest.fixture(scope="module")
def sft(mine):
    return mine


@pytest.fixture(scope="module")
def plan(aguila_base, paired, cache, sft):
    return partial(planned_pairs, aguila_base, paired, cache, sft.path)


@pytest.fixture(scope="module")
def told():
    """What was said while `aligned` was trained."""
    return []


@pytest.fixture(scope="module")
def aligned(plan, told, tmp_path_factory):
    return train(plan(*LONG), tmp_path_factory.mktemp("aligned") / "dpo", report=lambda done: told.append(line(done)))


def frame(*pairs):
    rows = [(f"par-{number}", *pair) for number, pair in enumerate(pairs)]
    return pl.DataFrame(rows, ["id", "prompt", "chosen", "rejected"], orient="row")


def losses(adapter):
    return [line.split(",") for line in (adapter.path / "losses.csv").read_text("utf-8").splitlines()[1:]]


# ---- what pairs become -----------------------------------------------------------------------------------------------


def test_a_pair_becomes_two_rows_side_by_side_the_chosen_one_first():
    words = tokenizer()
    found = encode_pairs(frame(("¿Sí?", "Sí.", "No."), ("¿Y?", "A.", "B.")), words, 64, "x")

    texts = [words.decode(found.row(at).tolist()) for at in range(len(found))]
    assert texts == [f"{text}<|endoftext|>" for text in ("¿Sí?Sí.", "¿Sí?No.", "¿Y?A.", "¿Y?B.")]
    assert (found.ids, found.together) == (("par-0", "par-0", "par-1", "par-1"), 2)
    assert (found.items, found.counts().rows) == (2, 2)
    assert found.every(2, 1).ids == ("par-1", "par-1")


def test_pairs_that_the_window_makes_equal_or_leaves_no_room_for_are_left_out():
    rows = frame(("P", "abcdefghij x", "abcdefghij y"), ("P" * 40, "a", "b"), ("P", "a", "b" * 30))
    found = encode_pairs(rows, tokenizer(), 8, "x")

    assert (found.left_out, found.ids, found.truncated) == (("par-0", "par-1"), ("par-2", "par-2"), ("par-2",))
    with pytest.raises(Problem, match="x: no pair is left"):
        encode_pairs(rows.head(2), tokenizer(), 8, "x")


# ---- the loss --------------------------------------------------------------------------------------------------------


def measured(dpo, logits, reference):
    """The loss of one pair of answers of two tokens and of one."""
    batch = {
        "reference": torch.tensor(reference),
        "rows": torch.tensor([0, 0, 1]),
        "shift_labels": torch.tensor([1, 2, 3]),
    }
    return float(pair_loss(logits, batch, dpo=dpo)), batch["measured"][0].tolist()


@pytest.mark.parametrize(
    ("settings", "of"),
    [
        ({}, lambda a, b, nll: -math.log(1 / (1 + math.exp(-0.5 * (a - b))))),
        (
            {"label_smoothing": 0.2},
            lambda a, b, nll: (
                -0.8 * math.log(1 / (1 + math.exp(-0.5 * (a - b)))) - 0.2 * math.log(1 / (1 + math.exp(0.5 * (a - b))))
            ),
        ),
        ({"loss": "hinge"}, lambda a, b, nll: max(0, 1 - 0.5 * (a - b))),
        ({"loss": "ipo"}, lambda a, b, nll: (a / 2 - b - 1) ** 2),
        ({"loss": "ipo", "length_normalization": False}, lambda a, b, nll: (a - b - 1) ** 2),
        ({"length_normalization": True}, lambda a, b, nll: -math.log(1 / (1 + math.exp(-0.5 * (a / 2 - b))))),
        ({"loss": "hinge", "sft_weight": 3.0}, lambda a, b, nll: max(0, 1 - 0.5 * (a - b)) + 3 * nll / 2),
    ],
)
def test_the_loss_is_its_formula(settings, of):
    logits = torch.randn(3, 7, generator=torch.Generator().manual_seed(1))
    logps = logits.log_softmax(-1)[[0, 1, 2], [1, 2, 3]]
    better, worse = float(logps[:2].sum()) + 1.5, float(logps[2]) + 3.0

    loss, (margin, accuracy, chosen, rejected, drift) = measured(Dpo(beta=0.5, **settings), logits, [-1.5, -3.0])
    assert loss == pytest.approx(of(better, worse, -float(logps[:2].sum())), abs=1e-5)
    assert (chosen, rejected, drift) == pytest.approx((better / 2, worse / 2, better), abs=1e-5)
    assert (margin, accuracy) == (pytest.approx(chosen - rejected, abs=1e-5), float(better > worse))


def test_label_smoothing_is_for_the_sigmoid_alone():
    with pytest.raises(ValueError, match="label_smoothing is for loss sigmoid, not for hinge"):
        Dpo(loss="hinge", label_smoothing=0.1)


# ---- a run -----------------------------------------------------------------------------------------------------------


def test_the_first_loss_is_ln_2_and_margins_grow_on_unseen_pairs(aligned):
    found = losses(aligned)
    assert [float(loss) for _, _, loss in found[:2]] == pytest.approx([math.log(2)] * 2, abs=1e-5)

    pairs = aligned.record.metrics.pairs
    first, last = pairs.validation[0], pairs.validation[-1]
    assert (first.margin, first.drift) == pytest.approx((0, 0), abs=1e-4)
    assert last.margin > 1 and last.accuracy == pairs.train.accuracy == 1.0
    assert last.margin == pytest.approx(last.chosen_reward - last.rejected_reward)
    assert last.drift == pytest.approx(last.chosen_reward / 0.1)
    table = (aligned.path / "pairs.csv").read_text("utf-8").splitlines()
    assert table[0] == "step,split,margin,accuracy,chosen_reward,rejected_reward,drift"
    assert len(table) == len(found) + 1


def test_margin_and_accuracy_are_told_while_it_runs(aligned, told):
    last = aligned.record.metrics.pairs.validation[-1]

    assert all("  margin " in one and "  accuracy " in one for one in told)
    assert told[-1] == (
        f"step {last.step}: validation loss {aligned.record.metrics.eval_loss:.4f}"
        f"  margin {last.margin:.4f}  accuracy {last.accuracy:.1%}"
    )


def test_the_record_names_both_datasets_and_the_adapter_that_it_started_from(aligned, sft):
    record = aligned.record
    assert (record.kind, record.data.reference, record.adapter.data.reference) == ("dpo", "pares@1.0.0", "filas@1.0.0")
    assert (record.adapter.name, record.adapter.kind) == (sft.record.name, "sft")
    assert record.adapter.weights_sha256 == sft.record.weights_sha256 != record.weights_sha256
    assert (record.recipe.lora.r, record.recipe.lora.lora_dropout) == (sft.record.recipe.lora.r, 0.0)
    assert record.recipe.dpo == Dpo() and record.recipe.sha256() == record.recipe_sha256
    config = json.loads((aligned.path / "adapter_config.json").read_text("utf-8"))
    assert (config["lora_dropout"], config["base_model_name_or_path"]) == (0.0, "aguila-tiny")
    assert not aligned.path.with_name("dpo.run").exists()


@pytest.mark.parametrize("setting", ["train.packing=true", "train.group_by_length=true"])
def test_packed_and_grouped_pairs_have_the_losses_of_padded_ones(plan, aligned, setting, tmp_path):
    other = train(plan(*LONG, setting, "train.max_steps=1"), tmp_path / "otro")
    assert float(losses(other)[1][2]) == pytest.approx(math.log(2), abs=1e-5)


def test_packed_pairs_stay_together_in_windows_with_room_for_both(plan):
    windows = plan("train.packing=true", "train.max_length=64").train
    assert sorted(row for pack in windows.packs for row in pack) == list(range(len(windows.examples)))
    assert all(
        pack[at] + 1 == pack[at + 1] and not pack[at] % 2 for pack in windows.packs for at in range(0, len(pack), 2)
    )
    assert windows.lengths.max() <= 128


class Stop(Exception):
    pass


def test_a_resumed_run_ends_in_the_same_bytes(plan, aligned, tmp_path, sft):
    def report(done):
        if isinstance(done, Step) and done.step == done.steps:
            raise Stop

    out, work = tmp_path / "roto", tmp_path / "roto.run"
    with pytest.raises(Stop):
        train(plan(*LONG), out, report=report)

    other = copied(work, tmp_path / "otro.run")
    values = (other / VALUES).read_bytes()
    (other / VALUES).write_bytes(values[:-1] + bytes([values[-1] ^ 1]))
    with pytest.raises(Problem, match=r"reference\.safetensors: not what reference\.json says; remove "):
        train(plan(*LONG), tmp_path / "otro", resume=True)
    record = json.loads((other / RECORD).read_text("utf-8"))
    (other / RECORD).write_text(json.dumps(record | {"adapter": "0" * 64}), "utf-8")
    with pytest.raises(Problem, match="these reference log-probabilities are of another adapter"):
        train(plan(*LONG), tmp_path / "otro", resume=True)

    resumed = train(plan(*LONG), out, resume=True)
    for name in ("adapter_model.safetensors", "losses.csv", "pairs.csv"):
        assert (resumed.path / name).read_bytes() == (aligned.path / name).read_bytes(), name


# ---- what cannot be gone on from -------------------------------------------------------------------------------------


def test_an_adapter_of_another_base_or_template_is_refused(llama_base, paired, cache, sft, aguila_base, tmp_path):
    with pytest.raises(Problem, match=r"was trained on base aguila-tiny, the recipe's is llama-tiny; use the base"):
        planned_pairs(llama_base, paired, cache, sft.path)
    make_pairs(tmp_path, name="pares", template="alpaca")
    with pytest.raises(Problem, match=r"is written in template alpaca .* was trained on template instruccion"):
        planned_pairs(aguila_base, tmp_path / "versions", cache, sft.path)


def test_each_method_says_what_the_other_s_versions_are_for(aguila, training_words, paired, sft):
    words = training_words()
    words[words.index("filas@1.0.0")] = "pares@1.0.0"
    assert aguila(*words).error == (
        "pares@1.0.0 is a version of preferences, not of instructions; "
        "it has pairs of answers: give it to aguila train dpo"
    )
    words = training_words("--adapter", sft.path)
    assert aguila("train", "dpo", *words[2:]).error == (
        "filas@1.0.0 is a version of instructions, not of preferences; "
        "it has one answer to each prompt: give it to aguila train sft"
    )


def test_the_card_says_what_it_went_on_from_and_how_pairs_stand(aligned, sft):
    card = (aligned.path / "README.md").read_text("utf-8")
    last = aligned.record.metrics.pairs.validation[-1]
    assert f"weights sha256 `{sft.record.weights_sha256}`" in card
    assert f"| validation | {last.step} | {last.margin:.4f} | 100.0 % |" in card
    assert "perplexity" not in card
