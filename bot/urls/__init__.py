"""Rules about addresses: what they mean, which are safe, which are accepted. Pure."""
