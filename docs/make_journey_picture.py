"""Draws docs/journey.svg, the one picture of the main journey: ``python docs/make_journey_picture.py > docs/journey.svg``."""

from __future__ import annotations

from xml.sax.saxutils import escape

LANES = (
    ("Council", "#1d70b8"),
    ("Hearth", "#505a5f"),
    ("Agencies (all tiers at once)", "#00703c"),
    ("Consortium", "#54319f"),
)
# (lane, column in boxes from the left, title, line beneath)
STEPS: tuple[tuple[int, float, str, str], ...] = (
    (3, 0.1, "Tender, rank, tier", "sealed bids, every number kept"),
    (2, 1, "Publish vacancies", "households, never an address"),
    (0, 1, "Refer a child", "in-house service asked first"),
    (1, 2, "Broadcast, anonymised", "no name, date, school, street"),
    (2, 3, "Offer or decline", "each essential need: met or not"),
    (1, 4, "Rank with reasons", "suitable, tier, fit, price, miles"),
    (0, 5, "Choose one", "past tier one only with a reason"),
    (1, 6.1, "Take one bed", "exactly one council wins it"),
    (2, 7, "One learns the name", "the others are told why not"),
    (0, 8.45, "Placement starts", "priced by the night"),
    (3, 8.45, "Figures move", "stability, price, savings"),
)
ARROWS = ((0, 1), (1, 3), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (7, 9), (9, 10))
WIDTH, LANE, COLUMN, BOX_WIDTH, BOX_HEIGHT, LEFT, TOP = 1500, 104, 131, 206, 58, 150, 20


def place(step: int) -> tuple[float, float]:
    """The top left corner of a step's box."""
    lane, column, _, _ = STEPS[step]
    return LEFT + column * COLUMN, TOP + lane * LANE + (LANE - BOX_HEIGHT) / 2


def picture() -> str:
    """The whole drawing as SVG, with a title and description for those who do not see it."""
    height = TOP * 2 + LANE * len(LANES)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="t d" font-family="sans-serif">',
        '<title id="t">The main journey of Hearth</title>',
        f'<desc id="d">{escape("; ".join(f"{LANES[lane][0]}: {title} ({words})" for lane, _, title, words in STEPS))}</desc>',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#505a5f"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (name, colour) in enumerate(LANES):
        y = TOP + number * LANE
        parts.append(f'<rect x="8" y="{y + 4}" width="{WIDTH - 16}" height="{LANE - 8}" rx="6" fill="{colour}" fill-opacity="0.07"/>')
        words = name.replace(" (", "\n(").split("\n")
        for row, line in enumerate(words):
            weight = "bold" if row == 0 else "normal"
            parts.append(
                f'<text x="20" y="{y + LANE / 2 + row * 17}" font-size="{15 if row == 0 else 12}" font-weight="{weight}" '
                f'fill="{colour}">{escape(line)}</text>'
            )
    for start, end in ARROWS:
        parts.append(arrow(start, end))
    for number, (lane, _, title, words) in enumerate(STEPS):
        x, y = place(number)
        colour = LANES[lane][1]
        parts += [
            f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="#ffffff" stroke="{colour}" stroke-width="1.5"/>',
            f'<text x="{x + 9}" y="{y + 24}" font-size="13" font-weight="bold" fill="#0b0c0c">{escape(title)}</text>',
            f'<text x="{x + 9}" y="{y + 43}" font-size="11" fill="#505a5f">{escape(words)}</text>',
        ]
    return "\n".join([*parts, "</svg>"])


def arrow(start: int, end: int) -> str:
    """A line from the nearer edge of one box to the other's."""
    (x1, y1), (x2, y2) = place(start), place(end)
    middle = BOX_WIDTH / 2
    if abs(y1 - y2) < 1:
        line = f"M{x1 + BOX_WIDTH} {y1 + BOX_HEIGHT / 2}H{x2 - 2}"
    else:
        down = y2 > y1
        slant = 30 if x1 != x2 else 0
        line = f"M{x1 + middle + slant} {y1 + (BOX_HEIGHT if down else 0)}L{x2 + middle - slant} {y2 + (-2 if down else BOX_HEIGHT + 2)}"
    return f'<path d="{line}" fill="none" stroke="#505a5f" stroke-width="1.4" marker-end="url(#a)"/>'


if __name__ == "__main__":
    print(picture())
