"""Tables of the market, one file a topic. What is how much where stands in the ledger, never here."""

from lilong.fields.market.models.baskets import Basket, BasketLine, LineWish
from lilong.fields.market.models.broadcasts import Broadcast
from lilong.fields.market.models.campaigns import (
    Campaign,
    CampaignLeader,
    CampaignOffer,
    Collection,
    Leader,
    PickLine,
)
from lilong.fields.market.models.fulfilment import Fulfilment, PickedLine, PickWave
from lilong.fields.market.models.groups import Group, GroupOffer, Membership
from lilong.fields.market.models.imports import Import
from lilong.fields.market.models.invoices import Invoice, InvoiceBook, Trader
from lilong.fields.market.models.lots import Lot, Recall, RecallReach, Stock, StockPaper
from lilong.fields.market.models.machines import (
    CoinDay,
    Dispute,
    Machine,
    MachineBin,
    MachineCommand,
    MachineMessage,
    MachineSession,
    MachineSlot,
    Purchase,
    PurchaseLine,
    SlotLot,
    Weighing,
)
from lilong.fields.market.models.places import Place, PlaceDistrict
from lilong.fields.market.models.products import Product, Selling, TradeItem
from lilong.fields.market.models.returns import ReturnRequest
from lilong.fields.market.models.reviews import Review, ReviewReport
from lilong.fields.market.models.sales import DaySales

__all__ = [
    "Basket",
    "BasketLine",
    "Broadcast",
    "Campaign",
    "CampaignLeader",
    "CampaignOffer",
    "CoinDay",
    "Collection",
    "DaySales",
    "Dispute",
    "Fulfilment",
    "Group",
    "GroupOffer",
    "Import",
    "Invoice",
    "InvoiceBook",
    "Leader",
    "LineWish",
    "Lot",
    "Machine",
    "MachineBin",
    "MachineCommand",
    "MachineMessage",
    "MachineSession",
    "MachineSlot",
    "Membership",
    "PickLine",
    "PickWave",
    "PickedLine",
    "Place",
    "PlaceDistrict",
    "Product",
    "Purchase",
    "PurchaseLine",
    "Recall",
    "RecallReach",
    "ReturnRequest",
    "Review",
    "ReviewReport",
    "Selling",
    "SlotLot",
    "Stock",
    "StockPaper",
    "TradeItem",
    "Trader",
    "Weighing",
]
