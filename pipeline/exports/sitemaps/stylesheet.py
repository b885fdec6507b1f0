"""What lets people look at sitemaps: browsers show them as tables by a stylesheet beside them.

CSS makes no links, XSLT does, but Chromium warns of pages that use that. The layouts are in
``stylesheet.css`` and ``stylesheet.xsl`` next to this module.
"""

from pathlib import Path

# Read with the code, as `fingerprint` does, which digests them with the module.
CONTENT = {kind: Path(__file__).with_suffix(f".{kind}").read_bytes() for kind in ("css", "xsl")}
