"""``python -m bert4text``."""

from bert4text.cli.main import main

if __name__ == "__main__":
    main()
