"""The command line: what is typed, what is printed, and with what status it ends."""
