"""The face of a review in the terminal: a sentence, what is doubtful in it, one key for the answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_
from bert4text.privacy.kinds import KINDS

if TYPE_CHECKING:
    from bert4text.cli.options import Session
    from bert4text.privacy.review import Question, Review, Verdict

VERDICTS: dict[str, Verdict] = {"y": "hide", "s": "hide", "n": "keep", "a": "always", "k": "never"}
"""Key -> what it says; in Portuguese y is s (sim), and both are taken."""
UNDO, QUIT = "u", "q"
KEYS = N_(
    "y hide   n keep   a always hide these words   k never hide these words   u undo   q save and go on later"
)


def check_terminal(session: Session) -> None:
    """Refuse to review where nobody can answer.

    Raises:
        ConfigError: input or screen is no terminal.
    """
    if not (sys.stdin.isatty() and session.screen.stderr.isatty()):
        raise ConfigError(
            "a review asks a person, and there is no terminal to ask in",
            hint="run it in a terminal, or leave --review out",
            code="not-interactive",
        )


def ask(session: Session, review: Review) -> bool:
    """Put every question of a review; False where the person goes on later.

    Args:
        session: whose screen is asked on.
        review: the questions.
    """
    screen = session.screen
    if review.question is not None:
        screen.err.print(screen.translator(KEYS), style="dim")
    while review.question is not None:
        _show(session, review.question)
        key = _key().casefold()
        if key in {QUIT, "\x04", ""}:
            return False
        if key == UNDO:
            if not review.undo():
                screen.err.print(screen.translator(N_("there is nothing to undo")), style="dim")
        elif key in VERDICTS:
            review.answer(VERDICTS[key])
        else:
            screen.err.print(screen.translator(KEYS), style="dim")
    return True


def _show(session: Session, question: Question) -> None:
    from rich.text import Text

    translator = session.screen.translator
    kinds = [translator(KINDS[kind].title) for kind in (question.kind, *question.others)]
    head = translator(
        N_("row {row}: {kinds}? (sure: {score})"),
        row=question.row,
        kinds=" / ".join(kinds),
        score=translator.number(question.score),
    )
    session.screen.err.print()
    session.screen.err.print(Text(head, style="bold"))
    sentence = Text(question.before)
    sentence.append(f"[{question.found}]", style="bold reverse")
    sentence.append(question.after)
    session.screen.err.print(sentence)


def _key() -> str:
    """One key, without the line's end; the empty string at the end of input."""
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.getwch()
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        return sys.stdin.read(1)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
