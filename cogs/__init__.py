"""The face in Discord: one extension for each group of commands."""
