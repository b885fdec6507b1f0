"""HTML's elements: which are shown to readers, which are hidden, and what is no element at all."""

__all__ = ["ATTRIBUTES", "EMPTY", "HIDDEN", "HTML", "KEPT", "SECTIONS"]


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


EMPTY = _names("br hr img wbr")
# Shown as they are. Of all others the content is shown alone.
KEPT = _names(
    """
    a abbr b bdi bdo blockquote caption cite code dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 i ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub
    summary sup table tbody td tfoot th thead time tr tt u ul var
    """
)
# What stands between their tags is not for readers.
HIDDEN = _names(
    """
    applet head iframe noembed noframes noscript object script select style svg template
    textarea title
    """
)
# Shown as a `div`, so that the words in them stay apart.
SECTIONS = _names(
    "address article aside body center dialog fieldset footer form header hgroup html legend main"
    " menu nav optgroup option search section"
)
# HTML Living Standard, "Index of elements" and "Obsolete features".
HTML = (EMPTY | KEPT | HIDDEN | SECTIONS) | _names(
    """
    acronym area audio base basefont bgsound big blink button canvas col colgroup data datalist dir
    embed font frame frameset image input keygen label link listing map marquee menuitem meta meter
    nobr output param picture plaintext portal progress rb rtc slot source track video xmp
    """
)
# MathML Core, whose text is shown alone.
HTML |= _names(
    """
    math maction annotation annotation-xml menclose merror mfrac mi mmultiscripts mn mo mover
    mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd
    mtext mtr munder munderover semantics
    """
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "bdo": {"dir"},
    "details": {"open"},
    "img": {"alt", "height", "src", "title", "width"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "time": {"datetime"},
}
