"""From nothing to a bot in one's server: the questions, the `.env` file, the key, the invitation."""
