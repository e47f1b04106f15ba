"""Answers to interactions that failed."""

TOO_SLOW = "That takes too long to look up. Try other words."
NO_DATABASE = "I can't access my database right now. Please try again in a minute."
GONE = "That no longer exists. Please try again."
INTERNAL = "Something went wrong on my side. The people who run this bot can find it in their log."
SERVERS_ONLY = "This only works in a server."
SERVER_LOADING = "I'm still loading this server. Please try again in a moment."
