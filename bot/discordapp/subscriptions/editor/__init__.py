"""The message in which a subscription is made or changed, step by step.

Nothing is kept in memory: what was chosen so far is a draft in the store, and every component and
form names it in its custom_id, so that they are answered after a restart, too.
"""
