"""The page's look, which is all that a browser may load."""

import base64
import hashlib
import re

from bot.page import words


def test_the_policy_lets_in_this_very_style_and_no_other() -> None:
    style = re.search("<style>(.*)</style>", words.sorry("No."), re.DOTALL)
    assert style is not None
    known = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = words.HEADERS["Content-Security-Policy"]
    assert f"style-src 'sha256-{known}';" in policy
    assert "unsafe" not in policy
