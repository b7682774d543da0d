"""Live widgets for JupyterLab: they drive the maths floor and hold no maths themselves.

    engine          Run, Pause, Step and Reset: work in bursts between which controls are heard
    curve           a loss curve of any length in a bounded number of points
    controls        what the sliders, choices and buttons of a lab are
    widget          what every lab shares: the front-end, its messages, its stand-in picture
    training_panel  loss and accuracy while a network trains, under a learning-rate slider

The front-end is in static/, plain JavaScript; uPlot (MIT) draws the curves.
"""

from .training_panel import TrainingPanel

__all__ = ["TrainingPanel"]
