"""`python -m bot` is `storywire`."""

from bot.cli import main

if __name__ == "__main__":
    main()
