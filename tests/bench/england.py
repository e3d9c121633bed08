"""England as rows: three years of 153 councils and 330 agencies, at any size, written by SQL into the services' own tables.

Rows are numbered and everything about one follows from its number, so that the same size is the same rows every time. Councils, agencies
and the referrals open now stay as many at every size: what a page shows is then the same, and only what lies behind it grows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from referrals.domain.referral import Terms
from referrals.schemas.referrals import NewReferral
from shared import clock
from shared.contracts.words import Sector
from tests.bench.demand import CHILD, new_referral
from tests.bench.events import broadcast_event

COUNCILS, AGENCIES = 153, 330
YEARS = 3
OPEN = 1_500
"""Referrals that are open now: the newest."""


@dataclass(frozen=True)
class England:
    """How many of each there are."""

    referrals: int
    offers: int
    places: int
    sent_to: int = 20
    """Agencies each referral is sent to. A lot's list may be longer; what is listed is an agency's own."""
    bare: bool = False
    """Without what closed referrals said: a quarter of the time to fill, for a test that asks only which rows are read."""

    @classmethod
    def share(cls, share: float) -> England:
        """This share of 750,000 referrals, 10 million offers, 100,000 places; never so few places that an agency's page is not full."""
        return cls(int(750_000 * share), int(10_000_000 * share), max(int(100_000 * share), 60 * AGENCIES))

    @property
    def offers_each(self) -> int:
        """Offers on each referral."""
        return max(1, self.offers // self.referrals)

    def home(self, referral: str, answer: str) -> str:
        """Which place is offered: one of the agency that is the so manieth to whom the referral was sent."""
        return f"((({referral}) + ({answer}) * 17) % {AGENCIES} + {AGENCIES} * (({referral}) % {self.places // AGENCIES}))"

    @property
    def in_words(self) -> str:
        """As a report says it."""
        return f"{self.referrals:,} referrals, {self.offers:,} offers, {self.places:,} places"


def council(number: int) -> str:
    """The council of a referral's number."""
    return f"council:E{10_000_000 + number % COUNCILS}"


def agency(number: int) -> str:
    """An agency by number, counted round."""
    return f"agency:SC{100_000 + number % AGENCIES}"


def referral(number: int) -> UUID:
    """A referral's id."""
    return UUID(f"00000000-0000-4000-9000-{number:012d}")


def placement(number: int) -> UUID:
    """The placement that came of a referral."""
    return UUID(f"00000000-0000-4000-a000-{number:012d}")


def offer(number: int) -> UUID:
    """An offer's id: the first of referral ``n`` is ``n * offers_each``."""
    return UUID(f"00000000-0000-4000-b000-{number:012d}")


def _id(kind: str, number: str) -> str:
    return f"('00000000-0000-4000-{kind}000-' || lpad(({number})::text, 12, '0'))::uuid"


def _council(number: str) -> str:
    return f"'council:E' || (10000000 + ({number}) % {COUNCILS})"


def _agency(number: str) -> str:
    return f"'agency:SC' || (100000 + ({number}) % {AGENCIES})"


def _at(number: str, of: int) -> str:
    """Evenly over the years until an hour ago."""
    return f"(now() - interval '1 hour' - interval '{YEARS} years' * (1 - ({number})::float8 / {max(of, 1)}))"


def _text(value: object) -> str:
    return "'" + json.dumps(value).replace("'", "''") + "'"


@dataclass(frozen=True)
class Fill:
    """One table and the statement that fills it."""

    table: str
    statement: str


def _open(size: England, number: str = "n") -> str:
    return f"{number} >= {size.referrals - OPEN}"


def _referrals(size: England) -> Iterator[Fill]:
    body = NewReferral.model_validate(new_referral(CHILD.format(0)))
    terms = json.loads(TypeAdapter(Terms).dump_json(body.terms()))
    view = broadcast_event(UUID(int=0)).view.model_dump(mode="json")
    numbers = f"generate_series(0, {size.referrals - 1}) AS n"
    state = f"CASE WHEN {_open(size)} THEN 'broadcast' WHEN n % 5 < 3 THEN 'placed' ELSE 'withdrawn' END"
    said = f"CASE WHEN {'false' if size.bare else 'true'} OR {_open(size)} THEN {_text(view)}::jsonb END"
    yield Fill(
        "referrals",
        f"""INSERT INTO referrals (organisation, id, reference, version, state, lot, terms, view, created_at, created_by, broadcast_at,
                closes_at,
                                   in_house_reason, withdrawn_at, withdrawal_reason)
            SELECT {_council("n")}, {_id("9", "n")}, 'R' || n, 4, {state}, 'general', {_text(terms)}::jsonb, {said},
                   {_at("n", size.referrals)}, 'bench', {_at("n", size.referrals)}, {_at("n", size.referrals)} + interval '2 days',
                   'no_carer_with_vacancy',
                   CASE WHEN {state} = 'withdrawn' THEN {_at("n", size.referrals)} + interval '1 day' END,
                   CASE WHEN {state} = 'withdrawn' THEN 'plan_changed' END
            FROM {numbers}""",
    )
    yield Fill(
        "referral_children",
        f"""INSERT INTO referral_children (organisation, referral, child, number, open_demand)
            SELECT {_council("n")}, {_id("9", "n")}, {_id("8", "n")}, 1, {_open(size)} FROM {numbers}""",
    )
    # Of ten placements that ever began, eight have ended; a council looks after the children of the others now.
    placed = f"FROM {numbers} WHERE n % 5 < 3 AND NOT {_open(size)}"
    ended = f"n < {size.referrals - OPEN} * 0.85"
    yield Fill(
        "placements",
        f"""INSERT INTO placements (council, id, provider, version, state, referral, reference, offer, vacancy, household, hold, lot,
                kind, place,
                                    children, ages, tier, pounds_per_week, starts_on, within_20_miles, agreed_at, started_on, ended_on,
                                    planned_ending, ending_reason, recorded_by)
            SELECT {_council("n")}, {_id("a", "n")}, {_agency("n")}, 3,
                   CASE WHEN {ended} THEN 'ended' ELSE 'started' END, {_id("9", "n")}, 'R' || n, {_id("b", f"n * {size.offers_each}")},
                   {_id("c", size.home("n", "0"))}, {_id("d", size.home("n", "0"))}, {_id("e", "n")}, 'general', 'short_term', 'U4',
                   1, ARRAY[11], 1 + n % 3, 700 + n % 300, {_at("n", size.referrals)}::date + 7, 'yes',
                   {_at("n", size.referrals)} + interval '3 days', {_at("n", size.referrals)}::date + 7,
                   CASE WHEN {ended} THEN {_at("n", size.referrals)}::date + 100 END,
                   CASE WHEN {ended} THEN n % 7 <> 0 END, CASE WHEN {ended} THEN 'CARPL' END, 'bench' {placed}""",
    )
    yield Fill(
        "placement_children",
        f"""INSERT INTO placement_children (organisation, placement, child, number)
            SELECT {_council("n")}, {_id("a", "n")}, {_id("8", "n")}, 1 {placed}""",
    )


def _matching(size: England) -> Iterator[Fill]:
    view = broadcast_event(UUID(int=0)).view.model_dump(mode="json") | {"council": "E10000000"}
    numbers, each = f"generate_series(0, {size.referrals - 1}) AS n", size.offers_each
    all_agencies = f"generate_series(0, {AGENCIES - 1}) AS n"
    yield Fill(
        "organisations",
        f"""INSERT INTO organisations (organisation, owner, name, version, rating)
            SELECT {_council("n")}, 'consortium', 'Council ' || n, 1, NULL FROM generate_series(0, {COUNCILS - 1}) AS n UNION ALL
            SELECT {_agency("n")}, 'consortium', 'Agency ' || n, 1, 'good' FROM {all_agencies}""",
    )
    yield Fill(
        "lots",
        """INSERT INTO lots (lot, owner, framework, title, kinds, price_bands, starts_on, ends_on, version)
           VALUES ('general', 'consortium', 'south', 'General', ARRAY['short_term'], '[{"code": "0-17", "from_age": 0, "to_age": 17}]',
                   current_date - 1500, current_date + 1000, 1)""",
    )
    yield Fill(
        "tier_lines",
        f"""INSERT INTO tier_lines (lot, provider, owner, rank, tier, rating)
            SELECT 'general', {_agency("n")}, 'consortium', n + 1, 1 + 3 * n / {AGENCIES}, 'good' FROM {all_agencies}""",
    )
    yield Fill(
        "vacancies",
        f"""INSERT INTO vacancies (provider, vacancy, household, lots, district, free_beds, available_from, from_age, to_age, sexes,
                kinds,
                                   skills, languages, is_open, facts_version, beds_version, changed_in)
            SELECT {_agency("n")}, {_id("c", "n")}, {_id("d", "n")}, ARRAY['general'], 'SO' || (1 + n % 20), n % 3, current_date - n % 60,
                   n % 9, 9 + n % 9, ARRAY['F', 'M'], ARRAY['short_term'], CASE WHEN n % 4 = 0 THEN ARRAY['autism'] ELSE '{{}}' END,
                   ARRAY['en'], true, 1, 1, 1 FROM generate_series(0, {size.places - 1}) AS n""",
    )
    state = f"CASE WHEN {_open(size)} THEN 'open' WHEN n % 5 < 3 THEN 'placed' ELSE 'withdrawn' END"
    moment = _at("n", size.referrals)
    closes = f"CASE WHEN {_open(size)} THEN now() + interval '1 day' + n % 1000 * interval '1 minute' ELSE {moment} + interval '2 days' END"
    kept = f"{_text(view)}::jsonb || jsonb_build_object('referral', {_id('9', 'n')}, 'council', 'E' || (10000000 + n % {COUNCILS}))"
    said = f"CASE WHEN {'false' if size.bare else 'true'} OR {_open(size)} THEN {kept} END"
    yield Fill(
        "referrals",
        f"""INSERT INTO referrals (council, referral, state, view, lot, reference, closes_at, sent_at, broadcast_at, chosen, view_version,
                                   stage_version, aged_on)
            SELECT {_council("n")}, {_id("9", "n")}, {state}, {said}, 'general', 'R' || n,
                   {closes},
                   {moment}, {moment}, CASE WHEN {state} = 'placed' THEN {_id("b", f"n * {each}")} END,
                   4, 4, {moment}::date FROM {numbers}""",
    )
    # What a referral said of the child is no longer kept for its providers once it has closed.
    yield Fill(
        "opportunities",
        f"""INSERT INTO opportunities (council, referral, provider, lot, tier, reference, view, opened_at, closes_at, state, view_version)
            SELECT {_council("n")}, {_id("9", "n")}, {_agency("n + to_one * 17")}, 'general', 1 + to_one % 3, 'R' || n,
                   CASE WHEN {_open(size)} THEN {kept} END, {moment},
                   {closes},
                   CASE WHEN {state} = 'withdrawn' THEN 'withdrawn' ELSE {state} END, 4
            FROM {numbers}, generate_series(0, {size.sent_to - 1}) AS to_one""",
    )
    of, first = f"(m / {each})", f"m % {each} = 0"
    offered = f"CASE WHEN {_open(size, of)} THEN 'made' WHEN {of} % 5 < 3 AND {first} THEN 'confirmed' ELSE 'released' END"
    yield Fill(
        "offers",
        f"""INSERT INTO offers (council, offer, referral, provider, reference, lot, tier, vacancy, household, pounds_per_week,
                available_on,
                                answers, state, reason, side, made_at, changed_at, version)
            SELECT {_council(of)}, {_id("b", "m")}, {_id("9", of)}, {_agency(size.home(of, f"m % {each}"))}, 'R' || {of}, 'general',
                   1 + m % 3, {_id("c", size.home(of, f"m % {each}"))}, {_id("d", size.home(of, f"m % {each}"))}, 700 + m % 300,
                   current_date,
                   '[{{"need": "autism", "met": true, "note": null}}]', {offered},
                   CASE WHEN {offered} = 'released' THEN 'another_offer_chosen' END, CASE WHEN {offered} = 'released' THEN 'council' END,
                   {_at("m", size.offers)}, {_at("m", size.offers)}, 1
            FROM generate_series(0, {size.referrals * each - 1}) AS m""",
    )
    yield Fill(
        "live_offers",
        """INSERT INTO live_offers (council, offer, referral, vacancy)
            SELECT council, offer, referral, vacancy FROM offers WHERE state = 'made'""",
    )
    # Of a household's placements the last goes on; the others' beds were freed.
    yield Fill(
        "beds_held",
        """INSERT INTO beds_held (provider, hold, household, beds, freed, changed_in)
           SELECT provider, offer, household, 1, row_number() OVER (PARTITION BY household ORDER BY made_at DESC) > 1, 1
           FROM offers WHERE state = 'confirmed'""",
    )
    yield Fill(
        "notices",
        f"""INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, number)
            SELECT {_agency("n + to_one * 17")}, {_council("n")}, {_id("f", "n")}, 'opportunity.sent', {moment},
                   'E' || (10000000 + n % {COUNCILS}), {_id("9", "n")}, 'R' || n,
                   row_number() OVER (PARTITION BY (n + to_one * 17) % {AGENCIES} ORDER BY n)
            FROM {numbers}, generate_series(0, {max(1, size.sent_to // 4) - 1}) AS to_one""",
    )
    yield Fill(
        "notice_feeds",
        "INSERT INTO notice_feeds (organisation, numbered) SELECT organisation, max(number) FROM notices GROUP BY organisation",
    )


def _providers(size: England) -> Iterator[Fill]:
    numbers = f"generate_series(0, {size.places - 1}) AS n"
    facts = {"district": "SO14", "from_age": 0, "to_age": 17, "sexes": ["F", "M"], "kinds": ["short_term"], "languages": ["en"]}
    facts |= {"siblings_welcome": False, "children_at_home": 0} | dict.fromkeys(
        ("skills", "risks_to_child", "risks_to_others", "religions"), ()
    )
    yield Fill(
        "councils",
        f"""INSERT INTO councils (ons_code, name, joined_on, version)
            SELECT 'E' || (10000000 + n), 'Council ' || n, current_date - 2000, 1 FROM generate_series(0, {COUNCILS - 1}) AS n""",
    )
    yield Fill(
        "agencies",
        f"""INSERT INTO agencies (urn, name, sector, rating, inspected_on, version)
            SELECT 'SC' || (100000 + n), 'Agency ' || n, '{Sector.PRIVATE}', 'good', current_date, 1
            FROM generate_series(0, {AGENCIES - 1}) AS n""",
    )
    yield Fill(
        "households",
        f"""INSERT INTO households (id, organisation, reference, postcode, district, from_age, to_age, sexes, places, kinds, skills,
                risks_to_child,
                                    risks_to_others, languages, religions, siblings_welcome, children_at_home, approved_on,
                                    recorded_at, version)
            SELECT {_id("d", "n")}, {_agency("n")}, 'H' || n, 'SO14 7LY', 'SO14', 0, 17, ARRAY['F', 'M'], 2, ARRAY['short_term'],
            '{{}}', '{{}}',
                   '{{}}', ARRAY['en'], '{{}}', false, 0, current_date - 900, {_at("n", size.places)}, 1 FROM {numbers}""",
    )
    yield Fill(
        "vacancies",
        f"""INSERT INTO vacancies (id, provider, reference, household, household_reference, lots, asked_beds, free_beds,
                available_from, status,
                                   household_facts, opened_at, changed_at, version)
            SELECT {_id("c", "n")}, {_agency("n")}, 'V' || n, {_id("d", "n")}, 'H' || n, ARRAY['general'], 1, n % 3, current_date,
                   CASE WHEN n / {AGENCIES} % 4 = 0 THEN 'open' ELSE 'closed' END, {_text(facts)}::jsonb, {_at("n", size.places)},
                   {_at("n", size.places)}, 1
            FROM {numbers}""",
    )


FILLS: dict[str, Callable[[England], Iterator[Fill]]] = {"referrals": _referrals, "matching": _matching, "providers": _providers}
"""Service → what fills its tables, in order."""


async def fill(administrator: asyncpg.Connection, service: str, size: England, begins: Callable[[str], None] = lambda _: None) -> None:
    """Fill one service's empty tables and bring their statistics up to date; ``administrator`` is not bound by row security.

    Indexes that are not constraints are made after the rows, as a bulk load does: a third of the time.
    """
    tables = [each.table for each in FILLS[service](size)]
    indexes = await administrator.fetch(
        """SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
           WHERE i.indrelid = ANY($1::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)""",
        tables,
    )
    await administrator.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'; SET synchronous_commit = off")
    for index in indexes:
        await administrator.execute(f'DROP INDEX "{index["name"]}"')
    for each in FILLS[service](size):
        begins(f"{service}: {each.table}")
        await administrator.execute(each.statement)
    begins(f"{service}: {len(indexes)} indexes, statistics")
    for index in indexes:
        await administrator.execute(index["definition"])
    await administrator.execute("VACUUM ANALYZE")
    await administrator.execute("CHECKPOINT")  # what filling left to be written is not written while pages are asked for


def moment_of(number: int, size: England) -> str:
    """About when the referral of that number was made, as a cursor says it."""
    return (clock.now() - timedelta(days=365.25 * YEARS) * (1 - number / size.referrals)).isoformat()
