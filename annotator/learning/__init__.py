"""Training runs, model versions, suggestions, scores and the queue they order."""
