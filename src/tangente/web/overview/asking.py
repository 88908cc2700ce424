"""The one door to the library: opens a workspace's log, asks it, and keeps the answer. Imported only where that is done."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

import numpy as np
from django.urls import reverse
from django.utils.timezone import now

from tangente.analysis.analyse import analyse_in
from tangente.analysis.inventory import Inventory, read_inventory
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
from tangente.web.overview.scope import named_alike
from tangente.web.overview.state import inventory_of, is_large, state_now, state_of
from tangente.web.people.models import Workspace
from tangente.web.workspace_log import folder_of

MOST_OPEN = 3
"""Logs that stay open in a process: their buckets are mapped, and cost little but addresses."""

MOST_KEPT = 300
"""Filtered answers of a workspace in any language, at most 400 kB each."""

FOREVER = -1.0

_turn = Lock()
"""One question at a time: each takes all processors, and memory."""

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


def ask(
    workspace: Workspace, chosen: Chosen, languages: Sequence[str] = LOCALES, *, patience_s: float = FOREVER
) -> bool:
    """Answer for the log as it is now, unless that was done; the answers of other states go.

    False: others were being answered for longer than the patience.
    """
    if not _turn.acquire(timeout=patience_s):
        return False
    try:
        _answer(workspace, chosen, languages)
    finally:
        _turn.release()
    return True


def _answer(workspace: Workspace, chosen: Chosen, languages: Sequence[str]) -> None:
    snapshot, log = opened(workspace)
    state = state_of(workspace, snapshot)
    given = Answer.objects.filter(workspace=workspace, state=state, filters=chosen.name)
    missing = sorted(set(languages) - set(given.values_list("language", flat=True)))
    if missing:
        last = _last_day(log)
        part = chosen.of_log(log.keeping() if chosen.name and not is_large(workspace) else log, last)
        choices = {} if chosen.key else _choices(part, chosen, last)
        sources = measured(part, Reading(), language("en"))
        for analysis in analyse_in(missing, part, sources, _options(workspace, part, chosen)):
            text = "" if chosen.name else json.dumps(plain(analysis))
            found = {"analysis": text, "choices": choices, "made_at": now()}
            found["page"] = _page(analysis, workspace, chosen, state)
            given.update_or_create(
                workspace=workspace, state=state, filters=chosen.name, language=analysis.language, defaults=found
            )
    _forget(workspace, state)


def rehearse(workspace: Workspace) -> None:
    """Open the log and ask a part of it, so that the library is there and its loops are when somebody waits for them."""
    with _turn:
        snapshot, log = opened(workspace)
        part = replace(log, stored=log.stored[:1])
        sources = measured(part, Reading(), language("en"))
        for analysis in analyse_in(["en"], part, sources, _options(workspace, part, Chosen())):
            _page(analysis, workspace, Chosen(), state_of(workspace, snapshot))


def _forget(workspace: Workspace, state: str) -> None:
    """Other states, unless an import came between; and what was asked for longest ago if too much is kept."""
    if state != state_now(workspace):
        return
    answers = Answer.objects.filter(workspace=workspace)
    answers.exclude(state=state).delete()
    kept = answers.exclude(filters="").order_by("-pk").values_list("pk", flat=True)
    answers.filter(pk__in=list(kept[MOST_KEPT:])).delete()


def _options(workspace: Workspace, log: ContactLog, chosen: Chosen) -> Options:
    """With the inventory; who is limited to some units is told of their touchpoints, and of those that were met there."""
    file = inventory_of(workspace)
    inventory = _inventory(file, file.read_bytes()) if file.exists() else None
    if inventory is None or chosen.units is None:
        return Options(inventory=inventory)
    met = _occurring(log, "touchpoint")
    own = {
        name: entry
        for name, entry in inventory.entries.items()
        if not met.isdisjoint((name, *entry.aliases)) or named_alike([entry.department or ""], chosen.units)
    }
    return Options(inventory=Inventory(own))


@lru_cache(maxsize=MOST_OPEN)
def _inventory(file: Path, _text: bytes) -> Inventory:
    """Read once for each text it holds: a child process reads it."""
    return read_inventory(file)


def _last_day(log: ContactLog) -> date:
    moment: datetime = EPOCH + timedelta(microseconds=span(log)[1])
    return moment.astimezone(ZoneInfo(log.timezone)).date()


def _choices(log: ContactLog, chosen: Chosen, last: date) -> dict[str, object]:
    """Of what occurs: to whom is limited, nothing else is named."""
    occurring = {
        name: log.codes[kind] if chosen.units is None else _occurring(log, kind) for name, kind in KINDS.items()
    }
    named = {name: sorted(filter(None, values)) for name, values in occurring.items()}
    return {"period": list(PERIODS), "last": last.isoformat(), **named}


def _occurring(log: ContactLog, kind: str) -> set[str | None]:
    """The names that rows of the log bear."""
    tables = (table for bucket in log.buckets() for table in (bucket.contacts, bucket.ratings))
    codes = {code for table in tables for code in np.unique(table[kind]).tolist()}
    return {log.codes[kind][code] for code in codes}


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
