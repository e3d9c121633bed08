"""Each image's bill of materials names exactly what the image installs, and an audit that could not look calls nothing clean."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import SERVICES
from tests.judges.dependencies import BILLS, FOUND, NOT_KNOWN, judged
from tests.judges.environment import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pins(service: str) -> dict[str, tuple[str, set[str]]]:
    """Name → version and hashes, as the image's own file of pins has them."""
    found: dict[str, tuple[str, set[str]]] = {}
    for line in (ROOT / "requirements" / f"{service}.txt").read_text().splitlines():
        if pin := PIN.match(line):
            name = pin[1]
            found[name] = (pin[2], set())
        if found:
            found[name][1].update(HASH.findall(line))
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_each_images_bill_names_exactly_its_pins_with_their_hashes(service: str) -> None:
    bill: dict[str, Any] = json.loads((BILLS / f"{service}.cdx.json").read_text())
    listed = {
        one["name"]: (one["version"], {each["content"] for reference in one["externalReferences"] for each in reference["hashes"]})
        for one in bill["components"]
        if "purl" in one
    }
    assert listed == pins(service), "run make sbom after make pins"
    assert {one["name"] for one in bill["components"] if "purl" not in one} == {"hearth-shared", f"hearth-{service}"}
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", f"hearth/{service}")


def test_no_bill_says_where_anything_was_fetched() -> None:
    for file in BILLS.glob("*.json"):
        assert set(re.findall(r"\w+://[^\"]*", file.read_text())) <= {"http://cyclonedx.org/schema/bom-1.6.schema.json"}, file.name


def test_every_image_carries_its_bill() -> None:
    assert "COPY deploy/image/bills/${SERVICE}.cdx.json /opt/hearth/bill.cdx.json" in Path(ROOT / "deploy/image/Dockerfile").read_text()


def test_an_audit_that_could_not_look_something_up_calls_it_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    clean, unknown = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}
    faulty = {"name": "c", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    assert judged("x", [clean]) == 0
    assert judged("x", [clean, unknown]) == judged("x", [unknown]) == judged("x", []) == NOT_KNOWN
    assert judged("x", [clean, faulty, unknown]) == FOUND
    said = capsys.readouterr().out
    assert "no source reachable" in said
    assert "c 1 has PYSEC-1; mended in 2" in said
