"""Pressroom's library: front-matter files in, one published release out.

Imports go down only, and an import contract holds it::

    __main__ > cli > build > ingest > run > steps > stages, exports, checks, compute, progress, mend
        > articles, links, ledger, changes, findings, subjects, rejects
        > publishing, reuse > staging > releases > store, front_matter, sources, url_index, newlines
        > fences, yaml_lines, yaml_reader, toml_reader, json_reader > yaml_syntax, document
        > schemas, settings > markup > text, mathml > errors, printable

Nothing here imports Dagster; the package ``assets`` wires these functions into it.
"""
