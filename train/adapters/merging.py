"""An adapter and its base become one model: the base in 16 bit, never in 4, and the result read back and compared.

Merging into 4-bit weights would round the sum to 4 bit again; what the adapter learnt is smaller than that rounding.

The merged folder: config.json, generation_config.json, *.safetensors, the tokenizer, template.json, a model card, and
merging.json (base and adapter, the comparison, the hashes of the other files), which is written last. Nothing else of the
base is copied.
"""

import gc
import shutil
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from builders.errors import Conflict, Invalid
from builders.records import to_json
from builders.versions.fingerprint import file_fingerprint
from cards.adapter.card import model_card
from train.adapters.adapter import CARD, Adapter, open_adapter
from train.adapters.merged import RECORD, Comparison, Merged, MergedAdapter, MergingRecord
from train.answers.generation import ends, memory_in_words
from train.base.checkpoint import Checkpoint, open_checkpoint
from train.base.location import TOKENIZER_FILES
from train.base.tokenizer import load_tokenizer
from train.engines import DeviceName, Engine, Settings, choose
from train.failures import no_room
from train.recipes.model import Precision, Quantization
from train.run.prompts import encode_prompts
from train.run.record import TRAINING
from train.run.software import software

SHARD = "5GB"  # a file at most
# Largest difference of a logit, as a share of the largest logit. One rounding of each weight to bf16 (2^-9 of it) moves
# logits by well under 5 %; a sum in fp32 by almost nothing.
TOLERANCE = {"bf16": 0.05, "fp16": 0.01, "fp32": 1e-4}
PROBES = (
    ("¿Qué es un cenote?", ""),
    ("Resume el texto en una frase.", "Marta perdió el tren y llegó tarde a la estación."),
    ("Escribe una lista de tres árboles que pierden las hojas en otoño, y di dónde crecen.", ""),
)


def merge(
    where: Path | str,
    out: Path,
    base: str | None = None,
    device: DeviceName = "auto",
    precision: Precision = "bf16",
    cache: Path | None = None,
) -> Merged:
    """Merge an adapter into its base and write the model to `out`, which appears whole or not at all.

    where: its folder, or OWNER/NAME@vX.Y.Z. base: the folder that holds the base now, for one that is not on the Hub.
    Raises Conflict when something is at `out` already, Changed for another base, Exhausted without memory or space, and
    Invalid when the merged model does not say what base and adapter say.
    """
    from safetensors import SafetensorError  # which is no OSError, when it cannot write

    if out.exists():
        raise Conflict(f"{out}: there is something already", "choose another folder")

    engine = choose("plain", device)
    adapter = open_adapter(where)
    checkpoint = open_checkpoint(adapter.base(base), cache)
    settings = Settings(engine.device, precision, Quantization(kind="none"), adapter.record.recipe.train.max_length)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.making-", dir=out.parent) as making:
            made = Path(making) / "model"
            made.mkdir()
            with memory_in_words(
                "merging holds the whole base in 16 bit: use a machine that has room, or --device cpu"
            ):
                record = _merged(adapter, checkpoint, engine, settings, made)
            made.rename(out)
    except (OSError, SafetensorError) as error:
        raise no_room(out, error, "free space there, then run again") from None
    return Merged(out, record)


def _merged(
    adapter: Adapter, checkpoint: Checkpoint, engine: Engine, settings: Settings, folder: Path
) -> MergingRecord:
    """Merge, write, read what was written and compare."""
    tokenizer = load_tokenizer(adapter.path, str(adapter.path))
    model = engine.load_base(checkpoint, settings)
    require_unquantized(model)
    model = engine.load_adapter(model, adapter.path, False, settings)
    ends(model, tokenizer, checkpoint.label)
    prompts = encode_prompts(tokenizer, [adapter.template.render(*probe) for probe in PROBES], str(adapter.path))
    before = _logits(model, prompts)
    with redirect_stdout(sys.stderr):
        model = model.merge_and_unload(safe_merge=True)  # which refuses weights that are no numbers
        model.save_pretrained(str(folder), safe_serialization=True, max_shard_size=SHARD)
    del model
    gc.collect()
    for name in (*TOKENIZER_FILES, "template.json"):
        if (adapter.path / name).is_file():
            shutil.copyfile(adapter.path / name, folder / name)
    written = engine.load_base(replace(checkpoint, folder=folder), settings)
    ends(written, load_tokenizer(folder, str(folder)), f"{checkpoint.label}, merged")
    check = _compared(before, _logits(written, prompts), TOLERANCE[settings.precision])
    made = MergingRecord(
        base=adapter.record.base,
        adapter=MergedAdapter(
            name=adapter.record.name,
            training_sha256=file_fingerprint(adapter.path / TRAINING).sha256,
            weights_sha256=adapter.record.weights_sha256,
        ),
        data=adapter.record.data,
        template=adapter.record.template,
        precision=settings.precision,
        check=check,
        software=software(engine.name),
        files={},
    )
    (folder / CARD).write_text(model_card(adapter.record, made), "utf-8")
    record = structs.replace(made, files={path.name: file_fingerprint(path) for path in sorted(folder.iterdir())})
    (folder / RECORD).write_text(to_json(record), "utf-8")
    return record


def require_unquantized(model: Any) -> None:
    """Raise Invalid for a model with 4-bit or 8-bit weights: a merge into them would round away what was learnt."""
    small = [name for name, parameter in model.named_parameters() if not parameter.is_floating_point()]
    if getattr(model, "is_quantized", False) or small:
        named = f" ({small[0]})" if small else ""
        raise Invalid(
            f"the base is held in few bits{named}", "a merge needs it in 16: give a base that is not quantized"
        )


def _logits(model: Any, prompts: list[list[int]]) -> list[Any]:
    """Logits of every token of each prompt, (length, vocabulary), in fp32 on the CPU."""
    import torch

    found = []
    with torch.inference_mode():
        for prompt in prompts:
            ids = torch.tensor([prompt], device=model.device)
            found.append(model(input_ids=ids, use_cache=False).logits[0].float().cpu())
    return found


def _compared(before: list[Any], after: list[Any], tolerance: float) -> Comparison:
    """How far two models' logits are apart. Raises Invalid where it is too far."""
    pairs = list(zip(before, after, strict=True))
    apart = max(float((one - other).abs().max()) for one, other in pairs)
    largest = max(float(one.abs().max()) for one in before)
    tokens = sum(len(one) for one in before)
    same = sum(int((one.argmax(-1) == other.argmax(-1)).sum()) for one, other in pairs)
    if not apart <= tolerance * largest:
        raise Invalid(
            f"the merged model differs from base and adapter: a logit by {apart:.4g}, where {tolerance * largest:.4g} is allowed",
            "merge with --precision fp32, and report it if it stays",
        )
    return Comparison(
        max_difference=apart, largest_logit=largest, tolerance=tolerance, tokens=tokens, same_next_token=same
    )
