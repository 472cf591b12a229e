"""How fast a GPU answers reports: ours without padding, beside padded batches.

    python -m benchmarks.speed.predict_gpu

BERT base with weights drawn by chance, reports of 12 to 500 tokens, given as ids: no text is cut into pieces.
``utilisation`` is the share of the fastest matrix product of the same run. Where there is no CUDA device it
ends with status 2; ``--quick --device cpu`` shows that it runs.
"""

from __future__ import annotations

from benchmarks.harness import System
from benchmarks.speed.gpu import run

WORK = "benchmarks.speed.predict_gpu_work"
SYSTEMS = (
    System("ours-bfloat16", WORK, {"way": "ours", "precision": "bfloat16"}),
    System("ours-float32", WORK, {"way": "ours", "precision": "float32"}),
    System("sorted-padded-bfloat16", WORK, {"way": "sorted", "precision": "bfloat16"}),
    System("padded-bfloat16", WORK, {"way": "padded", "precision": "bfloat16"}),
    System("padded-compiled-bfloat16", WORK, {"way": "compiled", "precision": "bfloat16"}),
)

if __name__ == "__main__":
    run("speed.predict_gpu", __doc__, SYSTEMS, compared=("padded-bfloat16", "sorted-padded-bfloat16"))
