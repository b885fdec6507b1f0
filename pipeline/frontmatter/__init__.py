"""Bytes to a document, its front matter to values with their lines: YAML, TOML and JSON.

May know `model` for its limits. What a key means is for `content` to say.
"""
