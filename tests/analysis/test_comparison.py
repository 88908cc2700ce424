from dataclasses import replace

import pytest

from tangente.analysis.analyse import analyse
from tangente.analysis.comparison import compare
from tangente.analysis.model import Analysis, Comparison, Mean, Source, Sources
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


def compared(before: Analysis, after: Analysis) -> Comparison:
    return compare(before, after.touchpoints, after.weights)


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
    changes = compared(analysis(("shop", before)), analysis(("shop", after))).changes
    assert [change.kind for change in changes] == [kind]


def test_compare_names_what_is_new_and_what_vanished() -> None:
    changes = compared(analysis(("ad", None)), analysis(("shop", None))).changes
    assert [(change.touchpoint, change.kind) for change in changes] == [("shop", "new"), ("ad", "vanished")]


def test_compare_is_stricter_when_many_are_tested() -> None:
    names = [f"t{k}" for k in range(20)]
    before = analysis(*((name, mean(3.0)) for name in names))
    after = analysis(*((name, mean(3.15 if name == "t0" else 3.0)) for name in names))
    assert [change.kind for change in compared(before, after).changes] == ["noise"] * 20
    assert compared(analysis(("t0", mean(3.0))), analysis(("t0", mean(3.15)))).changes[0].kind == "better"


@pytest.mark.parametrize(
    ("weights", "ranks"),
    [
        pytest.param({"volume": 1.0}, [1, 2], id="the same"),
        pytest.param({"volume": 1.0000000001}, [1, 2], id="as a file keeps them"),
        pytest.param({"volume": 0.5}, [None, None], id="another weight"),
        pytest.param({"volume": 0.5, "hazard": 0.5}, [None, None], id="another component"),
    ],
)
def test_compare_tells_earlier_ranks_only_under_the_same_weights(
    weights: dict[str, float], ranks: list[int | None]
) -> None:
    now = analysis(("shop", None), ("ad", None))
    found = compared(replace(now, weights=weights), now)
    assert [change.rank_before for change in found.changes] == ranks
    assert found.same_weights == (None not in ranks)
