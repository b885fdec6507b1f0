"""What the configurations of generators say: one module each, and one row in `recognition`."""
