"""Files: written whole or not at all, Parquet, and S3: the one place that knows a storage.

May know `base`. Knows no release, no table by name and no raw folder.
"""
