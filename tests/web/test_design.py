"""The sample page is there for who develops, and shows every component."""

from typing import Any

import pytest
from django import forms
from django.test import Client

from tangente.web.tags import kind_of, told_by

pytestmark = pytest.mark.django_db


def test_design_is_no_page_where_nobody_develops(client: Client):
    assert client.get("/design/").status_code == 404


def test_design_shows_the_components_where_somebody_does(client: Client, settings: Any):
    settings.DEBUG = True
    page = client.get("/design/?toasts=1").content.decode()
    seen = [
        "ribbon-phase",
        "dw-dot reached",
        "is-stale",
        "progressbar",
        "chip",
        'pattern="delete"',
        "toast--bad",
        "empty",
    ]
    assert [name for name in seen if name not in page] == []


def test_toast_takes_back_by_a_form(client: Client, settings: Any):
    settings.DEBUG = True
    page = client.get("/design/?toasts=1").content.decode()
    assert '<form action="/design/" method="post">' in page
    assert "That was taken back." in client.post("/design/", follow=True).content.decode()


class Fields(forms.Form):
    """One of each kind."""

    name = forms.CharField(help_text="As customers call it.")
    need = forms.CharField(widget=forms.Textarea)
    phase = forms.ChoiceField()
    is_key = forms.BooleanField()
    kind = forms.ChoiceField(widget=forms.RadioSelect)


def test_field_looks_like_its_kind():
    assert [kind_of(field) for field in Fields()] == ["input", "area", "select", "check", "group"]


def test_field_is_told_by_its_hint_and_its_errors():
    assert [told_by(Fields()["name"]), told_by(Fields({})["name"])] == [
        "id_name_hint",
        "id_name_hint id_name_error",
    ]
