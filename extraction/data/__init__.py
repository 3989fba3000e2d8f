"""Reading native data, units of text, tokens and batches."""
