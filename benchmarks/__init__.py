"""Measures Pressroom beside what else could read the same files; the library knows none of it."""
