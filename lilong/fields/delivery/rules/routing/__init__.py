"""Routes: a problem in our own terms, a planner over PyVRP, a fast insertion, a checker that trusts neither.

Times are whole seconds since the problem's own zero, distances whole metres, costs whole thousandths of a minor unit (any
other unit will do, if it is the same everywhere). Nothing here does I/O or knows the time.
"""
