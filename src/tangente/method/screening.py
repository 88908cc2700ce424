"""Many touchpoints screened at once: p-values adjusted so that few of the findings are false."""

from collections.abc import Sequence

from tangente.errors import QuestionError


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust the p-values of many tests so that findings can be read off at a chosen false discovery rate.

    Of everything declared beyond noise where the adjusted value is at most 0.05, about 5 % is false on average.

    Args:
        p_values: one per touchpoint, 0 to 1; None where nothing could be tested, which then is not counted.
    Returns: adjusted p-values in the same order, 0 to 1, None where the argument is.
    Raises: QuestionError if a p-value is not between 0 and 1.
    Cost: sorts the p-values.  Source: docs/explanation/comparing-waves.md

    >>> benjamini_hochberg([0.01, None, 0.04, 0.03])
    [0.03, None, 0.04, 0.04]
    """
    tested = sorted((p_value, place) for place, p_value in enumerate(p_values) if p_value is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for rank in range(len(tested), 0, -1):
        p_value, place = tested[rank - 1]
        if not 0 <= p_value <= 1:
            raise QuestionError(f"{p_value} is no p-value; it must lie between 0 and 1")
        smallest = min(smallest, p_value * len(tested) / rank)
        adjusted[place] = smallest
    return adjusted
