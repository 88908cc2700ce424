"""An Analysis as one self-contained HTML page and as files, in German or English."""

from tangente.report.files import write_report
from tangente.report.page import render

__all__ = ["render", "write_report"]
