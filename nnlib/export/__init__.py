"""What leaves nnlib: a trained network as a web page that runs anywhere.

    web_page(network, "my_network.html", name="Ada")

The page is a single file; it needs no Python, no server and no connection.
"""

from .page import web_page

__all__ = ["web_page"]
