import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from tangente.report.page import render, with_options
from tests.report import samples
from tests.report.reading import read_page, section

SAMPLES = ["full", "compared", "contacts_only", "ratings_only", "tiny", "empty", "empty_point", "huge"]


@pytest.fixture(scope="module", params=SAMPLES)
def page(request):
    return read_page(render(getattr(samples, request.param)("de")))


@pytest.fixture(scope="module")
def full():
    return read_page(render(samples.full("de")))


def every(page):
    yield page
    for child in page.children:
        yield from every(child)


def test_page_fetches_and_runs_nothing(page):
    addresses = [
        e.attributes[name] for e in every(page) for name in ("href", "src", "srcset", "action") if name in e.attributes
    ]
    assert [address for address in addresses if not address.startswith("#")] == []
    assert page.all("script", "link", "iframe", "object", "base", "form") == []


def test_page_has_no_inline_style_and_no_handler(page):
    inline = [name for e in every(page) for name in e.attributes if name == "style" or name.startswith("on")]
    assert (inline, len(page.all("style"))) == ([], 1)


def test_policy_admits_the_one_style_element():
    html = render(samples.tiny("de"))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(m.attributes["content"] for m in read_page(html).all("meta") if "http-equiv" in m.attributes)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"


def test_headings_have_one_root_and_no_gap(page):
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_identities_are_unique_and_referred_to(page):
    identities = [e.attributes["id"] for e in every(page) if "id" in e.attributes]
    referred = [key for e in every(page) for key in e.attributes.get("aria-labelledby", "").split()]
    referred += [e.attributes["href"][1:] for e in page.all("a")]
    assert len(identities) == len(set(identities))
    assert set(referred) <= set(identities)


def test_pictures_have_a_name_or_are_hidden(page):
    silent = [
        svg for svg in page.all("svg")
        if svg.attributes.get("aria-hidden") != "true" and not {"aria-label", "aria-labelledby"} & svg.attributes.keys()
    ]  # fmt: skip
    assert silent == []


def test_every_picture_has_its_table(full):
    drawn = [
        part for part in full.all("section") if any(svg.attributes.get("class") == "chart" for svg in part.all("svg"))
    ]
    assert [part.attributes["id"] for part in drawn] == ["importance", "cost", "funnel", "relevance", "flow"]
    assert [part.attributes["id"] for part in drawn if not part.all("table")] == []


def test_every_mark_has_its_row_in_the_table(full):
    for part in full.all("section"):
        cells = [[cell.words for cell in row.all("th", "td")] for row in part.all("tr")]
        rows = {first for first, *_ in cells} | {f"{first} → {second}" for first, second, *_ in cells}
        marks = [mark.attributes["data-row"] for mark in every(part) if "data-row" in mark.attributes]
        assert set(marks) - rows == set()
        assert bool(marks) == bool([svg for svg in part.all("svg") if svg.attributes.get("class") == "chart"])


def test_tables_have_at_most_fifty_rows(page):
    assert [len(body.all("tr")) for body in page.all("tbody") if len(body.all("tr")) > 50] == []


def test_more_rows_than_fit_are_counted():
    words = read_page(render(samples.huge("de"))).words
    assert "50 von 500 Zeilen; alle stehen im Ordner tables." in words


def test_tables_are_headed(page):
    for table in page.all("table"):
        assert all(head.attributes.get("scope") in ("col", "row") for head in table.all("th"))
        assert len(table.all("caption")) == 1


def test_hostile_names_are_text():
    html = render(samples.tiny("de"))
    assert "<script" not in html
    assert "&lt;script&gt;alert(" in html
    assert '<script>alert("1")</script> & „Käse“' in read_page(html).words


def test_title_is_the_headline(full):
    assert full.all("h1")[0].words == "„Hotline: Störung melden“ kommt zuerst"


def test_figures_of_the_sentence_stand_in_the_table():
    analysis = samples.full("de")
    page = read_page(render(analysis))
    rows = {row.all("th")[0].words: row for row in section(page, "ranking").all("table")[1].all("tr")[1:]}
    for point in analysis.touchpoints[:20]:
        cells = {text for cell in rows[point.name].all("td") for text in re.findall(r"[\d.,]+", cell.words)}
        sentence = re.sub(r"(binnen 7|in den 90) Tagen", "", point.reason)
        assert set(re.findall(r"\d[\d.,]*\d|\d", sentence)) <= {cell.rstrip(".,") for cell in cells}


def test_key_touchpoints_show_reason_n_and_stability(full):
    first = section(full, "ranking").all("tbody")[0].all("tr")[0]
    assert first.all("th")[0].words.startswith("Hotline: Störung meldenErreicht 20\u202f% der Kunden")
    assert [cell.words.strip() for cell in first.all("td")] == ["1", "", "5,65,4–5,8", "1.204", "98\u202f%"]


def test_counts_are_of_the_log_not_of_the_files_read():
    analysis = samples.full("en")
    unread = replace(analysis.source.contacts, rows=0, accepted=0, new=0, held=50_000, customers=20_000)
    page = read_page(render(replace(analysis, source=replace(analysis.source, contacts=unread))))
    assert "50,000 contacts of 20,000 customers" in page.words
    assert "2.5 per customer" in page.words
    rows = {row.all("th")[0].words: row.all("td")[0].words for row in section(page, "read").all("tr") if row.all("td")}
    assert (rows["Rows"], rows["in the log"]) == ("0", "50,000")


@pytest.mark.parametrize(
    ("sample", "key", "missing"),
    [
        pytest.param("contacts_only", "importance", "Bedeutung braucht Urteile", id="no ratings"),
        pytest.param("contacts_only", "cost", "Kosten fehlen: Geben Sie", id="no costs"),
        pytest.param("contacts_only", "experience", "Urteile über einzelne Touchpoints fehlen", id="no judgements"),
        pytest.param("contacts_only", "handovers", "Ordnen Sie die Spalte unit zu", id="no departments"),
        pytest.param("single_contacts", "handovers", "Es gab keine Übergabe", id="no handovers"),
        pytest.param("single_contacts", "flow", "Niemand hatte mehr als einen Kontakt", id="no ways"),
        pytest.param("ratings_only", "flow", "Wege brauchen Kontakte", id="no contacts"),
        pytest.param("ratings_only", "relevance", "Dieser Vergleich braucht beides", id="no costs beside ratings"),
        pytest.param("empty", "ranking", "Kein Touchpoint hat genügend", id="nothing"),
    ],
)
def test_section_without_data_says_what_is_missing(sample, key, missing):
    page = read_page(render(getattr(samples, sample)("de")))
    assert missing in section(page, key).words


def test_too_few_answers_show_no_mean(full):
    rows = {row.all("th")[0].words: row for row in section(full, "experience").all("tr")}
    few = next(row for name, row in rows.items() if name.startswith("Rückruf nach Kündigung"))
    assert [cell.words.strip() for cell in few.all("td")] == ["zu wenige", "zu wenige–", "24"]


def test_cells_below_five_people_are_hidden(full):
    words = section(full, "flow").words
    assert "Damit niemand erkennbar wird, sind 2 Zeilen mit weniger als fünf Personen verdeckt oder gekürzt." in words
    assert "WeiterempfehlungsprämieKündigung" not in words


def test_comparison_names_signals_and_noise():
    words = section(read_page(render(samples.compared("de"))), "changes").words
    assert "Vorher 5,0, jetzt 5,6; Unterschied +0,6 [0,3–0,9]." in words
    assert (
        "Online-Shop −0,1, Chat +0,2 und Rechnung (PDF und Brief) 0,0: innerhalb dessen, was der Zufall erklärt."
        in words
    )


@pytest.mark.parametrize(("same", "times"), [(True, 0), (False, 1)])
def test_comparison_under_other_weights_says_why_there_are_no_earlier_ranks(same, times):
    analysis = samples.compared("de")
    comparison = replace(analysis.comparison, same_weights=same)
    words = section(read_page(render(replace(analysis, comparison=comparison))), "changes").words
    assert words.count("Ränge werden nicht verglichen: Die Priorität des früheren Berichts") == times


def test_method_names_weights_seed_and_what_is_not_for_publication(full):
    words = section(full, "method").words
    assert "Die Priorität ist die gewichtete Summe aus: Bedeutung 30\u202f%," in words
    assert "Startwert 1;" in words
    assert "Sie sind nicht zur Veröffentlichung bestimmt." in words


def test_picture_says_how_much_it_shows(full):
    assert (
        "Gezeichnet sind 12 von 23 Touchpoints und 17 von 49 Übergängen; sie decken 72\u202f%"
        in section(full, "flow").words
    )


def test_english_page_has_no_german_left():
    page = read_page(render(samples.ratings_only("en")))
    assert re.findall(r"\w*[äöüßÄÖÜ]\w*", page.words) == []
    assert page.all("html")[0].attributes["lang"] == "en"


def test_page_is_the_same_for_the_same_analysis():
    assert render(samples.full("de")) == render(samples.full("de"))


def test_options_are_set_as_code_and_all_else_is_escaped():
    assert str(with_options("Add <b> with --contacts.")) == "Add &lt;b&gt; with <code>--contacts</code>."
