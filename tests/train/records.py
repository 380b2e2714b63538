"""A record of an adapter that nobody trained: training.json without its files, as plain values and as the record."""

import msgspec

from train.run.record import FORMAT, Training

RECORD = {
    "format": FORMAT,
    "kind": "sft",
    "name": "recetas",
    "recipe": {
        "name": "recetas",
        "base": {"repo": "projecte-aina/aguila-7b", "revision": "a" * 40, "sha256": None, "pad_token": None},
        "lora": {"r": 61, "lora_alpha": 17, "lora_dropout": 0.055, "target_modules": None},
        "quantization": {"kind": "nf4", "bnb_4bit_use_double_quant": True},
        "train": {
            "template": None,
            "max_length": 2047,
            "packing": True,
            "per_device_train_batch_size": 11,
            "gradient_accumulation_steps": 13,
            "num_train_epochs": 2.5,
            "max_steps": None,
            "optim": "paged_adamw_32bit",
            "learning_rate": 0.00023,
            "lr_scheduler_type": "cosine",
            "warmup_steps": 19,
            "weight_decay": 3e-06,
            "max_grad_norm": 1.25,
            "precision": "auto",
            "gradient_checkpointing": True,
            "eval_steps": 250,
            "save_steps": 270,
            "save_total_limit": 3,
            "seed": 2031,
        },
        "report_to": "none",
    },
    "recipe_sha256": "1" * 64,
    "base": {
        "kind": "hub",
        "repo": "projecte-aina/aguila-7b",
        "revision": "a" * 40,
        "name": "aguila-7b",
        "sha256": None,
        "model_type": "falcon",
        "layers": 33,
        "vocabulary": 50257,
    },
    "data": {
        "reference": "ana/recetas@v1.2.0",
        "name": "recetas",
        "version": "1.2.0",
        "repo": "ana/recetas",
        "commit": "b" * 40,
        "content_sha256": "2" * 64,
        "rows": {"train": 47511, "validation": 2489},
        "license": "cc-by-nc-4.0",
        "source_datasets": ["MBZUAI/Bactrian-X"],
    },
    "template": {
        "name": "instruccion",
        "sha256": "3" * 64,
        "chat": False,
        "text": "### Instrucción:\n{instruction}\n\n### Entrada:\n{input}\n\n### Respuesta:\n",
        "text_without_input": "### Instrucción:\n{instruction}\n\n### Entrada:\n\n\n### Respuesta:\n",
    },
    "tokens": {
        "train": {
            "rows": 47509,
            "tokens": 11162657,
            "answer_tokens": 7654321,
            "median": 207,
            "longest": 2046,
            "truncated": 37,
            "left_out": {"count": 2, "first": ["es-7", "es-9"]},
        },
        "validation": {
            "rows": 2488,
            "tokens": 584931,
            "answer_tokens": 401234,
            "median": 209,
            "longest": 1999,
            "truncated": 5,
            "left_out": 1,
        },
        "windows": 5602,
        "filling": {"padded": 0.4321, "packed": 0.0123},
    },
    "steps": 11864,
    "metrics": {
        "train_loss": 1.3456,
        "first_train_loss": 2.2345,
        "last_train_loss": 1.1987,
        "first_eval_loss": 2.1697,
        "eval_loss": 1.2354,
        "evaluations": [{"step": 0, "loss": 2.1697}, {"step": 5932, "loss": 1.2481}, {"step": 11864, "loss": 1.2354}],
    },
    "engine": "unsloth",
    "precision": "bf16",
    "optimizer": "paged_adamw_32bit",
    "software": {"python": "3.11.7", "aguila-data": "0.1.0", "torch": "2.13.0", "transformers": "5.17.0"},
    "run": {
        "seconds": 24635.4,
        "after_step": 0,
        "tokens_per_second": 906.2,
        "peak_memory_bytes": 12345678901,
        "device": "cuda",
        "hardware": "NVIDIA H200",
        "processes": 1,
    },
}


def training(values=RECORD) -> Training:
    """The record of some plain values, checked as the door checks them."""
    return msgspec.convert(values, Training, dec_hook=lambda kind, value: kind.model_validate(value))
