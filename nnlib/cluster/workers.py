"""Workers: processes of this machine, or those of a Dask scheduler wherever it is.

Each has one thread, as BLAS has within nnlib: so a training is the same to the last bit in
whichever of them it runs, if their numpy and its BLAS are the same.

Source: Rocklin, *Dask: parallel computation with blocked algorithms and task scheduling* (2015).
"""

import logging
from collections.abc import Callable
from typing import Any

from ..recipes.machine import machine
from ..support.checks import as_whole
from ..support.extras import need
from ..support.sharing import cores
from ..support.takes import like

PATIENCE = 20  # seconds in which a scheduler elsewhere must answer
# One thread for BLAS. Dask would also have each worker give its memory back at once, and then numpy
# waits for the system with every large array: up to a third of an update's time.
ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1)
HOW = (
    "start one with `dask scheduler`, and on each machine, with the same nnlib, "
    "`dask worker ADDRESS --nthreads 1 --nworkers -1`"
)


class Workers:
    """Worker processes, for as long as a `with` block lasts.

    >>> with Workers(2) as workers:
    ...     map_runs(recipe, range(10), folder="runs", workers=workers)

    number   how many are started on this machine; None: one a core
    address  of a Dask scheduler, as "tcp://10.0.0.5:8786", whose workers are used instead
    say      what takes a line of text: where the dashboard is, and if the workers' versions of
             numpy or BLAS differ from those here

    Raises ModuleNotFoundError without Dask, and ConnectionError if no scheduler answers at the
    address, or none that has workers; ValueError if they are opened twice at once.
    """

    def __init__(
        self,
        number: int | None = None,
        *,
        address: str | None = None,
        say: Callable[[str], Any] = print,
    ):
        if address is not None and number is not None:
            raise ValueError(
                f"number={number!r} and address={address!r}: a scheduler has the workers it has; "
                "leave one of the two out"
            )
        if address is not None and not isinstance(address, str):
            raise TypeError(f'address={address!r} must be a text, as "tcp://10.0.0.5:8786"')
        hint = "processes that are started; None is one a core"
        self.number = None if number is None else as_whole("number", number, 1, hint=hint)
        self.address = address
        self.say = like("__call__", "a function that takes a line of text, for example print")(
            "say", say
        )
        self.client: Any = None
        self._cluster: Any = None

    def __enter__(self) -> "Workers":
        need("nnlib.cluster", "distributed", extra="cluster")
        if self.are_open:
            raise ValueError("these workers are open already: use them within their block")
        try:
            self._open()
            self.say(
                f"{len(self.addresses())} workers; what they do is shown at "
                f"{self.client.dashboard_link}"
            )
            self._compare_versions()
        except BaseException:  # Ctrl-C too: no process is left behind
            self.__exit__()
            raise
        return self

    def _open(self) -> None:
        import dask
        from distributed import Client, LocalCluster

        if self.address is None:
            with dask.config.set({"distributed.nanny.pre-spawn-environ": ENVIRONMENT}):
                self._cluster = LocalCluster(
                    n_workers=self.number or cores(),
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # a port that is free
                    preload=["nnlib.cluster.in_worker"],
                    silence_logs=logging.CRITICAL,  # of a killed worker we tell ourselves
                )
            self.client = Client(self._cluster, direct_to_workers=True)
        else:
            self.client = self._client_of_scheduler()
            self.ready()

    def __exit__(self, *exception: object) -> None:
        try:
            if self.client is not None:
                self.client.close()
        finally:
            if self._cluster is not None:
                self._cluster.close()
            self.client = self._cluster = None

    @property
    def are_open(self) -> bool:
        """Whether the block lasts."""
        return self.client is not None

    def ready(self) -> list[str]:
        """Return the same once there is one: a process that was lost is begun again.

        Raises ConnectionError if none comes.
        """
        self.addresses()
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            where = "here" if self.address is None else f"at address={self.address!r}"
            raise ConnectionError(f"the scheduler {where} has no workers: {HOW}") from None
        return self.addresses()

    def addresses(self) -> list[str]:
        """Return the addresses of the workers that are there now."""
        if not self.are_open:
            raise ValueError("workers are there within their block: with Workers() as workers: …")
        return sorted(self.client.nthreads())

    def _client_of_scheduler(self) -> Any:
        from distributed import Client

        try:
            return Client(self.address, timeout=PATIENCE, direct_to_workers=True)
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"no Dask scheduler answers at address={self.address!r} ({error}): {HOW}"
            ) from None

    def _compare_versions(self) -> None:
        """Say it if a worker's numpy or BLAS is another: then last bits may differ."""
        here = machine()
        for address, there in sorted(self.client.run(machine).items()):
            other = [
                f"{name} {there[name]} there and {here[name]} here"
                for name in ("numpy", "blas")
                if there[name] != here[name]
            ]
            if other:
                self.say(f"{address}: {', '.join(other)}: its last bits may differ from ours")
