"""Bytes to a document, its front matter to values with their lines: YAML, TOML and JSON.

`load` is the way in: `decode`, `split`, `load`. May know `base`, and `model` for its limits. What a
key means is for `content` to say.
"""
