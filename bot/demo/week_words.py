"""What four members and a moderator write in the week of the demonstration."""

from typing import Final

TITLE: Final = "The second ferry"
PREMISE: Final = """The ferry to Aldersay runs once a day, and on the ninth of November it ran twice. Nobody on the quay had asked for a second crossing. It came out of the fog without its horn, tied itself up, and let down the gangway as if it were expected.

Only one passenger stepped ashore. She carried a birdcage with a cloth over it, and she asked old Pell, who was mending a net, which of the houses had been hers."""

FIRST_TURN: Final = """Pell did not look up from the net. "There's been no house of yours here since the fire," he said, "and no bird either." But his needle had stopped, and the cloth over the cage moved as though something under it had heard its name."""
SECOND_TURN: Final = (
    """Up at the school, Hanne rang the bell for the morning although it was past noon. The children came out and stood along the wall in the order in which their grandparents had stood there once.""",
    """One of them, the smallest, held up a feather. ((could we keep the children out of danger, please?))""",
)
THIRD_TURN: Final = """She lifted the cloth. The cage was empty but for a key, green with salt, that hung where a bird would sit. "Then you will not mind," she said to Pell, "if I try every door.\""""
UNDONE_TURN: Final = """Suddenly it all turned out to be a dream, and everybody laughed about it."""
FOURTH_TURN: Final = """The first door was the chandler's, and the key did not fit. The second was the chapel's, and it turned in the lock before she had so much as touched it."""
FIFTH_TURN: Final = """Pell had followed at a distance with the net over his shoulder. When he saw the chapel door stand open he took off his cap, which he had not done for any bishop."""

GIVEN: Final = (
    (
        "Low water",
        """My grandmother kept the tide tables in the bread tin, because that was where everybody would look. On the last page she had written the names of those who did not come back, and beside each name the height of the water on that day, to the inch.

I found the tin when we cleared the house. My uncle wanted to know whether there was money in it. I said that there was bread in it, once, and he went back to the cupboards.

The column is not in order of years. It took me until evening to see what it was sorted by. She had put the lowest water first. At the very end, with more water beside it than beside any of the others, stood her own name, and no date.""",
    ),
    (
        "The lamp room",
        """They taught us to trim the wick before they taught us to write. A lamp that smokes is worse than none, said Mother Orla, since a ship will come to look what is burning.

On the night of the great storm I was alone with it. The glass cracked at two, and I held my coat before the hole until the wind had taken both my sleeves. At four there was a light at sea that answered mine. I never learned whose it was. In the morning the harbour was empty, and on the quay, folded as one folds washing, lay my two sleeves.""",
    ),
)
