"""The fixed company Morgennetz: its touchpoints, tariffs, reasons, and the effects that are true of it."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "Morgennetz"
CURRENCY = "EUR"
NOTHING = -1
"""The code of an empty cell."""


@dataclass(frozen=True, kw_only=True)
class Touchpoint:
    """A row of touchpoints.csv; the log names touchpoints by `name_de`, the code by `key`."""

    key: str
    name_de: str
    name_en: str
    phase: str
    department: str
    channel: str
    other_channel: str  # taken by OTHER_CHANNEL_SHARE of the contacts; "": none
    mediation: str
    spoken_by: str
    unit_cost: float  # € per contact, the mean
    direction: str
    role: str
    hours: str  # a key of rhythm.HOURS
    duration_s: float | None  # median handling time
    source: str
    satisfaction: float | None  # mean of the answers, 1 to 5; None: never asked
    asked_share: float  # of its contacts that are followed by a question
    aliases: str


OTHER_CHANNEL_SHARE = 0.35


@dataclass(frozen=True, kw_only=True)
class Tariff:
    name: str
    share: float
    month_eur: float
    is_wired: bool  # needs a technician


TARIFFS = (
    Tariff(name="Glasfaser Privat", share=0.34, month_eur=44.95, is_wired=True),
    Tariff(name="DSL Privat", share=0.30, month_eur=34.95, is_wired=True),
    Tariff(name="Mobilfunk Privat", share=0.24, month_eur=14.95, is_wired=False),
    Tariff(name="Geschäftskunden", share=0.12, month_eur=89.90, is_wired=True),
)
CONTRACT_MONTHS = 24


def contract_cents() -> NDArray[np.int64]:
    """What a contract of each tariff is worth."""
    return np.array([round(tariff.month_eur * CONTRACT_MONTHS * 100) for tariff in TARIFFS], np.int64)


OUTCOMES = ("resolved", "open", "abandoned", "purchase", "repurchase", "referral", "exit")


@dataclass(frozen=True, kw_only=True)
class Helpdesk:
    """Where a customer's question is answered. `repeat_share`: so many come back for the same reason within 7 days."""

    key: str  # the touchpoint of the person who answers
    menu: str  # what the customer chooses in the hotline's menu: the reason the queue knows
    reasons: tuple[str, ...]  # what the person who answers learns
    shares: tuple[float, ...]
    repeat_share: float
    chat_repeat_share: float


FAULT = Helpdesk(
    key="fault_report",
    menu="Störung",
    reasons=("Internet langsam", "Kein Internet", "WLAN-Probleme", "Telefon gestört"),
    shares=(0.36, 0.31, 0.22, 0.11),
    repeat_share=0.42,
    chat_repeat_share=0.30,
)
BILL = Helpdesk(
    key="billing_help",
    menu="Rechnung",
    reasons=("Betrag unklar", "Anteilige Beträge", "Gutschrift fehlt"),
    shares=(0.48, 0.31, 0.21),
    repeat_share=0.33,
    chat_repeat_share=0.22,
)
ORDER = Helpdesk(
    key="order_status",
    menu="Auftrag",
    reasons=("Schalttermin", "Rufnummernmitnahme", "Router fehlt"),
    shares=(0.61, 0.22, 0.17),
    repeat_share=0.45,
    chat_repeat_share=0.28,
)
CONTRACT = Helpdesk(
    key="contract_help",
    menu="Vertrag",
    reasons=("Tarif wechseln", "Adresse ändern", "Laufzeit und Kündigung"),
    shares=(0.42, 0.35, 0.23),
    repeat_share=0.22,
    chat_repeat_share=0.15,
)
HELPDESKS = (FAULT, BILL, ORDER, CONTRACT)
GIVE_UP_SHARE = 0.10
"""Of the callers who do not come back: hung up in the queue, for good."""

REASONS = (
    *(desk.menu for desk in HELPDESKS),
    *(reason for desk in HELPDESKS for reason in desk.reasons),
    "Tarifberatung",
    "Neuer Anschluss",
    "Erstanschluss",
    "Entstörung",
    "Umzug",
    "Beschwerde",
    "Vertragsverlängerung",
    "Preisanpassung",
    "Kündigung",
    "Empfehlung",
)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A touchpoint that causes an outcome. kind: odds_ratio, or hazard_ratio for `days` after the contact."""

    outcome: str
    key: str
    kind: str
    value: float
    days: float | None = None


EFFECTS = (
    Effect(outcome="purchase", key="shop_advice", kind="odds_ratio", value=1.5),
    Effect(outcome="purchase", key="review_portal", kind="odds_ratio", value=0.7),
    Effect(outcome="repurchase", key="loyalty_call", kind="odds_ratio", value=1.5),
    Effect(outcome="repurchase", key="price_letter", kind="odds_ratio", value=0.7),
    Effect(outcome="referral", key="welcome_call", kind="odds_ratio", value=1.6),
    Effect(outcome="referral", key="reschedule", kind="odds_ratio", value=0.6),
    Effect(outcome="exit", key="appointment_cancelled", kind="hazard_ratio", value=2.3, days=90),
    Effect(outcome="exit", key="service_check", kind="hazard_ratio", value=0.6, days=180),
)
WITHOUT_EFFECT = {
    "purchase": ("advice_chat", "tariff_overview", "availability_check", "banner"),
    "repurchase": ("newsletter", "customer_account"),
    "referral": ("router_delivery", "service_chat"),
    "exit": ("newsletter", "invoice"),
}
"""Some of the touchpoints that do nothing to an outcome, whatever their contacts look like; none but EFFECTS does."""

PURCHASE_SHARE = 0.36  # of prospects who met no touchpoint with an effect
REPURCHASE_SHARE = 0.48
REFERRAL_SHARE = 0.14
EXITS_A_YEAR = 0.15

DRIVERS = {
    "technician_visit": 0.36,
    "hotline_queue": 0.32,
    "fault_report": 0.24,
    "invoice": 0.20,
    "customer_account": 0.15,
    "billing_help": 0.10,
    "contract_help": 0.08,
    "service_chat": 0.06,
    "outage_map": 0.0,
    "newsletter": 0.0,
    "service_check": 0.0,
    "router_delivery": 0.0,
}
"""The answer sheet's touchpoints with their weight in the overall judgement; 0: no part in it."""
OWN_MIND = 0.50
"""Weight of what is in the overall judgement beside the sheet's touchpoints."""

RECOMMENDED_SHARE = 0.22
SATISFACTION = 3.3  # mean answer for the company as a whole, 1 to 5
NPS_CENTRE, NPS_SPREAD = 7.9, 2.5  # of the answers 0 to 10 before they are rounded and cut


@dataclass(frozen=True, kw_only=True)
class Shift:
    """From `first_day` until before `end_day` (days of the simulated time) the mean answer is `points` higher."""

    name: str
    key: str
    points: float
    first_day: int
    end_day: int


INCIDENT = Shift(name="Misslungene Neufassung der App", key="customer_account", points=-0.6, first_day=398, end_day=440)
MEASURE = Shift(name="Ein Anruf genügt", key="fault_report", points=0.25, first_day=517, end_day=730)
SHIFTS = (INCIDENT, MEASURE)


@cache
def touchpoints() -> tuple[Touchpoint, ...]:
    """In the order in which a customer meets them."""
    text = (files(__package__) / "touchpoints.csv").read_text(encoding="utf-8")
    return tuple(_touchpoint(row) for row in csv.DictReader(text.splitlines()))


def _touchpoint(row: dict[str, str]) -> Touchpoint:
    values: dict[str, Any] = dict(row)
    for name in ("unit_cost", "asked_share", "duration_s", "satisfaction"):
        values[name] = float(row[name]) if row[name] else None
    return Touchpoint(**values)


@cache
def codes() -> dict[str, int]:
    """Position of each touchpoint by its key."""
    return {touchpoint.key: code for code, touchpoint in enumerate(touchpoints())}


def code(key: str) -> int:
    return codes()[key]


def reason(name: str) -> int:
    return REASONS.index(name)


def outcome(name: str) -> int:
    return OUTCOMES.index(name)


def column(name: str) -> NDArray[np.float64]:
    """A number of every touchpoint; NaN where it has none."""
    return np.array([getattr(touchpoint, name) for touchpoint in touchpoints()], np.float64)
