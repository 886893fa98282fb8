"""The ground that all forms stand on."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
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
