"""Showing a critique in a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.coach import Critique


def show_critique(console: Console, critique: Critique) -> None:
    """Print the letter, or what was measured where there is no honest letter, and who wrote it."""
    # Text, never markup: what stands in the letter or in the manuscript must not style the terminal.
    if critique.letter is not None:
        console.print(Panel(Text(critique.letter), title="Your letter", border_style="cyan", padding=(1, 2)))
    else:
        console.print(Padding(Text(critique.text), (1, 2)))
    if critique.label:
        console.print(Padding(Text(critique.label, style="dim"), (0, 2)))
