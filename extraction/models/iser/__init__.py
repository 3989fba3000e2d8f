"""ISER (Chinese medical texts with complex semantics): spans, interactive fusion and SEA."""
