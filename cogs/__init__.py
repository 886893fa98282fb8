"""The face in Discord: one thin file a command group."""
