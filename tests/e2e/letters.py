"""What the double of a remote model writes about `scene.txt`: a letter that holds, as an editor would."""

LETTER = (
    "I like how quietly your scene puts its weight on small things. When you write “She always gave herself "
    "that one.” you tell me who Ines is without a word of explanation, and the crack in the cup does more "
    "than a page of history could. Keep that restraint, because it is the voice of the piece, and the "
    "dialogue shares it: “Then they can come and row it.” is a line that I would not touch.\n\n"
    "What weakens the scene is the place where you stop trusting it. In “It was opened by neither of them.” "
    "the sentence turns its back on the two people at the table; try to let one of them do something with "
    "the letter instead, a thumb on the flap, a cup set down on the stamp. The silence after the gull is "
    "worn as well: “quiet as the grave” is a phrase that your reader has met before, while the chains in "
    "the tide are yours alone, so cut the first and let the second stand. Still, the end is right: the "
    "knife that they used for the fish is the best detail of all, and I would keep it exactly there."
)
A_FALSE_QUOTATION = LETTER.replace("Then they can come and row it.", "Let them come and take it away.")
LONG_LETTER = LETTER.replace(
    "Still, the end is right",
    "Look as well at how often somebody in the room is told to be something: tired, quiet, slow. You "
    "have the net, the knot and the clock at hand, and each of them could carry that feeling for you "
    "without a name; try to let the fingers miss the loop once, and strike the word for it. In “For a"
    " while there was only the knot, and the clock, and the rain that had begun to tick against the "
    "glass.” you already show that you can do this, and the list there earns its length because it "
    "slows the reader to the pace of the people. Take that sentence as your measure for the rest. "
    "Then the steam on the window could come when the talk has stopped, and hide the harbour at the "
    "moment when both of them are thinking of nothing else. Still, the end is right",
)
