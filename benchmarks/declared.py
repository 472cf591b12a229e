"""What the benchmarks declare of the reports that they learn from: one place, for all of them.

The sets are published by others and lie beside the project; no benchmark looks for persons in them before it
learns. Whoever runs one is the controller of that run and answers for it: where another law or another clause
applies, change it here.
"""

from __future__ import annotations

from typing import Any

POLICY: dict[str, Any] = {
    "law": "lgpd",
    "clause": ["art. 11, II, c"],
    "use": "research",
    "purpose": "to measure BERT4Text on published corpora; models are thrown away, nothing is served",
    "controller": "whoever runs the benchmark, on a machine of their own",
    "officer": "whoever runs the benchmark",
    "retention": "models until the run ends; of the reports nothing but figures is kept",
    "ethics_exempt": "published corpora; whoever runs the benchmark decides whether that is enough",
    "data_use": "the licence of each set, as its publishers give it",
    "accept": {
        "by": "whoever runs the benchmark",
        "reason": "published corpora, used as they were published; this program did not de-identify them",
    },
}
"""``[policy]`` of a run."""
