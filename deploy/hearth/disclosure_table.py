"""``hearth disclosure-table``: what is told to whom, and when, as one page that a data-protection officer can read, print and sign."""

from __future__ import annotations

from html import escape

from referrals.domain.disclosure import COUNTED, FINGERPRINT, IN_FORCE_FROM, TABLE, VERSION, Cell, Line, Noun, Reader, Showing, Stage

STAGES = (Stage.BROADCAST, Stage.SHORTLISTED, Stage.SELECTED, Stage.PLACED)
READERS = {
    Reader.OWN_COUNCIL: "The child’s own council",
    Reader.OTHER_COUNCILS: "Other councils",
    Reader.PROVIDER_OF_THE_LOT: "Every provider of the lot",
    Reader.SHORTLISTED_PROVIDER: "Shortlisted provider",
    Reader.SELECTED_PROVIDER: "Selected provider",
    Reader.PROJECT_MANAGER: "Project manager",
}
NOUNS = {
    Noun.CHILD: "The child",
    Noun.REFERRAL: "The referral",
    Noun.NEAR_PLACE: "Places the home should be near",
    Noun.WORDS: "What is said in words, read at the council’s own service and on no bus",
    Noun.OPPORTUNITY: "What stands beside the referral in a provider’s list",
    Noun.PLACEMENT: "The placement, once agreed",
    Noun.AGREEMENT: "The agreement about the placement",
    Noun.PLACEMENT_EVENT: "What happened in the placement",
    Noun.HOUSEHOLD: "A carer household and its vacancy",
    Noun.OFFER: "An offer",
    Noun.NOTICE: "A notice: in a feed, or sent to the address an organisation registered",
    Noun.CHILD_RECORD: "The child’s record, beside what is above",
    Noun.RELATIVE: "A relative in the child’s record",
    Noun.REFERRAL_RECORD: "The council’s own record of the referral, beside what is above",
    Noun.WORDS_READ: "What stands beside the words where they are read",
    Noun.PREVIEW: "The preview, and how few share what is shown",
    Noun.FINDING: "What was found in the words, and who cleared it",
    Noun.WISHES: "The child’s own words",
    Noun.DISCLOSURE: "The ledger of disclosures",
    Noun.ERASURE: "Erasure, retention and legal holds",
    Noun.TIME_IN_CARE: "Time in care and its corrections, as the national return has it",
    Noun.DISTANCE: "How far the homes are that were offered",
    Noun.QUESTION: "A clarification question and its answer",
    Noun.PANEL: "A complex needs panel",
    Noun.DECISION: "The decision as the disclosure ledger and the child’s wishes stand beside it",
    Noun.FACT_OF_A_REFERRAL: "A single referral as a fact behind figures",
    Noun.FACT_OF_AN_OFFER: "A single offer, answer or request for a bed as a fact behind figures",
    Noun.FACT_OF_A_PLACEMENT: "A single placement as a fact behind figures",
    Noun.FACT_OF_A_HOME: "A single vacancy as a fact behind figures",
    Noun.RECORD_BEHIND_A_FIGURE: "A record that a figure opens to",
}
NOTES = {
    Noun.PLACEMENT_EVENT: "Selected provider: what it recorded itself, and of what the council recorded only what the council shares. "
    "Complaints and allegations are not shared unless the council says so.",
    Noun.HOUSEHOLD: "Shortlisted and selected provider: the one whose carers they are. "
    "Own council: the council that the home is offered to. Hearth prints a full postcode to nobody but the provider.",
    Noun.OFFER: "Shortlisted and selected provider: the one who made the offer. Of another’s offer no provider sees anything.",
    Noun.WORDS_READ: "Read by the agencies of the lot from the service that holds them; each reading is a line of the ledger.",
    Noun.QUESTION: "Nobody is told who asked, the council neither. What is not answered is read by its asker and the council alone.",
    Noun.PANEL: "Members of a panel read it in a role of the council’s own; they see the panels they sit on and nothing else of it.",
    Noun.FACT_OF_A_REFERRAL: "No name, no number of a child’s record, no birth date, no postcode is among the facts. "
    "The project manager reads them one by one, to see what is behind a figure; the council reads its own.",
    Noun.FACT_OF_AN_OFFER: "Shortlisted and selected provider: of its own offers.",
    Noun.FACT_OF_A_PLACEMENT: "Selected provider: of its own placements. Some are read by a provider in its figures alone.",
    Noun.FACT_OF_A_HOME: "Shortlisted and selected provider: of its own vacancies.",
    Noun.NOTICE: "Each notice has one reader, the agency or the council it is for; of an offer an agency is told only when it is its own.",
}
LINE_BY_LINE = frozenset({Noun.CHILD, Noun.REFERRAL, Noun.NEAR_PLACE, Noun.WORDS})
"""Where every field has a line of the page to itself; elsewhere those that are seen alike share one."""
MARKS = {Showing.SHOWN: ("s", "●", "shown"), Showing.BLURRED: ("b", "◐", "blurred"), Showing.HIDDEN: ("h", "–", "hidden")}

STYLE = """
@page { size: A4 landscape; margin: 11mm 10mm 12mm }
* { box-sizing: border-box }
body { font: 13px/1.35 system-ui, "Helvetica Neue", Arial, sans-serif; color: #1b1b1b }
body { margin: 24px auto; max-width: 1180px; padding: 0 16px }
h1 { font-size: 24px; margin: 0 0 4px } h2 { font-size: 16px; margin: 22px 0 6px; break-after: avoid }
p { margin: 4px 0; max-width: 95ch } .note { color: #444 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: 1px solid #c9c9c9; padding: 2px 5px; vertical-align: top; text-align: left; overflow-wrap: anywhere }
thead { display: table-header-group } tr { break-inside: avoid }
thead th { background: #f1f1ee; font-weight: 600; font-size: 11px }
td.c, th.c { text-align: center; padding: 2px 0 } td.first { border-left: 2px solid #777 } th.first { border-left: 2px solid #777 }
td.s { background: #dff0e3; color: #0b5a25 } td.b { background: #fdf1cf; color: #6b4a00 } td.h { color: #767676 }
code { font: 11px ui-monospace, Consolas, monospace } td small { color: #444; font-size: 11px }
.legend span { display: inline-block; margin-right: 18px } .legend b { display: inline-block; width: 1.4em; text-align: center }
.sign { break-inside: avoid; margin-top: 26px } .sign td { height: 40px; vertical-align: bottom } .sign th { width: 15% }
@media print { body { font-size: 9.5px; margin: 0; max-width: none; padding: 0 } h1 { font-size: 17px } h2 { font-size: 12px }
  thead th, td small, code { font-size: 8px } td small { display: inline } td.s, td.b, thead th { print-color-adjust: exact } }
"""


def page() -> str:
    """The whole table as one HTML page: four stages for each of six readers, how a field is blurred, version, day, and where to sign."""
    return f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What Hearth tells whom, and when</title>
<style>{STYLE}</style>
</head>
<body>
<h1>What Hearth tells whom, and when</h1>
<p>Version {VERSION}, in force from {IN_FORCE_FROM.day} {IN_FORCE_FROM:%B %Y}. Fingerprint of the table: <code>{FINGERPRINT}</code></p>
<p>Each field of a child, a referral, a placement, a carer household and an offer; at each of four stages; for each kind of reader.
A field that is not in this table is shown to nobody.</p>
<p>The stages: <b>B</b> broadcast to every provider of the lot · <b>S</b> two or three offers are shortlisted ·
<b>C</b> one offer is chosen · <b>P</b> the placement is agreed; the selected provider’s right
to read who the child is ends with the placement.</p>
<p class="legend">{"".join(f"<span><b>{sign}</b> {word}</span>" for _, sign, word in MARKS.values())}</p>
{"".join(_section(noun) for noun in Noun)}
{_signatures()}
</body>
</html>
"""


def _section(noun: Noun) -> str:
    note = f'<p class="note">{escape(NOTES[noun])}</p>' if noun in NOTES else ""
    groups = "".join(f'<th class="c first" colspan="4" scope="colgroup">{escape(words)}</th>' for words in READERS.values())
    stages = "".join(
        f'<th class="c{" first" if stage is STAGES[0] else ""}" scope="col" title="{stage.name.lower()}">{letter}</th>'
        for _ in READERS
        for stage, letter in zip(STAGES, "BSCP", strict=True)
    )
    widths = '<col style="width:24%">' + '<col style="width:2.35%">' * (len(READERS) * len(STAGES)) + "<col>"
    lines = [line for line in TABLE if line.noun is noun]
    rows = "".join(_row(line) for line in lines) if noun in LINE_BY_LINE else "".join(_row(*alike) for alike in _alike(lines))
    return f"""<section>
<h2>{escape(NOUNS[noun])}</h2>{note}
<table>
<colgroup>{widths}</colgroup>
<thead><tr><th rowspan="2">Field</th>{groups}<th rowspan="2">How it is blurred</th></tr><tr>{stages}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</section>
"""


def _alike(lines: list[Line]) -> list[list[Line]]:
    """The lines of a noun by what is seen of them, in the order of the first of each."""
    groups: dict[tuple[Cell, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(tuple(line.cell(stage, reader) for reader in Reader for stage in STAGES), []).append(line)
    return list(groups.values())


def _row(*lines: Line) -> str:
    line = lines[0]
    cells = "".join(_cell(line.cell(stage, reader), first=stage is STAGES[0]) for reader in Reader for stage in STAGES)
    hows = dict.fromkeys(how if how != COUNTED else f"project manager: {COUNTED}" for how in line.blurred.values())
    fields = " · ".join(f"{escape(each.meaning)} <small><code>{each.field}</code></small>" for each in lines)
    return f"<tr><td>{fields}</td>{cells}<td>{escape('; '.join(hows))}</td></tr>\n"


def _cell(cell: Cell, *, first: bool) -> str:
    kind, sign, word = MARKS[cell.showing]
    return f'<td class="c {kind}{" first" if first else ""}" title="{word}" aria-label="{word}">{sign}</td>'


def _signatures() -> str:
    lines = "".join(
        f"<tr><th scope='row'>{who}</th><td>Name</td><td>Signature</td><td>Date</td></tr>"
        for who in ("Data-protection officer", "Caldicott guardian", "For the consortium")
    )
    return f"""<section class="sign">
<h2>Signed</h2>
<p>I have read this table, version {VERSION}, fingerprint <code>{FINGERPRINT}</code>.
I agree that Hearth may show what it says and nothing else.</p>
<table><tbody>{lines}</tbody></table>
</section>"""
