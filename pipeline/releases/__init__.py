"""Releases, in a folder or on object storage: staged, published at once, kept, taken back.

Knows files and digests, not what they hold: no table, no content, no settings.
"""
