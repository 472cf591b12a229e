"""How fast an encoder learns on a GPU: ours without padding, beside the Trainer and beside padded rows.

    python -m benchmarks.speed.train_gpu

BERT base with weights drawn by chance, reports of 12 to 500 tokens, bfloat16, 64 reports a step.
``utilisation`` is the share of the fastest matrix product of the same run. Where there is no CUDA device it
ends with status 2; ``--quick --device cpu`` shows that it runs.
"""

from __future__ import annotations

from benchmarks.harness import System
from benchmarks.speed.gpu import run

OURS = "benchmarks.speed.train_gpu_ours"
SYSTEMS = (
    System("ours-unpadded-compiled", OURS, {"padded": False, "compiled": True}),
    System("ours-unpadded", OURS, {"padded": False, "compiled": False}),
    System("ours-padded", OURS, {"padded": True, "compiled": False}),
    System("trainer-compiled", "benchmarks.speed.train_gpu_trainer", {"compiled": True}),
    System("trainer", "benchmarks.speed.train_gpu_trainer", {"compiled": False}),
)

if __name__ == "__main__":
    run("speed.train_gpu", __doc__, SYSTEMS, compared=("trainer-compiled", "ours-padded"))
