"""Our loop with plain settings takes the steps that Hugging Face's Trainer takes."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.token_batches import pad
from bert4text.models.torch_backend import TorchBackend
from bert4text.training import adaptation
from bert4text.training.batches import epoch_order, tokenize
from bert4text.training.checkpoints import State
from bert4text.training.config import LossConfig, TrainConfig
from bert4text.training.frozen import WholeModel
from bert4text.training.loop import Fit, steps
from bert4text.training.objectives import objective

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))
TEXTS = [f"{word} nódulo {'oval ' * (i % 9)}" for i, word in enumerate(["lisos", "espiculado", "focal"] * 16)]
TARGETS = np.array([0, 1, 2] * 16)


def theirs(model, examples, folder):
    """The losses of Trainer over one epoch in our order."""

    class InOrder(transformers.Trainer):
        def _get_train_sampler(self, *_, **__):
            return torch.utils.data.SequentialSampler(self.train_dataset)

    order = np.concatenate(epoch_order(examples.lengths, batch_size=8, seed=7, epoch=0))
    rows = [{"row": examples.rows[i], "label": int(TARGETS[i])} for i in order]

    def collate(batch):
        ids, mask = pad([item["row"] for item in batch], padding=0)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            "labels": torch.tensor([item["label"] for item in batch]),
        }

    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=8,
        num_train_epochs=1,
        learning_rate=1e-3,
        weight_decay=0.01,
        max_grad_norm=1.0,
        lr_scheduler_type="linear",
        warmup_steps=0,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        remove_unused_columns=False,
        disable_tqdm=True,
        dataloader_pin_memory=False,
        seed=1,
    )
    trainer = InOrder(model=model, args=arguments, train_dataset=rows, data_collator=collate)
    trainer.train()
    return [line["loss"] for line in trainer.state.log_history if "loss" in line]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_losses_and_weights_agree(tiny_encoder, tmp_path):
    encoder = load_encoder(str(tiny_encoder), labels=SPACE, seed=1)
    model = encoder.model
    adaptation.set_dropout(model, hidden=0.0, attention=0.0)
    config = TrainConfig.parse(
        {
            "epochs": 1,
            "patience": 0,
            "learning_rate": 1e-3,
            "batches": {"size": 8},
            "optimizer": {"warmup": 0.0, "head_factor": 1.0, "weight_decay": 0.01},
        },
        section="train",
    )
    backend = TorchBackend(model, encoder.tokenizer, window=64)
    examples = tokenize(backend, TEXTS, TARGETS)
    other = copy.deepcopy(model)
    fit = Fit(
        model=model,
        source=WholeModel(model, examples.rows, precision="float32"),
        examples=examples,
        objective=objective(SPACE, TARGETS, LossConfig(class_weights="none"), device=torch.device("cpu")),
        optimizer=adaptation.optimizer(model, config.optimizer, adaptation="full"),
        validate=lambda: {"macro_f1": 0.0, "accuracy": 0.0, "loss": 0.0},
        config=config,
        seed=7,
        state=State(identity={}),
    )
    ours = [step.loss for step in steps(fit)]
    their = theirs(other, examples, tmp_path)
    assert len(ours) == len(their) == 6
    assert ours == pytest.approx(their, abs=2e-4)  # Trainer rounds what it logs
    for (name, value), expected in zip(model.named_parameters(), other.parameters(), strict=True):
        assert value.detach().numpy() == pytest.approx(expected.detach().numpy(), abs=2e-5), name
