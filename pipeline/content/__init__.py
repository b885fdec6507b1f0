"""One document to one article, or to the problems that keep it from being one.

May know `frontmatter`, `model` and `markup`. Knows no other article, no table and no release.
"""
