"""``python -m bert4text``, and what the installed command calls."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C while it loads ends as it does later, without a traceback."""
    try:
        from bert4text.cli.main import main as door  # noqa: PLC0415 - loading is what may be interrupted
    except KeyboardInterrupt:
        sys.exit(130)
    door()


if __name__ == "__main__":
    main()
