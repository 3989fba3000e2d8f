"""The Python client against a product that runs."""
