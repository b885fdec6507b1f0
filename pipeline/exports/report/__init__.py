"""The report for editors: what each section counts and lists, and the page that shows it."""
