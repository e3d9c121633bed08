"""A heat table: how many in each row and column, the more the darker, each number written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from monitoring.pages.charts.drawing import element, picture, text

WIDTH, ROW, TOP, NAMES = 760.0, 28.0, 30.0, 150.0


def heat(title: str, sentence: str, rows: Sequence[str], columns: Sequence[str], counts: Mapping[tuple[str, str], int]) -> Markup:
    """The chart. A cell without any is left white and says nought."""
    most = max([counts.get((row, column), 0) for row in rows for column in columns], default=0) or 1
    wide = min((WIDTH - NAMES) / max(len(columns), 1), 140.0)
    parts = [text(column, NAMES + wide * (place + 0.5), TOP - 10, anchor="middle") for place, column in enumerate(columns)]
    for number, row in enumerate(rows):
        y = TOP + ROW * number
        parts.append(text(row, NAMES - 10, y + ROW / 2 + 4, anchor="end"))
        for place, column in enumerate(columns):
            many, x = counts.get((row, column), 0), NAMES + wide * place
            dark = many / most > 0.55
            strength = 0.0 if not many else 0.75 + 0.25 * many / most if dark else 0.08 + 0.35 * many / most
            label = element("title", f"{row}, {column}: {many}")
            box = {"x": x + 1, "y": y + 1, "width": wide - 2, "height": ROW - 2}
            parts.append(element("rect", label, **box, class_="chart-part-0", fill_opacity=f"{strength:.2f}"))
            middle = x + wide / 2
            parts.append(
                element(
                    "text", str(many), x=middle, y=y + ROW / 2 + 4, text_anchor="middle", class_="chart-on-part-0" if dark else "chart-text"
                )
            )
    return picture(WIDTH, TOP + ROW * len(rows) + 8, title, sentence, parts)
