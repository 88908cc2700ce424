"""A form with a field of each kind, for the sample page."""

from typing import Any

from django import forms

PHASES = [("1", "1 Being influenced"), ("4", "4 Use and loyalty")]


class Sample(forms.Form):
    """Every kind of field there is."""

    name = forms.CharField(label="Name of the touchpoint", help_text="As your customers would call it.")
    need = forms.CharField(label="Need", required=False, widget=forms.Textarea)
    standard = forms.DecimalField(label="Minimum standard", min_value=0, max_value=10)
    since = forms.DateField(label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    phase = forms.ChoiceField(label="Phase", choices=PHASES)
    kind = forms.ChoiceField(
        label="Kind",
        choices=[("direct", "direct: we are in contact"), ("indirect", "indirect")],
        widget=forms.RadioSelect,
    )
    evidence = forms.MultipleChoiceField(
        label="What is known",
        choices=[("measured", "measured"), ("asked", "asked"), ("assumed", "assumed")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose all that fit.",
    )
    is_shown = forms.BooleanField(label="Show the result to the team first", required=False)
    file = forms.FileField(label="File", required=False)
    link = forms.CharField(label="Link", disabled=True, required=False, initial="locked until the phase is chosen")


GOOD: dict[str, Any] = {
    "name": "Hotline: report a fault",
    "standard": "6.5",
    "phase": "4",
    "kind": "direct",
    "evidence": ["asked"],
    "is_shown": True,
}
WRONG = {"name": "", "standard": "11", "phase": "9"}
