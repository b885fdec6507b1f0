"""What the content of a site is: its settings, its columns and keys, and the schemas of all tables.

May know `base`, and of `markup` which dialects and delimiters there are (`rules`). Reads the file
of settings, and no other.
"""
