"""The local issuer gives what Keycloak gives in production, to development machines only."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jwt
import pytest

from hearth.commands import main
from hearth.issuer import DevelopmentOnlyError, Keys, application
from hearth.serving import PortTakenError, issuer_running, require_free
from shared.organisation import Organisation
from tests.running.child import free_port

SOUTHAMPTON = Organisation.council("E06000045")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.kept_in(tmp_path / "issuer.json")


@pytest.fixture
def issuer(keys: Keys) -> httpx.Client:
    with issuer_running(keys, free_port(), development=True) as address, httpx.Client(base_url=address) as client:
        yield client


def ask(issuer: httpx.Client, keys: Keys, **changed: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": str(SOUTHAMPTON), "client_secret": keys.client_secret(SOUTHAMPTON)}
    return issuer.post("/token", data={**form, **changed})


def read(issuer: httpx.Client, token: str) -> dict[str, object]:
    """The claims, checked as a service checks them: by the key set that the discovery document names."""
    discovery = issuer.get("/.well-known/openid-configuration").json()
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
    return dict(jwt.decode(token, key, algorithms=["RS256"], audience="hearth", issuer=discovery["issuer"]))


def test_a_token_names_its_organisation_and_all_its_ordinary_roles(issuer: httpx.Client, keys: Keys) -> None:
    claims = read(issuer, ask(issuer, keys).json()["access_token"])
    assert claims["organisation"] == claims["sub"] == claims["azp"] == "council:E06000045"
    assert claims["roles"] == ["administrator", "evaluator", "fostering_service", "panel_member", "placements_officer", "social_worker"]
    assert {"iss", "aud", "iat", "nbf", "exp", "jti"} <= set(claims)


def test_a_scope_asks_for_less_and_never_for_another_kinds_role(issuer: httpx.Client, keys: Keys) -> None:
    assert read(issuer, ask(issuer, keys, scope="reader").json()["access_token"])["roles"] == ["reader"]
    refused = ask(issuer, keys, scope="project_manager")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_client_may_sign_in_by_http_basic(issuer: httpx.Client, keys: Keys) -> None:
    form = {"grant_type": "client_credentials"}
    for name in ("council:E06000045", "council%3AE06000045"):
        reply = issuer.post("/token", data=form, auth=(name, keys.client_secret(SOUTHAMPTON)))
        assert reply.status_code == 200, reply.text


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "council:E10000014"}, 401, "invalid_client"),
        ({"client_id": "somebody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_another_organisations_secret_or_another_grant_gets_no_token(
    issuer: httpx.Client, keys: Keys, changed: dict[str, str], status: int, error: str
) -> None:
    refused = ask(issuer, keys, **changed)
    assert (refused.status_code, refused.json()["error"]) == (status, error)


def test_the_key_set_holds_no_private_part(issuer: httpx.Client) -> None:
    assert not {"d", "p", "q"} & set(issuer.get("/jwks").json()["keys"][0])


def test_it_does_not_run_without_the_development_flag(keys: Keys) -> None:
    with pytest.raises(DevelopmentOnlyError):
        application(keys, "http://127.0.0.1:1", development=False)


def test_the_keys_are_readable_by_their_owner_alone_and_outlive_a_restart(tmp_path: Path) -> None:
    first = Keys.kept_in(tmp_path / "issuer.json")
    assert (tmp_path / "issuer.json").stat().st_mode & 0o077 == 0
    assert Keys.kept_in(tmp_path / "issuer.json").signing.kid == first.signing.kid
    assert first.client_secret(SOUTHAMPTON) != first.client_secret(Organisation.council("E10000014"))


def test_a_port_that_is_in_use_is_named_before_anything_starts(issuer: httpx.Client) -> None:
    port = issuer.base_url.port
    assert port is not None
    with pytest.raises(PortTakenError, match=str(port)):
        require_free(range(port, port + 1))


@pytest.mark.parametrize(("who", "role"), [("council:Southampton", ""), ("agency:12", ""), ("consortium", "evaluator")])
def test_hearth_token_says_what_an_organisation_or_role_looks_like(who: str, role: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["token", "--as", who, *(["--role", role] if role else [])])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert "council:E06000045" in said.err or "project_manager" in said.err


def test_the_realm_file_gives_the_claims_and_roles_that_the_local_issuer_gives(keys: Keys) -> None:
    from hearth.issuer import ordinary_roles, token

    realm = json.loads(Path("deploy/keycloak/realm.json").read_text())
    shared = [mapper for scope in realm["clientScopes"] for mapper in scope["protocolMappers"]]
    assert [mapper["config"].get("included.custom.audience") for mapper in shared if "audience" in mapper["protocolMapper"]] == ["hearth"]
    assert [mapper["config"]["claim.name"] for mapper in shared if "role" in mapper["protocolMapper"]] == ["roles"]
    held = {user["serviceAccountClientId"]: user["clientRoles"]["hearth"] for user in realm["users"]}
    clients = [client for client in realm["clients"] if client.get("serviceAccountsEnabled")]
    assert len(clients) == len(held) > 11
    for client in clients:
        organisation = Organisation.parse(client["clientId"])
        ours = jwt.decode(token(keys, "http://issuer", organisation, ordinary_roles(organisation)), options={"verify_signature": False})
        (claim,) = client["protocolMappers"]
        assert (claim["config"]["claim.name"], claim["config"]["claim.value"]) == ("organisation", ours["organisation"])
        assert sorted(held[client["clientId"]]) == ours["roles"]
        assert client["defaultClientScopes"] == ["hearth"]
