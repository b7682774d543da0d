"""A finished picture: the bytes of a PNG, and words that say what it shows."""

import io
import warnings
from base64 import b64encode

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..support.atomic_write import atomic_write
from .style import style

# Before the words wherever a picture is shown by words alone.
FIRST_LINE = "A figure. In words:"


class Picture:
    """What a plotting function returns; as the last line of a cell it shows itself.

    `alt` says in words what the picture shows; `png` holds its bytes. The figure is
    drawn once, here, and then emptied. The same figure always gives the same bytes.
    With `few_colours` it is stored with a palette of 256, in about a quarter of the bytes:
    for curves and grey maps, where nobody sees the difference.
    """

    def __init__(self, figure: Figure, alt: str, few_colours: bool = False):
        self.alt = alt
        file = io.BytesIO()
        # Without the name and version of the program that drew it, a new release of
        # matplotlib does not by itself change the file.
        with style():
            canvas = FigureCanvasAgg(figure)
            canvas.print_png(file, metadata={"Software": None})
        self.png = _with_palette(file) if few_colours else file.getvalue()
        self.width, self.height = canvas.get_width_height()
        with warnings.catch_warnings():  # matplotlib 3.10 warns of an axis that it empties itself
            warnings.filterwarnings("ignore", "Attempt to set non-positive", UserWarning)
            figure.clear()

    def save(self, path) -> None:
        """Write the PNG to the file `path`, all or nothing."""
        with atomic_write(path) as file:
            file.write(self.png)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Who reads the alt text of an image output:
        # * nbconvert's classic template writes metadata "image/png" → "alt" into the page.
        # * nbconvert's lab template and JupyterLab's own image renderer read only width,
        #   height and needs_background there, so far, and leave the image without alt.
        #   (An <img> of our own in text/html would have one, but GitHub, which prefers
        #   text/html, drops images embedded in it: the picture would be gone.)
        # * Everything that shows no images, a terminal for one, shows text/plain.
        # So the words travel in both places, and the picture stays a picture. Only the width
        # is given: in a narrow window the height then follows.
        # JupyterLab shows the first line of a folded output; it must not tell what comes out.
        words = f"{FIRST_LINE}\n{self.alt}"
        data = {"image/png": b64encode(self.png).decode("ascii"), "text/plain": words}
        return data, {"image/png": {"alt": self.alt, "width": self.width}}

    def __repr__(self) -> str:
        return self.alt


def _with_palette(file) -> bytes:
    """Return the PNG in `file` with 256 colours chosen for it."""
    small = io.BytesIO()
    image = Image.open(file).convert("RGB")
    image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        small, "png", optimize=True
    )
    return small.getvalue()
