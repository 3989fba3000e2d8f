"""One folder a paper, apart from one another."""
