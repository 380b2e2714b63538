"""How to train: a recipe is a frozen model with a canonical hash. Keys are called as transformers, trl and peft call them."""

import hashlib
import json
import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from builders.identifiers import DATASET_NAME, Commit, Repository, Sha256
from builders.recipes.model import Frozen

Positive = Annotated[int, Field(ge=1)]
EXPONENT = re.compile(r"\d+(\.\d*)?[eE][+-]?\d+")  # numbers that YAML 1.1 reads as text: 2e-4
Report = Literal["none", "tensorboard", "wandb", "mlflow", "trackio"]
Precision = Literal["bf16", "fp16", "fp32"]
Attention = Literal["sdpa", "flash"]
# What keys were called before they had the names of transformers, peft and bitsandbytes.
RENAMED = {
    "lora.alpha": "lora.lora_alpha",
    "lora.dropout": "lora.lora_dropout",
    "lora.targets": "lora.target_modules",
    "quantization.double": "quantization.bnb_4bit_use_double_quant",
    "train.accumulation": "train.gradient_accumulation_steps",
    "train.batch": "train.per_device_train_batch_size",
    "train.checkpoints": "train.save_total_limit",
    "train.epochs": "train.num_train_epochs",
    "train.evaluate": "train.eval_steps",
    "train.length": "train.max_length",
    "train.optimizer": "train.optim",
    "train.save": "train.save_steps",
    "train.schedule": "train.lr_scheduler_type",
    "train.steps": "train.max_steps",
    "train.warmup": "train.warmup_steps",
}


class Base(Frozen):
    """The model that is fine-tuned: a Hub repository, or a folder on disk.

    repo: the repository. revision: its commit; left out, the default branch is resolved to its commit once, and that is
    recorded. path: where a folder is now, relative to the recipe; never recorded. sha256: pins what is in a folder
    (configuration, tokenizer, samples of the weights); filled in by the run. pad_token: the existing token that fills up
    short rows, for a tokenizer whose own cannot be used.
    """

    repo: Repository | None = None
    revision: Commit | None = None
    path: str | None = Field(default=None, exclude=True)
    sha256: Sha256 | None = None
    pad_token: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.repo and self.path:
            raise ValueError("repo and path are two bases; keep one (for a folder: --set base.repo=null)")
        if self.revision and not self.repo:
            raise ValueError("revision is a commit of a Hub repository; give base.repo, or base.sha256 for a folder")
        return self


class Lora(Frozen):
    """The adapter's shape, as in peft's LoraConfig.

    r: rank of the adapter's matrices. lora_alpha: the matrices' product is scaled by this through `r`. lora_dropout: share
    of inputs that are left out while training. target_modules: names of the layers that are adapted; null is every linear
    layer but the head. use_rslora: scale by the square root of `r` (Kalajdzievski 2023). use_dora: learn a length beside the
    direction of each weight (Liu et al. 2024). init_lora_weights: how the matrices begin; olora and pissa change the base's
    weights, so they need one that is not quantized.
    """

    r: Positive = 64
    lora_alpha: Positive = 16
    lora_dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.05
    target_modules: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    use_rslora: bool = False
    use_dora: bool = False
    init_lora_weights: Literal["default", "gaussian", "olora", "pissa"] = "default"

    @field_validator("target_modules", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class Quantization(Frozen):
    """How the frozen base is held.

    kind: `nf4` is 4-bit (QLoRA), `none` as it is. bnb_4bit_use_double_quant: whether the scales of 4-bit blocks are
    quantized, too.
    """

    kind: Literal["nf4", "none"] = "nf4"
    bnb_4bit_use_double_quant: bool = True


class Train(Frozen):
    """The run, as in transformers' TrainingArguments. A batch counts rows, or packs of rows where they are packed.

    template: taken from the version; a recipe that names another one is refused. max_length: tokens of a window; longer
    answers are cut. packing: whether rows are packed into windows in which they cannot see each other. group_by_length:
    whether a batch holds rows of about one length, so that little fills it up; batches stay in random order.
    per_device_train_batch_size: rows of a batch on one device. per_device_eval_batch_size: rows that are measured side by
    side; null is as many as are trained on. gradient_accumulation_steps: batches of one optimizer step.
    num_train_epochs: how often every row is seen. max_steps: stop after so many optimizer steps, whatever
    `num_train_epochs` says; null does not. optim: the optimizer; without a GPU its equal is used. learning_rate: the
    highest learning rate. lr_scheduler_type: how the learning rate falls. warmup_steps: steps in which it rises.
    weight_decay: the optimizer's weight decay. max_grad_norm: gradients are clipped to this norm. precision: `auto` is bf16
    where a GPU computes in it, fp16 on an older GPU (T4, V100), else fp32. attention: `flash` is flash attention 2, for
    packed rows without a mask; `auto` takes it where it is installed and the GPU can. gradient_checkpointing: whether
    activations are computed again to save memory.
    eval_steps: evaluate every so many steps; null is at the end of every epoch, 0 never. save_steps: write a checkpoint
    every so many steps; null and 0 as for `eval_steps`. save_total_limit: checkpoints that are kept.
    load_best_model_at_end: keep the weights of the evaluation with the lowest loss, instead of the last.
    early_stopping_patience: stop after so many evaluations without a lower loss. neftune_noise_alpha: noise on the embeddings
    while training (Jain et al. 2023). seed: the seed of the order of rows, of dropout, and of the adapter's first weights.
    """

    template: str | None = None
    max_length: Annotated[int, Field(ge=8)] = 2048
    packing: bool = False
    group_by_length: bool = False
    per_device_train_batch_size: Positive = 4
    per_device_eval_batch_size: Positive | None = None
    gradient_accumulation_steps: Positive = 2
    num_train_epochs: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 2.0
    max_steps: Positive | None = None
    optim: Literal["paged_adamw_32bit", "paged_adamw_8bit", "adamw_8bit", "adamw_torch_fused"] = "paged_adamw_32bit"
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 2e-4
    lr_scheduler_type: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    warmup_steps: Annotated[int, Field(ge=0)] = 10
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-6
    max_grad_norm: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    attention: Literal["auto", "sdpa", "flash"] = "auto"
    gradient_checkpointing: bool = True
    eval_steps: Annotated[int, Field(ge=0)] | None = None
    save_steps: Annotated[int, Field(ge=0)] | None = None
    save_total_limit: Positive = 2
    load_best_model_at_end: bool = False
    early_stopping_patience: Positive | None = None
    neftune_noise_alpha: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2024

    @property
    def eval_batch(self) -> int:
        """Rows that are measured side by side."""
        return self.per_device_eval_batch_size or self.per_device_train_batch_size

    @field_validator("learning_rate", "weight_decay", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return float(value) if isinstance(value, str) and EXPONENT.fullmatch(value) else value


class Dpo(Frozen):
    """Direct preference optimization (Rafailov et al. 2023): how much a model may depart from the adapter that it starts from.

    beta: the price of departing. loss: `sigmoid` is the paper's, `ipo` Azar et al.'s (2023), `hinge` Zhao et al.'s (2023).
    label_smoothing: share of pairs that may be the wrong way round (Mitchell 2023). length_normalization: divide each answer's
    log-ratio by its tokens; null does so for `ipo` alone. sft_weight: weight of the chosen answer's own loss a token beside
    it (Pang et al. 2024).
    """

    beta: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.1
    loss: Literal["sigmoid", "ipo", "hinge"] = "sigmoid"
    label_smoothing: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    length_normalization: bool | None = None
    sft_weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _smoothed(self) -> Self:
        if self.label_smoothing and self.loss != "sigmoid":
            raise ValueError(f"label_smoothing is for loss sigmoid, not for {self.loss}")
        return self

    @property
    def by_token(self) -> bool:
        """Are log-ratios divided by their tokens?"""
        return self.loss == "ipo" if self.length_normalization is None else self.length_normalization


class TrainRecipe(Frozen):
    """Everything that decides what an adapter is, data and software apart.

    name: the adapter's name: lower case, digits, `.`, `_`, `-`. base: the model that is fine-tuned. lora: the adapter's
    shape. quantization: how the frozen base is held. train: the run. report_to: where curves are sent; `none` is nowhere.
    dpo: of a run on pairs of answers, its loss; its `lora` is that of the adapter that it starts from, without dropout.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"dpo"})
    name: Annotated[str, Field(pattern=DATASET_NAME)]
    base: Base
    lora: Lora = Lora()
    quantization: Quantization = Quantization()
    train: Train = Train()
    report_to: Report = "none"
    dpo: Dpo | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        train = self.train
        if self.lora.init_lora_weights in ("olora", "pissa") and self.quantization.kind != "none":
            raise ValueError(f"lora.init_lora_weights {self.lora.init_lora_weights} needs quantization.kind none")
        if train.early_stopping_patience and not train.load_best_model_at_end:
            raise ValueError("train.early_stopping_patience needs train.load_best_model_at_end")
        if train.load_best_model_at_end and (train.eval_steps == 0 or train.eval_steps != train.save_steps):
            raise ValueError("train.load_best_model_at_end needs train.save_steps equal to train.eval_steps, not 0")
        return self

    def canonical(self) -> str:
        """The recipe as canonical JSON: every value spelled out, keys sorted, no path of a machine."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hash of the canonical form."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()
