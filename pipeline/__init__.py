"""Pressroom's library: front-matter files in, one published release out.

Imports go down only, and an import contract holds it::

    cli > build > stages, exports, checks > articles, links, ledger, render
        > store, releases, front_matter, text, sources, url_index
        > schemas, settings > errors

Nothing here imports Dagster; the package ``assets`` wires these functions into it.
"""
