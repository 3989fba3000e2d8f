"""SpERT (Eberts and Ulges 2020): span-based joint entities and relations."""
