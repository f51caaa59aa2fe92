"""The compose file fits its schema, itself and the settings."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def test_it_fits_the_compose_specification() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    run = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", FILE], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_has_each_part_of_the_desk(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {
        "postgres", "redis", "prepare", "web", "fetch-worker", "text-worker", "place-worker", "house-worker",
        "beat",
    }  # fmt: skip


def test_every_dependency_and_volume_is_defined(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"], f"{name} mounts {volume}"


def test_images_are_pinned_and_long_runners_are_watched(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        tag = service["image"].partition(":")[2]
        assert tag, f"{name} has no tag"
        assert tag != "latest" or service["image"].startswith("newsdesk:")
        if name != "prepare":
            assert "healthcheck" in service, f"{name} has no health check"


def test_our_containers_have_no_more_rights_than_they_need(compose: dict[str, Any]) -> None:
    for name in ("prepare", "web", "fetch-worker", "text-worker", "place-worker", "house-worker", "beat"):
        service = compose["services"][name]
        assert service["user"].split(":")[0] not in {"", "0", "root"}
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_every_variable_is_a_setting(compose: dict[str, Any]) -> None:
    known = set(re.findall(r'"((?:NEWSDESK|DATABASE|REDIS|EMAIL)_[A-Z_]+)"', _sources()))
    for name in compose["services"]["web"]["environment"]:
        assert name in known or name == "REMAP_SIGTERM", f"{name} is no setting"


def test_the_health_check_is_let_in_whatever_the_desk_is_called(compose: dict[str, Any]) -> None:
    web = compose["services"]["web"]
    asks_as = re.search(r"'Host': '(\w+)'", web["healthcheck"]["test"][-1])
    assert asks_as is not None
    # What stands outside of ${...} is there even when the operator names other hosts.
    fixed = re.sub(r"\$\{[^}]*\}", "", web["environment"]["NEWSDESK_ALLOWED_HOSTS"]).split(",")
    assert asks_as[1] in fixed


def test_workers_give_work_back_when_they_are_stopped(compose: dict[str, Any]) -> None:
    for name in ("fetch-worker", "text-worker", "place-worker", "house-worker"):
        assert compose["services"][name]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_the_sample_world_is_absent(compose: dict[str, Any]) -> None:
    assert "SAMPLE" not in FILE.read_text()
    assert compose["services"]["prepare"]["command"] == ["python", "manage.py", "prepare"]


def test_redis_never_drops_a_wakeup(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_each_queue_has_a_worker(compose: dict[str, Any]) -> None:
    text = (ROOT / "newsdesk/celery.py").read_text()
    queues = set(re.findall(r'"queue": "(\w+)"', text))
    served = {
        part.removeprefix("--queues=")
        for service in compose["services"].values()
        for part in service.get("command", [])
        if part.startswith("--queues=")
    }
    assert served == queues


def _sources() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "newsdesk").rglob("*.py"))


def test_each_part_asks_for_signs_of_its_own(compose: dict[str, Any]) -> None:
    for part in ("fetch", "text", "place", "house", "beat"):
        service = compose["services"]["beat" if part == "beat" else f"{part}-worker"]
        assert service["healthcheck"]["test"][-2:] == ["alive", part]


def test_workers_listen_to_nobody_but_their_queue(compose: dict[str, Any]) -> None:
    for part in ("fetch", "text", "place", "house"):
        assert {"--without-gossip", "--without-mingle"} <= set(
            compose["services"][f"{part}-worker"]["command"]
        )
