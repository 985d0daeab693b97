"""Value added tax inside prices that already include it, split so that every total is exact to the fen.

EN 16931 wants tax = taxable amount x rate, rounded, and the taxable amount to be the sum of its lines. For some totals
no pair of whole fen adds up (13%: 0.03 + 0.00 = 0.03, then 0.04 + 0.01 = 0.05; nothing makes 0.04). Then the nearest
pair is taken, and the fen between it and what was paid is the document's rounding amount (BT-114): what is due stays
exact.
"""

from collections.abc import Sequence

import msgspec

from lilong.kernel.base.money import price_of


class TaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was sold: `gross` minor units, tax of `percent` included."""

    gross: int
    percent: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The breakdown of one rate (BG-23): taxable amount and tax, minor units."""

    percent: int
    taxable: int
    tax: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """`nets` in the order of the lines; groups by rate; `paid` = sum of nets + taxes + `rounding`."""

    nets: tuple[int, ...]
    groups: tuple[Group, ...]
    rounding: int
    paid: int

    @property
    def net(self) -> int:
        return sum(self.nets)

    @property
    def tax(self) -> int:
        return sum(group.tax for group in self.groups)


def net_of(gross: int, percent: int) -> int:
    """The net whose sum with its own rounded tax comes nearest to `gross`."""
    guess = price_of(gross, 100, 100 + percent)
    near = [net for net in (guess, guess - 1, guess + 1) if net >= 0]
    return min(near, key=lambda net: abs(net + tax_of(net, percent) - gross))


def tax_of(net: int, percent: int) -> int:
    """`percent` of `net`, half up."""
    return price_of(net, percent, 100)


def split(lines: Sequence[TaxLine]) -> Split:
    """Net lines, breakdown by rate and rounding for `lines`.

    A group's net is shared among its lines by largest remainder, so that they add up; none is off by over a fen.
    """
    nets = [0] * len(lines)
    groups = []
    for percent in sorted({line.percent for line in lines}):
        places = [place for place, line in enumerate(lines) if line.percent == percent]
        gross = [lines[place].gross for place in places]
        taxable = net_of(sum(gross), percent)
        for place, net in zip(places, _share(taxable, gross), strict=True):
            nets[place] = net
        groups.append(Group(percent=percent, taxable=taxable, tax=tax_of(taxable, percent)))
    paid = sum(line.gross for line in lines)
    rounding = paid - sum(nets) - sum(group.tax for group in groups)
    return Split(nets=tuple(nets), groups=tuple(groups), rounding=rounding, paid=paid)


def _share(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares
