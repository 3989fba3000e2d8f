"""The doors of log-in: password, second factor, provider, and what a person likes."""
