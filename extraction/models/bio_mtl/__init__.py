"""Relations between given entities: CNN, BIO-tag embeddings, two tasks at once (paper 004)."""
