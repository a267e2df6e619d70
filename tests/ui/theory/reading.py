"""What a person reads on a section's page: metrics, captions, charts and frames."""

from __future__ import annotations

import json
import re


def metrics(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def numbers(text: str) -> list[float]:
    """Those with a decimal point."""
    return [float(each.replace("−", "-")) for each in re.findall(r"[−-]?\d+\.\d+", text)]


def number(text: str) -> float:
    """The first one, before any ±."""
    return float(text.replace("−", "-").replace(",", "").split(" ± ")[0])


def captions(page) -> str:
    return " ".join(caption.value for caption in page.caption)


def charts(page) -> dict[str, dict]:
    """plotly's figures by key."""
    return {chart.key: json.loads(chart.proto.spec) for chart in page.get("plotly_chart")}


def frames(page) -> list[dict]:
    """The data of the figures with frames, in their order."""
    return [json.loads(figure.proto.json) for figure in page.get("bidi_component")]
