"""One document to one article, or to the problems that keep it from being one.

`article` is the way in, `columns` gives values their types, `lint` looks at the text of what was
accepted. Two modules know what the first site needs alone: `escaped_newlines` and
`damaged_description`. May know `base`, `frontmatter`, `model` and `markup`; knows no other article,
no table and no release.
"""
