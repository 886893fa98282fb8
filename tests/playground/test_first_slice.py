"""The way of one command through the whole machine: login, registration, file, deferral, answer."""

import discord
from discord import app_commands

from bot.playground import Playground, Upload
from tests.playground.client import Bot, ClientFactory


def with_commands(bot: Bot) -> None:
    @bot.tree.command(description="Count the words of a file")
    async def count(interaction: discord.Interaction, manuscript: discord.Attachment) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        words = len((await manuscript.read()).split())
        await interaction.edit_original_response(content=f"{words} words in {manuscript.filename}")
        await interaction.followup.send("and that is all", ephemeral=True)

    @bot.tree.command(description="Answer at once")
    @app_commands.describe(times="how often")
    async def ping(interaction: discord.Interaction, times: app_commands.Range[int, 1, 5] = 1) -> None:
        await interaction.response.send_message("pong " * times)


async def test_a_file_goes_in_and_an_ephemeral_answer_comes_out(
    playground: Playground, clients: ClientFactory
) -> None:
    await clients(with_commands)
    mara, jonas = playground.member("mara"), playground.member("jonas")

    response = await mara.slash("count", manuscript=Upload("scene.txt", b"The rain had stopped"))
    answer = await response.until(lambda each: len(each.followups) == 1)

    assert not answer.failed
    assert answer.message is not None
    assert answer.message.text == "4 words in scene.txt"
    assert answer.message.ephemeral
    assert answer.followups[0].text == "and that is all"
    assert [message.text for message in mara.messages()] == ["4 words in scene.txt", "and that is all"]
    assert jonas.messages() == ()


async def test_an_open_answer_is_seen_by_all(playground: Playground, clients: ClientFactory) -> None:
    await clients(with_commands)
    response = await playground.member("mara").slash("ping", times=2)

    assert response.text == "pong pong"
    assert playground.member("jonas").messages()[-1].text == "pong pong"
    assert playground.member("jonas").messages()[-1].command == "ping"


async def test_the_bot_hears_what_members_say(playground: Playground, clients: ClientFactory) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    bot = await clients(intents=intents)

    async def on_message(message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(f"you said: {message.content}")

    bot.event(on_message)
    mara = playground.member("mara")
    said = await mara.say("hello", files=[Upload("a.txt", b"x")])
    reply = await mara.wait_for(lambda message: message.reply_to == said.id)

    assert reply.text == "you said: hello"
