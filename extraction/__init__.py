"""The science: types, papers, training loop, metrics and active-learning scores."""
