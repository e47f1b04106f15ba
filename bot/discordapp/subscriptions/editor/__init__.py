"""The editor: a message with components and forms that make or change a subscription.

Nothing is kept in memory. The choices so far are a draft in the store. The custom_id of every
component and form contains the draft's id, so that they work after a restart, too.
"""
