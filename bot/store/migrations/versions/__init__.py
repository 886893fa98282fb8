"""One file a step, numbered; each follows the one before.

A step says in full what it does and imports no table of `bot.store.schema`: those change later, it does not.
"""
