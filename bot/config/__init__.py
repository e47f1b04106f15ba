"""Settings: what an operator can set, and what is wrong with what they wrote."""
