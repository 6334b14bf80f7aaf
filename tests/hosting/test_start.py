"""A hosted dashboard that is not safe does not start, however it is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bench.server import CHECKOUT
from tests.hosting.asking import HOSTED

STREAMLIT = ("-m", "streamlit", "run", "dashboard.py", "--server.headless=true", "--server.port=0")
UVICORN = ("-m", "uvicorn", "dashboard:app", "--port=0")


def start(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SQS_", "STREAMLIT_"))}
    # Nobody needs to be asked about a welcome that is not given.
    clean["STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE"] = "true"
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", [STREAMLIT, UVICORN], ids=["streamlit", "uvicorn"])
def test_everything_that_is_missing_is_said_and_nothing_starts(command: tuple[str, ...]) -> None:
    done = start(*command, SQS_URL="http://board.example.gov.uk", SQS_COOKIE_SECRET="x" * 40)
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert said[0] == "The dashboard does not start:"
    assert [line.split()[1] for line in said[1:]] == [
        "SQS_URL",
        "SQS_COOKIE_SECRET",
        "SQS_OIDC_METADATA_URL",
        "SQS_OIDC_CLIENT_ID",
        "SQS_OIDC_CLIENT_SECRET",
    ]


def test_an_open_dashboard_does_not_listen_to_others() -> None:
    for argument in ("--server.address=0.0.0.0", "--server.address=::"):
        done = start(*STREAMLIT, argument)
        assert done.returncode == 1
        assert "there is no sign-in: set SQS_URL" in done.stderr
        assert "Traceback" not in done.stderr


def test_streamlits_own_files_flags_and_variables_do_not_weaken_it() -> None:
    """What Streamlit has in force after the program was loaded, over flags that say otherwise."""
    script = (
        "import sys, json\n"
        "from streamlit import config\n"
        "from streamlit.web import bootstrap\n"
        "flags = {'server.enableXsrfProtection': False, 'server.enableCORS': False, 'server.allowedHosts': ['*'],\n"
        "         'server.enableAgentApi': True, 'client.showErrorDetails': 'full', 'server.cookieSecret': 'weak',\n"
        "         'server.trustedUserHeaders': '{\"X-User\": \"email\"}'}\n"
        "bootstrap.load_config_options(flags)\n"
        "import dashboard\n"
        "first = {name: config.get_option(name) for name in [*flags, 'secrets.files']}\n"
        "bootstrap.load_config_options(flags)\n"  # as when a file of options changes
        "again = {name: config.get_option(name) for name in [*flags, 'secrets.files']}\n"
        "print(json.dumps([first, again]))\n"
    )
    done = start("-c", script, **HOSTED)
    assert done.returncode == 0, done.stderr
    for found in json.loads(done.stdout.splitlines()[-1]):
        assert found == {
            "server.enableXsrfProtection": True,
            "server.enableCORS": True,
            "server.allowedHosts": ["board.example.gov.uk"],
            "server.enableAgentApi": False,
            "client.showErrorDetails": "none",
            "server.cookieSecret": HOSTED["SQS_COOKIE_SECRET"],
            "server.trustedUserHeaders": {},
            "secrets.files": [],
        }
