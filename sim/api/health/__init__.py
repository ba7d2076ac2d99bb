"""What ``bayah doctor`` looks at: versions, the cache of compiled code, the machine, and a run by both drivers."""
