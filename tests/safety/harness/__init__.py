"""What the fault tests share: a proxy that loses replies, a history and what must be true of it."""
