"""Customer satisfaction (CSAT): share of the two best answers and mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from tangente.errors import QuestionError
from tangente.method.mean import Mean, mean_of_counts
from tangente.method.proportion import Proportion, wilson
from tangente.method.reporting import CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """Both customary figures of one satisfaction question."""

    top_two_box: Proportion
    mean: Mean


def satisfaction(counts: Sequence[int], *, lowest: int = 1, confidence: float = CONFIDENCE) -> Satisfaction:
    """Judge one satisfaction question: who chose one of the two best answers, and the mean.

    Args:
        counts: answers at each point of the scale, worst first; 5 points as a rule, at least 3.
        lowest: the number of the worst point.
        confidence: probability that such an interval covers the true value.
    Returns: share from 0 to 1 with Wilson's interval, mean in scale points with t interval; None without answers.
    Raises: QuestionError if the scale has fewer than 3 points or a count is negative.
    Cost: the points of the scale.  Source: docs/explanation/satisfaction-and-effort.md

    >>> csat = satisfaction([0, 1, 1, 5, 3])
    >>> csat.top_two_box.share, csat.mean.mean
    (0.8, 4.0)
    """
    if len(counts) < 3 or min(counts) < 0:
        raise QuestionError(
            f"{list(counts)} are no counts of a satisfaction scale; it has 3 points or more, none below 0"
        )
    return Satisfaction(
        top_two_box=wilson(sum(counts[-2:]), sum(counts), confidence=confidence),
        mean=mean_of_counts(counts, lowest=lowest, confidence=confidence),
    )
