"""SpERT.MT (Lu and Xue 2023): SpERT with identification and ranking in both stages."""
