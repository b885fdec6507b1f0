"""Raw files: which there are, in what order, how they are cut into shards, and their bytes.

What a file holds is for `frontmatter` and `content`.
"""
