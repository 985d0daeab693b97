"""Where things are and how to get there: points, zones, districts and streets. Pure: no tables, no Django.

Coordinates are WGS 84 everywhere inside the house; GCJ-02 (what Chinese maps and phones speak) is converted once, at the
edge. The street graph and the district outlines are data files of this package, see `data/ORIGIN.txt`.
"""
