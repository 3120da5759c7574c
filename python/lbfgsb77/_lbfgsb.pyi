"""Types of the extension module that f2py makes of fortran/lbfgsb.pyf."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

def setulb(
    m: int,
    x: NDArray[np.float64],
    l: NDArray[np.float64],
    u: NDArray[np.float64],
    nbd: NDArray[np.int32],
    f: NDArray[np.float64],
    g: NDArray[np.float64],
    factr: float,
    pgtol: float,
    wa: NDArray[np.float64],
    iwa: NDArray[np.int32],
    task: NDArray[np.bytes_],
    iprint: int,
    csave: NDArray[np.bytes_],
    lsave: NDArray[np.int32],
    isave: NDArray[np.int32],
    dsave: NDArray[np.float64],
    maxls: int,
    n: int = ...,
) -> None: ...
def advance(
    reals: NDArray[np.float64],
    integers: NDArray[np.int32],
    text: NDArray[np.bytes_],
    threads: int = ...,
) -> None: ...
def advance_to_point(
    reals: NDArray[np.float64],
    integers: NDArray[np.int32],
    text: NDArray[np.bytes_],
    threads: int = ...,
) -> None: ...
def tell(
    reals: NDArray[np.float64],
    integers: NDArray[np.int32],
    text: NDArray[np.bytes_],
    to_point: int,
    threads: int,
    f: object,
    g: object,
    nfev: object,
    /,
) -> bool | None: ...
def halt(
    reals: NDArray[np.float64],
    integers: NDArray[np.int32],
    text: NDArray[np.bytes_],
    message: bytes,
) -> None: ...
def tell_batch(
    reals: NDArray[np.float64],
    integers: NDArray[np.int32],
    text: NDArray[np.bytes_],
    reals_width: int,
    integers_width: int,
    threads: int,
    rows: NDArray[np.int32],
    values: NDArray[np.float64] | None,
    gradients: NDArray[np.float64] | None,
    points: NDArray[np.float64],
    /,
) -> int: ...

__version__: bytes
f2py_version: str

def __getattr__(name: str) -> Any: ...
