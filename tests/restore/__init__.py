"""The test of a restored backup."""
