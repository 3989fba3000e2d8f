"""The doors of labelling: annotations and comments."""
