import re

from django.test import Client

from tangente.web.overview.models import Answer
from tangente.web.people.models import Workspace

FIND, OVERVIEW = "/w/morgennetz/find/", "/w/morgennetz/"


def test_find_leads_to_a_touchpoint_in_the_table_of_the_overview(reader: Client, workspace: Workspace):
    page = reader.get(OVERVIEW).content.decode()
    found = reader.get(FIND, {"q": "hotl warte"}).context["found"]
    assert [(one.name, one.kind) for one in found] == [("Hotline-Warteschleife", "touchpoint")]
    address, row = found[0].url.split("#")
    assert address == OVERVIEW
    assert re.findall(f'<tr id="{row}"><th scope="row"><bdi>(.*?)</bdi>', page) == ["Hotline-Warteschleife"]


def test_find_knows_no_touchpoint_before_the_log_was_asked(reader: Client, workspace: Workspace):
    Answer.objects.all().delete()
    assert reader.get(FIND, {"q": "hotl warte"}).context["found"] == []
