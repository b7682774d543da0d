"""The loop: batches, updates, and looks at how well the network does."""
