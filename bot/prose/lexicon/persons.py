"""Whom a scene is about: named by one word again and again, as by a name, and nobody hears it."""

# ruff: noqa: SIM905 -- word lists are read and mended by people.

PERSONS = frozenset(
    """
    actor actress admiral adult agent alien ancestor angel animal artist assistant aunt author baby bandit
    barber barista barkeep barman bartender bastard beast beggar bishop bird boss bride brother burglar
    butler caller camel captain carpenter cashier cat champion chauffeur chef chief child clerk client coach
    colleague colonel commander companion constable cook cop corporal councillor couple courier cousin cow
    coward creature crew crowd customer dad dancer daughter deer demon dentist deputy detective devil doctor
    dog dragon driver dwarf editor elephant elf emperor enemy engineer family farmer father fellow fiddler
    figure fireman fisherman foreman fox friend fugitive general gentleman ghost giant girl goat god goose
    governor grandfather grandmother groom group guard guest guide gunman hen hero horse host hunter husband
    infant innkeeper inspector intruder janitor judge keeper kid killer king kitten knight lady landlady
    landlord lawyer leader lieutenant lion lord lover madam magician maid major manager mayor mechanic
    merchant midwife miner minister mistress monk monster mother mouse musician nanny neighbor neighbour
    nephew niece nun nurse officer operator orphan owl owner pair painter parent partner passenger patient
    peasant people person pilot pirate player poet police policeman pony porter postman preacher priest
    prince princess prisoner professor pupil puppy queen rabbit rat receptionist rider robber robot sailor
    scholar scientist scout secretary sergeant servant shepherd sheriff shopkeeper singer sir sister slave
    soldier son spider spirit stranger student surgeon tailor teacher team teenager thief toddler tourist
    traveler traveller twin uncle vampire vet vicar victim villager visitor waiter waitress warden warrior
    werewolf wife witch wizard wolf worker workman wretch writer youth zombie man men woman women boy
    child children folk guy mum mom
    """.split()
)
