"""Documents and sentences; the text of a sentence never changes."""
