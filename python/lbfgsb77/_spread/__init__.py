"""Who shares the work: processes, any map, many problems in lockstep."""
