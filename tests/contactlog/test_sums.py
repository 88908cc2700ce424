from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.sums import customer_sums

ANSWERS = st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**14), 10**14)), max_size=20)


@given(ANSWERS)
def test_customer_sums_equal_python_integers(given_answers):
    own = defaultdict(list)
    for customer, units in given_answers:
        own[customer].append(units)
    assert customer_sums(*np.array(given_answers, np.int64).reshape(-1, 2).T) == {
        "n": len(given_answers),
        "total": sum(map(sum, own.values())),
        "customers": len(own),
        "squared_totals": sum(sum(units) ** 2 for units in own.values()),
        "cross_products": sum(len(units) * sum(units) for units in own.values()),
        "squared_counts": sum(len(units) ** 2 for units in own.values()),
    }
