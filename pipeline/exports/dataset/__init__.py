"""The tables of a release described for tools: Data Package, Croissant, data dictionary."""
