"""What the telecom company's customers came to: attribution, hazard and funnel, written by hand."""

from dataclasses import replace

from tangente.analysis import model

# outcome: all customers with it; touchpoint: paths, conversions, removal effect, part, share by the last contact
PARTS: dict[str, tuple[int, dict[str, tuple[int, int, float, float, float]]]] = {
    "purchase": (18_310, {
        "shop": (15_210, 14_002, 0.61, 0.214, 0.352), "search": (10_347, 8_930, 0.52, 0.186, 0.041),
        "branch": (3_907, 3_702, 0.41, 0.152, 0.268), "portal": (4_474, 2_410, 0.30, 0.107, 0.032),
        "radio": (2_370, 1_100, 0.18, 0.066, 0.009), "chat": (2_860, 1_040, 0.16, 0.058, 0.071),
        "account": (15_400, 720, 0.11, 0.041, 0.012), "mailing": (1_126, 204, 0.05, 0.019, 0.003),
        "refer": (290, 4, 0.01, 0.004, 0.0),
    }),
    "repurchase": (2_140, {
        "bill": (16_210, 1_911, 0.72, 0.171, 0.194), "account": (15_400, 1_640, 0.66, 0.158, 0.221),
        "change": (1_767, 1_120, 0.44, 0.104, 0.402), "fault": (4_815, 702, 0.21, 0.050, 0.031),
        "mailing": (1_126, 511, 0.19, 0.046, 0.088), "chat": (2_860, 430, 0.14, 0.034, 0.018),
    }),
    "referral": (22, {"welcome": (812, 14, 0.0, 0.0, 0.0), "account": (15_400, 8, 0.0, 0.0, 0.0)}),
}  # fmt: skip

# event or touchpoint: customers, person-days, exits, hazard ratio with its interval, beyond chance
HAZARDS: dict[str, tuple[int, int, int, float | None, float | None, float | None, bool]] = {
    "moved": (6_165, 501_200, 184, 2.31, 1.94, 2.75, True),
    "fault": (4_815, 420_310, 121, 1.42, 1.16, 1.74, True),
    "welcome": (812, 71_900, 21, 0.58, 0.44, 0.77, True),
    "chat": (2_860, 240_700, 52, 1.31, 1.01, 1.70, False),
    "bill": (16_210, 1_401_000, 290, 1.04, 0.9, 1.2, False),
    "technician": (15_021, 1_302_500, 266, 0.98, 0.84, 1.14, False),
    "account": (15_400, 1_380_000, 240, 0.95, 0.82, 1.1, False),
    "handover": (9_120, 702_000, 131, 1.22, 0.98, 1.51, False),
    "silence": (3_004, 310_200, 64, 1.18, 0.9, 1.55, False),
    "refer": (4, 320, 2, None, None, None, False),
    "mailing": (1_126, 99_100, 6, None, None, None, False),
}

# phase: touchpoints, customers, who reached the phase before early enough, of them who went on; all who began, of them here
PHASES: dict[str, tuple[int, int, int | None, int | None, int, int, float | None]] = {
    "INFLUENCED": (3, 14_716, None, None, 0, 0, None),
    "PREPURCHASE": (2, 13_102, 14_210, 12_704, 14_210, 12_704, 2.6),
    "PURCHASE": (6, 5_204, 12_780, 4_911, 13_901, 4_702, 10.1),
    "LOYALTY": (11, 4_400, 5_020, 4_240, 13_402, 3_910, 14.4),
    "RECOMMENDING": (1, 4, 4_210, 4, 13_011, 4, None),
}


def with_outcomes(analysis: model.Analysis) -> model.Analysis:
    """The analysis, and what the company's customers came to; without reasons in words."""
    points = [
        replace(point, relevance=relevances(point.touchpoint), hazard=hazard_at(point.touchpoint))
        for point in analysis.touchpoints
    ]
    return replace(analysis, touchpoints=points, attribution=attribution(), hazard=hazard(), funnel=funnel())


def attribution() -> dict[str, list[model.AttributionRow]]:
    return {
        outcome: [_row(outcome, of, key, row) for key, row in rows.items()] for outcome, (of, rows) in PARTS.items()
    }


def _row(outcome: str, of: int, key: str, row: tuple[int, int, float, float, float]) -> model.AttributionRow:
    paths, conversions, effect, share, last = row
    said = of >= 30
    rule = conversions / of / 3 if said else None
    return model.AttributionRow(
        outcome=outcome, touchpoint=key, paths=paths, conversions=conversions, of=of, more_often=conversions > paths / 9,
        removal_effect=effect if said else None, share=share if said else None,
        low=share * 0.94 if said else None, high=share * 1.06 if said else None,
        shapley=rule, first=rule, last=last if said else None, linear=rule, position=rule,
    )  # fmt: skip


def relevances(key: str) -> model.Relevances:
    found = {
        outcome: next((row for row in rows if row.touchpoint == key), None) for outcome, rows in attribution().items()
    }
    parts = {
        outcome: model.Relevance(
            conversions=row.conversions if row else 0, of=PARTS[outcome][0], share=row.share if row else None,
            low=row.low if row else None, high=row.high if row else None, more_often=row.more_often if row else False,
        )
        for outcome, row in found.items()
    }  # fmt: skip
    return model.Relevances(
        purchase=parts["purchase"], repurchase=parts["repurchase"], recommendation=parts["referral"]
    )


def hazard() -> list[model.HazardRow]:
    return [
        model.HazardRow(
            event=key if key in ("handover", "silence") else "touchpoint",
            touchpoint=None if key in ("handover", "silence") else key,
            within_days=90, customers=customers, person_days=days, exits=exits, hazard_ratio=ratio, low=low, high=high,
            beyond_chance=beyond, unknown=None if ratio else "few_exits",
        )
        for key, (customers, days, exits, ratio, low, high, beyond) in HAZARDS.items()
    ]  # fmt: skip


def hazard_at(key: str) -> model.Hazard | None:
    if key not in HAZARDS:
        return None
    customers, _, exits, ratio, low, high, beyond = HAZARDS[key]
    unknown = None if ratio else "few_exits"
    return model.Hazard(
        customers=customers, exits=exits, ratio=ratio, low=low, high=high, beyond_chance=beyond, unknown=unknown
    )


def funnel() -> list[model.FunnelRow]:
    rows = []
    for step, (phase, (touchpoints, customers, followed, went_on, started, arrived, days)) in enumerate(
        PHASES.items(), 1
    ):
        share = None if followed is None or went_on is None else went_on / followed
        whole = None if followed is None else arrived / started
        rows.append(model.FunnelRow(
            step=step, phase=phase, touchpoints=touchpoints, within_days=30, customers=customers,
            started=None if followed is None else started, arrived=None if followed is None else arrived,
            arrived_share=whole, arrived_low=None if whole is None else whole * 0.98, arrived_high=None if whole is None else whole * 1.02,
            followed=followed, went_on=went_on, dropped=None if followed is None or went_on is None else followed - went_on,
            censored=None if followed is None else 61, share=share, low=None if share is None else share * 0.98,
            high=None if share is None else share * 1.02, median_wait_s=None if days is None else days * 86400,
            p90_wait_s=None if days is None else 2.4 * days * 86400,
        ))  # fmt: skip
    return rows
