"""Looks for words in the files that the bot keeps."""

from pathlib import Path


def words_in(folder: Path, *words: str | bytes) -> list[str]:
    """Give the files below a folder that have one of some words in them, as bytes or in UTF-8."""
    looked_for = [each.encode() if isinstance(each, str) else each for each in words]
    return [
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and any(each in file.read_bytes() for each in looked_for)
    ]
