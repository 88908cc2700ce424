"""What is uploaded: one or several files, and what their columns mean where somebody has written that down."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

END = "end"
"""The last field of the form: without it the connection broke, and the last file may be cut off."""

MAPPING = ".toml"
LARGEST_MAPPING = 1 << 20


class SeveralFiles(forms.FileInput):
    """A field that takes more than one."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    """Files to import; a mapping may be among them, as when both are dropped together."""

    file = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "CSV, XLSX, Parquet, XES or OCEL; texts also packed as .gz or .zst. All of them or none."
        ),
        max_length=None,
    )
    mapping = forms.FileField(
        label=gettext_lazy("Mapping"),
        help_text=gettext_lazy(
            "A .toml file that says what the columns mean; left out, one is proposed and kept here."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if END not in self.data:
            raise forms.ValidationError(_("The upload broke off; send the files again."))
        files: Sequence[TemporaryUploadedFile] = cleaned.get("file") or []
        given = [file for file in [*files, cleaned.get("mapping")] if file and _is_mapping(file)]
        cleaned["files"] = [file for file in files if not _is_mapping(file)]
        if cleaned.get("mapping") and not _is_mapping(cleaned["mapping"]):
            self.add_error("mapping", _("This is no mapping: its name does not end with .toml."))
        if files and not cleaned["files"]:
            self.add_error("file", _("A mapping alone brings no data; add the file that it is for."))
        if len(given) > 1:
            self.add_error(
                "mapping", _("Several mappings are given; one is enough, it may have a part for each table.")
            )
        cleaned["mapping"] = self._text(given[0]) if given and not self.errors else None
        return cleaned

    def _text(self, file: TemporaryUploadedFile) -> tuple[str, str]:
        """Name and text of the mapping."""
        content = file.read(LARGEST_MAPPING + 1)
        try:
            text = content.decode("utf-8-sig") if len(content) <= LARGEST_MAPPING else ""
        except UnicodeDecodeError:
            text = ""
        if not text or "\0" in text:
            self.add_error("mapping", _("The mapping is no text in UTF-8 of at most 1 MiB."))
        return str(file.name), text

    @classmethod
    def too_large(cls) -> Self:
        """A form that says that more was sent than is received at once."""
        form = cls({})
        form.full_clean()
        form.errors.clear()
        said = _("This is more than %(mib)s MiB, the most that is received at once. [E-SIZE]")
        form.add_error(None, said % {"mib": settings.MOST_UPLOAD >> 20})
        return form


def _is_mapping(file: TemporaryUploadedFile) -> bool:
    return str(file.name).lower().endswith(MAPPING)
