"""Many processes, on this machine or on many: whole trainings at once, or one of them shared.

    map_runs       many trainings at once: the seeds of a recipe, a grid of its settings
    grid           one recipe for each setting of a grid
    bands          how far apart the seeds of each recipe are, epoch by epoch
    data_parallel  one training, the gradient of each batch shared among the workers
    Workers        the processes themselves: started here, or those of a Dask scheduler

Dask distributed does the rest, which is not installed with the course: pip install
'nnlib[cluster]'. It is loaded when workers are first asked for. In a script of your own, what
starts workers must stand under `if __name__ == "__main__":`, since each of them imports it.
"""

from .bands import bands
from .data_parallel import data_parallel
from .grid import grid
from .map_runs import map_runs
from .mapped_run import MappedRun
from .workers import Workers

__all__ = ["MappedRun", "Workers", "bands", "data_parallel", "grid", "map_runs"]
