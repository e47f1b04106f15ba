"""Tests of `bot.push`."""
