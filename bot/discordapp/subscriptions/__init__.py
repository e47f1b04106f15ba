"""`/subscriptions`: what a server's admins decide."""
