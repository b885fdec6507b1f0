"""What settings a folder of front-matter files needs, as far as it can be told by looking.

``pressroom init`` writes them. Generators are known here by their configuration, nowhere else.
"""
