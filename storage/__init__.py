"""What Storywire keeps: articles, topics, subscriptions, posts."""
