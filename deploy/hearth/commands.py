"""The ``hearth`` command line.

What one command alone needs is imported where it begins: all of it takes a second, and ``hearth token`` is called from scripts.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from cryptography.fernet import Fernet

from hearth import archive, arrangement, figures, ledger
from hearth.arrangement import ALSO_RUNS, DEFAULT_PORT_BASE, SERVICES
from hearth.arrangement import ROLES as ROLES_OF_A_SERVICE
from hearth.backup import asking as backup
from hearth.data_folder import DEFAULT, DataFolder, shown
from hearth.issuer import PUBLISHED_BEFORE, Keys
from hearth.processes import ending_cleanly, watch
from hearth.simulate import asking as simulation
from hearth.to_mend import ToMendError
from hearth.tokens import TokenRefusedError, signed_in
from shared import clock, failures
from shared.organisation import ROLES, Organisation
from shared.transport import PublishFailed

if TYPE_CHECKING:
    from hearth.load.rows import Folder

EXAMPLE = Path("deploy/example")
WRONG_USE = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks; ends with 0 when done, 1 when something went wrong, 2 when the command was misused."""
    options = _parser().parse_args(arguments)
    try:
        with ending_cleanly():
            sys.exit(options.do(options))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(0 if options.command == "up" else 130)
    except ToMendError as error:
        print(f"hearth: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if not (isinstance(error, PublishFailed) or failures.is_outage(error)):
            raise
        print(f"hearth: what this needs does not answer ({failures.described(error)}). hearth doctor says which it is.", file=sys.stderr)
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hearth", description="Hearth on one machine: start it, load it, sign in to it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, help: str, do: object) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help, description=help)
        one.set_defaults(do=do)
        one.add_argument("--data", type=Path, default=_usual_data(), help=f"folder of the data (default {DEFAULT})")
        return one

    demo = command("demo", "Start everything in a temporary folder, load the example, play the main journey and check it.", _demo)
    up = command("up", "Start everything on a data folder, new or used before, until Ctrl-C.", _up)
    for one in (demo, up):
        one.add_argument("--port-base", type=_port, default=DEFAULT_PORT_BASE, help="the issuer's port; the services take the next four")
    demo.add_argument("--once", action="store_true", help="stop when the story is told, leaving nothing running")
    demo.add_argument("--folder", type=Path, default=EXAMPLE, help=f"the consortium to load (default {EXAMPLE})")

    load = command("load", "Load a consortium from a folder of CSV files through the public API, or name every bad row.", _load)
    load.add_argument("folder", type=Path)
    load.add_argument("--check", action="store_true", help="only check the files; nothing needs to run")

    simulation.declare(command("simulate", simulation.HELP, None))

    token = command("token", "Print an access token of the local issuer.", _token)
    token.add_argument("--as", dest="organisation", required=True, metavar="WHO", help="council:E06000045, agency:SC900001 or consortium")
    token.add_argument("--role", action="append", default=[], help="only this role; may be given several times")
    token.add_argument("--person", default="", metavar="NAME", help="as whom of the organisation, where two people are needed")

    for role in (*ROLES_OF_A_SERVICE, "migrate"):
        one = command(
            role, f"Run one service's {role} here, with the settings of the environment, as `python -m SERVICE {role}` does.", _one
        )
        one.add_argument("service", choices=SERVICES)
    for service, also in ALSO_RUNS.items():
        for role in also:
            words = f"Run {service}'s {role} here, with the settings of the environment, as `python -m {service} {role}` does."
            command(role, words, _one).add_argument("service", choices=(service,))

    keys = command("vault-keys", "Print new encryption keys, one for each council named: the file that VAULT_KEYS_FILE names.", _vault_keys)
    keys.add_argument("councils", nargs="+", metavar="ONS_CODE")

    command("webhook-key", "Print a new key for WEBHOOK_KEYS_FILE, under which matching keeps webhooks' signing secrets.", _webhook_key)

    command("new-signing-key", "Let the local issuer sign tokens with a new key, beside a Hearth that runs or not.", _new_signing_key)

    letters = command("dead-letters", "Events that a service could not work on: see them, and give them back to it.", _dead_letters)
    letters.add_argument("action", choices=("list", "show", "replay", "discard"))
    letters.add_argument("--reason", default="", metavar="WORDS", help="with discard: why these are thrown away for good")
    letters.add_argument(
        "which",
        nargs="*",
        metavar="[SERVICE] [ID ...]",
        help="a service (all four when left out) and ids of events (all of its when left out)",
    )

    sent = command("outbox", "Send again what services said, where the broker has lost it; harmless where it has not.", _outbox)
    sent.add_argument("action", choices=("replay",))
    sent.add_argument("service", nargs="?", choices=SERVICES, help="only this one's (all four's when left out)")
    sent.add_argument("--since", required=True, metavar="WHEN", help="from when on: 2026-11-30T01:30, by the clock in London")

    doctor = command(
        "doctor", "Say what is wrong with what runs, in words, and what to do about it; ends with 1 when something is.", _doctor
    )
    doctor.add_argument("--json", action="store_true", help="for programs: well or not, and each finding with where, what, do and page")

    command("disclosure-table", "Print what is told to whom, and when, as an HTML page to be signed.", _disclosure_table)

    whole = command("archive", "Take all that Hearth keeps of a council out in one zip, or load it where nothing is yet.", _archive)
    whole.add_argument("action", choices=("take", "load"))
    whole.add_argument("file", type=Path, metavar="FILE.zip")
    whole.add_argument("--council", required=True, metavar="ONS_CODE")
    whole.add_argument("--only", action="append", default=[], choices=archive.SERVICES, help="when loading: only this service")

    backup.declare(command("backup", backup.HELP, None))

    chain = command("ledger", "Follow each council's disclosure ledger, line by line, and name the first that is not as written.", _ledger)
    chain.add_argument("action", choices=("verify",))
    chain.add_argument("--council", action="append", default=[], metavar="ONS_CODE", help="only this one; may be given several times")
    chain.add_argument("--kept", metavar="LINE:HASH", help="what an earlier check of the one council printed and you kept elsewhere")

    counted = command("figures", "Build all figures again from the log of events and say what differs; or take the facts as CSV.", _figures)
    counted.add_argument("action", choices=("rebuild", "export"))
    counted.add_argument("into", nargs="?", type=Path, metavar="DIR", help="when exporting: the folder for the files")
    counted.add_argument("--write", action="store_true", help="when rebuilding: write what differs as the log leaves it")
    counted.add_argument("--as", dest="organisation", default="consortium", metavar="WHO", help="when exporting: whose facts")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65500:
        raise argparse.ArgumentTypeError("must be a number from 1024 to 65500")
    return int(text)


def _usual_data() -> Path:
    return Path(os.environ.get("HEARTH_DATA", DEFAULT))


def _up(options: argparse.Namespace) -> int:
    from hearth.launch import everything

    folder = DataFolder.at(options.data)
    with everything(folder, options.port_base) as up:
        print(f"\nHearth is up, {up.seconds:.1f} s after the start. Its data and logs are in {shown(folder.path)}.\n")
        for name, address in up.running.addresses.items():
            print(f"  {name:<11} {address}{'/docs' if name in SERVICES else '/.well-known/openid-configuration'}")
        print(f"  {'the pages':<11} {up.running.addresses['monitoring']}/pages")
        where = "" if folder.path == _usual_data().resolve() else f" --data {shown(folder.path)}"
        print(f"\nNext:\n  .venv/bin/hearth load{where} deploy/example\n  .venv/bin/hearth token{where} --as consortium\n")
        print("Ctrl-C stops it.")
        watch(up.processes)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from hearth.demo import play

    if not options.folder.is_dir():
        print(f"hearth: there is no folder {options.folder}", file=sys.stderr)
        return WRONG_USE
    folder = DataFolder.at(Path(tempfile.mkdtemp(prefix="hearth-demo-")))
    try:
        return play(folder, options.port_base, options.folder, once=options.once)
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)


def _load(options: argparse.Namespace) -> int:
    from hearth.load import run as loading

    if not options.folder.is_dir():
        print(f"hearth: there is no folder {options.folder}", file=sys.stderr)
        return WRONG_USE
    read = loading.read(options.folder)
    for line in loading.in_words(read):
        print(f"  {line}")
    if read.faults:
        for fault in read.faults:
            print(fault, file=sys.stderr)
        print(f"Nothing was loaded: {len(read.faults)} to mend, listed above by file and line.", file=sys.stderr)
        return 1
    if options.check:
        print("Every row is in order.")
        return 0
    folder = DataFolder(options.data.resolve())
    return asyncio.run(_send(read, folder))


async def _send(read: Folder, folder: DataFolder) -> int:
    from hearth.load import run as loading

    running = folder.running()
    async with httpx.AsyncClient(timeout=30) as http:
        outcome = await loading.send(read, http, signed_in(http, folder, running), running.addresses)
    for note in outcome.notes:
        print(note)
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    if not outcome.finished:
        print("The load stopped there. Mend the rows above and load again: what is loaded already stays as it is.", file=sys.stderr)
        return 1
    print("Loaded.")
    return 0


def _token(options: argparse.Namespace) -> int:
    try:
        organisation = Organisation.parse(options.organisation)
    except ValueError:
        print(
            "hearth: --as takes council:<ONS code> (council:E06000045), agency:<Ofsted URN> (agency:SC900001) or consortium",
            file=sys.stderr,
        )
        return WRONG_USE
    held = sorted(ROLES[organisation.kind])
    if not set(options.role) <= set(held):
        print(f"hearth: the roles of a {organisation.kind} are {', '.join(held)}", file=sys.stderr)
        return WRONG_USE
    return asyncio.run(_print_token(organisation, options.role, options.person, DataFolder(options.data.resolve())))


async def _print_token(organisation: Organisation, roles: list[str], person: str, folder: DataFolder) -> int:
    running = folder.running()
    async with httpx.AsyncClient(timeout=10) as http:
        try:
            print(await signed_in(http, folder, running).of(str(organisation), " ".join(roles), person))
        except TokenRefusedError as refused:
            print(f"hearth: {refused}", file=sys.stderr)
            return 1
        except httpx.HTTPError:
            print(f"hearth: the issuer at {running.issuer} does not answer. Start it with: make up", file=sys.stderr)
            return 1
    return 0


def _one(options: argparse.Namespace) -> int:
    # The process becomes the service: signals and the exit code are its own.
    os.execv(sys.executable, [sys.executable, *arrangement.command(options.service, options.command)])  # noqa: S606


def _vault_keys(options: argparse.Namespace) -> int:
    try:
        councils = [Organisation.council(code).code for code in options.councils]
    except ValueError:
        print("hearth: name councils by their ONS codes, such as E06000045", file=sys.stderr)
        return WRONG_USE
    made = f"{clock.now():%Y-%m-%dT%H%M%S}"  # the day is for people; two keys of one id would be one that opens nothing
    names = {council: f"{made}-{secrets.token_hex(2)}" for council in councils}
    keys = {council: [{"id": name, "key": base64.b64encode(secrets.token_bytes(32)).decode()}] for council, name in names.items()}
    print(json.dumps(keys, indent=1))
    return 0


def _webhook_key(options: argparse.Namespace) -> int:
    print(Fernet.generate_key().decode())
    return 0


def _new_signing_key(options: argparse.Namespace) -> int:
    Keys.kept_in(DataFolder(options.data.resolve()).issuer_keys).rotate()
    print(f"  A new key is in the key set now and signs in {PUBLISHED_BEFORE.seconds} seconds;")
    print("  the one before stays in the set while its tokens are good.")
    return 0


def _dead_letters(options: argparse.Namespace) -> int:
    from hearth import dead_letters

    services, ids = dead_letters.read(options.which)
    if options.action == "show" and not ids:
        print("hearth: name the events to show by their ids; hearth dead-letters list gives them", file=sys.stderr)
        return WRONG_USE
    if options.action == "discard" and not (len(services) == 1 and ids and options.reason.strip()):
        print("hearth: name one service, the events to throw away for good by their ids, and --reason why", file=sys.stderr)
        return WRONG_USE
    return asyncio.run(dead_letters.do(options.action, services, ids, DataFolder(options.data.resolve()), reason=options.reason.strip()))


def _outbox(options: argparse.Namespace) -> int:
    from hearth import outbox

    try:
        since = outbox.moment(options.since)
    except ValueError:
        print("hearth: --since takes a moment such as 2026-11-30T01:30", file=sys.stderr)
        return WRONG_USE
    return asyncio.run(outbox.replay((options.service,) if options.service else SERVICES, since, DataFolder(options.data.resolve())))


def _disclosure_table(options: argparse.Namespace) -> int:
    from hearth import disclosure_table

    print(disclosure_table.page(), end="")
    return 0


def _archive(options: argparse.Namespace) -> int:
    try:
        council = Organisation.council(options.council).code
    except ValueError:
        print("hearth: --council takes an ONS code such as E06000045", file=sys.stderr)
        return WRONG_USE
    if options.action == "take" and options.file.exists():
        print(f"hearth: {options.file} is there already, and is not written over", file=sys.stderr)
        return WRONG_USE
    if options.action == "load" and not options.file.is_file():
        print(f"hearth: there is no file {options.file}", file=sys.stderr)
        return WRONG_USE
    folder = DataFolder(options.data.resolve())
    try:
        if options.action == "take":
            return asyncio.run(archive.take(council, options.file, folder))
        return asyncio.run(archive.load(council, options.file, folder, tuple(options.only)))
    except (archive.RefusedError, TokenRefusedError) as refused:
        print(f"hearth: {refused}", file=sys.stderr)
    except httpx.HTTPError:
        print("hearth: a service or the issuer does not answer. Look at `make up`, and try again.", file=sys.stderr)
    return 1


def _doctor(options: argparse.Namespace) -> int:
    from hearth.doctor.telling import examine

    return asyncio.run(examine(DataFolder(options.data.resolve()), as_json=options.json))


def _ledger(options: argparse.Namespace) -> int:
    try:
        councils = [Organisation.council(code).code for code in options.council]
        kept = ledger.position(options.kept) if options.kept else None
    except ValueError:
        print("hearth: --council takes an ONS code such as E06000045; --kept what an earlier check printed", file=sys.stderr)
        return WRONG_USE
    if kept and len(councils) != 1:
        print("hearth: --kept is of one ledger: name its council with --council", file=sys.stderr)
        return WRONG_USE
    try:
        return asyncio.run(ledger.verify(councils, kept, DataFolder(options.data.resolve())))
    except TokenRefusedError as refused:
        print(f"hearth: {refused}", file=sys.stderr)
    except httpx.HTTPError:
        print("hearth: referrals, providers or the issuer does not answer. Look at `make up`, and check again.", file=sys.stderr)
    return 1


def _figures(options: argparse.Namespace) -> int:
    try:
        organisation = Organisation.parse(options.organisation)
    except ValueError:
        print("hearth: --as takes council:E06000045, agency:SC900001 or consortium", file=sys.stderr)
        return WRONG_USE
    if (options.action == "export") != (options.into is not None):
        print("hearth: figures export takes a folder, figures rebuild none", file=sys.stderr)
        return WRONG_USE
    folder = DataFolder(options.data.resolve())
    try:
        if options.action == "rebuild":
            return asyncio.run(figures.rebuild(folder, write=options.write))
        options.into.mkdir(parents=True, exist_ok=True)
        return asyncio.run(figures.export(organisation, options.into, folder))
    except TokenRefusedError as refused:
        print(f"hearth: {refused}", file=sys.stderr)
    except httpx.HTTPError:
        print("hearth: monitoring or the issuer does not answer. Look at `make up`, and try again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
