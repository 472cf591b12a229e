"""The options every verb has, and the session they open."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bert4text.cli.columns import column_mapping
from bert4text.cli.logs import start_logging
from bert4text.cli.screen import Screen, as_typed
from bert4text.core.errors import Bert4TextError, ConfigError
from bert4text.core.messages import N_, load, screen_language

if TYPE_CHECKING:
    from bert4text.core.progress import Progress
    from bert4text.project import Project

SHARED = N_("Options of every verb")

Seal = Annotated[
    bool, typer.Option("--seal", help=N_("Write it sealed: each report encrypted under its patient's key."))
]

Deidentify = Annotated[
    bool | None,
    typer.Option(
        "--deidentify/--no-deidentify",
        help=N_("De-identify the reports first, as those were that the model learned from."),
        show_default=False,
    ),
]


@dataclass
class Session:
    """One call of a verb: its common options, its project and its screen."""

    screen: Screen
    folder: Path | None = None
    overrides: list[str] = field(default_factory=list)
    out: Path | None = None
    overwrite: bool = False
    seed: int | None = None

    def set(self, key: str, value: Any) -> None:
        """Take an option as ``--set section.key=value``; None leaves the settings as they are."""
        if value is not None:
            from bert4text.core.config import toml_value

            self.overrides.append(f"{key}={toml_value(value)}")

    def set_columns(self, section: str, mapping: str | None) -> None:
        """Take ``--columns`` into the settings of a section.

        Raises:
            ConfigError: a part is not ``name=column``.
        """
        for name, column in column_mapping(mapping).items():
            self.set(f"{section}.columns.{name}", column)

    @cached_property
    def project(self) -> Project:
        """The project, with every ``--set`` applied.

        Raises:
            ConfigError: bad settings, or ``--project`` names no folder.
        """
        from bert4text.project import Project

        if self.folder is not None and not self.folder.exists():
            raise ConfigError(
                "there is no folder {name}",
                hint="--project takes the folder of bert4text.toml, or a file like it",
                code="missing-folder",
                name=self.folder.name,
            )
        project = Project.load(self.folder, overrides=self.overrides)
        self.screen.translator = load(screen_language(self.screen.asked, project.settings.screen))
        return project

    @cached_property
    def progress(self) -> Progress:
        """How far the verb is, as this screen shows it."""
        from bert4text.cli.progress import progress_for

        return progress_for(self.screen)

    @property
    def language(self) -> str:
        """The language that is shown."""
        return self.screen.translator.language

    def tell_next(self, following: str) -> None:
        """Tell what to type next with a corpus that was written, or that none was.

        Args:
            following: message id with the ``name`` of the corpus.
        """
        if self.out is None:
            self.screen.remark(N_("nothing was written: give -o PATH to keep it"))
        elif self.out.suffix.casefold() == ".parquet":
            self.screen.remark(following, name=as_typed(self.out))
        else:  # for other programs: the verbs read .parquet alone
            self.screen.remark(N_("written: {name}"), name=self.out.name)

    def target(self) -> Path:
        """Where the result is written.

        Raises:
            ConfigError: ``-o`` was not given.
        """
        if self.out is None:
            raise ConfigError(
                "nothing says where to write the result",
                hint="give -o PATH",
                code="missing-out",
            )
        return self.out


def shared(
    ctx: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH", help=N_("Where the result is written."), rich_help_panel=SHARED
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help=N_("Replace what stands there, once the new one is whole."),
            rich_help_panel=SHARED,
        ),
    ] = False,
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            metavar="DIR",
            help=N_("Folder of bert4text.toml, or a file like it; the nearest one upwards if not given."),
            rich_help_panel=SHARED,
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="SECTION.KEY=VALUE",
            help=N_("Change a setting for this call; may be repeated."),
            rich_help_panel=SHARED,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help=N_("Same seed, same result."), rich_help_panel=SHARED),
    ] = None,
    json: Annotated[
        bool,
        typer.Option("--json", help=N_("Write the result as JSON to stdout."), rich_help_panel=SHARED),
    ] = False,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="en|pt-BR",
            help=N_("Language of what is shown; the locale's if not given."),
            rich_help_panel=SHARED,
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help=N_("Show no progress and no remarks."), rich_help_panel=SHARED),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help=N_("Tell more, and name the code's frames on a bug."),
            rich_help_panel=SHARED,
        ),
    ] = False,
    log: Annotated[
        Path | None,
        typer.Option(
            "--log",
            metavar="FILE",
            help=N_("Append a log of JSON lines: counts and codes, never text."),
            rich_help_panel=SHARED,
        ),
    ] = None,
) -> None:
    """Hold the signature of the common options; see ``common``."""


def open_session(ctx: typer.Context, given: dict[str, Any]) -> Session:
    """Make the session of one call from its common options.

    Raises:
        ConfigError: an unknown language.
        OutputError: the log cannot be written.
    """
    screen: Screen = ctx.obj
    screen.json = bool(given.get("json"))
    screen.quiet = bool(given.get("quiet"))
    screen.verbose = bool(given.get("verbose"))
    screen.place = ctx.command_path
    asked = checked_language(given.get("language"))
    if asked is not None:
        screen.asked, screen.translator = asked, load(asked)
    start_logging(screen, given.get("log"))
    session = Session(
        screen,
        folder=given.get("project"),
        overrides=list(given.get("set_") or ()),
        out=given.get("out"),
        overwrite=bool(given.get("overwrite")),
        seed=given.get("seed"),
    )
    session.set("project.seed", given.get("seed"))
    return session


@contextmanager
def logged(session: Session) -> Iterator[None]:
    """Log how a command ended, and how long it took."""
    started, verb = time.perf_counter(), session.screen.place.removeprefix("bert4text ")
    code, status = "done", 0
    try:
        yield
    except Bert4TextError as error:
        code, status = error.error_code, error.exit_status
        raise
    except BaseException:
        code, status = "broken", 70
        raise
    finally:
        seconds = round(time.perf_counter() - started, 3)
        facts = {"verb": verb, "code": code, "status": status, "seconds": seconds}
        logging.getLogger(__name__).info("command ended", extra=facts)


def checked_language(asked: str | None) -> str | None:
    """``en`` or ``pt-BR`` from what was typed, None from nothing.

    Raises:
        ConfigError: it is neither.
    """
    if asked is None:
        return None
    known = {"en": "en", "pt": "pt-BR", "pt-br": "pt-BR"}
    found = known.get(asked.split(".")[0].replace("_", "-").casefold())
    if found is None:
        raise ConfigError(
            "there is no language {asked!r}; there are {known}",
            hint="--language en or --language pt-BR",
            code="unknown-language",
            asked=asked,
            known=["en", "pt-BR"],
        )
    return found


def common(*, without: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of every verb; its first parameter receives them as a ``Session``.

    Args:
        without: common options that would mean nothing for this command.
    """

    def dress(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        lent = [
            parameter
            for parameter in inspect.signature(shared, eval_str=True).parameters.values()
            if parameter.name not in without
        ]

        @wraps(function)
        def command(**given: Any) -> None:
            common_values = {parameter.name: given.pop(parameter.name) for parameter in lent}
            session = open_session(common_values.pop("ctx"), common_values)
            with logged(session), redirect_stdout(session.screen.stderr):  # stdout holds the result alone
                function(session, **given)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*own, *lent)]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return dress
