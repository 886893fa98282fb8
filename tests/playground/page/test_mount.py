"""The page as it is put on an app: where it is, who may load it, and a second one in the same process."""

import re

import httpx
import pytest

from bot.playground import Playground
from bot.playground.page import page


@pytest.mark.parametrize("time", ["first", "second"])
async def test_the_page_is_served_each_time_a_playground_opens(time: str) -> None:
    async with (
        Playground(extensions=[page(f"the {time} welcome")]) as playground,
        httpx.AsyncClient() as client,
    ):
        root = await client.get(playground.url, follow_redirects=True)
        assert str(root.url) == f"{playground.page_url}/"
        assert f"the {time} welcome" in root.text
        assert "Writing circle" in root.text


async def test_everything_that_the_page_asks_for_is_on_this_server() -> None:
    async with Playground(extensions=[page()]) as playground, httpx.AsyncClient() as client:
        html = (await client.get(f"{playground.page_url}/")).text
        assert re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//[^"\')]+', html) == []
        for path in set(re.findall(r'(?:src|href)="(/[^"]+)"', html)):
            assert (await client.get(f"{playground.url}{path}")).status_code == 200, path


async def test_the_rest_of_the_server_is_guarded_too_and_still_answers_its_bot() -> None:
    async with Playground(extensions=[page()]) as playground, httpx.AsyncClient() as client:
        mine = {"Authorization": f"Bot {playground.bot_token}"}
        address = f"{playground.api_url}/users/@me"
        assert (await client.get(address, headers=mine)).status_code == 200
        assert (
            await client.get(address, headers={**mine, "Origin": "http://evil.example"})
        ).status_code == 403
        assert (await client.get(address, headers={**mine, "Host": "evil.example"})).status_code == 403


async def test_hostile_words_do_not_break_out_of_the_pages_source() -> None:
    async with Playground(extensions=[page("</script><script>alert(1)</script>")]) as playground:
        await playground.member("mara").say("`</script><script>alert(2)</script>` ${alert(3)} \\")
        async with httpx.AsyncClient() as client:
            html = (await client.get(f"{playground.page_url}/")).text
    assert "alert(1)" in html
    assert "alert(3)" in html
    assert "<script>alert" not in html
    assert "${alert(3)}" not in html
