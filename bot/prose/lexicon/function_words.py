"""Words too common, or too small, to say anything by themselves."""

# ruff: noqa: SIM905 -- word lists are read and mended by people.

ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr st prof capt lt col gen sgt rev hon sr jr vs etc cf al dept mt ft messrs mme mlle esq maj
    cpl gov sen rep supt insp fr bros e.g i.e a.m p.m u.s u.k
    """.split()
)

FUNCTION_WORDS = frozenset(
    """
    a about above across after again against ago ah all almost alone along already also although always am
    among an and another any anybody anyone anything anyway anywhere apart are aren't around as aside at
    away back be because been before began behind being below beneath beside besides between beyond both
    but by came can can't cannot come comes coming could couldn't 'd despite did didn't do does doesn't
    doing don't done down during each either else enough even ever every everybody everyone everything
    everywhere except few first for forth from further gave get gets getting give given go goes going gone
    got had hadn't half has hasn't have haven't having he he'd he'll he's hello her here here's hers
    herself him himself his how how's however i i'd i'll i'm i've if in indeed inside instead into is
    isn't it it'd it'll it's its itself just keep kept know knew known last least less let let's like
    little long look looked looking made make makes making many may maybe me might mine more most much
    must my myself near nearly neither never next no nobody none nor not nothing now nowhere of off often
    oh ok okay on once one ones oneself only onto or other others otherwise ought our ours ourselves out
    outside over own perhaps put quite rather really round said same saw say saying says see seem seemed
    seems seen several shall shan't she she'd she'll she's should shouldn't since so some somebody somehow
    someone something sometimes somewhere soon still such take taken taking than that that'd that'll
    that's the their theirs them themselves then there there's therefore these they they'd they'll they're
    they've thing things think this those though thought three through thus till to together told too took
    toward towards two under underneath unless until up upon us use used very was wasn't way we we'd we'll
    we're we've well went were weren't what what's whatever when whenever where where's wherever whether
    which whichever while who who'd who'll who's whoever whole whom whose why will with within without
    won't would wouldn't yes yet you you'd you'll you're you've your yours yourself yourselves ain't gonna
    gotta wanna yeah nope uh um hm hmm mm
    """.split()
)

# Frequent words of story-telling: where one comes twice nobody hears it.
COMMON = frozenset(
    """
    able air ask asked asking asks bad became become bed began begin behind believe best better big bit
    black body book boy break bring brought brother call called care carry case change child children
    clear close closed cold course cut dark daughter day days dead death deep different door doors early
    end eye eyes face faced fact fall family far father feel feeling feels feet fell felt find fine fire
    floor followed food foot form found four free friend friends full girl glass god good great ground
    group hair hand hands happen happened hard hat head hear heard heart held help high hold home hope
    hour hours house idea it's keep kind knew lady large late later laugh lay lead learn leave led left
    leg legs letter life light line lips live lived lives living looked lost lot loud love low man mark
    matter mean means meant meet men mind minute minutes moment moments money morning mother mouth move
    moved moving music name new news night nod nodded number old open opened order paper part pass passed
    past people person picture piece place play point poor power pull pulled question quick quiet quietly
    reach reached read ready real reason remain remember rest right road room rooms run running sat second
    sense sent set shook short shoulder shoulders show side sight sir sister sit sitting six sleep slowly
    small smile smiled son sort sound speak spoke stand standing start started state stay step stepped
    steps stood stop stopped story stranger street strong table talk talked talking tea tell ten thinking
    thought time times told top town tree trees tried true truth try trying turn turned turning voice wait
    waited walk walked walking wall want wanted war warm watch watched water week white wife wind window
    windows woman women wonder word words work world write wrong year years young
    """.split()
)

# Capitalised in English and not the name of anybody in a story.
NOT_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december english french german spanish italian american british european
    african asian indian chinese japanese russian irish scottish welsh latin greek roman christian jewish
    muslim catholic christmas easter god lord sir madam ma'am mr mrs ms miss dr doctor professor captain
    lieutenant sergeant colonel general inspector detective officer king queen prince princess duke
    duchess count countess lady mum mom mummy mommy dad daddy mother father papa mama grandma grandpa gran
    nana aunt uncle auntie sister brother chapter part prologue epilogue street avenue road lane church
    internet tv ok okay i i'm i've i'll i'd oh ah hey hello hi yes no well please thank thanks sorry good
    goodbye damn jesus christ hell heaven north south east west earth moon sun mars the a an and but or so
    then now when while if as at in on it he she they we you my his her their our its this that these
    those there here what who why how where not just all one two three some any every each both
    """.split()
)
