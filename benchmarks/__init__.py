"""Measurements of nnlib: `results` trains the networks of the README, `speed` times updates."""
