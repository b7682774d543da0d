"""A graph of what depends on what, with the sensitivity of each link written beside it."""

from ..support.takes import mapping, pair, takes
from .picture import Picture
from .style import INK, MUTED, PAPER, TRAINING, new_figure, style


@takes(nodes=mapping("(x, y)", pair()), links=mapping("words"), size=pair())
def graph(nodes: dict, links: dict, *, alt: str, size: tuple[float, float] = (5.6, 2.2)) -> Picture:
    """Show quantities in boxes and arrows from each to what it goes into.

    nodes  {"name": (x, y)}: where the middle of each box stands; x grows to the right
    links  {("from", "to"): "words beside the arrow"}
    alt    in words, what the figure shows
    size   width and height in inches

    Raises ValueError for a link of a quantity that has no box.
    """
    if any(not isinstance(link, tuple) or len(link) != 2 for link in links):
        raise ValueError("links must be {('from', 'to'): 'words'}: each names two boxes")
    unknown = sorted({name for link in links for name in link} - set(nodes))
    if unknown:
        raise ValueError(f"no box for {', '.join(unknown)}: name them in nodes")
    with style():
        figure = new_figure(size[1], size[0])
        axes = figure.add_subplot()
        axes.set_axis_off()
        xs, ys = zip(*nodes.values(), strict=True)
        axes.set_xlim(min(xs) - 0.35, max(xs) + 0.35)
        axes.set_ylim(min(ys) - 0.35, max(ys) + 0.35)
        box = {"boxstyle": "round,pad=0.45", "facecolor": PAPER, "edgecolor": MUTED}
        # Drawn before the arrows, which end where the boxes turn out to be.
        boxes = {
            name: axes.text(x, y, name, ha="center", va="center", color=INK, bbox=box, zorder=2)
            for name, (x, y) in nodes.items()
        }
        for (start, end), words in links.items():
            (x0, y0), (x1, y1) = nodes[start], nodes[end]
            axes.annotate(
                "",
                (x1, y1),
                (x0, y0),
                zorder=3,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": TRAINING,
                    "linewidth": 1.6,
                    "patchA": boxes[start].get_bbox_patch(),
                    "shrinkA": 2,
                    "patchB": boxes[end].get_bbox_patch(),
                    "shrinkB": 2,
                },
            )
            axes.text(
                (x0 + x1) / 2,
                (y0 + y1) / 2,
                words,
                ha="center",
                va="center",
                color=INK,
                fontsize=9,
                zorder=4,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 2.0},
            )
        return Picture(figure, alt)
