"""What was read and what the log holds of it now, in counts."""

from tangente.analysis import model
from tangente.analysis.reading import Reading, iso
from tangente.contactlog.extent import Extent, extent
from tangente.contactlog.imports import Added
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import TABLES
from tangente.translation import Language


def measured(log: ContactLog, reading: Reading, language: Language) -> model.Sources:
    """The counts of what was read, with the extent of the log as it now is."""
    extents = extent(log)
    contacts, ratings = (_source(table, extents[table], reading) for table in TABLES)
    return model.Sources(contacts=contacts, ratings=ratings, warnings=[language.say(one) for one in reading.warnings])


def _source(table: str, size: Extent, reading: Reading) -> model.Source | None:
    if table not in reading.rows and not size.rows:
        return None
    rows, rejected = reading.rows.get(table, 0), reading.rejected.get(table, 0)
    added = reading.added.get(table, Added())
    return model.Source(
        rows=rows,
        accepted=rows - rejected,
        rejected=rejected,
        new=added.new,
        known=added.known,
        changed=added.changed,
        held=size.rows,
        ties=size.ties,
        customers=size.customers,
        first=iso(size.first),
        last=iso(size.last),
    )
