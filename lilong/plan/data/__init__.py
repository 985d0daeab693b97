"""The plan as data: goals, fields, actions, safeguards and the baseline facts of spring 2020.

Origin: the action plan for promoting the online new economy in Shanghai (2020-2022), issued 8 April 2020, and the
figures published with it. Names of the twelve fields in Chinese are the plan's own words; the other texts are ours.
"""
