"""What surrounds the twelve doors: sky, the city beyond, the gateway at the end, the pavement, laundry and lamps. Pure."""

from functools import cache
from itertools import pairwise

from lilong.site.lane import house
from lilong.site.lane.drawing import HALF, HEIGHT, HOUSES, RISE, VANISH, WIDTH, depth, flat, lane, number, path, shape

_X, _Y = VANISH
END = depth(HOUSES)


def place(house_number: int) -> str:
    """The transform that puts the drawn house on its place: 1-6 down the left wall, 7-12 down the right."""
    left = house_number <= HOUSES
    scale = depth((house_number - 1) % HOUSES)
    across = scale if left else -scale
    x, y = _X - _X * across, _Y - _Y * scale
    return f"matrix({across:.4f} 0 0 {scale:.4f} {number(x)} {number(y)})"


@cache
def symbols() -> str:
    """The house in perspective and from ahead, each with its focus ring, and the light that falls out of its door."""
    spill = path([lane(0.3, -1), lane(0.7, -1), lane(0.62, -1, 0.42), lane(0.12, -1, 0.42)])
    return (
        f'<g id="house"><g>{house.house(lane)}</g>{shape("spill", spill)}</g><g id="ring">{house.outline(lane)}</g>'
        f'<g id="front">{house.house(flat)}</g><g id="front-ring">{house.outline(flat)}</g>'
    )


@cache
def background() -> str:
    """Everything behind the houses."""
    return "".join((_sky(), _skyline(), _pavement(), _end()))


@cache
def foreground() -> str:
    """Everything in front of the houses: haze in the depth, poles with laundry, a string of lamps, the cat."""
    return "".join((_haze(), _laundry(2.3, 0.87, 1), _lamps(), _cat()))


def _sky() -> str:
    stars = "".join(
        f"M{(n * 397) % 1500 + 50} {(n * 211) % 300 + 8}h.01" for n in range(46)
    )  # fixed by n: the sky is the same every night
    return (
        f'<rect class="sky" width="{WIDTH}" height="{HEIGHT}" fill="url(#sky)"/>'
        f'<path class="stars" d="{stars}"/><circle class="halo-sun" cx="1112" cy="66" r="90" fill="url(#sunglow)"/>'
        '<circle class="sun-disc" cx="1112" cy="66" r="26"/>'
        '<path class="moon-disc" d="M1122 46a26 26 0 1 0 9 32 21 21 0 1 1-9-32Z"/>'
    )


def _skyline() -> str:
    """Lujiazui beyond the roofs: the pearl tower, the jin mao, the bottle opener, the twist."""
    pearl = (
        "M741 330V250l2-4 2 4v80ZM739 262a6 6 0 1 1 8 0ZM733 296a11 11 0 1 1 20 0a11 11 0 0 1-20 0ZM736 262a7 7 0 1 1 14 0"
        "a7 7 0 0 1-14 0ZM742.300 220h1.400v40h-1.400ZM731 330l9-32h6l9 32h-3l-7-24-1 24h-2l-1-24-7 24Z"
    )
    towers = (
        "M770 330v-52h5v-8h4v-8h3l2-12 2 12h3v8h4v8h5v52ZM806 330v-84l4-14h7l-1 10h4l-1-10h4l3 14v84ZM834 330c-1-40 2-82 9-110"
        "l9 4c6 30 6 70 5 106Z"
    )
    low = "M690 330v-22h14v-12h12v20h13v14ZM760 330v-26h12v26ZM860 330v-34h12v10h14v-18h12v42ZM904 330v-28h20v28Z"
    return f'<g transform="translate(-640 -264) scale(1.8)">{shape("city", low + towers + pearl)}</g>'


def _pavement() -> str:
    near, far = [(0, HEIGHT), (WIDTH, HEIGHT)], [(_X + HALF * END, _Y + RISE * END), (_X - HALF * END, _Y + RISE * END)]
    left_near = (_X - HALF, _Y + RISE)
    ground = path([left_near, (-left_near[0] + WIDTH, left_near[1]), *far]) + path([*near, *far])
    across = "".join(
        path(
            [
                (_X - HALF * depth(n / 2.5), _Y + RISE * depth(n / 2.5)),
                (_X + HALF * depth(n / 2.5), _Y + RISE * depth(n / 2.5)),
            ],
            closed=False,
        )
        for n in range(1, 16)
    )
    along = ""
    for k in (-0.66, -0.33, 0.33, 0.66):
        along += path([(_X + HALF * k * 1.0, _Y + RISE), (_X + HALF * k * END, _Y + RISE * END)], closed=False)
    drain = path(
        [(_X - 40, _Y + RISE), (_X + 40, _Y + RISE), (_X + 40 * END, _Y + RISE * END), (_X - 40 * END, _Y + RISE * END)]
    )
    return (
        f'<path class="ground" d="{ground}" fill="url(#ground)"/>'
        + shape("slab", across + along)
        + shape("drain", drain)
    )


def _end() -> str:
    """The house across the end of the lane, with an archway into the next lane and the lane's name in stone."""
    half, top, floor = HALF * END, _Y - RISE * 0.86 * END, _Y + RISE * END
    left, right = _X - half, _X + half
    arch = f"M{_X - 62} {number(floor)}V{number(_Y + 26)}a62 58 0 0 1 124 0V{number(floor)}Z"
    stone = f"M{_X - 76} {number(floor)}V{number(_Y + 26)}a76 72 0 0 1 152 0V{number(floor)}h-14V{number(_Y + 26)}a62 58 0 0 0-124 0V{number(floor)}Z"
    roof = path([(left, top), (right, top), (right - 26, top - 26), (left + 26, top - 26)])
    windows = "".join(f"M{number(_X + dx - 15)} {number(top + 14)}h30v34h-30Z" for dx in (-118, -70, 70, 118))
    bars = "".join(
        f"M{number(_X + dx)} {number(top + 14)}v34M{number(_X + dx - 15)} {number(top + 27)}h30"
        for dx in (-118, -70, 70, 118)
    )
    tablet = f"M{_X - 40} {number(top + 16)}h80v30h-80Z"
    name = f'<text class="carving" x="{_X}" y="{number(top + 39)}" text-anchor="middle">里弄</text>'
    brick = "".join(f"M{number(left)} {number(top + 12 * n)}H{number(right)}" for n in range(1, 17))
    return (
        shape("endwall", path([(left, top), (right, top), (right, floor), (left, floor)])) + shape("mortar", brick)
        + shape("tiles", roof) + shape("stone", tablet) + name + shape("frame", windows) + shape("endpane", windows)
        + shape("bar", bars) + f'<path class="archway" d="{arch}" fill="url(#beyond)"/>' + shape("stone", stone)
        + shape("walker", _walker(_X + 16, floor - 4, 0.9))
    )  # fmt: skip


def _walker(x: float, y: float, size: float) -> str:
    """Somebody on the way home under the arch, with an umbrella."""

    def at(dx: float, dy: float) -> str:
        return f"{number(x + dx * size)} {number(y + dy * size)}"

    return (
        f"M{at(-5, 0)}L{at(-6, -22)}L{at(-4, -34)}L{at(4, -34)}L{at(6, -22)}L{at(5, 0)}L{at(1, 0)}L{at(0, -14)}L{at(-1, 0)}Z"
        f"M{at(-4, -39)}a{number(4 * size)} {number(4 * size)} 0 1 0 {number(8 * size)} 0a{number(4 * size)} {number(4 * size)} 0 1 0 {number(-8 * size)} 0Z"
        f"M{at(-18, -44)}Q{at(2, -64)} {at(22, -44)}Q{at(2, -50)} {at(-18, -44)}Z"
    )


def _haze() -> str:
    """Evening air: the farther, the thicker."""
    top = RISE * (house.ROOF + 0.06)
    veils = []
    for side in (-1, 1):
        near, far = depth(1.5), END
        corners = [
            (_X + side * HALF * near, _Y - top * near),
            (_X + side * HALF * far, _Y - top * far),
            (_X + side * HALF * far, _Y + RISE * far),
            (_X + side * HALF * near, _Y + RISE * near),
        ]
        veils.append(f'<path d="{path(corners)}" fill="url(#haze{"l" if side < 0 else "r"})"/>')
    return "".join(veils)


_CLOTHES = (
    "M-10 0h20l9 7-4 8-5-3v22h-20v-22l-5 3-4-8Z",  # a shirt
    "M-9 0h18l3 34h-10l-2-20-2 20h-10Z",  # trousers
    "M-16 0h32v26h-32Z",  # a sheet
    "M-7 0h14l8 30h-30Z",  # a skirt
    "M-6 0h5v18l7 5v5h-9l-3-6Z",  # a sock
)


def _laundry(far: float, up: float, first: int) -> str:
    """A bamboo pole from wall to wall with the week's washing."""
    scale = depth(far)
    y = _Y - RISE * up * scale
    left, right = _X - HALF * scale, _X + HALF * scale
    out = [shape("pole", f"M{number(left)} {number(y)}H{number(right)}", stroke_width=number(9 * scale))]
    for n in range(5):
        x = _X + (n - 2) * 150 * scale + ((n * 37 + first * 11) % 23 - 11) * scale
        kind = (n + first) % len(_CLOTHES)
        size = 2.5 * scale
        out.append(
            f'<g transform="translate({number(x)} {number(y)}) scale({number(size)})">'
            f'<path class="cloth k{(n * 2 + first) % 5} w{n % 3}" d="{_CLOTHES[kind]}"/></g>'
        )
    return "".join(out)


def _lamps() -> str:
    """A string of lamps over the entrance."""
    swags, bulbs = "", ""
    posts = [(-20.0, 8.0), (400.0, -8.0), (800.0, -16.0), (1200.0, -8.0), (1620.0, 8.0)]
    for (x0, y0), (x1, y1) in pairwise(posts):
        swags += f"M{x0:.0f} {y0:.0f}Q{(x0 + x1) / 2:.0f} {(y0 + y1) / 2 + 44:.0f} {x1:.0f} {y1:.0f}"
        for n in range(1, 8):
            t = n / 8
            x = x0 + (x1 - x0) * t
            y = y0 + (y1 - y0) * t + 88 * t * (1 - t)
            bulbs += f"M{x:.0f} {y + 5:.0f}h.01"
    return shape("wire", swags) + shape("bulb-glow", bulbs) + shape("bulb", bulbs)


def _cat() -> str:
    """Every lane has one."""
    body = (
        "M600 700c-20 0-33-10-31-30 1-15 9-25 17-33 4-5 5-10 4-16-1-7 1-11 4-13l-1-12 9 7c4-1 7-1 11 0l9-7-1 13c4 5 5 11 2 17-2 4-2 8 1 13"
        "c8 13 11 28 10 42 4 3 6 7 5 12 0 5-4 7-9 7Z"
    )
    tail = "M572 690c-22 6-40-2-42-16-1-10 6-18 14-16"
    eyes = "M598 612h.01M611 612h.01"
    return (
        '<g class="cat" transform="translate(40 8)">'
        + shape("tail", tail)
        + shape("fur", body)
        + shape("eye", eyes)
        + "</g>"
    )
