"""Customer Touchpoint Management: what happened, how customers judged it, what to work on first."""
