import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.page.guard import LoopbackOnly


async def greet(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("welcome")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("welcome")
    await socket.close()


APP = LoopbackOnly(Starlette(routes=[Route("/", greet), WebSocketRoute("/talk", talk)]))


async def ask(host: str, **headers: str) -> int:
    transport = httpx.ASGITransport(app=APP)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8700") as client:
        return (await client.get("/", headers={"Host": host, **headers})).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost:8700", "LOCALHOST", "[::1]:8700"])
async def test_this_machine_is_welcome(host: str) -> None:
    assert await ask(host) == 200
    assert await ask(host, Origin=f"http://{host}") == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8700",
        "127.0.0.1:8700@evil.example",
        "",
    ],
)
async def test_another_name_for_this_machine_is_refused(host: str) -> None:
    assert await ask(host) == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://127.0.0.1:8700", "http://127.0.0.1:9999", "null", ""]
)
async def test_another_site_is_refused(origin: str) -> None:
    assert await ask("127.0.0.1:8700", Origin=origin) == 403


def test_sockets_are_guarded_too() -> None:
    client = TestClient(APP)
    address = "ws://127.0.0.1:8700/talk"
    with client.websocket_connect(address, headers={"Origin": "http://127.0.0.1:8700"}) as socket:
        assert socket.receive_text() == "welcome"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(address, headers={"Origin": "http://evil.example"}),
    ):
        pass
