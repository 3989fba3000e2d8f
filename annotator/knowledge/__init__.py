"""The triples of a project as one graph: strings with a type, and what is said between them."""
