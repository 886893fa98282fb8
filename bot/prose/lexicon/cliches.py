"""Set phrases of fiction, written down for this house, and those of proselint's lists that fit stories.

A phrase is a row of words; `|` parts forms of a word, `PP` is any possessive, `*` any one word.
"""

# ruff: noqa: E501, PLR2004, RUF001, SIM905 -- a phrase a line, read and mended by people.

from functools import cache
from importlib.util import find_spec
from pathlib import Path

OWN = """
think|thinks|thought|thinking outside the box
hit|hits|hitting the ground running
with a heavy heart
shone|shines|sparkled|glittered|gleamed like a diamond|diamonds
place|places where time forgot|forgets|stood|stands
place|town|village|land that time forgot
heart|hearts skipped|skips|skip|skipping a beat
heart|hearts pounded|pounds|pounding|hammered|hammering|thumped|thumping in|against PP chest|ribs|throat|ribcage
heart|hearts pounded|pounding like a drum|hammer
heart|hearts leapt|leaped|leaps into PP throat
heart was pounding|racing|hammering
heart in PP mouth|throat
heart sank|sinks like a stone
heart|hearts swelled|swells with pride|joy|love
PP heart raced|races
PP heart shattered|shatters into a million pieces
broke|breaks|broken PP heart into a million pieces
blood ran|runs|run cold
PP blood boiled|boils
shiver|shivers|chill|chills ran|runs|went|goes|run|running down|up PP spine
sent|sends|sending shivers|chills|shiver down|up PP spine
butterflies in PP stomach
PP stomach dropped|drops|lurched|churned|churns
PP stomach in|tied knots
stomach tied in knots
a lump in PP throat
let|lets out a breath he|she|i|they didn't|hadn't|did|had know|realized|realised|known he|she|i|they was|were|had|am holding|been
let|lets out a breath he|she|i|they didn't know he|she|i|they was|were|is holding
let|lets out a breath he|she|i|they hadn't|didn't realized|realised|realize|realise he|she|i|they was|were|had|is holding|been
breath he|she|i|they hadn't|didn't know|known|realized|realised|realize|realise
breathed|breathes|breathe a sigh of relief
heaved|heaves|let|lets a sigh of relief
a sigh of relief
time stood|stands still
time seemed|seems to stand|stop|slow still|down
the world fell|falls|melted|melts|faded|fades away
the world stopped turning|spinning
the silence was|is deafening
a deafening silence
deafening silence
you could hear a pin drop
could hear|heard a pin drop
the calm before the storm
white as a sheet|ghost
pale as a ghost|sheet
red as a beet|tomato
quiet|quietly as a mouse
cold|cool as ice
clear as day|crystal
black as night|pitch|coal
dead as a doornail
blind as a bat
light|lighter as|than a feather
fast|quick as lightning
free as a bird
busy as a bee
sly as a fox
stubborn as a mule
strong as an ox
brave as a lion
right as rain
fit as a fiddle
old as time
old as the hills
good as new
sharp as a tack
cool as a cucumber
slept|sleep|sleeps|sleeping like a baby|log
like a bolt from the blue
like a bat out of hell
like a moth to a flame
like a deer in headlights|the headlights
like a deer in the headlights
deer in the headlights
like a fish out of water
like a ton of bricks
like a house of cards
like the back of PP hand
like there was|were no tomorrow
like a knife through butter
like two peas in a pod
like a needle in a haystack
a needle in a haystack
it was a dark and stormy night
dark and stormy night
little did he|she|they|i|we know
last but not least
when|as all was|is said and done
only time will|would tell
once and for all
in the nick of time
in the blink of an eye
in the heat of the moment
in one fell swoop
against all odds
as fate would have it
a force to be reckoned with
a blessing in disguise
a match made in heaven
the love of PP life
love at first sight
happily ever after
the tip of the iceberg
a sight for sore eyes
avoid|avoided|avoids like the plague
all hell broke|breaks loose
all walks of life
the elephant in the room
the light at the end of the tunnel
light at the end of the tunnel
a drop in the ocean|bucket
a shoulder to cry on
a blast from the past
an uphill battle
the best of both worlds
beat|beating around the bush
between a rock and a hard place
bit|bite|bites off more than he|she|they|i could|can chew
burning the candle at both ends
burned|burnt|burn the midnight oil
burning the midnight oil
caught between a rock and a hard place
crystal clear water|waters
crystal clear
every fiber|fibre of PP being
every nook and cranny
nook and cranny
eyes as blue as the sky|sea|ocean
piercing blue|green|gray|grey eyes
eyes sparkled|sparkling|twinkled|twinkling with mischief|joy|delight|excitement
eyes were|are|as|like pools|oceans of
a twinkle in PP eye|eyes
twinkle in PP eye|eyes
a mischievous glint|twinkle in PP eye|eyes
eyes the size of saucers
eyes as big|wide as saucers
eyes widened|widen|widening in|with surprise|shock|horror|disbelief|fear|terror
if looks could kill
couldn't|can't believe PP eyes|ears|luck
could not believe PP eyes|ears|luck
rubbed|rubs PP eyes in disbelief
jaw dropped|drops to the floor|ground
PP jaw dropped|drops
PP knees went|go|turned weak|to
weak in|at the knees
frozen|froze to the spot
rooted to the spot
stopped|stops|stop dead in PP tracks
stopped|stops|stop in PP tracks
time of PP life|lives
a night to remember
a memory that would last a lifetime
never been so|more happy|scared|happier in PP life
a weight lifted|lifting from|off PP shoulders
weight lifted|lifting from|off PP shoulders
weight had been lifted from|off PP shoulders
the weight of the world on PP shoulders
weight of the world
a single tear rolled|ran|slid|trickled|fell down PP cheek|face
single tear rolled|ran|slid|trickled down PP cheek|face
tears streamed|streaming|stream|rolled|rolling down PP face|cheeks|cheek
tears welled|welling|well up in PP eyes
tears welled|welling|well in PP eyes
cried|cry|cries PP eyes|heart out
cried|cries PP herself to sleep
a smile spread|spreads|crept|creeps across|over PP face|lips
smile spread|spreads|spreading across|over PP face|lips
smile from ear to ear
smiled|smiling|smiles|grinned|grinning|grins from ear to ear
grin from ear to ear
a smile played|plays|tugged|tugs on|at|about the corner|corners of
a smile that didn't|did not reach PP eyes
didn't|doesn't reach PP eyes
a voice as smooth as silk|velvet|honey
smooth as silk
soft as silk|velvet
hung|hangs|hanging heavy in the air
hung|hangs|hanging thick in the air
tension you could cut with a knife
cut the tension with a knife
could cut|be the tension with a knife
the tension was|is palpable
a wave of relief|nausea|sadness|grief|panic|dread|guilt|emotion washed|washes over
wave of relief|nausea|sadness|grief|panic|dread|guilt|emotion|emotions|exhaustion|fear|nostalgia washed|washes over
relief|panic|dread|guilt|grief|fear washed|washes|flooded|floods over|through
a rollercoaster of emotions
roller coaster of emotions
emotional rollercoaster
a blanket of snow|stars|fog
a sea of faces
blanketed in snow
the sun was|is shining and the birds were|are singing
the sun was|is shining brightly|bright
birds were|are chirping|singing
not a cloud in the sky
the crack of dawn
under the cover|cloak of darkness|night
cover of darkness|night
the dead of night
dead of night
stars twinkled|twinkling|twinkle like diamonds
like diamonds in the sky
bathed in moonlight|sunlight
the moon hung|hangs low
sun dipped|dips|dipping below the horizon
raining cats and dogs
a thick blanket of
rain|raining|rained in buckets
adrenaline coursed|courses|coursing|surged|pumped|pumping|rushed through PP veins
adrenaline coursing|surging|pumping
fear gripped|grips PP heart
gripped by fear|terror
overcome with emotion|joy|grief
sweat beaded|beads on PP forehead|brow
beads of sweat
a cold sweat
broke|breaks out in|into a cold sweat
the hair|hairs on the back of PP neck stood|stand|rose|stands
hair|hairs on the back of PP neck
goosebumps rose|formed|appeared on PP arms|skin
made|makes PP skin crawl
bated breath
with bated breath
swept|sweep|sweeps him|her|me|them off PP feet
head over heels
fell|fall|falls|falling head over heels
skeletons in the|PP closet
a blood curdling|curdling scream
blood-curdling scream
bloodcurdling scream
scream|screamed|screams at the top of PP lungs
at the top of PP lungs
ran|run|running|runs for PP life|lives
ran|run|runs as fast as PP legs could|can
fought|fight|fights tooth and nail
tooth and nail
by the skin of PP teeth
a fate worse than death
came|come|comes to a screeching|grinding halt
turned|turn|turns PP world upside down
PP world turned|was|came|came turned|upside|crashing down
PP life would|will never be the same
nothing would|will ever be the same
would|will never be the same again
never be the same again
changed PP life|lives forever
change PP life|lives forever
the beginning of the end
a chance of|in a lifetime
once in a lifetime
adventure of a lifetime
a gut feeling
in the pit of PP stomach
pit of PP stomach
wouldn't hurt a fly
a man of few words
took|take|takes PP breath away
took|takes matters into PP own hands
the apple of PP eye
back to square one
the silence stretched between|on
an awkward silence fell|hung
easier said than done
threw|throw|throws caution to the wind
gave|give|gives PP the cold shoulder
cold shoulder
the straw that broke the camel's back
the last straw
hit|hits him|her|me|them like a ton|truck|freight
like a freight train
read|reads|reading him|her|me|them like a book
like an open book
wore|wears|wear PP heart on PP sleeve
born with a silver spoon
the eye of the storm
tall dark and handsome
ruggedly handsome
drop dead gorgeous
chiseled|chiselled jaw|features|jawline
raven hair|locks
porcelain skin
rosy cheeks
flowing locks
lost in thought
lost|drowned|drown in PP eyes
locked|locks eyes across
sparks flew|fly
two hearts beating|beat as one
hand in glove
a whirlwind romance
the ends of the earth
to the moon and back
the walls were|are|was closing in
walls have|had ears
""".strip().splitlines()

# Phrases of proselint's lists that are plain words in a story.
_PLAIN = frozenset(
    (
        "as it were",
        "at this point in time",
        "back against the wall",
        "one of the best",
        "out of the woods",
        "at the end of the day",
        "keep an eye on",
        "over and over again",
        "in the middle of the night",
        "as soon as possible",
        "the end of the line",
        "at the same time",
        "from time to time",
        "in the first place",
        "in the long run",
        "on the other hand",
        "to say the least",
    )
)


@cache
def phrases() -> dict[str, tuple[tuple[tuple[frozenset[str], ...], bool], ...]]:
    """Give every phrase under each of its first words; the flag says whether it is ours."""
    index: dict[str, list[tuple[tuple[frozenset[str], ...], bool]]] = {}
    rows = [(row, True) for row in OWN] + [(row, False) for row in _listed()]
    for row, own in rows:
        pattern = tuple(_forms(part) for part in row.split())
        for first in pattern[0]:
            index.setdefault(first, []).append((pattern, own))
    return {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in index.items()}


_POSSESSIVES = frozenset("my your his her its our their one's someone's".split())


def _forms(part: str) -> frozenset[str]:
    if part == "PP":
        return _POSSESSIVES
    return frozenset(part.split("|"))


def _listed() -> list[str]:
    """Read the lists of proselint from its files; importing it would take longer than the whole study."""
    spec = find_spec("proselint")
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / "checks" / "cliches"
    rows: set[str] = set()
    for name in ("garner", "write-good", "diction"):
        rows.update((folder / name).read_text(encoding="utf-8").splitlines())
    return sorted(
        row.replace("’", "'").replace("-", " ")
        for row in rows
        if len(row.split()) >= 4
        and row.replace(" ", "").replace("'", "").replace("-", "").isalpha()
        and row not in _PLAIN
    )
