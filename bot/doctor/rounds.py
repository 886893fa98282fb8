"""Which checks there are, in the order in which they are told."""

from typing import Final

from bot.doctor.discord_side import DISCORD_SECONDS, look_at_discord
from bot.doctor.examination import Check
from bot.doctor.files import look_at_data
from bot.doctor.machine import look_at_clock, look_at_pandoc, look_at_port
from bot.doctor.models import ONE_MODEL_SECONDS, look_at_models
from bot.doctor.storage import look_at_backups, look_at_database, look_at_key, look_at_lock

ROUNDS: Final = (
    Check("data folder", look_at_data),
    Check("running", look_at_lock),
    Check("database", look_at_database, 20.0),
    Check("backups", look_at_backups, 20.0),
    Check("key", look_at_key, 20.0),
    Check("token", look_at_discord, DISCORD_SECONDS),
    Check("clock", look_at_clock),
    Check("model", look_at_models, 3 * ONE_MODEL_SECONDS),
    Check("pandoc", look_at_pandoc),
    Check("metrics port", look_at_port),
)
