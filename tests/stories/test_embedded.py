"""The demonstration model goes on with a story: what it writes is no better, but held to the same gate."""

import pytest

from bot.llm import DEMONSTRATION_LABEL, Caller, Models, Prompts
from bot.stories import MOST_CALLS, Author, Link, StoryState, StoryTree, Teller
from tests.llm.roles import EMBEDDED, Roles
from tests.stories.telling import OPENING, ROOT, TURN


@pytest.mark.embedded
@pytest.mark.timeout(300)
async def test_the_demonstration_model_answers_a_turn_with_a_link_or_with_the_reason_why_not() -> None:
    tree = StoryTree().add(Link(id=1, parent_id=None, text=OPENING, authors=(Author(1, "Anna"),)))
    tree = tree.add(Link(id=2, parent_id=1, text=TURN, authors=(Author(2, "Ben"),)))
    async with Models(Roles.all(EMBEDDED)) as models:
        teller = Teller(models, Prompts(ROOT / "prompts"))
        told = await teller.tell(StoryState(tree=tree), caller=Caller(1, 2, "story-1"))
    assert told.calls <= MOST_CALLS
    assert told.label == DEMONSTRATION_LABEL
    assert 100 < told.prompt_tokens < 1000
    assert told.event is not None
    assert told.event.card
    assert told.event.problem is None
    # The cast is found by measuring, whatever the model makes of the rest.
    assert [one.name for one in told.memory.cast] == ["Mara Venn"]
    assert (told.text is None) == (told.verdict is None)
    if told.text is not None:
        assert told.verdict is not None
        assert told.verdict.taken
