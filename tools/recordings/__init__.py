"""Record labs for the pages of the site, where no kernel answers: `make site` does it.

    python -m tools.recordings build/recordings

For each setting of a grid nnlib runs the lab, and what the lab shows is kept at some moments: the
numbers and words of its frames, and its curves. docs/site/static/player.js plays that to the front
end of the live lab, which takes it for its model. Each recording is one script, NAME.js, with the
front end in it. labs.css is the style sheet of all.

    {title, note, traits, hidden,   what the front end finds in a model, less some controls
     axes: {trait: [values]},       the grid, its last trait changing fastest
     suits: {trait: {value: {trait: value}}},
     shared: {key: frame},          what all runs of one `shared` key show: points, a map
     runs: [{shared, growing, frames}]}

`growing` are arrays of which a frame shows the first columns, as many as its `columns` say. Of the
playground the parameters are kept, from which the page computes what its pictures show. What
only some recordings have:

    how                       what a reader can do with it, instead of "Run plays it, …"
    along, every              the trait that says which frame is shown, as the stage of a lens; and
                              how many milliseconds each is shown
    next: {command: trait}    buttons that go on to the next value of a trait of the grid
    free: [trait]             traits of the front end alone, which a frame repeats as `settings`;
                              with it, even if there is none, Reset puts the grid's back too
    around: [trait]           traits of the grid whose last value is followed by the first
    without: [selector]       parts of the front end that a recording cannot serve
    pictures: {key: frame}    what is added to every frame of a run that names the key as its
                              `picture`; `always` is the same for a single run
    lines: {key: {place: [text]}}    what is said of a place that is pointed at, in runs that
                              name the key as their `lines`
    more                      what the live lab can, instead of "everything can be changed"

One lab is no recording: the digit pad is live on its page, since nobody can record what will be
drawn. `pad` holds a network and some digits; docs/site/static/pad.js computes the rest.
"""

from collections.abc import Callable

from nnlib.lab import (
    BackpropLens,
    BlameLens,
    ConfusionLab,
    DescentLab,
    DigitPad,
    DistortionLab,
    Explorer,
    LayerMap,
    Playground,
    RaceLab,
    TrainingPanel,
)
from nnlib.lab.widget import Lab

from . import descent, digits, distortion, exploring, numbers, pad, race, training

# What is recorded, by the name of its page: the lab, and what makes the recording.
RECORDINGS: dict[str, tuple[type[Lab], Callable[[], dict]]] = {
    "playground": (Playground, training.playground),
    "panel": (TrainingPanel, training.panel),
    "descent": (DescentLab, descent.descent),
    "race": (RaceLab, race.race),
    "backprop": (BackpropLens, numbers.backprop),
    "blame": (BlameLens, digits.blame),
    "layers": (LayerMap, training.layers),
    "confusion": (ConfusionLab, digits.confusion),
    "distortion": (DistortionLab, distortion.distortion),
    "explorer": (Explorer, exploring.explorer),
    "pad": (DigitPad, pad.pad),
}
