"""Raw files: where they are, which there are, in what order, in which shards, and their bytes.

What a file holds is for `frontmatter` and `content`.
"""
