"""Headings that people and systems give to the columns of contact and survey files, in German and English."""

import re
from collections.abc import Iterable

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_UNIT = re.compile(
    r"(?:\s*(?:[\[(/].*|\b(?:in|s|sec|sek|sekunden|seconds|ms|min|minuten|minutes|h|std|stunden|eur|euro|chf|usd)\b\.?|€))+$",
    re.IGNORECASE,
)

_CUSTOMER = (
    "customer_id, customer, customer number, customer no, customernr, cust id, client id, client, user id, user, visitor id, person id, "
    "member id, member, account id, account, subscriber id, patient id, contract id, "
    "Kundennummer, Kunden-Nr, Kundennr, Kunden-ID, KundeID, Kunde, Kd-Nr, Kundenkennung, Mitgliedsnummer, Mitglied, Nutzer, "
    "Vertragsnummer, Vertrag, case:concept:name, case id, case, Fallnummer, Fall-ID, Fall, ocel:oid"
)
_TIME = (
    "occurred_at, time:timestamp, timestamp, datetime, date time, date and time, event time, event timestamp, contact time, contact date, "
    "contacted at, started at, start time, created at, created, answered at, submitted at, response date, answer date, survey date, date, time, "
    "Zeitpunkt, Zeitstempel, Datum und Uhrzeit, Datum/Uhrzeit, Datum Uhrzeit, Datum Zeit, Kontaktzeitpunkt, Kontaktzeit, Kontaktdatum, "
    "Antwortdatum, Antwortzeit, Befragungsdatum, Beginn, Startzeit, Erstellt am, Erstellt, Datum, Tag, Zeit, ocel:timestamp"
)
_TOUCHPOINT = (
    "touchpoint, touch point, customer touchpoint, contact point, concept:name, activity, activity name, event, event name, step, "
    "Kontaktpunkt, Kundenkontaktpunkt, Berührungspunkt, Aktivität, Ereignis, Station, Schritt, ocel:activity"
)
_SHARED = {
    "channel": "channel, contact channel, case:channel, medium, Kanal, Kontaktkanal, Kontaktweg, Weg",
    "unit": "unit, department, business unit, team, org:group, case:department, Abteilung, Bereich, Fachbereich, Einheit, Organisationseinheit",
    "segment": "segment, customer segment, customer group, Kundensegment, Kundengruppe, Zielgruppe",
    "source": "source, source system, system, Quelle, Quellsystem, Herkunft",
    "contact_id": "contact_id, contact id, contact number, interaction id, Kontakt-ID, Kontaktnummer, Kontaktnr",
}
CONTACTS = {
    "customer_id": _CUSTOMER,
    "occurred_at": _TIME,
    "touchpoint": _TOUCHPOINT,
    "sequence": "sequence, sequence number, seq, Reihenfolge, Laufnummer, laufende Nummer, lfd. Nr., lfdnr",
    "reason": "reason, contact reason, occasion, topic, Anlass, Grund, Anlass/Grund, Kontaktgrund, Kontaktanlass, Anliegen, Thema",
    "direction": "direction, Richtung, Kontaktrichtung",
    "role": "role, function, org:role, Rolle, Funktion",
    "duration_s": (
        "duration_s, duration, duration minutes, duration seconds, handling time, talk time, Dauer, Dauer Sekunden, Dauer Minuten, "
        "Bearbeitungszeit, Bearbeitungsdauer, Gesprächsdauer, Gesprächszeit"
    ),
    "cost": "cost, costs, unit cost, cost per contact, Kosten, Stückkosten, Kosten je Kontakt, Kosten pro Kontakt, Kontaktkosten",
    "outcome": "outcome, result, resolution, Ergebnis, Ausgang, Resultat",
    "value": "value, revenue, amount, order value, Wert, Umsatz, Betrag, Auftragswert, Bestellwert, case:amount_req, case:amount",
    **_SHARED,
}
RATINGS = {
    "customer_id": _CUSTOMER,
    "response_id": (
        "response_id, response id, answer sheet, respondent, respondent id, respnum, participant, interview id, "
        "Antwort-ID, Fragebogen, Fragebogennummer, Bogen, Teilnehmer, Teilnehmer-ID, Befragter"
    ),
    "occurred_at": _TIME,
    "touchpoint": _TOUCHPOINT,
    "rating_id": "rating_id, rating id, Bewertungs-ID, Bewertungsnummer",
    "metric": "metric, Metrik, Kennzahl, Messgröße",
    "score": (
        "score, satisfaction, customer satisfaction, rating, csat, nps, net promoter score, likelihood to recommend, ces, customer effort score, "
        "stars, grade, Zufriedenheit, Kundenzufriedenheit, Bewertung, Note, Schulnote, Weiterempfehlung, Weiterempfehlungsbereitschaft, "
        "Sterne, Punkte, Punktzahl"
    ),
    "scale_low": "scale_low, scale min, scale from, Skala von, Skala min",
    "scale_high": "scale_high, scale max, scale to, Skala bis, Skala max",
    "answer": "answer, answer status, Antwortstatus",
    "rater": "rater, Bewerter, Beurteiler",
    "question": "question, question text, Frage, Fragetext, Fragestellung",
    "wave": "wave, survey wave, Welle, Befragungswelle, Erhebungswelle",
    "weight": "weight, survey weight, Gewicht, Gewichtung",
    **_SHARED,
}
CLOCK = "Uhrzeit, Zeit, time, time of day, clock time"
PERSON = "employee, employee id, agent, agent id, org:resource, resource, Mitarbeiter, Mitarbeiterin, Bearbeiter, Sachbearbeiter, Berater, Agent"
OVERALL = (
    "overall, overall satisfaction, overall rating, total, company, Gesamt, Gesamtzufriedenheit, Gesamtbewertung, Gesamturteil, Gesamteindruck, "
    "Gesamtnote, insgesamt, Zufriedenheit insgesamt, Zufriedenheit gesamt"
)
METRICS = {
    "nps": "nps, netpro, net promoter score, likelihood to recommend, Weiterempfehlung, Weiterempfehlungsbereitschaft",
    "ces": "ces, customer effort score, effort, Aufwand",
    "stars": "stars, star rating, Sterne",
}
GRADES = "grade, school grade, Note, Schulnote, Gesamtnote"


def folded(heading: str) -> str:
    """A heading as it is compared: letters and digits only, umlauts spelt out.

    >>> folded("Kunden-Nr."), folded("Gesprächsdauer (min)")
    ('kundennr', 'gespraechsdauermin')
    """
    return re.sub(r"[^a-z0-9]", "", heading.strip().lower().translate(_FOLDED))


def spellings(words: str) -> list[str]:
    return [folded(word) for word in words.split(", ")]


def is_one_of(heading: str, words: str) -> bool:
    """Whether the heading, with or without its unit, is one of the words."""
    known = spellings(words)
    return folded(heading) in known or _without_unit(heading) in known


def _without_unit(heading: str) -> str:
    return folded(_UNIT.sub("", heading.strip().replace("_", " ")))


def find(words: str, headings: Iterable[str]) -> str | None:
    """The heading that is the earliest of the words."""
    headings = list(headings)
    for match in (folded, _without_unit):
        by_spelling = {match(heading): heading for heading in reversed(headings)}
        for word in spellings(words):
            if word in by_spelling:
                return by_spelling[word]
    return None
