"""NRS-OneRel: OneRel that learns from all positive and some negative relation types."""
