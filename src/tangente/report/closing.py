"""What the closing sections say: what changed since an earlier report, what cannot be said, how it was computed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tangente.analysis.model import Change
from tangente.report import tables
from tangente.report.figures import Figures
from tangente.report.sections import Section, some_names


@dataclass(frozen=True)
class ChangeItem:
    name: str
    word: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ChangeSection(Section):
    items: list[ChangeItem]
    groups: list[tuple[str, str]] = field(default_factory=list)


def change_section(figures: Figures) -> ChangeSection | None:
    """What moved beyond noise since the earlier report; None without one."""
    comparison = figures.analysis.comparison
    if comparison is None:
        return None
    _ = figures.language.gettext
    changes = comparison.changes
    signals = [change for change in changes if change.kind in ("better", "worse")]
    return ChangeSection(
        key="changes",
        title=_("Beyond noise"),
        contents=_("Beyond noise"),
        note=_("Compared with the report of %s.") % figures.language.date(comparison.created, figures.analysis.timezone)
        if comparison.created
        else _("Compared with an earlier report."),
        items=[_change_item(figures, change) for change in signals],
        groups=_change_groups(figures, changes, has_signals=bool(signals)),
        feet=[] if comparison.same_weights else [_other_weights(figures)],
        table=tables.change_table(figures, changes),
    )


def _other_weights(figures: Figures) -> str:
    return figures.language.gettext(
        "Ranks are not compared: the priority of the earlier report weighs other components, or weighs them otherwise."
    )


def _change_item(figures: Figures, change: Change) -> ChangeItem:
    _ = figures.language.gettext
    text = _("%(before)s before, now %(after)s; difference %(difference)s.") % {
        "before": figures.mean(change.before),
        "after": figures.mean(change.after),
        "difference": tables.difference(figures, change),
    }
    return ChangeItem(change.name, tables.change_words(figures)[change.kind], change.kind, text)


def _change_groups(figures: Figures, changes: list[Change], *, has_signals: bool) -> list[tuple[str, str]]:
    _ = figures.language.gettext

    def named(kind: str, text: Callable[[Change], str]) -> str:
        return some_names(figures, [text(change) for change in changes if change.kind == kind])

    def with_difference(change: Change) -> str:
        if change.difference is None:
            return change.name
        return f"{change.name} {figures.language.signed(change.difference, figures.digits)}"

    noise = named("noise", with_difference)
    groups = [
        (_("Only noise"), _("%s: within what chance explains. Nothing to do here.") % noise if noise else ""),
        (_("New"), named("new", lambda change: change.name)),
        (_("Vanished"), named("vanished", lambda change: change.name)),
        (_("Too few answers"), named("too_few", lambda change: change.name)),
    ]
    if not has_signals:
        groups.insert(
            0, (_("No signal"), _("No judgement differs from the earlier report by more than chance explains."))
        )
    return [(title, text) for title, text in groups if text]


@dataclass(frozen=True, kw_only=True)
class UnsaidSection(Section):
    items: list[tuple[str, str]]  # sentence, touchpoints


def unsaid_section(figures: Figures) -> UnsaidSection:
    _ = figures.language.gettext
    return UnsaidSection(
        key="unsaid",
        title=_("What cannot be said, and why"),
        contents=_("What cannot be said"),
        missing="" if figures.analysis.unsaid else _("Nothing that was asked had to be left open."),
        items=[
            (item.sentence, some_names(figures, [figures.name(key) for key in item.touchpoints]))
            for item in figures.analysis.unsaid
        ],
    )


def method_section(figures: Figures) -> Section:
    """How it was computed, in a few sentences."""
    _ = figures.language.gettext
    analysis, language = figures.analysis, figures.language
    feet = [_("Intervals cover 95%; n is the number of answers behind a figure.")]
    if analysis.weights:
        parts = [f"{component_name(figures, key)} {language.percent(w)}" for key, w in analysis.weights.items()]
        feet.append(_("Priority is the weighted sum of: %s.") % language.listing(parts))
    if analysis.missing_components:
        names = language.listing([component_name(figures, key) for key in analysis.missing_components])
        feet.append(_("Missing, and therefore without weight: %s.") % names)
    feet += _driver_method(figures)
    feet.append(
        _("Survey weights were applied.")
        if analysis.weighted
        else _("Figures are unweighted: every answer counts once.")
    )
    feet.append(_("Random numbers started from seed %s; the same files give the same report.") % analysis.seed)
    if figures.in_folder:
        feet.append(_in_folder(figures))
    title = _("How it was computed")
    pairs = tables.pair_table(figures) if analysis.drivers else None
    return Section(key="method", title=title, contents=title, feet=feet, table=pairs)


def _in_folder(figures: Figures) -> str:
    return figures.language.gettext(
        "report.json and the folder tables hold cells of fewer than five customers too: they are not for publication."
    )


def _driver_method(figures: Figures) -> list[str]:
    _ = figures.language.gettext
    drivers, number = figures.analysis.drivers, figures.language.number
    feet = []
    if drivers:
        names = {"lmg": _("LMG (Shapley values of R²)"), "relative_weights": _("relative weights")}
        text = _(
            "Importance: %(method)s from the correlations of each pair of questions, %(low)s to %(high)s answer sheets a pair; intervals from %(resamples)s resamples."
        )
        feet.append(
            text
            % {
                "method": names.get(drivers.method, drivers.method),
                "low": number(drivers.pairs_low),
                "high": number(drivers.pairs_high),
                "resamples": number(drivers.resamples),
            }
        )
    if figures.analysis.crosshair:
        feet.append(_("The lines between the fields stand at the means of all touchpoints."))
    return feet


def component_name(figures: Figures, key: str) -> str:
    _ = figures.language.gettext
    names = {
        "importance": _("importance"), "gap": _("gap to the best judgement"), "volume": _("reach"),
        "repeats": _("repeated contacts"), "cost": _("cost"), "hazard": _("more exits afterwards"),
        "purchase": _("part in purchases"), "repurchase": _("part in repurchases"),
        "recommendation": _("part in referrals"),
    }  # fmt: skip
    return names.get(key, key)
