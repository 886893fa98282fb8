"""Things that can be seen, heard, smelled, tasted and touched: what makes a sentence concrete."""

# ruff: noqa: SIM905 -- word lists are read and mended by people.

CONCRETE = frozenset(
    """
    acorn aisle alarm alley almond amber anchor ankle anvil apple apron arch ash ashtray asphalt attic
    awning axe backpack bacon badge bag balcony bandage banister bark barn barrel basement basin basket
    bat bath bathtub beach bead beak beam beans beard bedsheet bee beer beetle bell belt bench bicycle
    bike bin biscuit blade blanket bleach blister blouse boat bolt bone bonnet boot boots bottle
    boulder bowl box boxes bracelet branch branches brandy brass bread brick bricks bridge broom broth
    bruise brush bucket bulb bullet bush butter button buttons cabbage cabin cable cage cake
    calendar candle candles cane canvas cap car carpet carrot cart cat caterpillar cattle ceiling cellar
    chain chair chairs chalk charcoal cheek cheese cherry chest chestnut chimney chin chisel chocolate
    cigar cigarette cinnamon clay cliff cloak clock cloth clouds coal coat coats cobbles cobweb coffee
    coffin coin coins collar comb concrete copper cork corn cotton couch counter cow crab crate crow
    crumbs crust crutch cup cups cupboard curtain curtains cushion dagger daisy deer desk diesel dirt dish
    dishes ditch dock dog doorbell doorframe doorknob doormat doorstep doorway drain drawer dress
    driftwood drum dust duck dumpster ear earring egg eggs elbow elm embers engine envelope eyebrow eyelid
    fabric feather feathers fence fern ferry fig finger fingers fingernail fingertips fireplace fish fist
    flag flame flashlight flask flies flint flour flower flowers foam fog forehead fork fountain fox
    freckles fridge frog frost fruit fur furnace garage garlic gate gin ginger glove gloves glue goat gold
    grape grass gravel gravestone grease greenhouse guitar gull gulls gum gun gutter hail hallway hammer
    handkerchief handle harbour harbor harness hay hearth hedge heel helmet hen herring hinge hinges hive
    honey hood hook horn horse horses hose hull ice icicle ink iron ivy jacket jam jar jaw jeans jetty jug
    kerosene kettle key keyboard keys kitchen kite kitten knee knees knife knives knob knuckles lace
    ladder ladle lamp lamppost lantern lard laundry lavender lawn lead leaf leather leaves ledge lemon
    lettuce lid lilac lily linen lint lipstick lizard loaf lobster locket log logs lung magnet mail
    mailbox mantelpiece map maple marble mast match matches matchbox mattress meat medal microphone milk
    mint mirror mist mittens mop moss moth motor motorbike mould mouse mud muffin mug mushroom
    mussels mustard nail nails nape napkin neck necklace needle net nettles nose notebook nut oak oar oars
    oatmeal oil olive onion onions orange orchard oven overcoat owl paddle pail paint palm pan pants
    parcel parsley path pavement paw peach pear pearl pebble pebbles peel pen pencil pepper perfume petal
    petals petrol piano pickle pie pig pigeon pigeons pillow pin pine pineapple pipe pistol plank planks
    plaster plastic plate plates platform plough plum pocket pockets pocketknife pole pond porcelain porch
    porridge postcard pot potato potatoes pram puddle pulley pump purse quilt rabbit radiator radio rail
    railing railings rain raincoat rake rat raven razor rib ribbon rice rifle ring river roof roots rope
    rose roses rosemary rubber rug rum rust sack saddle sail salt saltwater sand sandwich satin sauce
    saucepan saucer saw sawdust scab scalp scar scarf scissors screen screw seagull seaweed seed seeds
    sewer sheep sheet sheets shelf shell shells shin ship shirt shoe shoelace shoes shop shore shovel
    shutter shutters sidewalk silk silver sink skin skirt skull slate sleeve sleeves slipper slippers
    smoke snail snake snow soap sock socks sofa soil soot soup spade spider spine spoon spoons spruce
    stable staircase stairs stairwell steam steel stem stew stick stitches stocking stone stones stool
    stove straw string stump sugar suitcase sunlight suntan surf sweat sweater sword syrup tablecloth tail
    tap tar teacup teapot tears teeth telegram telephone tent thermos thigh thistle thread throat thumb
    thunder ticket tile tiles timber tin toad toast tobacco toe toes toilet tomato tongue tooth torch
    towel tracks tractor train tram trousers trout truck trunk tulip tunnel turnip twig twigs tyre tire
    umbrella vase velvet vest vinegar violin waist wallet wallpaper walnut wardrobe wasp watch wax weeds
    whale wheat wheel wheelbarrow wheels whip whiskers whiskey whisky whistle willow windowpane windowsill
    windscreen windshield wine wing wings wire wolf wool wound wrench wrist wrists yarn yeast yolk zip
    zipper bus brakes crickets grandfather's lighthouse kerb curb linoleum formica tarmac tarpaulin
    """.split()
)

SENSORY = frozenset(
    """
    acrid amber bitter bleached blistered blue brackish bright bristling brittle bronze brown burnt
    buttery buzzing chalky charred chilly chipped clammy clanking clattering coarse cobbled copper cracked
    creaking crimson crisp damp dank dented dim dripping dry dusty faded fizzing flaking flickering foggy
    fragrant frayed frosty frozen gilt glassy gleaming glinting glossy golden grainy greasy green grey
    gray gritty grubby gurgling hissing hoarse hollow hot humming icy itchy jagged jangling leathery
    lukewarm lumpy metallic mildewed milky mossy mouldy muddy muffled musty numb oily orange pale papery
    peeling peppery pink prickly purple rancid rasping raw red ripe rotten rotting rough rusted rustling
    rusty saffron salt salty sandy scalding scarlet scorched scratched scuffed shattered shiny shrill
    silver silvery sizzling slick slimy slippery smoky smooth smudged sodden soggy sooty sour splintered
    sticky stiff stinging stony stubbly sulphur swampy sweaty sweet tangy tart tarnished tattered tepid
    thorny threadbare tinny translucent turquoise velvety vinegary violet warped waxy wet whining
    whistling wilted withered wooden woollen worn wrinkled yellow yellowed
    """.split()
)
