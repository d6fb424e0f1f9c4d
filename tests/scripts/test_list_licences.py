"""The page of licences is that of the locks."""

from email.message import Message

import pytest

from scripts import list_licences


def test_the_page_is_current() -> None:
    """`make licences` after `make lock`."""
    before = list_licences.PAGE.read_text(encoding="utf-8")
    assert list_licences.page(before) == before


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"License-Expression": "MIT OR Apache-2.0", "License": "x"}, "MIT OR Apache-2.0"),
        ({"License": "BSD 3-Clause"}, "BSD 3-Clause"),
        ({"License": "Copyright\nall of it", "Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved"}, "stated in its own files only"),
    ],
)  # fmt: skip
def test_a_licence_is_read_from_whatever_states_it(fields: dict[str, str], says: str) -> None:
    package = Message()
    for name, value in fields.items():
        package[name] = value
    assert list_licences.licence(package) == says  # type: ignore[arg-type]
