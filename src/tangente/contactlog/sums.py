"""Exact sums of squares: a customer with many answers takes one past 64 bits, so totals are split into two words.

A total is high · 2^18 + low. Its square needs the sums of high², high · low and low², a product with a count the sums of
high and of low times the count. That stays inside 64 bits for 10^8 customers and 10^8 answers of one customer, at the
limits of a score.
"""

import numpy as np
from numpy.typing import NDArray

WORD = 18  # bits of the lower word
LOW = (1 << WORD) - 1


def squared(high_high: int, high_low: int, low_low: int) -> int:
    """The sum of squares, from the sums of the products of the words."""
    return (high_high << 2 * WORD) + (high_low << WORD + 1) + low_low


def multiplied(high: int, low: int) -> int:
    """The sum of products with a count, from the sums of the words times the count."""
    return (high << WORD) + low


def customer_sums(customer: NDArray[np.integer], units: NDArray[np.integer]) -> dict[str, int]:
    """Add up answers by customer, exactly: the sums `method.mean.clustered_mean` rests on.

    Args:
        customer: who gave each answer, as a number.
        units: the score of each, in thousandths of a scale point.
    Returns: n (answers), total, customers, squared_totals, cross_products, squared_counts; in units, Python integers.
    Cost: one sort of the answers.  Source: docs/explanation/shares-and-means.md

    >>> customer_sums(np.array([7, 7, 9]), np.array([5_000, 4_000, 2_000]))["squared_totals"]
    85000000
    """
    _, place, counts = np.unique(customer, return_inverse=True, return_counts=True)
    totals = np.zeros(len(counts), np.int64)
    np.add.at(totals, place, units)
    high, low = totals >> WORD, totals & LOW
    return {
        "n": len(units),
        "total": int(totals.sum()),
        "customers": len(counts),
        "squared_totals": squared(int((high * high).sum()), int((high * low).sum()), int((low * low).sum())),
        "cross_products": multiplied(int((high * counts).sum()), int((low * counts).sum())),
        "squared_counts": int((counts * counts).sum()),
    }
