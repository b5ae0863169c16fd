"""``python -m pongarena``: the command line."""

from pongarena.cli import main

if __name__ == "__main__":
    main()
