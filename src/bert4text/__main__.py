"""``python -m bert4text``, and what the installed command calls."""

import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C while it loads, or a second one, shows no traceback."""
    try:
        from bert4text.cli.main import main as door  # noqa: PLC0415 - loading is what may be interrupted

        door()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
