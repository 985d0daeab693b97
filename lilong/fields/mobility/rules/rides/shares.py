"""Whom a fare goes to: the platform, the driver, the operator; to the fen, nothing lost and nothing made."""

from typing import NamedTuple

from lilong.fields.mobility.rules.rides.tariffs import WHOLE_BP, RideTariff


class Shares(NamedTuple):
    """Three parts whose sum is the fare."""

    platform: int
    driver: int
    operator: int


def shares(tariff: RideTariff, total: int, *, driven: bool) -> Shares:
    """The platform's part of all, the driver's of what is left (nothing of a car that drives itself), the operator's the
    rest. Parts are rounded down, so the operator's takes up what rounding leaves."""
    platform = total * tariff.platform_bp // WHOLE_BP
    driver = (total - platform) * tariff.driver_bp // WHOLE_BP if driven else 0
    return Shares(platform, driver, total - platform - driver)
