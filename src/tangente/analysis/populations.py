"""Who can have an outcome at all: nobody else is anyone to compare with."""

from collections.abc import Collection

from tangente.analysis.inventory import PHASES, Inventory
from tangente.contactlog.log import ContactLog

PURCHASE, EXIT = "purchase", "exit"
BEFORE_PURCHASE, FIRST_AT_RISK = PHASES[:2], PHASES[2]
OF_CUSTOMERS = frozenset({PURCHASE, "repurchase", EXIT})  # outcomes that only customers have


def is_told(log: ContactLog, outcome: str, visited: Collection[str], inventory: Inventory | None) -> bool:
    """Whether prospects can be told from customers, where there are any: `visited` are the touchpoints with contacts."""
    if outcome == PURCHASE:
        return bool(before_purchase(visited, inventory))
    entries = inventory.entries if inventory else {}
    return not log.codes.code("outcome", PURCHASE) or any(name in entries and entries[name].phase for name in visited)


def before_purchase(visited: Collection[str], inventory: Inventory | None) -> list[str]:
    """The touchpoints of the phases that only who is no customer yet goes through."""
    entries = inventory.entries if inventory else {}
    return [name for name in visited if name in entries and entries[name].phase in BEFORE_PURCHASE]


def of_buyers(log: ContactLog, visited: Collection[str], inventory: Inventory | None) -> ContactLog:
    """Who could buy for the first time: whoever met a touchpoint of a phase before the purchase."""
    return log.where(customers_who=[tuple(before_purchase(visited, inventory))])


def of_customers(log: ContactLog, visited: Collection[str], inventory: Inventory | None) -> ContactLog:
    """Without prospects, where phases are known: all their contacts lie before the purchase, and none is one or an exit."""
    before = before_purchase(visited, inventory)
    signs = [name for name in visited if name not in before]
    signs += sorted(OF_CUSTOMERS.intersection(filter(None, log.codes["outcome"])))
    return log.where(customers_who=[tuple(signs)]) if before else log
