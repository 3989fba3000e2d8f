"""A BiLSTM-CRF that finds entities, and behind it the classifier of `bio_mtl`."""
