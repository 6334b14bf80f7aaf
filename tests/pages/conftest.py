"""Every page through Streamlit's AppTest, from the frame, on a store with the illustrative data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bench.server import fill

OpenApp = Callable[..., AppTest]


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("examples") / "store"
    fill(store)
    return store


@pytest.fixture
def store_folder(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the examples that the test may change; the dashboard is pointed at it."""
    folder = tmp_path / "store"
    shutil.copytree(examples, folder)
    monkeypatch.setenv("SQS_STORE", str(folder))
    st.cache_resource.clear()
    return folder


@pytest.fixture
def open_app(store_folder: Path, checkout: Path) -> OpenApp:
    """`open_app("scores", service="Knowsley")`: a page as a link to it opens it."""
    assert store_folder.is_dir()

    def open_(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(checkout / "pages" / "_frame.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        if page != "overview":
            app.switch_page(f"{page}.py")
        app.run()
        assert not app.exception, app.exception[0].stack_trace
        return app

    return open_


@pytest.fixture
def words() -> Callable[[AppTest], str]:
    """Everything on a page that is text, kind by kind."""

    def words_(app: AppTest) -> str:
        texts = (app.title, app.header, app.markdown, app.caption, app.text)
        boxes = (app.info, app.warning, app.error, app.success)
        out = [str(element.value) for kind in (*texts, *boxes) for element in kind]
        out += [element.proto.body for element in app.get("html")]
        return "\n".join(out)

    return words_
