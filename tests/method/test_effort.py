import pytest

from tangente.errors import QuestionError
from tangente.method.difference import difference
from tangente.method.effort import V1, V2, effort, effort_difference
from tangente.method.mean import mean_of_counts
from tangente.method.proportion import wilson


@pytest.mark.parametrize(
    ("version", "counts", "high"), [(V1, [10, 20, 30, 4, 6], 10), (V2, [1, 2, 4, 10, 20, 30, 33], 7)]
)
def test_effort_is_high_at_the_bad_end_of_its_version(version, counts, high):
    found = effort(counts, version=version)
    assert found.high_effort == wilson(high, sum(counts))
    assert found.mean == mean_of_counts(counts)


@pytest.mark.parametrize(("version", "counts"), [(V1, [1] * 7), (V2, [1] * 5), (V1, [1, 2, -3, 4, 5])])
def test_effort_refuses_counts_of_another_version(version, counts):
    with pytest.raises(QuestionError, match=f"are no counts of effort {version.name}, which has the points 1 to"):
        effort(counts, version=version)


def test_effort_difference_compares_the_means():
    before, after = effort([10, 20, 30, 4, 6], version=V1), effort([30, 20, 10, 4, 6], version=V1)
    assert effort_difference(before, after) == difference(before.mean, after.mean)


def test_effort_difference_never_mixes_versions():
    with pytest.raises(QuestionError, match=r"^effort v1 and effort v2 cannot be compared"):
        effort_difference(effort([1] * 5, version=V1), effort([1] * 7, version=V2))
