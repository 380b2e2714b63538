import numpy as np
import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.models import falcon, tokenizer
from train.run.batches import Collator, isolating_mask, read
from train.run.examples import IGNORED, Examples
from train.run.isolation import require_isolation
from train.run.packing import alone, packed

FIRST, SECOND = range(5, 14), range(40, 47)


def examples(*lengths):
    """Rows of given lengths; each row's tokens are its number, its first token is its prompt."""
    sizes = np.array(lengths)
    return Examples(
        ids=tuple(f"fila-{number}" for number in range(len(lengths))),
        tokens=np.repeat(np.arange(1, len(lengths) + 1), sizes).astype(np.int32),
        starts=np.concatenate(([0], np.cumsum(sizes))),
        prompts=np.ones(len(lengths), np.int64),
    )


# ---- windows ---------------------------------------------------------------------------------------------------------


def test_rows_go_into_the_first_window_with_room_longest_first():
    assert packed(examples(3, 10, 4, 6, 7, 1), 10, seed=0).packs == ((1,), (4, 0), (3, 2), (5,))


def test_every_row_is_in_one_window_and_no_window_is_too_long():
    lengths = [int(size) for size in np.random.default_rng(0).integers(1, 60, 500)]
    windows = packed(examples(*lengths), 100, seed=3)

    assert sorted(row for pack in windows.packs for row in pack) == list(range(500))
    assert windows.lengths.max() <= 100
    assert windows.lengths.sum() / (100 * len(windows)) > 0.98


def test_rows_of_one_length_are_packed_in_the_seeds_order():
    packs = {seed: packed(examples(*[5] * 8), 20, seed).packs for seed in (1, 2)}

    assert packs[1] == packed(examples(*[5] * 8), 20, 1).packs != packs[2]
    assert sorted(packs[1][0] + packs[1][1]) == list(range(8))


def test_alone_is_one_row_a_window():
    assert alone(examples(2, 3)).packs == ((0,), (1,))


# ---- batches ---------------------------------------------------------------------------------------------------------


def test_a_padded_batch():
    windows = alone(examples(3, 2))
    batch = Collator(pad=99)([windows[0], windows[1]])

    assert batch["input_ids"].tolist() == [[1, 1, 1], [2, 2, 99]]
    assert batch["labels"].tolist() == [[IGNORED, 1, 1], [IGNORED, 2, IGNORED]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]


def test_a_packed_batch_starts_positions_again_and_hides_rows_from_each_other():
    windows = packed(examples(2, 3), 6, seed=0)
    batch = Collator(pad=99, packing=True, multiple=6)([windows[0]])

    assert batch["input_ids"].tolist() == [[2, 2, 2, 1, 1, 99]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 0, 1, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 2, 2, IGNORED, 1, IGNORED]]
    assert read(batch)["attention_mask"][0, 0].int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]


def test_a_batch_names_the_places_before_what_is_learnt_the_tokens_and_their_rows():
    windows = packed(examples(2, 3, 4), 6, seed=0)
    batch = Collator(pad=99, packing=True)([windows[0], windows[1]])

    assert windows.packs == ((2, 0), (1,))
    assert batch["answers"].tolist() == [0, 1, 2, 4, 6, 7]
    assert batch["shift_labels"].tolist() == [3, 3, 3, 1, 2, 2]
    assert batch["rows"].tolist() == [0, 0, 0, 1, 2, 2]
    assert batch["tokens"] == 9


def test_for_flash_attention_a_batch_is_one_line_without_filling_or_mask():
    windows = packed(examples(2, 3, 4), 6, seed=0)
    batch = Collator(pad=99, packing=True, multiple=8, flat=True)([windows[0], windows[1]])

    assert batch["input_ids"].tolist() == [[3, 3, 3, 3, 1, 1, 2, 2, 2]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3, 0, 1, 0, 1, 2]]
    assert read(batch).keys() == {"input_ids", "position_ids"}
    assert batch["shift_labels"].tolist() == [3, 3, 3, 1, 2, 2]


def test_a_rows_first_token_is_never_learnt_from_the_row_before():
    windows = packed(
        Examples(("a", "b"), np.array([1, 1, 2, 2], np.int32), np.array([0, 2, 4]), np.array([0, 0])), 4, 0
    )

    assert Collator(0, packing=True)([windows[0]])["labels"][0, [0, 2]].tolist() == [IGNORED, IGNORED]


# ---- isolation (trap F) ----------------------------------------------------------------------------------------------


def second_rows_logits(model, mask):
    ids = torch.tensor([[*FIRST, *SECOND]])
    positions = torch.cat([torch.arange(len(FIRST)), torch.arange(len(SECOND))])[None]
    with torch.no_grad():
        together = model(ids, position_ids=positions, attention_mask=mask, use_cache=False).logits[0, len(FIRST) :]
        apart = model(torch.tensor([SECOND]), use_cache=False).logits[0]
    return float((together - apart).abs().max())


def test_packed_rows_have_the_logits_that_they_have_alone():
    model = falcon(attn_implementation="sdpa")
    segments = torch.tensor([[0] * len(FIRST) + [1] * len(SECOND)])

    assert isolating_mask(segments).dtype == torch.bool
    assert second_rows_logits(model, isolating_mask(segments)) < 1e-5


def test_positions_alone_do_not_isolate_rows_on_falcon():
    """Why there is a mask: native Falcon does not look at position ids when it builds its own."""
    assert second_rows_logits(falcon(), None) > 0.1


def test_isolation_is_shown_on_the_model_at_hand():
    require_isolation(falcon(), Collator(tokenizer().pad_token_id, packing=True))


def test_a_model_that_looks_through_the_mask_is_refused():
    model = falcon(attention_dropout=0.0, layer_norm_epsilon=1.1e-5)
    forward = model.transformer.forward

    def leaking(*words, attention_mask=None, **options):
        return forward(*words, attention_mask=None, **options)

    model.transformer.forward = leaking
    with pytest.raises(
        Problem, match=r"packed rows would see each other on this base; train with --set train.packing=false"
    ):
        require_isolation(model, Collator(3, packing=True))


def test_a_model_with_alibi_is_refused():
    with pytest.raises(Problem, match=r"ALiBi"):
        require_isolation(falcon(alibi=True), Collator(3, packing=True))


def test_a_model_that_takes_no_such_mask_is_refused():
    from transformers import BloomConfig, BloomForCausalLM

    model = BloomForCausalLM(BloomConfig(vocab_size=300, hidden_size=32, n_layer=1, n_head=2)).eval()
    with pytest.raises(Problem, match=r"train with --set train.packing=false"):
        require_isolation(model, Collator(3, packing=True))
