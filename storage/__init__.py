"""Storage of articles, topics, subscriptions and posts."""
