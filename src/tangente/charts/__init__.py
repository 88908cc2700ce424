"""Data in, chart out: SVG made by hand, one drawing for each size, colours named as design tokens.

A drawing refers to colours as `var(--token)`: on a page the style sheet answers, by day and by night; for a file the
report writes the day colours in. Why no chart library draws these pictures: docs/adr/0006-charts-drawn-by-hand.md.
"""
