"""What everything may use: errors and their codes, text for people, fingerprints of code, signals.

Knows nothing else of ours.
"""
