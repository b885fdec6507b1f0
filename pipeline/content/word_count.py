"""How many words a text has."""

import re

# Scripts that part no words: those of line break class SA (UAX #14) that are in common use, Han and
# kana. Letters are counted, not words: where those end is in a dictionary of each language.
_LETTER = re.compile(
    "(?![\\W\\d_])["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d\U0001aff0-\U0001b16f"  # kana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "]"
)
# In UTF-8 such a letter begins with a byte that no letter of Europe has, nor a dash or a quote: to
# look for that costs a tenth of what splitting does.
_NO_SUCH_LETTER = bytes(byte for byte in range(0x100) if byte < 0xE0 or byte == 0xE2)
_WORD = re.compile("[^\\W\uff9e\uff9f]")  # not the sound marks of half-width kana
_BLANK_OR_X = bytes(ord(" " if chr(byte).isspace() else "x") for byte in range(0x80)) + b"x" * 0x80


def count(text: str) -> int:
    """The words of a text: what white space parts, as `str.split` does.

    Of scripts written without blanks (Han, kana, Thai, Lao, Khmer, Myanmar, Tai) each letter is
    one, without its marks; what stands beside such a letter counts if it has letters or digits.
    """
    if text.isascii():  # as nearly all is: counted without being cut
        return (b" " + text.encode().translate(_BLANK_OR_X)).count(b" x")
    if not text.encode(errors="surrogatepass").translate(None, _NO_SUCH_LETTER):
        return len(text.split())
    apart, letters = _LETTER.subn("\0", text.replace("\0", "?"))
    return letters + sum(map(_beside, apart.split()))


def _beside(token: str) -> int:
    """The words of a token besides the letters that were taken out of it."""
    pieces = token.split("\0")
    return sum(_WORD.search(piece) is not None for piece in pieces) if len(pieces) > 1 else 1
