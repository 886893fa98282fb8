"""Stands in a template for a value that nobody gave."""

from collections.abc import Iterator
from typing import Self


class Placeholder(str):
    """Looks like its name, and bears whatever a template does to it: attributes, loops, comparing, adding.

    An empty one is false, has no elements and shows nothing, but still bears the same.
    """

    __slots__ = ("_name",)

    _name: str

    def __new__(cls, name: str, *, empty: bool = False) -> Self:
        """Make the one for a name."""
        made = super().__new__(cls, "" if empty else f"⟨{name}⟩")
        made._name = name
        return made

    def __getattr__(self, name: str) -> "Placeholder":
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder(f"{self._name}.{name}", empty=not self)

    def __call__(self, *_arguments: object, **_named: object) -> "Placeholder":
        """Bear a call."""
        return self

    def __iter__(self) -> Iterator[str]:
        if self:
            yield Placeholder(f"{self._name}, one")

    def __len__(self) -> int:
        # One element, as the loop shows it.
        return 1 if str.__len__(self) else 0

    def __int__(self) -> int:
        return len(self)

    def _less(self, _other: object) -> bool:
        return not self

    def _more(self, _other: object) -> bool:
        return bool(self)

    def _same(self, _other: object) -> "Placeholder":
        return self

    __lt__ = __le__ = _less
    __gt__ = __ge__ = _more
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
