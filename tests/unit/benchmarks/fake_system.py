"""A system for tests of the runner: it notes its turns in a file, and breaks where it is told to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.worker import serve


class Fake:
    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.turns = 0
        self._note("open")
        self._break_at("open")

    def round(self) -> Mapping[str, float]:
        self.turns += 1
        self._note("round")
        self._break_at(self.turns)
        return {"reports/s": float(self.given["speed"] * self.turns)}

    def facts(self) -> Mapping[str, Any]:
        os.write(1, b"libraries may print\n")
        return {"answers": [[0.25, 0.75]]}

    def _note(self, what: str) -> None:
        with Path(self.given["turns"]).open("a") as stream:
            stream.write(f"{self.given['name']} {what}\n")

    def _break_at(self, place: int | str) -> None:
        if self.given.get("raises") == place:
            raise FileNotFoundError(self.given["turns"])
        if self.given.get("dies") == place:
            os._exit(9)


if __name__ == "__main__":
    serve(Fake)
