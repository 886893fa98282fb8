"""The command line's commands, a file for each group.

Every file has `add_to`, which registers its commands. Heavy rooms are imported inside the commands, so that
`inkcircle --help` answers at once.
"""
