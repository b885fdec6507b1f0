"""Markdown: what readers see of a text, as safe HTML, as plain text and as a summary.

A text goes one way: `source` takes out what Markdown must not read, `commonmark` (or
`python_markdown`, for sites written for it) makes a stream of pieces (`stream`), and `html` and
`plain` write it; `document` is the way in. Knows nothing of ours: no article, no table, no file.
"""
