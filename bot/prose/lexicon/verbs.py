"""Verbs of story-telling and their forms.

A tagger would know more, and would be wrong more often and two hundred megabytes heavier. A short list of
verbs whose forms are certain finds fewer slips, and hardly a false one.
"""

# ruff: noqa: PLR2004, SIM905 -- word lists are read and mended by people; small numbers count letters.

from collections.abc import Iterator
from functools import cache

# base past participle; only where the past differs from the base.
_IRREGULAR = """
    be was been; begin began begun; bend bent bent; bite bit bitten; bleed bled bled; blow blew blown;
    break broke broken; bring brought brought; build built built; burn burned burned; buy bought bought;
    catch caught caught; choose chose chosen; cling clung clung; come came come; creep crept crept; deal
    dealt dealt; dig dug dug; do did done; draw drew drawn; drink drank drunk; drive drove driven; eat ate
    eaten; fall fell fallen; feed fed fed; feel felt felt; fight fought fought; find found found; flee
    fled fled; fling flung flung; fly flew flown; forget forgot forgotten; freeze froze frozen; get got
    got; give gave given; go went gone; grind ground ground; grow grew grown; hang hung hung; have had
    had; hear heard heard; hide hid hidden; hold held held; keep kept kept; kneel knelt knelt; know knew
    known; lead led led; lean leaned leaned; leave left left; lend lent lent; lie lay lain; lose lost
    lost; make made made; mean meant meant; meet met met; pay paid paid; ride rode ridden; ring rang rung;
    rise rose risen; run ran run; say said said; see saw seen; seek sought sought; sell sold sold; send
    sent sent; shake shook shaken; shine shone shone; shoot shot shot; show showed shown; shrink shrank
    shrunk; sing sang sung; sink sank sunk; sit sat sat; sleep slept slept; slide slid slid; speak spoke
    spoken; spend spent spent; spin spun spun; spring sprang sprung; stand stood stood; steal stole
    stolen; stick stuck stuck; sting stung stung; strike struck struck; swear swore sworn; sweep swept
    swept; swim swam swum; swing swung swung; take took taken; teach taught taught; tear tore torn; tell
    told told; think thought thought; throw threw thrown; understand understood understood; wake woke
    woken; wear wore worn; weep wept wept; win won won; wind wound wound; write wrote written
"""

_REGULAR = """
    accept add admit adjust agree aim allow announce answer appear approach argue arrange arrive ask
    attack avoid back bang bark beam beckon beg believe blame bless blink block blurt blush board boil
    bolt bounce bow brace breathe brush bump burst? bury button call calm care carry cart change charge
    chase check cheer chew choke chop clamber clap clasp claw clean clear clench climb close clutch
    collapse collect comb confess consider continue cook cough count cover cower crack crane crash crawl
    cross crouch crumple crush cry curl curse cut? dance dangle dash decide deliver demand descend deserve
    die dip disappear discover dodge doze drag dress drift drip drop drum dry duck dump edge empty end
    enter escape examine exchange exclaim exhale expect explain extend face fade fail fasten fetch fill
    finger finish fish fit? fix flap flare flash flick flicker flinch flip float flood flop flush fold
    follow force frown fumble gallop gasp gather gaze gesture giggle glance glare gleam glide glow gnaw
    grab grasp grimace grin grip groan grope growl grumble grunt guard guess guide gulp hail halt hammer
    hand handle happen haul help hesitate hiss hitch hobble hop hope hover howl hug hum hunch hurl hurry
    ignore imagine inch insist inspect invite itch join jog joke jolt jump kick kill kiss knock land last
    laugh launch leap learn lick lift light lick like limp linger listen live load lock look loom love
    lower lunge lurch march marry move mount mumble murmur mutter nag nail need nibble nod notice obey
    occur offer open order owe pace pack paddle paint pant park pass pat pause pedal peel peer perch phone
    pick pile pin pinch place plant play plead pluck plunge point poke pop pounce pour press pretend prod
    promise protest prowl pry puff pull punch push quicken quiver race raise rap reach realise realize
    recall recognise recognize recoil refuse relax release remain remember remind remove repeat reply rest
    retreat retrieve return reveal rip roar rock roll rub ruffle rumble rush sag sail salute scamper scan
    scatter scoop scowl scramble scrape scratch scream screech scrub search seem seize serve settle shift
    shiver shout shove shrug shudder shuffle shut? sigh signal sip skid skip slam slap slash slice slip
    slouch slow slump smack smash smell smile smirk snap snarl snatch sneer sneeze sniff snore snort soak
    sob soften sort spill splash sprawl sprint squat squeak squeeze squint squirm stab stagger stalk
    stammer stamp stare start startle stash stay steady steer step stiffen stir stoop stop straighten
    strain stretch stride? strip stroke stroll struggle stuff stumble succeed suck suggest surge surrender
    survey swallow sway swerve swish switch tap taste tease thank thump thunder thrash tick tie tighten
    tilt tiptoe toss touch tow trace track trail tramp travel tread? treat tremble trickle trip trot
    trudge trust try tuck tug tumble turn twirl twist twitch unfold unlock untie use vanish visit wade wag
    wail wait walk wander want warn wash watch wave whimper whine whip whirl whisper whistle widen wince
    wink wipe wish wobble wonder work worry wrap wrestle yank yawn yell
"""

# Verbs that a past participle after 'was' does not make passive, or that take no object.
INTRANSITIVE = frozenset(
    """
    appear arrive come creep cry die disappear fall flee go happen kneel laugh lie live march occur rise
    run seem sit sleep smile stand stay step stride stroll swim tremble vanish wait walk wander weep
    """.split()
)

# What a body does in the moment of a scene: never a general truth, seldom a memory.
SCENE_VERBS = frozenset(
    """
    bang beckon bend blink bow brush clamber clap clasp clench climb close clutch crane crawl creep cross
    crouch dart dash dodge drag drop duck edge exhale fling flinch fold follow freeze frown fumble gasp
    gaze gesture glance glare grab grasp grin grip groan grope hand haul hesitate hiss hug hurl hurry inch
    jerk jog jump kick kiss kneel knock lean leap lift limp lower lunge lurch march mumble murmur mutter
    nod open pace pat pause peer pick plunge point poke pour press pull push race raise reach recoil roll
    rub run rush scan scoop scramble scratch scream seize shake shiver shout shove shrug shudder shuffle
    sigh sip sit slam slide slip slump smile smirk snap snatch sniff snort sob spin sprint squeeze squint
    stagger stamp stare step stoop stop straighten stretch stride stumble sway swing swallow tap throw
    tilt tiptoe toss trudge tuck tug turn twist unfold unlock wade walk wave whisper whirl wince wink wipe
    yank yawn yell
    """.split()
)

SPEECH_VERBS = frozenset(
    """
    said says say asked asks ask replied replies answered answers cried cries called calls shouted shouts
    whispered whispers muttered mutters murmured murmurs told tells added adds yelled yells screamed
    screams hissed hisses snapped snaps growled growls groaned groans moaned moans sighed sighs gasped
    gasps breathed breathes mumbled mumbles grumbled grumbles begged begs pleaded pleads demanded demands
    insisted insists continued continues went agreed agrees admitted admits announced announces began
    begins blurted blurts barked barks bellowed bellows declared declares exclaimed exclaims explained
    explains interrupted interrupts interjected joked jokes laughed laughs objected observed offered
    offers ordered orders persisted prompted prompts promised promises protested protests remarked remarks
    repeated repeats responded responds retorted retorts roared roars sang sobbed sobs spat stammered
    stammers stuttered stutters suggested suggests teased teases thought thinks urged urges warned warns
    wailed wondered wonders queried quipped drawled croaked rasped chuckled giggled smiled grinned snorted
    sneered shrieked snarled opined ventured volunteered chimed countered conceded corrected echoed
    enquired inquired mused
    """.split()
)

STRONG_VERBS = frozenset(
    """
    buckle claw clatter cling clutch coil creak crumple fling flicker flinch fray gnaw gouge
    grope gutter hammer haul heave hiss hobble huddle hurl jolt knead lash lunge lurch nudge peel perch
    pluck plunge pounce prise pry rasp rattle recoil scrabble scrape scuff scuttle seep
    shudder sidle skid slap slither slosh slump smear smoulder snag snatch splinter splay sprawl
    squint stagger swerve teeter throb thud thump tilt topple trudge tug twitch unspool
    waver wedge wobble wrench yank
    """.split()
)
_STRONG_EXTRA = (
    "creak clatter buckle coil fray gouge gutter heave huddle knead lash nudge prise rasp rattle scrabble "
)
_STRONG_EXTRA += (
    "scuff scuttle seep sidle slither slosh smear smoulder snag splinter splay teeter throb thud topple "
)
_STRONG_EXTRA += "unspool waver wedge wrench jerk dart"

_DOUBLED = frozenset(
    """
    admit bar beg brag chat chop clap dip drag drip drop drum fan flap flip flop grab grin grip hop hug
    hum jog jut mop nag nod occur pad pat pin pop plod pry? rap rip rob rot rub sag scan shrug skid skip
    slam slap slip slop sob snag snap spot star step stir stop strip sip tap thud tip top tramp? trap trek
    trim trip trot tug tip trudge? wag whip wrap zip fit scrub tuck? unwrap chug pat squat
    """.split()
)


def _ending_s(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def _ending_ed(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    if base in _DOUBLED:
        return base + base[-1] + "ed"
    return base + "ed"


def _ending_ing(base: str) -> str:
    if base in {"lie", "die", "tie"}:
        return base[0] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and base != "be":
        return base[:-1] + "ing"
    if base in _DOUBLED or base in {"get", "sit", "run", "swim", "spin", "win", "begin", "forget", "dig"}:
        return base + base[-1] + "ing"
    return base + "ing"


def _rows() -> Iterator[tuple[str, str, str]]:
    for row in _IRREGULAR.split(";"):
        base, past, participle = row.split()
        yield base, past, participle
    yield "stride", "strode", "stridden"
    yield "tread", "trod", "trodden"
    for base in f"{_REGULAR} {_STRONG_EXTRA}".split():
        if not base.endswith("?"):
            yield base, _ending_ed(base), _ending_ed(base)


_ROWS = {base: (past, participle) for base, past, participle in _rows()}
PAST_OF = {base: past for base, (past, _) in _ROWS.items()}
PAST = {past: base for base, past in PAST_OF.items()} | {"were": "be"}
PARTICIPLES = {participle: base for base, (_, participle) in _ROWS.items()} | {
    "cut": "cut",
    "hit": "hit",
    "hurt": "hurt",
    "shut": "shut",
    "put": "put",
    "set": "set",
    "beaten": "beat",
}
PRESENT_S = {_ending_s(base): base for base in _ROWS if base not in {"be", "have"}} | {
    "is": "be",
    "has": "have",
}
PRESENT_S |= {"puts": "put", "sets": "set", "shuts": "shut", "cuts": "cut", "lets": "let", "hits": "hit"}
_ING = {_ending_ing(base): base for base in _ROWS}
_FORMS = PRESENT_S | PARTICIPLES | PAST | _ING


def base_of(word: str) -> str:
    """Give a verb form's base, or the word without an ending of the plural."""
    if word in _FORMS:
        return _FORMS[word]
    if word.endswith("'s"):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@cache
def strong_forms() -> dict[str, str]:
    """Give every past form of the strong verbs with its base."""
    return {PAST_OF[base]: base for base in STRONG_VERBS if base in PAST_OF}
