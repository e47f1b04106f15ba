"""Rules about addresses: which are equivalent, which are safe, which are accepted. Pure."""
