"""Sitemaps: which pages they list, what they say of them, how they are divided, and their index."""
