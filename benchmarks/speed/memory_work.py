"""Worker: the command ``predict`` over a file, in this process, so that the peak is that of the command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.process import own_command
from benchmarks.speed.answering import folder_of
from benchmarks.worker import serve
from bert4text.cli.main import main


class Predicting:
    """Answers the reports of one file, which another process wrote."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        folder = folder_of(given)
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(folder)
        self._reports: int = given["reports"]
        self._source = folder / f"reports-{given['reports']}.{given['kind']}"
        self._target = self._source.with_name(f"answers{self._source.suffix}")
        self._command = ["bert4text", "predict", str(folder / "bundle"), str(self._source), "--quiet"]
        told = [str(self._source), str(self._reports), str(given["seed"])]
        subprocess.run([*own_command("benchmarks.speed.memory_file"), *told], check=True)

    def round(self) -> Mapping[str, float]:
        """Answer the file."""
        sys.argv = [*self._command, "--out", str(self._target)]
        start = time.perf_counter()
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                raise
        return {"reports/s": self._reports / (time.perf_counter() - start)}

    def facts(self) -> Mapping[str, Any]:
        """Nothing beside the memory that every worker tells; the next one finds an empty folder."""
        self._source.unlink()
        self._target.unlink()
        return {}


if __name__ == "__main__":
    serve(Predicting)
