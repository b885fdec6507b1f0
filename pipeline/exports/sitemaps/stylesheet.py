"""What lets people look at sitemaps: browsers that know XSLT 1.0 show them as tables.

The layout is in ``stylesheet.xsl`` next to this module.
"""

from pathlib import Path

NAME = "sitemap.xsl"
# Read with the code, as `fingerprint` does, which digests it with the module.
CONTENT = Path(__file__).with_suffix(".xsl").read_bytes()
