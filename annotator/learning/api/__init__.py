"""The loop over HTTP: the queue, sentences, runs, models, the catalogue, progress."""
