"""What the content of a site is: its settings, columns, and the schemas of all tables.

May know `base`, `files` and `markup`. Reads no raw file.
"""
