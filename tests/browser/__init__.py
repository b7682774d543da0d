"""Tests that drive the course in a real JupyterLab, in a real browser.

A package, so that the server and the browser (package-scoped fixtures) are gone
when its last test ends: Playwright keeps an asyncio loop running in the main
thread, and `asyncio.run` in any later test would refuse to work beside it.
"""
