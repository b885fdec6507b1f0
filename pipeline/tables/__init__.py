"""What follows from all articles: links, subjects, findings, changes, the ledger, rejects.

Functions of tables. Knows no raw folder and no release.
"""
