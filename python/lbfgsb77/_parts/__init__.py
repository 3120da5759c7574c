"""The parts of a sum and who computes them: this process, processes, any map, Dask, MPI."""
