"""The catalogue: every text that members and admins read in Discord, a module per topic.

Constants and pure functions, which take values and return whole texts. Nothing here imports
`discord`: the command line uses it, too.
"""
