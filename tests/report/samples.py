"""Analyses written by hand: a telecom company in full, and the cases in which something is missing."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import sqrt

from tangente.analysis import model
from tangente.analysis.reasons import reason
from tangente.translation import language as translation
from tests.report import sample_outcomes as outcomes
from tests.report.sample_signals import SIGNALS

PHASES = ["INFLUENCED", "PREPURCHASE", "PURCHASE", "LOYALTY", "RECOMMENDING"]
SALES, ORDERS, FIELD, CARE, BILLING, MARKETING = (
    "Vertrieb", "Auftragsmanagement", "Technik vor Ort", "Kundenservice", "Rechnungswesen", "Marketing",
)  # fmt: skip

# id: German and English name, phase, department, unit cost, answers, mean (0-10), SD, importance, repeat share
POINTS: dict[str, tuple[str, str, int, str | None, float | None, int, float, float, float | None, float | None]] = {
    "radio": ("Radiospot", "Radio spot", 0, MARKETING, 0.004, 17, 6.1, 2.0, 0.008, None),
    "search": ("Suchmaschine", "Search engine", 0, MARKETING, 0.31, 388, 7.1, 1.9, 0.024, None),
    "portal": ("Bewertungsportale", "Review portals", 0, None, None, 640, 5.8, 2.2, 0.082, None),
    "shop": ("Online-Shop", "Online shop", 1, SALES, 0.04, 918, 7.2, 1.8, 0.049, 0.12),
    "branch": ("Filialberatung", "Advice in the shop", 1, SALES, 11.5, 133, 8.1, 2.4, 0.080, 0.06),
    "order": ("Bestellung aufgeben", "Placing the order", 2, SALES, 0.9, 702, 7.6, 1.7, 0.039, None),
    "confirm": ("Auftragsbestätigung", "Order confirmation", 2, ORDERS, 0.006, 356, 7.5, 1.8, 0.014, None),
    "ask": ("Hotline: Wo bleibt mein Anschluss?", "Hotline: where is my connection?", 2, ORDERS, 7.8, 204, 5.3, 2.6, 0.062, 0.41),
    "technician": ("Technikertermin vor Ort", "Technician at home", 2, FIELD, 62.0, 186, 6.4, 3.3, 0.150, 0.09),
    "moved": ("Technikertermin verschieben", "Moving the technician's visit", 2, FIELD, 6.2, 64, 5.5, 2.7, 0.031, 0.22),
    "activation": ("Schalttag des Anschlusses", "Day of the activation", 2, FIELD, 5.2, 121, 5.1, 3.1, 0.118, None),
    "welcome": ("Willkommenspaket", "Welcome parcel", 3, MARKETING, 3.4, 96, 7.9, 2.1, 0.015, None),
    "router": ("Hilfe bei der Router-Ersteinrichtung", "Help with the first router set-up", 3, CARE, 6.9, 244, 6.9, 2.2, 0.036, 0.17),
    "fault": ("Hotline: Störung melden", "Hotline: reporting a fault", 3, CARE, 8.4, 1204, 5.6, 2.7, 0.218, 0.269),
    "chat": ("Chat", "Chat", 3, CARE, 2.9, 356, 6.9, 2.0, 0.058, 0.19),
    "bill": ("Rechnung (PDF und Brief)", "Bill (PDF and letter)", 3, BILLING, 0.13, 1180, 6.8, 1.9, 0.110, None),
    "explain": ("Hotline: Rechnung erklären", "Hotline: explaining the bill", 3, BILLING, 5.2, 388, 6.5, 2.1, 0.044, 0.24),
    "account": ("Kundenkonto (App und Web)", "Customer account (app and web)", 3, SALES, 0.02, 918, 7.6, 1.8, 0.041, None),
    "change": ("Vertragsänderung am Telefon", "Changing the contract by phone", 3, CARE, 5.6, 148, 7.4, 2.0, 0.027, 0.08),
    "mailing": ("Mailing", "Mailing", 3, MARKETING, 0.42, 52, 5.2, 2.4, 0.010, None),
    "cancel": ("Kündigung", "Cancellation", 3, CARE, 4.1, 71, 4.6, 2.9, None, 0.11),
    "callback": ("Rückruf nach Kündigung", "Call after the cancellation", 3, CARE, 14.0, 24, 6.0, 2.8, None, None),
    "refer": ("Weiterempfehlungsprämie", "Referral bonus", 4, MARKETING, 21.0, 4, 7.9, 2.0, None, None),
}  # fmt: skip
RANKING = ["fault", "technician", "activation", "bill", "portal", "ask", "explain", "branch", "router", "chat", "moved",
           "change", "shop", "order", "account", "search", "welcome", "confirm", "mailing", "radio", "cancel"]  # fmt: skip
TOP_SHARES = [0.98, 0.94, 0.91, 0.83, 0.61, 0.44, 0.18, 0.06, 0.03, 0.02]

# customers, their path
PATHS: list[tuple[int, str]] = [
    (5204, "search shop order confirm technician activation router bill account"),
    (3391, "search shop order confirm ask technician activation router bill account"),
    (2892, "portal branch order confirm technician moved technician activation bill"),
    (2370, "radio shop order confirm technician activation bill explain account"),
    (1752, "search shop order confirm ask ask technician moved technician activation fault fault router bill explain"),
    (1521, "portal shop order confirm technician moved cancel callback"),
    (1483, "account bill fault fault chat account"),
    (1310, "bill explain explain account"),
    (1126, "mailing account change bill"),
    (973, "account fault chat fault technician account bill"),
    (812, "shop branch order confirm welcome technician activation router"),
    (641, "bill explain change account"),
    (404, "fault chat chat cancel callback"),
    (287, "account refer"),
    (203, "branch order confirm welcome technician activation fault"),
    (61, "portal search portal search shop"),
    (3, "refer refer cancel"),
]
WAITS_DAYS = {"technician": 19.0, "activation": 0.9, "moved": 3.0, "ask": 9.0, "bill": 18.0, "fault": 6.0, "callback": 26.0,
              "confirm": 0.1, "order": 0.02, "router": 1.2, "explain": 2.4, "chat": 0.4, "cancel": 12.0}  # fmt: skip


def full(language: str = "de", **values: object) -> model.Analysis:
    """Contacts, ratings, inventory and costs: everything there is."""
    rated = replace(_telecom(language), drivers=DRIVERS, crosshair=CROSSHAIR, signals=SIGNALS)
    analysis = _with_reasons(outcomes.with_outcomes(rated))
    return replace(analysis, **values)  # type: ignore[arg-type]


def compared(language: str = "de") -> model.Analysis:
    """The same beside an earlier report: two signals, the rest noise, one new and one gone."""
    analysis = full(language)
    named = {point.touchpoint: point for point in analysis.touchpoints}

    def change(key: str, kind: str, difference: float | None, rank_before: int | None) -> model.Change:
        point = named[key]
        after = point.satisfaction
        gone = kind in ("new", "too_few")
        before = (
            None
            if gone or after is None or after.mean is None or difference is None
            else _mean(400, after.mean - difference, 2.4)
        )
        half = None if difference is None else 0.28
        return model.Change(
            touchpoint=key, name=point.name, kind=kind, before=before, after=after, difference=difference,
            low=None if half is None else difference - half, high=None if half is None else difference + half,
            rank_before=rank_before, rank_after=point.priority.rank if point.priority else None,
        )  # fmt: skip

    changes = [
        change("fault", "better", 0.61, 1), change("activation", "worse", -0.48, 4), change("shop", "noise", -0.12, 13),
        change("chat", "noise", 0.2, 9), change("bill", "noise", 0.04, 3), change("refer", "new", None, None),
        change("callback", "too_few", None, 12),
        model.Change(touchpoint="fax", name="Fax", kind="vanished", before=_mean(44, 6.2, 2.0), after=None, difference=None,
                     low=None, high=None, rank_before=17, rank_after=None),
    ]  # fmt: skip
    return replace(analysis, comparison=model.Comparison(created="2026-02-16T06:00:00Z", changes=changes))


def contacts_only(language: str = "de") -> model.Analysis:
    """A log without an answer, an inventory or a cost."""
    analysis = _telecom(language)
    points = [
        replace(point, phase=None, department=None, cost=None, unit_cost=None, satisfaction=None, importance=None,
                quadrant=None, quadrant_share=None, never_used=None)
        for point in analysis.touchpoints
    ]  # fmt: skip
    cost = [replace(row, unit_cost=None, cost=None, cumulative_share=None) for row in analysis.cost]
    analysis = replace(
        analysis, touchpoints=points, cost=cost, handovers=[], unknown_touchpoints=[],
        source=replace(analysis.source, ratings=None), overall=model.Overall(nps=None, satisfaction=None, recommendation=None),
        weights={"volume": 0.5, "repeats": 0.5}, missing_components=["importance", "gap", "cost"],
        unsaid=[
            model.Unsaid(code="no_ratings", sentence=_text(language, "Ohne Urteile gibt es weder Zufriedenheit noch Treiber.", "Without ratings there is neither satisfaction nor a driver.")),
            model.Unsaid(code="no_units", sentence=_text(language, "Kein Kontakt nennt eine Abteilung.", "No contact names a department.")),
        ],
    )  # fmt: skip
    return _with_reasons(analysis)


def single_contacts(language: str = "de") -> model.Analysis:
    """A department at every contact, but nobody who came twice."""
    analysis = contacts_only(language)
    paths = [model.VariantRow(path=["fault"], customers=900, outcome_customers=None)]
    return replace(analysis, flow=[], variants=paths, variants_total=1, weights={"volume": 1.0}, unsaid=[])


def ratings_only(language: str = "de") -> model.Analysis:
    """A survey: nobody knows who came when."""
    analysis = full(language)
    unknown = dict.fromkeys(
        ("contacts", "customers", "reach_share", "cost", "unit_cost", "repeat_share", "repeats", "relevance", "hazard")
    )
    points = [replace(point, **unknown) for point in analysis.touchpoints]
    analysis = replace(
        analysis, touchpoints=points, cost=[], flow=[], variants=[], variants_total=0, variants_rest_customers=0, handovers=[],
        outcome=None, attribution={}, funnel=[], hazard=[], unknown_touchpoints=[], source=replace(analysis.source, contacts=None),
        weights={"importance": 0.6, "gap": 0.4}, missing_components=["volume", "cost", "repeats"],
    )  # fmt: skip
    return _with_reasons(analysis)


def tiny(language: str = "de") -> model.Analysis:
    """One touchpoint, seven contacts, hostile names."""
    point = _point("x", '<script>alert("1")</script> & „Käse“ \u202eקניה', language, 1, 7, 7)
    return _with_reasons(
        replace(_empty(language), touchpoints=[replace(point, contacts=7, customers=3, reach_share=1.0, priority=_priority(1, 1.0))],
                source=model.Sources(contacts=_source(7, 3), ratings=None), weights={"volume": 1.0})
    )  # fmt: skip


def empty(language: str = "de") -> model.Analysis:
    """Nothing was accepted."""
    return _empty(language)


def huge(language: str = "de", touchpoints: int = 500) -> model.Analysis:
    """Five hundred touchpoints, all rated and paid for."""
    names = [
        f"{POINTS[key][0 if language == 'de' else 1]} {number:03}" for number in range(25) for key in list(POINTS)[:20]
    ]
    points = []
    for number, name in enumerate(names[:touchpoints]):
        mean, share = 3.5 + (number * 37 % 100) / 18, 2 * (touchpoints - number) / (touchpoints * (touchpoints + 1))
        contacts = 40 + 90_000 // (number + 1)
        points.append(replace(
            _point(f"tp{number}", name, language, number, contacts, contacts // 2), reach_share=contacts / 2 / 60_000, unit_cost=2.5,
            cost=2.5 * contacts, satisfaction=_mean(30 + number, mean, 2.2), quadrant="keep_up", quadrant_share=0.7,
            importance=model.Importance(method="relative_weights", share=share, low=share * 0.7, high=share * 1.4),
            phase=PHASES[number % 5], priority=_priority(number + 1, 1 - number / touchpoints),
        ))  # fmt: skip
    total = sum(point.cost or 0 for point in points)
    cost, spent = [], 0.0
    for point in points:
        spent += point.cost or 0
        cost.append(
            model.CostRow(
                touchpoint=point.touchpoint,
                contacts=point.contacts or 0,
                unit_cost=2.5,
                cost=point.cost,
                cumulative_share=spent / total,
            )
        )
    flow = [
        model.FlowRow(source=a.touchpoint, target=b.touchpoint, contacts=max(1, 40_000 // (i + 1)), customers=max(1, 30_000 // (i + 1)),
                      median_wait_s=3600.0 * (i % 700), p90_wait_s=7200.0 * (i % 700))
        for i, (a, b) in enumerate(zip(points, points[1:] + points[:1], strict=True))
    ]  # fmt: skip
    analysis = replace(_empty(language), touchpoints=points, cost=cost, flow=flow, drivers=DRIVERS, crosshair=replace(CROSSHAIR, importance=1 / touchpoints),
                       source=model.Sources(contacts=_source(400_000, 60_000), ratings=_source(90_000, 9_000)),
                       weights={"importance": 0.6, "cost": 0.4})  # fmt: skip
    return _with_reasons(analysis)


DRIVERS = model.Drivers(
    method="lmg",
    r2=0.61,
    sheets=2914,
    pairs_low=34,
    pairs_high=2210,
    resamples=200,
    lifted=1,
    too_few=["refer", "callback"],
    pairs=[model.Pair(one="radio", other="mailing", sheets=34), model.Pair(one="fault", other=None, sheets=2210)],
)
CROSSHAIR = model.Crosshair(rule="means", importance=0.055, performance=6.6)


def _telecom(language: str) -> model.Analysis:
    journeys = [(customers, path.split()) for customers, path in PATHS]
    population = sum(customers for customers, _ in journeys)
    contacts: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    steps: Counter[tuple[str, str]] = Counter()
    for customers, path in journeys:
        for key in path:
            contacts[key] += customers
        for key in set(path):
            reached[key] += customers
        for step in pairwise(path):
            steps[step] += customers
    points = [_rated(key, language, order, contacts[key], reached[key], population) for order, key in enumerate(POINTS)]
    points.sort(key=lambda point: (point.priority is None, point.priority.rank if point.priority else point.order))
    flow = [_flow_row(source, target, steps[source, target]) for source, target in sorted(steps)]
    empty = _empty(language)
    return replace(
        empty, touchpoints=points, cost=_cost(points), flow=flow, handovers=_handovers(flow),
        variants=[model.VariantRow(path=path, customers=customers, outcome_customers=customers if "order" in path else 0) for customers, path in journeys],
        variants_total=214, variants_rest_customers=1_918,
        source=model.Sources(contacts=_source(contacts.total(), population, rejected=412, ties=2140), ratings=_source(11_840, 4_412, rejected=31)),
        overall=model.Overall(
            nps=model.NetPromoter(n=2914, promoters=1290, passives=1010, detractors=614, value=23.2, low=20.3, high=26.1),
            satisfaction=_mean(2914, 6.74, 2.1),
            recommendation=model.Share(n=2914, k=1290, share=0.4427, low=0.4247, high=0.4608)),
        outcome=model.Outcome(name=POINTS["order"][0 if language == "de" else 1], customers=_share(reached["order"], population)),
        weights={"importance": 0.3, "gap": 0.25, "volume": 0.2, "repeats": 0.15, "cost": 0.1}, missing_components=[],
        unknown_touchpoints=["Faxeingang", "IVR_Menü_alt"],
        unsaid=[
            model.Unsaid(code="too_few_answers", sentence=_text(language, "Unter 30 Antworten nennen wir kein Mittel.", "Below 30 answers we state no mean."), touchpoints=["radio", "callback", "refer"]),
            model.Unsaid(code="no_cause", sentence=_text(language, "Ob ein Touchpoint den Kauf bewirkt, zeigt dieser Bericht nicht: Er zeigt Zusammenhänge.", "Whether a touchpoint causes the purchase, this report does not show: it shows associations.")),
        ],
    )  # fmt: skip


def _rated(key: str, language: str, order: int, contacts: int, customers: int, population: int) -> model.Touchpoint:
    german, english, phase, department, unit_cost, answers, mean, sd, importance, repeat = POINTS[key]
    point = _point(key, german if language == "de" else english, language, order, contacts, customers)
    satisfaction = _mean(answers, mean, sd)
    high = mean > CROSSHAIR.performance
    important = importance is not None and importance > CROSSHAIR.importance
    quadrant = {
        (True, True): "keep_up",
        (True, False): "concentrate",
        (False, True): "overkill",
        (False, False): "low_priority",
    }[important, high]
    rank = RANKING.index(key) + 1 if key in RANKING else None
    return replace(
        point, phase=PHASES[phase], department=department, unit_cost=unit_cost, cost=None if unit_cost is None else contacts * unit_cost,
        reach_share=customers / population, satisfaction=satisfaction, never_used=answers // 3,
        repeats=None if repeat is None else _share(round(repeat * contacts), contacts), repeat_share=repeat,
        importance=None if importance is None else model.Importance(method="lmg", share=importance, low=importance * 0.75, high=importance * 1.25),
        quadrant=None if importance is None else quadrant,
        quadrant_share=None if importance is None else 0.62 if key in ("technician", "bill", "branch", "radio") else 0.97,
        priority=None if rank is None else _priority(rank, 0.92 - 0.04 * rank),
    )  # fmt: skip


def _priority(rank: int, score: float) -> model.Priority:
    components: dict[str, float | None] = {
        "importance": score,
        "gap": score / 2,
        "volume": 0.4,
        "repeats": None,
        "cost": 0.2,
    }
    return model.Priority(
        rank=rank,
        score=score,
        components=components,
        top_share=TOP_SHARES[rank - 1] if rank <= len(TOP_SHARES) else 0.0,
    )


def _cost(points: list[model.Touchpoint]) -> list[model.CostRow]:
    known = sorted(points, key=lambda point: -(point.cost or 0))
    total = sum(point.cost or 0 for point in known)
    rows, spent = [], 0.0
    for point in known:
        spent += point.cost or 0
        cumulative = None if point.cost is None else spent / total
        rows.append(
            model.CostRow(
                touchpoint=point.touchpoint,
                contacts=point.contacts or 0,
                unit_cost=point.unit_cost,
                cost=point.cost,
                cumulative_share=cumulative,
            )
        )
    return rows


def _flow_row(source: str, target: str, contacts: int) -> model.FlowRow:
    wait = WAITS_DAYS.get(target, 0.5) * 86400
    return model.FlowRow(
        source=source,
        target=target,
        contacts=contacts,
        customers=contacts - contacts // 9,
        median_wait_s=wait,
        p90_wait_s=2.7 * wait,
    )


def _handovers(flow: list[model.FlowRow]) -> list[model.HandoverRow]:
    rows: dict[tuple[str, str], list[model.FlowRow]] = {}
    for row in flow:
        between = POINTS[row.source][3], POINTS[row.target][3]
        if between[0] and between[1] and between[0] != between[1]:
            rows.setdefault((between[0], between[1]), []).append(row)
    return [
        model.HandoverRow(source=source, target=target, contacts=sum(row.contacts for row in group), customers=sum(row.customers for row in group),
                          median_wait_s=max(row.median_wait_s for row in group), p90_wait_s=max(row.p90_wait_s for row in group))
        for (source, target), group in sorted(rows.items())
    ]  # fmt: skip


def _with_reasons(analysis: model.Analysis) -> model.Analysis:
    language = translation(analysis.language)
    return replace(
        analysis,
        touchpoints=[replace(point, reason=reason(point, analysis, language)) for point in analysis.touchpoints],
    )


def _point(key: str, name: str, language: str, order: int, contacts: int, customers: int) -> model.Touchpoint:
    return model.Touchpoint(
        touchpoint=key, name=name, phase=None, order=order, contacts=contacts, customers=customers, reach_share=None, cost=None,
        unit_cost=None, repeat_share=None, repeats=None, satisfaction=None, importance=None, quadrant=None, quadrant_share=None,
        priority=None, reason=None,
    )  # fmt: skip


def _mean(n: int, mean: float, sd: float) -> model.Mean:
    half = 1.96 * sd / sqrt(n)
    if n < 30:
        return model.Mean(n=n, mean=None, low=None, high=None, scale_low=0, scale_high=10)
    return model.Mean(n=n, mean=mean, low=mean - half, high=mean + half, scale_low=0, scale_high=10)


def _share(k: int, n: int) -> model.Share:
    share = k / n
    half = 1.96 * sqrt(share * (1 - share) / n)
    return model.Share(n=n, k=k, share=share, low=share - half, high=share + half)


def _source(rows: int, customers: int, rejected: int = 0, ties: int = 0) -> model.Source:
    return model.Source(
        rows=rows + rejected, accepted=rows, rejected=rejected, new=rows, known=0, held=rows, ties=ties, customers=customers,
        first="2025-09-01T05:12:00Z", last="2026-08-31T19:40:00Z",
    )  # fmt: skip


def _empty(language: str) -> model.Analysis:
    return model.Analysis(
        created="2026-11-16T07:30:00Z", language=language, seed=1, weighted=False, currency="EUR", timezone="Europe/Berlin",
        source=model.Sources(contacts=None, ratings=None), overall=model.Overall(nps=None, satisfaction=None, recommendation=None),
        outcome=None, weights={}, missing_components=[], touchpoints=[], drivers=None, crosshair=None, cost=[], flow=[], variants=[],
        variants_total=0, variants_rest_customers=0, handovers=[], unknown_touchpoints=[], comparison=None, unsaid=[],
    )  # fmt: skip


def _text(language: str, german: str, english: str) -> str:
    return german if language == "de" else english


def empty_point(language: str = "de") -> model.Analysis:
    """One touchpoint of which nothing is known."""
    return replace(_empty(language), touchpoints=[_point("x", "Fax", language, 0, 0, 0)])
