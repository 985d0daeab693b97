"""Published routing instances (VRPLIB format) as problems in our own terms, with their best known costs.

Distances are the DIMACS challenge's: Euclidean, truncated to one decimal, here as whole tenths; so are times.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lilong.fields.delivery.rules.routing.problem import Depot, Problem, Task, Travel, Vehicle, Visit, Window

FOLDER = Path(__file__).parent / "data" / "routing"
TENTH = 10


class Instance(NamedTuple):
    name: str
    problem: Problem
    best: float  # the best known cost, in tenths


def read(name: str, folder: Path = FOLDER) -> Instance:
    """An instance by its file name without suffix; the first node is the depot."""
    header, sections = _parsed((folder / f"{name}.vrp").read_text())
    points = sections["NODE_COORD"][:, 1:]
    distances = np.floor(TENTH * np.linalg.norm(points[:, None] - points[None], axis=2) + 1e-9).astype(np.int64)
    windows = (TENTH * sections["TIME_WINDOW"][:, 1:]).astype(int)
    demands = sections["DEMAND"][:, 1].astype(int)
    releases = (TENTH * sections["RELEASE_TIME"][:, 1]).astype(int) if "RELEASE_TIME" in sections else demands * 0
    service = int(float(header["SERVICE_TIME"]) * TENTH)
    tasks = tuple(
        Task(
            id=str(n),
            amount=(int(demands[n]),),
            take=Visit(0),
            give=Visit(n, service, (Window(*map(int, windows[n])),)),
            release=int(releases[n]),
        )
        for n in range(1, len(points))
    )
    trips = len(points) if "VEHICLES_RELOAD_DEPOT" in sections else 1
    vehicles = tuple(
        Vehicle(
            id=f"v{n:03}",
            capacity=(int(header["CAPACITY"]),),
            start=0,
            end=0,
            opens=int(windows[0][0]),
            closes=int(windows[0][1]),
            trips=trips,
        )
        for n in range(int(header["VEHICLES"]))
    )
    problem = Problem(
        travel=Travel(distances[None], distances[None]), depots=(Depot(0),), vehicles=vehicles, tasks=tasks
    )
    return Instance(name, problem, _best((folder / f"{name}.sol").read_text(), tenths=trips > 1))


def _parsed(text: str) -> tuple[dict[str, str], dict[str, NDArray[np.float64]]]:
    header: dict[str, str] = {}
    rows: dict[str, list[list[float]]] = {}
    section = ""
    for line in text.splitlines():
        words = line.split()
        if ":" in line:
            key, _, value = line.partition(":")
            header[key.strip()] = value.strip()
        elif words and words[0].endswith("_SECTION"):
            section = words[0].removesuffix("_SECTION")
            rows[section] = []
        elif words and words[0] != "EOF":
            rows[section].append([float(word) for word in words])
    return header, {name: np.array(lines) for name, lines in rows.items() if name != "DEPOT"}


def _best(text: str, *, tenths: bool) -> float:
    """The cost a solution file names; those of the multi-trip set are in tenths already."""
    line = next(line for line in text.splitlines() if line.lower().startswith("cost"))
    cost = float(line.replace(":", " ").split()[1])
    return cost if tenths else cost * TENTH
