"""A week in a writing group: four members, a moderator, and a bot that dies on the third day.

It is lived in the local Discord by people who do what Discord's app would let them do. The demonstration
shows it in the page; the tests hold it as the first thing that must work.
"""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bot.demo import week_words as words
from bot.playground import Member, MessageView, Playground, Response, Upload
from bot.playground.model import Channel
from bot.playground.page import Sight

_DAY: Final = 24 * 60 * 60.0
_STAGE: Final = "…"
_PURPOSES: Final = ["anthology", "training"]


class Mortal(Protocol):
    """A bot that can be killed and started again."""

    async def kill(self) -> None:
        """Kill it, as nothing can be kept from being killed."""

    async def restart(self) -> None:
        """Start it again, and wait until it serves."""


@dataclass
class Lived:
    """What came of the week.

    Attributes:
        letter: What Mara read about her scene.
        parts: The storyteller's parts, in order, the undone one included.
        story: The story as it was exported.
        anthology: The files of the moderator's export.
        thread: The story's thread.
    """

    letter: str = ""
    parts: list[str] = field(default_factory=list)
    story: str = ""
    anthology: dict[str, bytes] = field(default_factory=dict)
    thread: Channel | None = None


class Week:
    """The week.

    Args:
        playground: Where it is lived.
        bot: The bot in it.
        scene: What Mara has critiqued: the file's name and its bytes.
        at_work: Waits until the bot is in the middle of a part.
        tell: Is told what happens, where and to whom; it goes on when that is done.
        patience: Seconds that any wait may take.
    """

    def __init__(
        self,
        playground: Playground,
        bot: Mortal,
        scene: Upload,
        *,
        at_work: Callable[[], Awaitable[None]],
        tell: Callable[[Sight], Awaitable[None]],
        patience: float,
    ) -> None:
        self._playground = playground
        self._bot = bot
        self._scene = scene
        self._at_work = at_work
        self._tell = tell
        self._patience = patience
        # Who has gone on from the notice of the first use.
        self._known: set[int] = set()
        self.mara, self.jonas = playground.member("mara"), playground.member("jonas")
        self.ines = playground.member("ines")
        self.hanne, self.tom = playground.add_member("Hanne"), playground.add_member("Tom")
        self.lived = Lived()

    async def live(self) -> Lived:
        """Live it.

        Raises:
            TimeoutError: Something did not come.
        """
        days = (self._monday, self._tuesday, self._wednesday, self._thursday, self._friday, self._weekend)
        for number, day in enumerate(days):
            if number:
                self._playground.clock.advance(_DAY)
            await day()
        return self.lived

    async def _monday(self) -> None:
        self.mara.go("workshop")
        await self._show("Monday. Mara has a scene critiqued. The letter is for her alone.", self.mara)
        asked = await self._use(self.mara, "critique", manuscript=self._scene)
        await asked.until(_is_answered, self._patience)
        self.lived.letter = _all_of(asked)
        self.mara.go("stories")
        await self._show("She begins a story. Her first paragraph opens a thread.", self.mara)
        form = await self._use(self.mara, "story start", title=words.TITLE)
        if form.modal is None:
            raise RuntimeError(f"no form came, but: {form.text}")
        await self.mara.submit(form.modal, premise=words.PREMISE)
        await self._until(lambda: self._thread() is not None)
        self.lived.thread = self._thread()
        await self._show_story("In the thread the bot goes on from what she wrote.")
        await self._part(0)
        await self._show_story("Jonas writes on, and the bot answers.")
        await self._write(self.jonas, words.FIRST_TURN)
        await self._part(1)

    async def _tuesday(self) -> None:
        await self._show_story(
            "Tuesday. Hanne and Tom write at the same time: it is one turn. What Tom puts in ((double "
            "brackets)) is a wish, not story."
        )
        both = (self.hanne, self.tom)
        for member, turn in zip(both, words.SECOND_TURN, strict=True):
            await member.say(turn, channel=self._place)
        await self._go_on(*both)
        await self._part(2)

    async def _wednesday(self) -> None:
        await self._show_story("Wednesday. Mara writes, and the bot is killed in the middle of its part.")
        await self._write(self.mara, words.THIRD_TURN)
        await self._at_work()
        await self._bot.kill()
        await self._show_story("The bot is dead. It starts again, and goes on where it was.")
        await self._bot.restart()
        await self._part(3)

    async def _thursday(self) -> None:
        await self._show_story("Thursday. Tom writes what he will regret.")
        await self._write(self.tom, words.UNDONE_TURN)
        undone = await self._part(4)
        await self._show_story(
            "He presses Undo: his turn, and what the bot made of it, are out of the story."
        )
        await self._undo(self.tom, undone)
        await self._until(lambda: any("took the last turn back" in each.text for each in self._messages()))
        await self._write(self.tom, words.FOURTH_TURN)
        await self._part(5)

    async def _friday(self) -> None:
        await self._show_story("Friday. Jonas writes the last turn of the week.")
        await self._write(self.jonas, words.FIFTH_TURN)
        await self._part(6)
        await self._show_story("Mara takes the story home as a file, for her alone.")
        self.mara.go(self._place)
        exported = await self._use(self.mara, "story export")
        if exported.message is None:
            raise RuntimeError("the story was not exported")
        self.lived.story = exported.message.attachments[0].data.decode()

    async def _weekend(self) -> None:
        for member, (title, text) in zip((self.mara, self.jonas), words.GIVEN, strict=True):
            member.go("workshop")
            await self._show(
                f"Weekend. {member.user.display_name} says what a text may be used for, and gives one.",
                member,
            )
            form = await self._use(member, "consent")
            if form.modal is None:
                raise RuntimeError(f"no form came, but: {form.text}")
            await member.submit(form.modal, purposes=_PURPOSES, licence="CC-BY-4.0", said=["own", "adult"])
            given = await self._use(
                member, "submit", manuscript=Upload("text.txt", text.encode()), title=title
            )
            await given.until(lambda now: "moderator reads it next" in _all_of(now), self._patience)
        await self._show("Jonas thinks better of it, and takes his text back.", self.jonas)
        mine = await self._use(self.jonas, "submit")
        if mine.message is None:
            raise RuntimeError("Jonas is not shown what he gave")
        take_back = next(
            each.label or "" for each in mine.message.buttons if (each.label or "").endswith("back")
        )
        await self._press(self.jonas, mine.message, take_back)
        self.ines.go("workshop")
        await self._show("Ines, the moderator, looks at what is left.", self.ines)
        while (shown := (await self._use(self.ines, "review")).message) is not None and shown.buttons:
            await self._show(
                "She alone sees it here, with the whole text attached. She approves it.", self.ines
            )
            await self._press(self.ines, shown, "Approve")
        await self._show("She makes the group's anthology, and downloads it.", self.ines)
        file = await self._use(self.ines, "export", kind="anthology")
        await file.until(lambda now: any(each.attachments for each in _messages_of(now)), self._patience)
        data = next(each.attachments[0].data for each in _messages_of(file) if each.attachments)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.lived.anthology = {name: archive.read(name) for name in archive.namelist()}

    # Who looks on

    async def _show(self, what: str, eyes: Member) -> None:
        """Tell what comes next, as one person sees it where they are."""
        await self._tell(Sight(what, eyes, eyes.channel()))

    async def _show_story(self, what: str) -> None:
        """Tell what comes next in the story's thread, which Mara reads."""
        await self._tell(Sight(what, self.mara, self._place))

    # What people do

    async def _use(self, member: Member, command: str, **options: Any) -> Response:  # noqa: ANN401 - an option of any type
        """Use a command; who is shown the notice of the first use goes on."""
        answer = await member.slash(command, **options)
        message = answer.message
        if message is not None and any(button.label == "Continue" for button in message.buttons):
            self._known.add(member.user.id)
            return await member.press(message, "Continue")
        return answer

    async def _press(self, member: Member, message: MessageView, button: str) -> Response:
        answer = await member.press(message, button)
        notice = answer.message
        if notice is not None and any(each.label == "Continue" for each in notice.buttons):
            self._known.add(member.user.id)
            return await member.press(notice, "Continue")
        return answer

    async def _undo(self, member: Member, part: MessageView) -> None:
        """Have a member press Undo, and again where the bot asks for a moment."""
        async with asyncio.timeout(self._patience):
            while "one moment" in (await self._press(member, part, "Undo")).text:  # noqa: ASYNC110 - people wait
                await asyncio.sleep(0.2)

    async def _write(self, member: Member, text: str) -> None:
        await member.say(text, channel=self._place)
        await self._go_on(member)

    async def _go_on(self, *members: Member) -> None:
        """Have members answer at once, each once, what the bot asks of who has written and never used it."""
        new = [each for each in members if each.user.id not in self._known]
        self._known.update(each.user.id for each in new)
        await self._until(lambda: all(self._question(each) is not None for each in new))
        await asyncio.gather(*(self._answer(each) for each in new))

    def _question(self, member: Member) -> MessageView | None:
        return next(
            (
                each
                for each in self._messages()
                if each.text.startswith(f"**{member.user.display_name}**")
                and [button.label for button in each.buttons] == ["Continue"]
            ),
            None,
        )

    async def _answer(self, member: Member) -> None:
        if (question := self._question(member)) is not None:
            member.go(self._place)
            await member.press(question, "Continue")

    @property
    def _place(self) -> Channel:
        if self.lived.thread is None:
            raise RuntimeError("there is no story yet")
        return self.lived.thread

    def _thread(self) -> Channel | None:
        return next((each for each in self.mara.channels() if each.name == words.TITLE), None)

    def _messages(self) -> list[MessageView]:
        return list(self.mara.messages(self._place))

    async def _part(self, number: int) -> MessageView:
        """Wait for a part of the storyteller's, and for its buttons."""

        def parts() -> list[MessageView]:
            return [
                each
                for each in self._messages()
                if each.author.bot and not each.ephemeral and not each.text.startswith(("**", "-# "))
            ]

        await self._until(lambda: len(parts()) > number and bool(parts()[number].buttons))
        part = parts()[number]
        self.lived.parts.append(part.text)
        return part

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(self._patience):
            while not holds():  # noqa: ASYNC110 - many places are looked at
                await asyncio.sleep(0.05)


def _messages_of(response: Response) -> list[MessageView]:
    return [each for each in (response.message, *response.followups) if each is not None]


def _all_of(response: Response) -> str:
    return "\n".join(each.text for each in _messages_of(response))


def _is_answered(response: Response) -> bool:
    return bool(response.text) and not response.text.rstrip().endswith(_STAGE)
