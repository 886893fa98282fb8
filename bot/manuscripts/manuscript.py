"""What a manuscript is once it has been read, and the limits of reading one."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import UserError


class Format(StrEnum):
    """What a manuscript was written in."""

    TXT = "txt"
    MD = "md"
    DOCX = "docx"
    PASTE = "paste"


@dataclass(frozen=True)
class Manuscript:
    """A writer's text, ready to be read.

    Attributes:
        title: The title that the file states, or its name without the ending; empty for a paste.
        text: The words as the author wrote them. Lines end in a line feed, paragraphs are apart by an empty
            line (two where the author left a gap), and nothing invisible is left. Every offset anywhere in
            the engine counts characters of this string.
        format: What it came as.
        words: How many words there are.
    """

    title: str
    text: str
    format: Format
    words: int


@dataclass(frozen=True)
class ReadLimits:
    """How large a file may be, and what reading it may cost. The only place where these stand.

    Attributes:
        file_bytes: The file as it arrives. Discord's own limit without boosts is 10 MiB.
        unpacked_bytes: What a DOCX may unpack to in all. A novel's is about 6 MB.
        unpacked_ratio: How many times its packed size one entry may unpack to. A novel's XML reaches about
            20.
        entries: How many files a DOCX may hold. A novel with pictures has a few hundred.
        output_bytes: The text that the reader may give back.
        words_min: Below this there is nothing for an editor to say.
        words_max: Above this one letter cannot do the text justice.
        seconds: The whole reading, by the clock.
        memory_bytes: Address space of the reading process.
        any_language: Whether it may be in another language than English; who keeps a text need not read it.
    """

    file_bytes: int = 8 * 1024 * 1024
    unpacked_bytes: int = 48 * 1024 * 1024
    unpacked_ratio: int = 200
    entries: int = 2000
    output_bytes: int = 4 * 1024 * 1024
    words_min: int = 40
    words_max: int = 20_000
    seconds: float = 20.0
    memory_bytes: int = 1536 * 1024 * 1024
    any_language: bool = False


class UnreadableManuscript(UserError):  # noqa: N818 -- it names what happened
    """The file cannot be read as a story; the sentence says why, and what the writer can do."""
