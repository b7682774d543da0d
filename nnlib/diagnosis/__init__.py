"""What is wrong with this code? A check that answers with the name of the mistake.

    try it on random numbers → compare with finite differences → if they differ:
    make every known mistake on purpose and see which one gives these very numbers

So nothing is read into the source of a function: a mistake is recognized by its
results. Of a mistake that spoils everything after it only the mistake itself is
reported. Where nothing known fits, the diagnosis is 'unrecognized', with the
sizes of the errors.
"""

from .diagnose import diagnose
from .finding import Diagnosis

__all__ = ["Diagnosis", "diagnose"]
