"""Reads dates as people and programs write them: with names, in many languages, in any order."""
