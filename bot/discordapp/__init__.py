"""Discord: the one part that imports `discord`. It renders, sends, and answers commands."""
