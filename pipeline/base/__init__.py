"""What everything may use: errors, problems of files, text for people, places, fingerprints.

Also how a signal cancels a run. Knows nothing else of ours, and no library of others.
"""
