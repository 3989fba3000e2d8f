"""What the span models really share: encoder, batches, spans, pairs."""
