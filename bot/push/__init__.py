"""Takes articles that other programs send (docs/push.md)."""
