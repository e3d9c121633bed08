"""What each image is made of, and whether any of it has a known fault: `make sbom` and `make audit`.

``sbom`` writes deploy/image/bills/<service>.cdx.json (CycloneDX), made by the CycloneDX project's own tool from the very file of pins the
image installs from. ``audit`` asks pip-audit about the same files; it ends with 0 when every pin was looked up and none has a known
fault, with 1 when one has, and with 3 when a pin could not be looked up: nothing is known then, and nothing is claimed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from shared.contracts import SERVICES
from tests.judges.environment import ROOT, judge_python

BILLS = ROOT / "deploy" / "image" / "bills"
FOUND, NOT_KNOWN = 1, 3
SECONDS = 120


def bill(service: str) -> dict[str, Any]:
    """The bill of one image: each pin with the hashes pip will hold it to, and what we add ourselves."""
    tool = Path(judge_python("dependencies")).with_name("cyclonedx-py")
    made = subprocess.run(
        [str(tool), "requirements", f"requirements/{service}.txt", "--output-reproducible", "--of", "JSON", "--sv", "1.6"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    whole: dict[str, Any] = json.loads(made.stdout)
    for component in whole["components"]:
        del component["description"]  # the line of the file, hashes and all
        component["bom-ref"] = component["purl"]
        for reference in component["externalReferences"]:
            reference["url"] = component["purl"]  # which registry a build asks is the build's, and no part of what it gets
            del reference["comment"]
    for tools in whole["metadata"]["tools"].values():
        for one in tools:
            one.pop("externalReferences", None)
    whole["dependencies"] = [{"ref": component["bom-ref"]} for component in whole["components"]]
    whole["components"] += [_own(ROOT / "shared"), _own(ROOT / "services" / service)]
    whole["metadata"]["component"] = {
        "type": "container",
        "bom-ref": f"hearth/{service}",
        "name": f"hearth/{service}",
        "version": _version(service),
    }
    return whole


def _own(folder: Path) -> dict[str, Any]:
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return {"type": "library", "bom-ref": project["name"], "name": project["name"], "version": project["version"]}


def _version(service: str) -> str:
    return str(_own(ROOT / "services" / service)["version"])


def as_text(whole: dict[str, Any]) -> str:
    """The same bill as the same bytes."""
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


def write_bills() -> int:
    """Write every image's bill."""
    BILLS.mkdir(exist_ok=True)
    for service in SERVICES:
        whole = bill(service)
        (BILLS / f"{service}.cdx.json").write_text(as_text(whole))
        print(f"{service}: {len(whole['components'])} components")
    return 0


def audit() -> int:
    """Ask about every pin of every image and of the launcher."""
    tool = Path(judge_python("dependencies")).with_name("pip-audit")
    ends = [_audited(str(tool), name) for name in (*SERVICES, "launcher")]
    return FOUND if FOUND in ends else max(ends)


def _audited(tool: str, name: str) -> int:
    command = [tool, "-r", f"requirements/{name}.txt", "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS).stdout
        pins = json.loads(said)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print(f"{name}: no source reachable; nothing is known of its dependencies (this is no clean bill)")
        return NOT_KNOWN
    return judged(name, pins)


def judged(name: str, pins: list[dict[str, Any]]) -> int:
    """What pip-audit says of each pin, in words, and how the command ends. What was not looked up is not called clean."""
    for pin in pins:
        for fault in pin.get("vulns", []):
            print(f"{name}: {pin['name']} {pin['version']} has {fault['id']}; mended in {', '.join(fault['fix_versions']) or 'none'}")
    skipped = [pin["name"] for pin in pins if "skip_reason" in pin]
    if len(skipped) == len(pins):
        print(f"{name}: no source reachable; nothing is known of its {len(pins)} dependencies (this is no clean bill)")
    elif skipped:
        print(f"{name}: {len(skipped)} of {len(pins)} dependencies could not be looked up: {', '.join(skipped)}")
    elif not any(pin.get("vulns") for pin in pins):
        print(f"{name}: {len(pins)} dependencies, none with a known fault")
    return FOUND if any(pin.get("vulns") for pin in pins) else NOT_KNOWN if skipped or not pins else 0


if __name__ == "__main__":
    sys.exit({"sbom": write_bills, "audit": audit}[sys.argv[1]]())
