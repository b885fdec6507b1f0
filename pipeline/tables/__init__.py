"""What follows from all articles: links, subjects, findings, changes, the ledger, rejects.

Functions of tables and of indices of urls. May know `base`, `files`, `model` and `content`; knows
no raw folder and no release.
"""
