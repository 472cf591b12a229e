"""Settings of ``[keys]``: where keys come from, and whether corpora are sealed."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bert4text.core.config import Config

NAME = "{name}"


class KeysConfig(Config):
    """Where the project's keys come from."""

    seal: bool = Field(
        default=False, description="seal every corpus that prepare, audit and deidentify write"
    )
    source: Literal["file", "environment", "command"] = Field(
        "file",
        description="file (made at first use, outside the project, mode 600), environment, or command",
    )
    variable: str = Field(
        f"BERT4TEXT_KEY_{NAME}",
        description="environment variable of a key; {name} is MASTER, PATIENTS or DATES",
    )
    command: list[str] = Field(
        default_factory=list,
        description="program and arguments that write a key to stdout, run without a shell; {name} is "
        "master, patients or dates",
    )
    seconds: float = Field(30.0, gt=0, le=600, description="how long the command may take")

    @model_validator(mode="after")
    def _each_key_apart(self) -> Self:
        if self.source == "environment" and NAME not in self.variable:
            raise ValueError("the variable needs {{name}}: each use has a key of its own")
        if self.source == "command" and not self.command:
            raise ValueError("the source command needs a command")
        if self.source == "command" and not any(NAME in word for word in self.command[1:]):
            raise ValueError("the command needs {{name}} in an argument: each use has a key of its own")
        return self
