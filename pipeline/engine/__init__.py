"""A run: its steps in their order, the jobs of its shards, who runs them, and how it is audited.

The one place that knows all packages below it. Knows no command line and no Dagster.
"""
