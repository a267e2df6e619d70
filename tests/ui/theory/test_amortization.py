"""The page on amortized inference: parameters counted, the gap measured."""

from __future__ import annotations

import pytest

from tests.ui.theory.reading import metrics, numbers

PAGE = "theory"
pytestmark = pytest.mark.usefixtures("finished", "tiny_mnist")


def test_amortization_counts_and_measures(open_page, finished):
    page = open_page(section="amortization", images="8")
    found = metrics(page)
    assert found["Parameters: encoder, one each"].endswith("· 32")
    assert numbers(found["Mean amortisation gap (nats)"])[0] >= 0
