"""A token's form: the usual mix-ups are named, and nothing of it is repeated."""

import base64

import pytest

from bot.setup.token_form import complaint_about, tidied

SIGNATURE = "k" * 38
GOOD = f"{base64.b64encode(b'1234567890123456789').decode().rstrip('=')}.GabcdE.{SIGNATURE}"


def test_a_token_passes() -> None:
    assert complaint_about(GOOD) is None


@pytest.mark.parametrize("pasted", [f" {GOOD}\n", f'"{GOOD}"', f"Bot {GOOD}", f"\u201c{GOOD}\u201d"])
def test_what_a_copy_brings_along_is_taken_off(pasted: str) -> None:
    assert tidied(pasted) == GOOD


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "Nothing"),
        (GOOD.replace(".", " ."), "space"),
        ("1234567890123456789", "ID"),
        ("0123456789abcdef" * 4, "public key"),
        ("AbCdEfGhIjKlMnOpQrStUvWxYz012345", "client secret"),
        (GOOD[:40], "three parts"),
        (f"bm8tbnVtYmVyLWF0LWFsbA.GabcdE.{SIGNATURE}", "three parts"),
        (GOOD.replace("k", "\u212a"), "characters"),
    ],
)
def test_what_is_no_token_is_named(pasted: str, words: str) -> None:
    said = complaint_about(pasted)
    assert said is not None
    assert words in said
    assert not pasted or pasted not in said
