"""What other programs export, and what Storywire makes of it. Pure."""
