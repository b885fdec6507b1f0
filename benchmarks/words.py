"""The vocabulary of the generated corpus. All of it was made for this folder.

A word stands in one list only and no word is the plural of another, so that titles made of them
stay different when punctuation is dropped from them.
"""

from itertools import product
from typing import NamedTuple


class Subject(NamedTuple):
    """A subject: its spellings, the files of each in the census's 36,000, and what it is about."""

    spellings: tuple[str, ...]
    files: tuple[int, ...]
    kind: str = "prose"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SUBJECTS = (
    Subject(("Garden Studies", "Garden studies"), (2983, 1461)),
    Subject(("Harbour Studies", "Harbour studies"), (2799, 285)),
    Subject(("Machine Reckoning", "Machine reckoning"), (1423, 510), "code"),
    Subject(("Printed Media", "Printed media"), (381, 219)),
    Subject(("Trade and Ledgers",), (2600,), "money"),
    Subject(("Market Keeping",), (1750,), "money"),
    Subject(("Mathematics",), (1500,), "maths"),
    Subject(("Mechanics",), (1300,), "maths"),
    Subject(("Alloys and Salts",), (1100,), "maths"),
    Subject(("Bridge Building",), (1000,), "maths"),
    Subject(("Weather",), (1400,)),
    Subject(("Beekeeping",), (1350,)),
    Subject(("Clockmaking",), (1200,)),
    Subject(("Bread and Ovens",), (1150,)),
    Subject(("Old Roads",), (1100,)),
    Subject(("Village History",), (1050,)),
    Subject(("Music of the Valley",), (1000,)),
    Subject(("Glass",), (950,)),
    Subject(("Letters and Post",), (900,)),
    Subject(("Birds",), (850,)),
    Subject(("Woodland",), (800,)),
    Subject(("Sailing",), (750,)),
    Subject(("Theatre",), (700,)),
    Subject(("Pottery",), (650,)),
    Subject(("Rivers",), (600,)),
    Subject(("Railways",), (560,)),
    Subject(("Astronomy",), (520,)),
    Subject(("Weaving",), (480,)),
    Subject(("Cheese",), (440,)),
    Subject(("Mountains",), (400,)),
    Subject(("Law of the Commons",), (360,)),
    Subject(("Orchards",), (320,)),
    Subject(("Maps",), (280,)),
    Subject(("Mills",), (240,)),
    Subject(("Paper",), (200,)),
    Subject(("Lighthouses",), (160,)),
    Subject(("Puppetry",), (130,)),
    Subject(("Games on Ice",), (100,)),
    Subject(("Dialects",), (60,)),
    Subject(("Others",), (24,)),
)

# None begins with a vowel: each may follow "a".
ADJECTIVES = _words(
    """
    broad calm careful central cheap civic clear coastal coarse common complex cool covered curved
    damp dark dense distant double dry familiar fertile final fine firm flat formal fragile free
    frequent gentle gradual hollow humid large late light local long loose low-cost lower major
    mature mild minor mixed modern narrow native northern partial patient plain portable private
    public quiet rapid rare regular remote rigid rough round rural seasonal second-hand secret
    shallow sharp silent simple single slow smooth soft solid southern stable steady steep stiff
    strict strong sunny tall temporary thick thin tidal two-sided vertical warm weekly well-kept
    western wide wild wooden
    """
)
NOUNS = _words(
    """
    anchor apron archive arch attic balance bakery barge barrel basket beacon bellows bench
    boundary bracket brick bridge bucket cabin canal candle cargo carpet cart castle cellar chain
    chimney circle clay clock cloth coal coast column compass copper cottage courtyard current
    curtain custom dairy dam deck diary dock drawing drum engine fabric factory farm ferry
    festival field flood floor forge fountain frame frost fuel furnace gallery garden gate gear
    grain granite gravel guild hall hammer handle harvest hedge hinge honey horizon index ink
    insect iron island journal kettle kiln kitchen ladder lamp landscape lantern lattice leather
    ledger lens lever library lock loom lumber magnet mantle marble market mast meadow measure
    mirror mortar museum needle notebook oak orbit orchard oven paddle panel parade parish pasture
    pattern pebble pendulum pepper pier pigment pillar pipe plank plaster plough pocket pond porch
    pottery powder press printer pulley quarry quilt rail rain rampart reef register reservoir
    ribbon ridge rope route sail salt sand satchel scaffold school screen seed shadow shelter
    shore signal silk silver slate sluice soil spindle spring square staircase station steam stone
    storm stove street stream string summit surface survey table tannery temple terrace thread
    thunder tide timber tower town track trellis tunnel turbine twine valley valve vault vessel
    village vineyard wagon wall warehouse watermill wave weaver weight well wharf wheat wheel
    willow windmill window winter wire wool workshop yard
    """
)
VERBS = _words(
    """
    alters anchors balances binds borders brings carries changes checks cleans collects connects
    contains covers crosses cuts describes divides explains feeds follows forms gathers governs
    guards guides heats holds improves joins keeps leads lifts limits links lowers marks measures
    meets moves needs orders pairs passes protects raises reaches records reflects repeats
    replaces requires reveals sets shapes shares shelters shows shifts sorts spreads steadies
    strengthens supports surrounds tests traces turns unites weakens
    """
)
ADVERBS = _words(
    """
    almost often rarely slowly usually mostly seldom quickly gently partly widely nearly simply
    early again openly evenly mainly clearly closely
    """
)
# Names of things that nobody has named yet: the long tail of a vocabulary.
TERMS = tuple(
    "".join(parts)
    for parts in product(
        _words("bel cor dra fen gal hol jor kel lum mer nor pel quin ros sel tor ul ver wen zan"),
        _words("a e i o u"),
        _words("dion lith mar nex phon ric stead tine vane wick"),
        ("", "al", "ia"),
    )
)

SENTENCES = (
    "The {a} {n} {d} {v} the {b} {m}, and the {t} of the {o} {w} it from one season to the next.",
    "In most places a {a} {n} {v} a {b} {m} before the {o} is ready, which {d} {w} the {t}.",
    "Whoever keeps the {n} knows that a {a} {m} {d} {v} the {b} {o}, as the {t} {w} both of them.",
    "It {v} the {a} {n} where the {m} is {b}; the {t} {d} {w} what is left of the {o}.",
    "A {t} is a {a} {n} that {v} every {m} near the {b} {o} and {d} {w} the rest.",
    "Because the {n} is {a}, the {m} {d} {v} it, and a {b} {o} {w} the {t} in turn.",
    "Many accounts of the {t} say that the {a} {n} {v} the {m}, although a {b} {o} {d} {w} it.",
    "When the {m} meets the {a} {n}, it {d} {v} the {o}, so that a {b} {t} {w} the whole.",
    "For the {b} {m} this means that the {a} {n} {v} the {o} and {d} {w} any {t} beside it.",
    "Only a {a} {n} {d} {v} the {o}: without it the {b} {m} soon {w} the {t}.",
)
# Sentences with characters beyond ASCII, of the kinds that the census counted most.
SENTENCES_BEYOND_ASCII = (
    "The keeper’s {n} {v} the {m} — a {a} {o} that {d} {w} the {b} {t}.",
    "At 18 °C the {a} {n} {d} {v} the {m}, and CO₂ {w} the {b} {t} of the {o}.",
    "In a café near the {n} the {a} {m} {v} the {o}; the {t} {d} {w} the {b} façade.",
    "“A {a} {n} {v} the {m}”, as one says, and {d} {w} the {b} {o} of the {t} – 3 × 4 m².",
    "The {t} of the {n} costs ₹400, which {d} {v} the {a} {m} and {w} the {b} {o}.",
    "Na⁺ and Cl⁻ {v} the {a} {n}, while the naïve {m} {d} {w} the {b} {o} of the {t}.",
)
CLOSINGS = (
    "In short, the {a} {n} {v} the {m}, and those who look after the {b} {o} {d} gain by it: the"
    " {t} {w} what would else be lost.",
    "Taken together, the {n} and the {m} show how a {a} {t} {v} the {o}; a {b} view {d} {w} more.",
    "All in all, the {b} {o} {d} {v} the {n}, and the {t} {w} the {a} {m} for years.",
)

# Titles: one of each, so that their product is the number of titles there are.
OPENINGS = (
    "What is the role of a {a} {n} in the care of the {m}{tail}",
    "How does the {a} {n} affect the {m}{tail}",
    "What are the main parts of a {a} {n} beside a {m}{tail}",
    "Why is the {a} {n} important for a {m}{tail}",
    "How can a {a} {n} be repaired, and when does it need a {m}{tail}",
    "What distinguishes a {a} {n} from a {m}{tail}",
    "Which signs of a {a} {n} does the {m} show{tail}",
    "When did the {a} {n} come to replace the {m}{tail}",
    "Who looks after a {a} {n}, the {m} and what is near them{tail}",
    "In what ways is a {a} {n} bound to the {m}{tail}",
    "Explain how a {a} {n} and a {m} work together{tail}",
    "Can a {a} {n} be made without a {m}{tail}",
    "How are the {n} and the {a} {m} related{tail}",
)
TAILS = (
    "",
    " today",
    " at night",
    " in practice",
    " over time",
    " in a small place",
    " during a hard year",
    " after a long journey",
    " and what follows from it",
    " where there is little money",
    " as seen from the other shore",
    " according to the keeper's notes",
    " if nobody has looked after it for years",
    " in the first half of the nineteenth century",
    " and how has that changed since it was written down",
    " in a place where neither of them was ever seen before",
    " and which of the two should be chosen by those who have only one day",
)
TITLE_BEYOND_ASCII = (
    " in Zürich",
    " for Schrödinger",
    " près de l'Étang",
    " in São Tomé",
    " at 5 ℃",
)
