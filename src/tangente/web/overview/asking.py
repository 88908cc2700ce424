"""The one door to the library: opens a workspace's log, asks it, and keeps the answer. Imported only where that is done."""

import json
from collections import OrderedDict
from dataclasses import asdict
from datetime import date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.timezone import now

from tangente.analysis.analyse import analyse_in
from tangente.analysis.inventory import read_inventory
from tangente.analysis.measured import measured
from tangente.analysis.model import Analysis
from tangente.analysis.options import Options
from tangente.analysis.reading import Reading
from tangente.analysis.serial import plain
from tangente.contactlog.extent import span
from tangente.contactlog.log import EPOCH, ContactLog
from tangente.contactlog.snapshot import snapshot_of
from tangente.contactlog.store import open_log
from tangente.method.reporting import SMALLEST_CELL
from tangente.report.page import fragments
from tangente.report.sheet import sheet_of
from tangente.translation import LOCALES, language
from tangente.web.overview.chosen import KINDS, PERIODS, Chosen
from tangente.web.overview.models import Answer
from tangente.web.overview.state import inventory_of, state_of
from tangente.web.people.models import Workspace
from tangente.web.workspace_log import folder_of

MOST_OPEN = 3
"""Logs that stay open in a process: their buckets are mapped, and cost little but addresses."""

MOST_KEPT = 100
"""Filtered answers of a workspace, about 1 MB each."""

_open: OrderedDict[int, tuple[str, ContactLog]] = OrderedDict()
_opening = Lock()


def opened(workspace: Workspace) -> tuple[str, ContactLog]:
    """The log as it is now, with the name of its snapshot; one that was replaced is let go."""
    folder = folder_of(workspace)
    with _opening:
        snapshot, log = _open.pop(workspace.pk, ("", None))
        while log is None or snapshot != snapshot_of(folder):
            snapshot = snapshot_of(folder) or ""
            with open_log(folder) as store:
                log = store.log()
        _open[workspace.pk] = snapshot, log
        while len(_open) > MOST_OPEN:
            _open.popitem(last=False)
        return snapshot, log


def ask(workspace: Workspace, chosen: Chosen) -> None:
    """Answer in every language for the log as it is now, unless that was done; the answers of other states go."""
    snapshot, log = opened(workspace)
    state = state_of(workspace, snapshot)
    given = Answer.objects.filter(workspace=workspace, state=state, filters=chosen.name)
    if given.count() < len(LOCALES):
        last = _last_day(log)
        choices = _choices(log, last)
        for analysis in _analyses(workspace, chosen.of_log(log, last)):
            found = {"analysis": json.dumps(plain(analysis)), "choices": choices, "made_at": now()}
            found["page"] = _page(analysis, workspace, chosen, state)
            given.update_or_create(
                workspace=workspace, state=state, filters=chosen.name, language=analysis.language, defaults=found
            )
    _forget(workspace, state)


def _forget(workspace: Workspace, state: str) -> None:
    """Other states, and what was asked for longest ago if too much is kept."""
    answers = Answer.objects.filter(workspace=workspace)
    answers.exclude(state=state).delete()
    kept = answers.exclude(filters="").order_by("-pk").values_list("pk", flat=True)
    answers.filter(pk__in=list(kept[MOST_KEPT:])).delete()


def _analyses(workspace: Workspace, log: ContactLog) -> list[Analysis]:
    file = inventory_of(workspace)
    options = Options(inventory=read_inventory(file) if file.exists() else None)
    return analyse_in(LOCALES, log, measured(log, Reading(), language("en")), options)


def _last_day(log: ContactLog) -> date:
    moment: datetime = EPOCH + timedelta(microseconds=span(log)[1])
    return moment.astimezone(ZoneInfo(log.timezone)).date()


def _choices(log: ContactLog, last: date) -> dict[str, object]:
    names: dict[str, object] = {name: sorted(filter(None, log.codes[kind])) for name, kind in KINDS.items()}
    return {"period": list(PERIODS), "last": last.isoformat(), **names}


def _page(analysis: Analysis, workspace: Workspace, chosen: Chosen, state: str) -> dict[str, object]:
    sizes = [source.customers for source in (analysis.source.contacts, analysis.source.ratings) if source]
    if not any(sizes):
        return {"is_empty": True}
    if max(sizes) < SMALLEST_CELL:
        return {"is_hidden": True}

    def links(key: str) -> list[tuple[str, str]]:
        kinds = {"csv": "CSV", "xlsx": "XLSX"}
        query = "&".join(filter(None, (chosen.key, f"of={state}")))
        return [
            (label, f"{reverse('overview_table', args=[workspace.slug, key, kind])}?{query}")
            for kind, label in kinds.items()
        ]

    found = fragments(analysis, in_folder=False, links=links)
    words = language(analysis.language)
    return {
        "title": found.title,
        "standfirst": found.standfirst,
        "kicker": found.kicker[1:],  # without the day of a report
        "parts": found.parts,
        "sheets": {key: asdict(sheet_of(table, words)) for key, table in found.tables.items()},
    }
