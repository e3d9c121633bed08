"""Read the consortium from a running Hearth, and bring it to the size a past needs: by the public API, as the consortium."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hearth.load.sending import Sender
from hearth.progress import step
from hearth.simulate.found import Agency, Found, Lot

AGENCIES = 60
"""So many agencies has the consortium's past; those that are not there yet are registered."""
CONSORTIUM = "consortium"
MADE_UP = ("Alder", "Beech", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Jasmine", "Kelp", "Lime", "Maple", "Nutmeg", "Oak")
ENDINGS = ("Bank Fostering", "Corner Families", "Wharf Foster Care")
BEFORE_THE_FRAMEWORK = {"general": ("752.00", 50), "parent_and_child": ("1650.00", 50), "disabled_children": ("1035.00", 78)}
"""Pounds a week of a lot's youngest band, and how many more each older band costs: where a council has told no price of its own."""


class NotReadyError(Exception):
    """What is there is too little for a past; says what to do."""


async def found(sender: Sender) -> Found:
    """Councils, agencies, lots, published tiers and baseline prices as they are.

    NotReadyError when there is no council, no lot, or no agency: load a consortium first.
    """
    councils = await _all(sender, "providers", "/councils")
    lots = await _all(sender, "providers", "/lots")
    agencies = await _all(sender, "providers", "/agencies")
    if not councils or not lots or not agencies:
        raise NotReadyError("There is no consortium here yet: load one first, as with: hearth load deploy/example")
    prices = await _all(sender, "monitoring", "/baseline-prices")
    return Found(
        councils=tuple(sorted(council["ons_code"] for council in councils)),
        agencies=tuple(_agency(one) for one in sorted(agencies, key=lambda one: str(one["urn"]))),
        lots=tuple(_lot(lot) for lot in sorted(lots, key=lambda lot: str(lot["code"]))),
        tiers=await _tiers(sender),
        baseline={(one["council"], one["lot"], one["band"]): Decimal(one["pounds_per_week"]) for one in prices},
    )


async def register_more(sender: Sender, there: Found, *, quiet: bool = False) -> None:
    """Register made-up agencies until there are sixty; those there stay as they are."""
    wanted = max(0, AGENCIES - len(there.agencies))
    known = {agency.urn for agency in there.agencies}
    free = (f"SC98{number:04d}" for number in range(1, 10_000))
    with step("Agencies", 0 if quiet else wanted) as progress:
        for number, urn in zip(range(wanted), (urn for urn in free if urn not in known), strict=False):
            name = f"{MADE_UP[number % len(MADE_UP)]} {ENDINGS[number // len(MADE_UP) % len(ENDINGS)]} (example)"
            body = {"name": name, "sector": "PR4" if number % 4 else "PR5", "ofsted_rating": "good", "inspected_on": "2024-02-06"}
            await done(sender, "providers", "PUT", f"/agencies/{urn}", CONSORTIUM, body)
            progress.done()


async def tell_baseline_prices(sender: Sender, there: Found, *, quiet: bool = False) -> None:
    """Each council without a price of before the framework uploads some; a saving is nothing without them."""
    without = [council for council in there.councils if not any(whose == council for whose, _, _ in there.baseline)]
    with step("Baseline prices", 0 if quiet else len(without)) as progress:
        for council in without:
            prices = []
            for lot in there.lots:
                first, more = BEFORE_THE_FRAMEWORK.get(lot.code, ("800.00", 50))
                for place, (band, _, _) in enumerate(lot.bands):
                    pounds = Decimal(first) + more * place
                    prices.append({"lot": lot.code, "band": band, "from_date": "2011-04-01", "pounds_per_week": f"{pounds:.2f}"})
            await done(sender, "monitoring", "PUT", "/baseline-prices", f"council:{council}", {"prices": prices})
            progress.done()


async def done(sender: Sender, service: str, method: str, path: str, organisation: str, body: Any) -> Any:
    """Something that must be allowed; NotReadyError in the service's words when it is not."""
    answer = await sender.ask(service, method, path, organisation, body, whatever_version=True)
    if not answer.good:
        raise NotReadyError(f"{method} {path} of {service} was refused ({answer.status}): {_words(answer.body)}")
    return answer.body


def _words(body: Any) -> str:
    return str(body.get("detail", "")) if isinstance(body, dict) else ""


async def _all(sender: Sender, service: str, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await done(sender, service, "GET", f"{path}?limit=200{cursor}", CONSORTIUM, None)
        items += page["items"]
        if not page["next_cursor"]:
            return items
        cursor = f"&cursor={page['next_cursor']}"


async def _tiers(sender: Sender) -> dict[tuple[str, str], int]:
    """Lot and agency → tier of the latest published list, each lot's best first."""
    tiers: dict[tuple[str, str], int] = {}
    for one in await _all(sender, "providers", "/tender-rounds"):
        if one["stage"] == "published":
            listed = await done(sender, "providers", "GET", f"/tender-rounds/{one['id']}/ranked-list", CONSORTIUM, None)
            tiers |= {
                (one["lot"], line["agency"]): int(line["tier"]) for line in sorted(listed["lines"], key=lambda line: int(line["rank"]))
            }
    return dict(sorted(tiers.items(), key=lambda item: item[0][0]))


def _agency(one: dict[str, Any]) -> Agency:
    return Agency(one["urn"], one["name"], one["ofsted_rating"], one["sector"], one["inspected_on"], one["companies_house_number"])


def _lot(lot: dict[str, Any]) -> Lot:
    bands = tuple((band["code"], int(band["from_age"]), int(band["to_age"])) for band in lot["price_bands"])
    return Lot(lot["code"], tuple(lot["kinds"]), bands)
