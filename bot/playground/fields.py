"""The ground that all forms stand on."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


def _snowflake(value: object) -> object:
    """Read an id, which JSON may carry as a string or a number."""
    if value is None:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise PydanticCustomError(
        "NUMBER_TYPE_COERCE", 'Value "{input}" is not snowflake.', {"input": str(value)[:100]}
    )


Snowflake = Annotated[int, BeforeValidator(_snowflake)]
CustomId = Annotated[str, Field(min_length=1, max_length=100)]


class Form(BaseModel):
    """A part of a request. Discord ignores fields that it does not know, and so do we."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: object) -> object:
        """Take null for 'not sent' where a field has a default other than null, as Discord does."""
        if not isinstance(value, dict):
            return value
        defaults = cls.model_fields
        return {
            name: each
            for name, each in value.items()
            if each is not None
            or name not in defaults
            or defaults[name].is_required()
            or (
                defaults[name].get_default(call_default_factory=False) is None
                and defaults[name].default_factory is None
            )
        }
