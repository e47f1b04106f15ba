"""Reads the feeds with which feedparser tests itself, and compares what is expected of them."""
