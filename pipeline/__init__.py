"""Pressroom: front-matter files in, one published release out.

Packages import downwards only, and a contract of imports holds it::

    cli > engine > exports > sources > tables > content > frontmatter | releases
        > model > files | markup > base

The package of the assets, `pressroom.dagster`, wires the engine into Dagster. It lies in the folder
``assets``, and this one in the folder ``pipeline``.
"""
