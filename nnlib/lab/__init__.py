"""Live widgets for JupyterLab: they drive the maths floor and hold no maths themselves.

    engine          Run, Pause, Step and Reset: work in bursts between which controls are heard
    curve           a loss curve of any length in a bounded number of points
    controls        what the sliders, choices and buttons of a lab are
    widget          what every lab shares: the front-end, its messages, its stand-in picture
    settings_lab    what labs with settings share: they travel, may be locked, and set the pace
    training_lab    what labs that train share: the trainer under its sliders, its curves
    training_panel  loss and accuracy while a network trains, under a learning-rate slider
    playground      points of the plane, a network, and everything about it to be changed
    race_lab        several ways to train, side by side, from one start
    descent_lab     optimizers walk on a loss surface that can be seen
    explorer        a function under sliders, as curves or as a map over the plane
    backprop_lens   one sample, every number, and the formula that made it
    digit_pad       a digit drawn by hand, prepared as MNIST's own, and read
    blame_lens      whose fault is an answer? the loss flows back from it to the pixels
    confusion_lab   which class is mistaken for which, and the images behind each number
    layer_map       what each layer makes of some digits, as a plane, while the network trains
    scenes          explorers that the lessons show by one call
    prediction      what will happen? commit first, then see the answer
    distortion_lab  digits before and after a distortion, and the grid that it bends

The front-end is in static/, plain JavaScript; uPlot (MIT) draws the curves.
"""

from ..support.extras import need

need("nnlib.lab", "anywidget", "matplotlib")

from .backprop_lens import BackpropLens
from .blame_lens import BlameLens
from .confusion_lab import ConfusionLab
from .descent_lab import DescentLab
from .digit_pad import DigitPad
from .distortion_lab import DistortionLab
from .explorer import Explorer
from .layer_map import LayerMap
from .playground import Playground
from .prediction import Prediction, predict
from .race_lab import RaceLab
from .training_panel import TrainingPanel

__all__ = [
    "BackpropLens",
    "BlameLens",
    "ConfusionLab",
    "DescentLab",
    "DigitPad",
    "DistortionLab",
    "Explorer",
    "LayerMap",
    "Playground",
    "Prediction",
    "RaceLab",
    "TrainingPanel",
    "predict",
]
