"""One shikumen house: grey brick with red bands, a carved stone gate with black leaves, a window, the eaves. Pure."""

import math

from lilong.site.lane.drawing import Projector, Wall

ROOF = 1.38


def house(at: Projector) -> str:
    """SVG paths of the house, to be used once a door; classes take their colours from the door's state and the theme."""
    wall = Wall(at)
    _brickwork(wall)
    _upper_floor(wall)
    _gate(wall)
    _doorway(wall)
    _lantern(wall)
    return wall.drawn()


def outline(at: Projector) -> str:
    """The gate's outline, for the focus ring."""
    wall = Wall(at)
    wall.face("ring", ((0.16, -1), (0.16, 0.16), (0.5, 0.46), (0.84, 0.16), (0.84, -1)), 0.02)
    return wall.drawn()


def _brickwork(wall: Wall) -> None:
    wall.rect("wall", (0, 1.012), (-1.06, ROOF))
    for n in range(1, 26):
        v = -0.95 + n * 0.09
        wall.line("mortar", (0, v), (1, v))
    for n in range(26):
        for k in range(4):
            u = (k + (0.25 if n % 2 else 0.75)) / 4
            wall.line("joint", (u, -0.95 + n * 0.09), (u, -0.86 + n * 0.09))
    for low in (0.5, 1.16):
        wall.rect("redband", (0, 1.012), (low, low + 0.055))
    for start in (0.0, 0.935):
        for n in range(12):
            tall = 0.09 if n % 2 else 0.065
            wall.rect("redband", (start, start + tall), (-0.86 + n * 0.18, -0.77 + n * 0.18))
    wall.box("stone", (0, 1.012), (-1.06, -0.92), 0.008)
    wall.rect("pipe", (0.012, 0.03), (-1, ROOF), 0.012)


def _upper_floor(wall: Wall) -> None:
    wall.face("redband", ((0.2, 1.02), (0.26, 1.1), (0.5, 1.14), (0.74, 1.1), (0.8, 1.02), (0.76, 1.0), (0.24, 1.0)))
    wall.rect("frame", (0.24, 0.76), (0.6, 1.02))
    wall.rect("pane", (0.275, 0.48), (0.63, 0.99))
    wall.rect("pane", (0.52, 0.725), (0.63, 0.99))
    wall.line("bar", (0.275, 0.86), (0.725, 0.86))
    wall.line("bar", (0.3775, 0.63), (0.3775, 0.99))
    wall.line("bar", (0.6225, 0.63), (0.6225, 0.99))
    wall.face("curtain", ((0.275, 0.99), (0.275, 0.66), (0.32, 0.8), (0.34, 0.99)))
    wall.face("curtain", ((0.725, 0.99), (0.725, 0.66), (0.68, 0.8), (0.66, 0.99)))
    wall.box("stone", (0.2, 0.8), (0.56, 0.6), 0.018)
    wall.box("eaves", (0, 1.012), (ROOF - 0.07, ROOF), 0.045)
    wall.rect("tiles", (0, 1.012), (ROOF, ROOF + 0.05), 0.02)
    for n in range(10):
        wall.line("bar", (n / 10 + 0.03, ROOF), (n / 10 + 0.03, ROOF + 0.05), 0.02)


def _gate(wall: Wall) -> None:
    for left in (0.16, 0.72):
        wall.box("stone", (left, left + 0.12), (-1.06, 0.02), 0.016)
        wall.rect("carved", (left + 0.03, left + 0.09), (-0.82, -0.14), 0.016)
        wall.box("stone", (left - 0.015, left + 0.135), (-0.04, 0.03), 0.022)
    wall.box("stone", (0.13, 0.87), (0.03, 0.13), 0.03)
    wall.rect("carved", (0.2, 0.8), (0.055, 0.105), 0.03)
    wall.face("stone", _arch(0.17, 0.83, 0.13, 0.4), 0.02)
    wall.face("carved", _arch(0.24, 0.76, 0.15, 0.345), 0.02)
    wall.face("stone", _flower(0.5, 0.225, 0.055, 0.062), 0.022)
    for middle, wide in ((0.36, 0.045), (0.64, -0.045)):
        wall.curve("scroll", _scroll(middle, 0.185, wide, 0.055), 0.022)


def _doorway(wall: Wall) -> None:
    wall.rect("hall", (0.28, 0.72), (-0.97, 0.02))
    wall.face("floor", ((0.28, -0.97), (0.72, -0.97), (0.615, -0.74), (0.385, -0.74)))
    wall.rect("glow", (0.385, 0.615), (-0.74, -0.08))
    wall.face("floor", ((0.44, -0.74), (0.44, -0.5), (0.425, -0.48), (0.575, -0.48), (0.56, -0.5), (0.56, -0.74)))
    wall.disc("lamp", 0.5, -0.2, 0, (0.05, 0.06))
    wall.rect("leaf", (0.28, 0.5), (-0.97, 0.0))
    wall.rect("leaf far", (0.5, 0.72), (-0.97, 0.0))
    wall.line("seam", (0.5, -0.97), (0.5, 0.0))
    wall.face("ajar", ((0.28, -0.97), (0.36, -0.9), (0.36, -0.06), (0.28, 0.02)))
    wall.face("ajar", ((0.72, -0.97), (0.64, -0.9), (0.64, -0.06), (0.72, 0.02)))
    for middle in (0.455, 0.545):
        wall.face("brass", _circle(middle, -0.42, 0.024, 0.03), 0.004)
        wall.curve("knocker", _circle(middle, -0.47, 0.024, 0.045), 0.004)
    wall.rect("step", (0.26, 0.74), (-1.06, -0.965), 0.024)


def _lantern(wall: Wall) -> None:
    """A paper lantern on an iron arm, beside the gate."""
    wall.line("iron", (0.9, 0.3), (0.9, 0.16), 0.05)
    wall.disc("halo", 0.9, 0.02, 0.05, (0.34, 0.34))
    wall.disc("lantern", 0.9, 0.02, 0.05, (0.075, 0.095))
    wall.disc("iron", 0.9, 0.11, 0.05, (0.035, 0.012))
    wall.disc("iron", 0.9, -0.07, 0.05, (0.035, 0.012))


def _arch(left: float, right: float, foot: float, top: float) -> list[tuple[float, float]]:
    """The segment arch over a gate, from its left foot to its right one."""
    turns = 10
    middle, half = (left + right) / 2, (right - left) / 2
    return [
        (middle - half * math.cos(math.pi * n / turns), foot + (top - foot) * math.sin(math.pi * n / turns) ** 0.8)
        for n in range(turns + 1)
    ]


def _circle(u: float, v: float, wide: float, high: float) -> list[tuple[float, float]]:
    steps = 12
    return [
        (u + wide * math.cos(2 * math.pi * n / steps), v + high * math.sin(2 * math.pi * n / steps))
        for n in range(steps + 1)
    ]


def _flower(u: float, v: float, wide: float, high: float) -> list[tuple[float, float]]:
    """Six petals."""
    steps = 24
    points = []
    for n in range(steps):
        turn = 2 * math.pi * n / steps
        reach = 0.72 + 0.28 * math.cos(6 * turn)
        points.append((u + wide * reach * math.cos(turn), v + high * reach * math.sin(turn)))
    return points


def _scroll(u: float, v: float, wide: float, high: float) -> list[tuple[float, float]]:
    """A spiral of carved leaf."""
    points = []
    for n in range(15):
        turn = n / 14 * 2.6 * math.pi
        reach = 1 - n / 18
        points.append((u + wide * reach * math.cos(turn), v + high * reach * math.sin(turn)))
    return points
