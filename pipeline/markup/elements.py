"""HTML's elements: which are shown to readers, which are hidden, and what is no element at all."""

__all__ = ["ATTRIBUTES", "EMPTY", "HIDDEN", "HTML", "KEPT"]


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
    applet embed head iframe noembed noframes noscript object script select style svg template
    textarea title
    """
)
# HTML Living Standard, "Index of elements" and "Obsolete features".
HTML = (EMPTY | KEPT | HIDDEN) | _names(
    """
    acronym address area article aside audio base basefont bgsound big blink body button canvas
    center col colgroup data datalist dialog dir fieldset font footer form frame frameset header
    hgroup html image input keygen label legend link listing main map marquee math menu menuitem
    meta meter nav nobr ol optgroup option output param picture plaintext portal progress rb rtc
    search section slot source track video xmp
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
