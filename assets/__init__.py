"""Pressroom in Dagster: declares the assets, wires them to `pipeline`, reports what was made.

No logic stands here: each asset runs one step of `pressroom.engine.build`.
"""
