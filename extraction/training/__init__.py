"""One loop for all papers, with checkpoints that survive a kill."""
