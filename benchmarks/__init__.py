"""Measurements of nnlib: `results` trains the recipes, `speed` times updates."""
