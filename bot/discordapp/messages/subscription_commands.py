"""Descriptions of `/subscriptions`, its commands and their options.

The options of `/subscriptions add` are in `subscription_options`. Discord allows 100 characters:
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-structure
"""

GROUP = "Manage which stories are posted where"

ADD = "Post new stories in a channel. Without options, opens an editor"
EDIT = "Change a subscription"
PAUSE = "Pause a subscription until you resume it"
RESUME = "Resume a paused subscription"
REMOVE = "Remove a subscription. You can undo this for one hour"
LIST = "List the subscriptions of this server"
PREVIEW = "Show the latest stories that match a subscription, and how many to expect"
WHY = "Explain why a story was or wasn't posted in a channel"
STATUS = "Show what was posted, skipped or failed, and which permissions are missing"
ACCESS = "Show or change which roles can manage subscriptions"
EXPORT = "Export the subscriptions of this server to a file"
IMPORT = "Add subscriptions from a file"

SUBSCRIPTION = "Choose a subscription from the list"
PREVIEWED_SUBSCRIPTION = "Choose a subscription from the list (default: the one of this channel)"
FILTERED_CHANNEL = "Show only this channel"
STORY = "Type words from its title, then choose from the list"
WHY_CHANNEL = "Channel to explain (default: this one)"
ROLE = "Role to change. Leave empty to see who has access"
ALLOW = "Allow the role to manage subscriptions (default: yes)"
FILE = "File from /subscriptions export"
