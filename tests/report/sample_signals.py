"""Weekly series of the telecom company, written by hand: two signals, two calm ones, some that cannot be judged."""

from tangente.analysis import model


def _signal(
    key: str, measure: str, values: list[float], centre: float, reach: float, p_value: float
) -> model.SignalRow:
    side = "high" if values[-1] > centre else "low"
    told = p_value <= 0.05
    return model.SignalRow(
        touchpoint=key, measure=measure, weeks=56, week="2026-08-10", latest=values[-1], centre=centre,
        lower=centre - reach, upper=centre + reach, side=side if told else None, p_value=p_value, beyond_chance=told, recent=values,
    )  # fmt: skip


def _unjudged(key: str, measure: str, unknown: str) -> model.SignalRow:
    return model.SignalRow(
        touchpoint=key, measure=measure, weeks=9, week="2026-08-10", latest=31.0, centre=None, lower=None, upper=None,
        side=None, p_value=None, beyond_chance=False, recent=[30.0, 28.0, 31.0], unknown=unknown,
    )  # fmt: skip


SIGNALS = [
    _signal("moved", "contacts", [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 340, 352], 300, 21, 0.0004),
    _signal("fault", "satisfaction", [5.6, 5.5, 5.7, 5.6, 5.4, 5.6, 5.5, 5.7, 5.6, 5.7, 5.8, 5.8, 5.8], 5.58, 0.31, 0.02),
    _signal("bill", "contacts", [4100, 4020, 4180, 4075, 3990, 4120, 4060, 4150, 4085, 4110, 4030, 4090, 4105], 4085, 190, 1.0),
    _signal("shop", "satisfaction", [7.2, 7.1, 7.3, 7.2, 7.2, 7.1, 7.3, 7.2, 7.1, 7.2, 7.3, 7.2, 7.1], 7.2, 0.2, 1.0),
    _unjudged("welcome", "contacts", "short"), _unjudged("callback", "satisfaction", "few"), _unjudged("refer", "contacts", "few"),
]  # fmt: skip
