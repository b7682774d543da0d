"""Tests of the notebooks as they are saved, and the tool that executes and saves them."""
