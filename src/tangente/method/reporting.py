"""The field's rules for showing numbers: from how many answers on, and with which certainty."""

FEW = 30
"""Below this many answers a mean or a correlation is "too few to say"; the counts may still be shown."""

SMALLEST_CELL = 5
"""Cells with fewer customers are not shown to anyone who could recognise a person in them."""

CONFIDENCE = 0.95
"""Every interval, unless the caller says otherwise."""
