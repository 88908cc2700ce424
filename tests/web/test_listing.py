"""A list's choices are links that keep the rest of its address."""

import pytest
from django.http import QueryDict

from tangente.web.listing import Column, Listing

NAME, SCORE, MARK = Column("name", "Name", "name"), Column("score", "Score", "mean"), Column("mark", "Mark")


def listing(query: str = "", total: int = 42) -> Listing:
    return Listing((NAME, SCORE, MARK), QueryDict(query), total, 16)


@pytest.mark.parametrize(
    ("query", "order"),
    [("", "name"), ("sort=score", "mean"), ("sort=-score", "-mean"), ("sort=mark", "name"), ("sort=;drop", "name")],
)
def test_listing_sorts_by_what_the_address_names(query: str, order: str):
    assert listing(query).order == order


def test_head_leads_to_the_other_order_and_keeps_the_filters():
    heads = listing("phase=4&sort=score&page=2").heads
    assert [(head.url, head.sorted) for head in heads] == [
        ("?phase=4&sort=name", "none"),
        ("?phase=4&sort=-score", "ascending"),
        ("", ""),
    ]


@pytest.mark.parametrize(
    ("query", "total", "shown"),
    [
        ("", 42, (1, 16)),
        ("page=3", 42, (33, 42)),
        ("page=99", 42, (33, 42)),
        ("page=0", 42, (1, 16)),
        ("page=x", 42, (1, 16)),
        ("", 0, (0, 0)),
    ],
)
def test_listing_says_which_rows_it_shows(query: str, total: int, shown: tuple[int, int]):
    page = listing(query, total)
    assert (page.first, page.last) == shown


def test_listing_leads_to_the_pages_beside_it():
    page = listing("sort=score&page=2")
    assert (page.before, page.after) == ("?sort=score&page=1", "?sort=score&page=3")
    assert (listing().before, listing("page=3").after) == ("", "")
