"""A GS1-Conformant Resolver (1.2) for trade items: from a Digital Link to what there is to know.

One kind of information a link type: `gs1:pip` (product page), `gs1:hasRetailers` (who sells it here), `gs1:recallStatus`
(the notice of a recalled lot). Default is the product page, of a recalled lot its notice. Links of the lot come before
those of the item; a lot that nobody knows is answered with the item's.
"""

from typing import Any

import msgspec

from lilong.fields.market.queries import links
from lilong.fields.market.rules.digital_link import Link
from lilong.kernel.base.problems import Gone, Missing, Violation

VOCABULARY = "https://gs1.org/voc/"
PIP, RETAILERS, RECALL = "pip", "hasRetailers", "recallStatus"
LINKSET_TYPE = "application/linkset+json"
CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
LANGUAGES = ("en", "zh-Hans", "ko")
_LINKSET_NAMES = ("linkset", "all")
_ACCEPTS_LINKSET = (LINKSET_TYPE, "application/json")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One link: its type ('pip'), where to, what it is, in which languages and media type."""

    type: str
    href: str
    title: str
    media: str = "text/html"
    languages: tuple[str, ...] = LANGUAGES


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All links of an item or lot; the first is the default. `anchor` is the path they speak of ('/01/...')."""

    anchor: str
    description: str
    targets: tuple[Target, ...]


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where pages are, as absolute URLs; `{id}`, `{gtin}` and `{lot}` stand for what they name."""

    root: str
    product: str
    product_data: str
    retailers: str
    recall: str


def find(link: Link, addresses: Addresses) -> Found:
    """All links of what `link` names. Raises Missing (404: never registered, or nothing to show), Gone (410: retired)."""
    known = links.known(link.gtin, link.lot)
    if known is None:
        raise Missing("unknown-item", violations=[Violation(pointer="/01", rule="registered")])
    recalls = [
        Target(type=RECALL, href=addresses.recall.format(lot=lot), title=f"Recall of lot {link.lot}")
        for lot in known.recalled
    ]
    if known.retired_at and not recalls:
        raise Gone("retired-item", extra={"retired_at": known.retired_at.isoformat()})
    targets = [*recalls, *_of_item(known, addresses)]
    if not targets:
        raise Missing("no-link", violations=[Violation(pointer="/01", rule="listed")])
    anchor = msgspec.structs.replace(link, lot=link.lot if known.lot_known else "", variant="", serial="").path
    return Found(anchor=anchor, description=_description(known), targets=tuple(targets))


def _of_item(known: links.Known, addresses: Addresses) -> list[Target]:
    found = []
    for product in known.products:
        title = product.name.within("en")
        found.append(Target(type=PIP, href=addresses.product.format(id=product.id), title=title))
        found.append(
            Target(
                type=PIP,
                href=addresses.product_data.format(id=product.id),
                title=title,
                media="application/ld+json",
            )
        )
    if found:
        href = addresses.retailers.format(gtin=known.gtin)
        found.append(Target(type=RETAILERS, href=href, title="Who sells it here"))
    return found


def _description(known: links.Known) -> str:
    return known.products[0].name.within("en") if known.products else known.gtin


def wants_linkset(link_type: str, accept: str) -> bool:
    """Whether a request asks for the whole linkset: `linkType=linkset` (or the older `all`), or by its Accept header."""
    return link_type in _LINKSET_NAMES or any(media in accept for media in _ACCEPTS_LINKSET)


def choose(found: Found, link_type: str, accept: str, language: str) -> Target:
    """The link to follow: of the wanted type ('gs1:pip', or its URI; '' is the default), then of a media type that is
    accepted. Pages are in all languages, so `language` only matters where a link lacks it. Raises Missing (404)."""
    wanted = link_type.removeprefix("gs1:").removeprefix(VOCABULARY)
    if wanted in ("", "defaultLink"):
        wanted = found.targets[0].type
    of_type = [target for target in found.targets if target.type == wanted]
    if not of_type:
        known = ", ".join(f"gs1:{name}" for name in dict.fromkeys(target.type for target in found.targets))
        raise Missing("no-such-link-type", violations=[Violation(pointer="/linkType", rule="offered", detail=known)])
    return max(
        of_type, key=lambda target: (target.media in accept, _speaks(target, language), target.media == "text/html")
    )


def _speaks(target: Target, language: str) -> bool:
    spoken = {tag.partition("-")[0].casefold() for tag in target.languages}
    return language.partition(",")[0].partition("-")[0].strip().casefold() in spoken


def linkset(found: Found, root: str) -> dict[str, Any]:
    """The links as a linkset (RFC 9264, JSON), default link first."""
    context: dict[str, Any] = {"anchor": root + found.anchor, "description": found.description}
    context[f"{VOCABULARY}defaultLink"] = [_entry(found.targets[0])]
    for name in dict.fromkeys(target.type for target in found.targets):
        context[VOCABULARY + name] = [_entry(target) for target in found.targets if target.type == name]
    return {"linkset": [context]}


def _entry(target: Target) -> dict[str, Any]:
    return {"href": target.href, "title": target.title, "type": target.media, "hreflang": list(target.languages)}


def link_header(root: str, link: Link) -> str:
    """The Link header that every answer carries: where the whole linkset is."""
    return f'<{root}{link.path}?linkType=linkset>; rel="linkset"; type="{LINKSET_TYPE}"'


def description(root: str, name: str) -> dict[str, Any]:
    """The resolver description file, `/.well-known/gs1resolver`."""
    return {
        "name": name,
        "resolverRoot": root,
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
    }
