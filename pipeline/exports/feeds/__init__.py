"""Feeds: which articles they have, what they show of them, and a module for each format."""
