"""Files: written whole or not at all, Parquet, and S3: the one place that speaks to a storage.

`values` has the forms that values take in files of text. May know `base`. Knows no table by name,
no release and no raw folder.
"""
