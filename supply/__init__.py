"""What comes from elsewhere: locked by hash, audited, listed; and what our own code must not do."""
