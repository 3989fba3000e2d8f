"""OneRel (Shang et al. 2022): triples read from one table of tagged pairs."""
