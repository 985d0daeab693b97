"""The factsheet of the vehicle of software: a small box on wheels."""

from typing import Any

from lilong.fields.delivery.standard.vda5050.topics import V3
from lilong.fields.delivery.standard.vda5050.virtual import ACTIONS, INSTANT

Document = dict[str, Any]


def factsheet(version: str, speed: float) -> Document:
    """The body of a factsheet message, without its header."""
    return _v3(speed) if version == V3 else _v2(speed)


def _v2(speed: float) -> Document:
    return {
        "typeSpecification": {
            "seriesName": "Lilong box",
            "agvKinematic": "DIFF",
            "agvClass": "CARRIER",
            "maxLoadMass": 100,
            "localizationTypes": ["NATURAL"],
            "navigationTypes": ["AUTONOMOUS"],
        },
        "physicalParameters": {
            "speedMin": 0,
            "speedMax": speed,
            "accelerationMax": 1,
            "decelerationMax": 1,
            "heightMax": 1.2,
            "width": 0.7,
            "length": 1.0,
        },
        "protocolLimits": {
            "maxStringLens": {},
            "maxArrayLens": {"order.nodes": 500},
            "timing": {"minOrderInterval": 1, "minStateInterval": 0.1, "defaultStateInterval": 30},
        },
        "protocolFeatures": {
            "optionalParameters": [],
            "agvActions": [
                {"actionType": kind, "actionScopes": ["NODE"], "blockingTypes": ["HARD"]} for kind in ACTIONS
            ]
            + [{"actionType": kind, "actionScopes": ["INSTANT"]} for kind in INSTANT],
        },
        "agvGeometry": {},
        "loadSpecification": {},
    }


def _v3(speed: float) -> Document:
    may = {"pauseAllowed": False, "cancelAllowed": True}
    return {
        "typeSpecification": {
            "seriesName": "Lilong box",
            "mobileRobotKinematics": "DIFFERENTIAL",
            "mobileRobotClass": "CARRIER",
            "maximumLoadMass": 100,
            "localizationTypes": ["NATURAL"],
            "navigationTypes": ["AUTONOMOUS"],
        },
        "physicalParameters": {
            "minimumSpeed": 0,
            "maximumSpeed": speed,
            "maximumAcceleration": 1,
            "maximumDeceleration": 1,
            "minimumHeight": 1.0,
            "maximumHeight": 1.2,
            "width": 0.7,
            "length": 1.0,
        },
        "protocolLimits": {
            "maximumStringLengths": {},
            "maximumArrayLengths": {"order.nodes": 500},
            "timing": {"minimumOrderInterval": 1, "minimumStateInterval": 0.1, "defaultStateInterval": 30},
        },
        "protocolFeatures": {
            "optionalParameters": [],
            "mobileRobotActions": [
                {"actionType": kind, "actionScopes": ["NODE"], "blockingTypes": ["HARD"]} | may for kind in ACTIONS
            ]
            + [{"actionType": kind, "actionScopes": ["INSTANT"]} | may for kind in INSTANT],
        },
        "mobileRobotGeometry": {},
        "loadSpecification": {},
    }
