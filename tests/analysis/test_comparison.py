from dataclasses import replace

import pytest

from tangente.analysis.analyse import analyse
from tangente.analysis.comparison import compare
from tangente.analysis.model import Analysis, Mean, Source, Sources
from tangente.analysis.options import Options
from tangente.contactlog.testing import journeys

SOURCE = Source(rows=1, accepted=1, rejected=0, new=1, known=0, held=1, ties=0, customers=1, first=None, last=None)


def analysis(*touchpoints: tuple[str, Mean | None], before: Analysis | None = None) -> Analysis:
    made = analyse(
        journeys("anna: " + " ".join(name for name, _ in touchpoints)),
        Sources(contacts=SOURCE, ratings=None),
        Options(),
    )
    points = [replace(point, satisfaction=dict(touchpoints)[point.touchpoint]) for point in made.touchpoints]
    return replace(made, touchpoints=points)


def mean(value: float, *, n: int = 1000, half: float = 0.1, low: float = 1, high: float = 5) -> Mean:
    return Mean(
        n=n,
        mean=value,
        low=value - half,
        high=value + half,
        scale_low=low,
        scale_high=high,
        standard_error=half / 1.96,
        degrees_of_freedom=n - 1,
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param(mean(3.0), mean(3.5), "better", id="up"),
        pytest.param(mean(3.5), mean(3.0), "worse", id="down"),
        pytest.param(mean(3.0), mean(3.1), "noise", id="within the intervals"),
        pytest.param(mean(3.0, low=6, high=1), mean(3.5, low=6, high=1), "worse", id="school grades count down"),
        pytest.param(mean(3.0), mean(3.5, high=10), "too_few", id="another scale is another question"),
        pytest.param(mean(3.0), None, "too_few", id="no longer rated"),
    ],
)
def test_compare_calls_a_change_by_its_name(before: Mean, after: Mean | None, kind: str) -> None:
    changes = compare(analysis(("shop", before)), analysis(("shop", after)).touchpoints).changes
    assert [change.kind for change in changes] == [kind]


def test_compare_names_what_is_new_and_what_vanished() -> None:
    changes = compare(analysis(("ad", None)), analysis(("shop", None)).touchpoints).changes
    assert [(change.touchpoint, change.kind) for change in changes] == [("shop", "new"), ("ad", "vanished")]


def test_compare_is_stricter_when_many_are_tested() -> None:
    names = [f"t{k}" for k in range(20)]
    before = analysis(*((name, mean(3.0)) for name in names))
    after = analysis(*((name, mean(3.15 if name == "t0" else 3.0)) for name in names))
    assert [change.kind for change in compare(before, after.touchpoints).changes] == ["noise"] * 20
    assert compare(analysis(("t0", mean(3.0))), analysis(("t0", mean(3.15))).touchpoints).changes[0].kind == "better"
