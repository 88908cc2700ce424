from pathlib import Path

import pytest

from tangente.errors import SourceError
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Field

from .files import CONTACTS, RATINGS

ITEMS = """
[ratings]
occurred_at = { constant = 2026-05-01 }
metric = { constant = "csat" }
scale_low = 1
scale_high = 5
never_used = [6]
"""


def test_mapping_reads_every_form_of_a_field():
    fields = (
        Mapping.from_text(
            CONTACTS
            + """
channel = { constant = "web" }
reason = { columns = ["A", "B"], join = "/", missing = [0, "-"], prefix = "r-" }
outcome = { column = "C", values = { A = "open" }, default = "" }
cost = { column = "D", unit = "cent" }
"""
        )
        .parts[0]
        .rows[0]
        .fields
    )
    assert fields["customer_id"] == Field(columns=("customer",))
    assert fields["channel"] == Field(constant="web")
    assert fields["reason"] == Field(columns=("A", "B"), join="/", missing=("0", "-"), prefix="r-")
    assert fields["outcome"] == Field(columns=("C",), values=(("A", "open"),), default="")
    assert fields["cost"] == Field(columns=("D",), unit="cent")


def test_mapping_part_names_its_columns_once_and_its_tables():
    part = Mapping.from_text(CONTACTS + 'reason = "touchpoint"').parts[0]
    assert (part.columns, part.tables) == (("customer", "time", "touchpoint"), ("contacts",))


def test_mapping_item_takes_what_it_lacks_from_the_part():
    text = ITEMS + '[[ratings.items]]\ncolumn = "A"\ntouchpoint = ""\n[[ratings.items]]\ncolumn = "B"\nnever_used = []'
    first, second = Mapping.from_text(text).parts[0].rows
    assert (first.never_used, second.never_used) == (("6",), ())
    assert first.fields["metric"] == second.fields["metric"] == Field(constant="csat")
    assert "touchpoint" not in first.fields


def test_mapping_rating_of_a_contact_inherits_its_fields():
    text = (
        CONTACTS + '[contacts.rating]\nmetric = { constant = "nps" }\nscore = "nps"\ntouchpoint = { constant = "shop" }'
    )
    rating = Mapping.from_text(text).parts[0].rows[1]
    assert rating.fields["customer_id"] == Field(columns=("customer",))
    assert rating.fields["touchpoint"] == Field(constant="shop")
    assert rating.needs_score


def test_mapping_digest_is_of_the_text():
    first, second = Mapping.from_text(CONTACTS), Mapping.from_text(CONTACTS + "# more")
    assert len(first.digest) == 64
    assert first.digest == Mapping.from_text(CONTACTS, name="other").digest != second.digest


def test_mapping_load_names_a_missing_file(tmp_path: Path):
    with pytest.raises(SourceError, match=r"the mapping .*none\.toml cannot be read: No such file"):
        Mapping.load(tmp_path / "none.toml")


def test_mapping_load_refuses_another_encoding(tmp_path: Path):
    (tmp_path / "m.toml").write_bytes("# für".encode("cp1252"))
    with pytest.raises(SourceError, match=r"m\.toml is not UTF-8; save it as UTF-8"):
        Mapping.load(tmp_path / "m.toml")


def test_mapping_load_reads_utf8(tmp_path: Path):
    path = tmp_path / "m.toml"
    path.write_text(CONTACTS + 'reason = "Größe"', encoding="utf-8")
    assert (Mapping.load(path).name, Mapping.load(path).parts[0].columns[-1]) == ("m.toml", "Größe")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[contacts", "m is not TOML", id="no TOML"),
        pytest.param("", "m has neither [contacts] nor [ratings]", id="no part"),
        pytest.param("[contact]", "m has the unknown key 'contact'; did you mean 'contacts'?", id="unknown part"),
        pytest.param(
            CONTACTS + 'chanel = "x"', "m, [contacts] has the unknown key 'chanel'; did you mean 'channel'?", id="key"
        ),
        pytest.param("[contacts]", "m, [contacts] does not say which column is customer_id", id="required"),
        pytest.param(CONTACTS + 'delimiter = ";;"', "delimiter is ';;'; it must be one character", id="delimiter"),
        pytest.param(
            CONTACTS + 'encoding = "latin-1"', "encoding is 'latin-1'; allowed are 'utf-8', 'cp1252'", id="encoding"
        ),
        pytest.param(CONTACTS + 'decimal = ","\nthousands = ","', "decimal and thousands are both ','", id="signs"),
        pytest.param(CONTACTS.replace("Berlin", "Bern"), "timezone 'Europe/Bern' is unknown", id="zone"),
        pytest.param(
            CONTACTS + 'cost = { unit = "cent" }', "cost needs exactly one of column, columns", id="no source"
        ),
        pytest.param(CONTACTS + 'cost = { column = "c", unit = "kg" }', "cost is 'kg'; allowed are 'cent'", id="unit"),
        pytest.param(CONTACTS + 'role = { column = "c", unit = "s" }', "role takes no unit", id="unit of a name"),
        pytest.param(
            CONTACTS + 'role = { column = "c", format = "%Y" }', "role takes no format", id="format of a name"
        ),
        pytest.param(
            CONTACTS + 'role = { constant = "c", prefix = "x" }', "a constant takes no other", id="constant and more"
        ),
        pytest.param(CONTACTS + "cost = 0.5", "write 0.5 as a text, with the decimal sign of the file", id="float"),
        pytest.param(CONTACTS + "role = true", "role: True must be a text, a whole number or a date", id="bool"),
        pytest.param(CONTACTS + 'role = ""', "role is empty; it needs a text", id="empty heading"),
        pytest.param(CONTACTS + "role = { columns = [] }", "role: [] must be a list", id="no columns"),
        pytest.param(CONTACTS + "role = { column = 3 }", "role: 3 must be a text in quotes", id="number for a heading"),
        pytest.param(
            CONTACTS + "cost = { column = 'c', values = 3 }", "cost is 3; it must be a table of key = value", id="map"
        ),
        pytest.param(CONTACTS + 'missing = "x"', "missing: 'x' must be a list", id="list"),
        pytest.param(
            CONTACTS + 'direction = { constant = "inbound" }',
            "direction is 'inbound'; allowed are 'in', 'out'",
            id="words",
        ),
        pytest.param(RATINGS.replace("scale_low = 1", ""), "it needs scale_low and scale_high", id="scale"),
        pytest.param(
            RATINGS.replace("scale_low = 1", "scale_low = 5"),
            "scale_low and scale_high are both 5; a scale needs two different ends",
            id="scale without extent",
        ),
        pytest.param(ITEMS + 'score = "x"\n[[ratings.items]]', "score cannot stand beside items", id="score and items"),
        pytest.param(ITEMS + "items = []", "items must be a list of tables", id="no items"),
        pytest.param(ITEMS + "[[ratings.items]]", "items 1 names no column", id="item without column"),
        pytest.param(ITEMS + '[[ratings.items]]\ncolumn = "A"\n' * 2, "two items read the column 'A'", id="item twice"),
        pytest.param(ITEMS + "score = { constant = 1 }", "reads no column of the file", id="no column"),
    ],
)
def test_mapping_names_what_is_wrong(text: str, message: str):
    with pytest.raises(SourceError) as error:
        Mapping.from_text(text, name="m")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        pytest.param("%d.%m.%Q", "uses %Q; allowed are %Y, %y", id="unknown directive"),
        pytest.param("%d.%m.", "must hold year, month and day", id="no year"),
        pytest.param("%d.%m.%Y %I:%M", "%I together with %p", id="12 hours without half"),
        pytest.param("%d.%d.%m.%Y", "must name each directive once", id="twice"),
    ],
)
def test_mapping_refuses_a_format_that_cannot_be_read(form: str, message: str):
    text = CONTACTS.replace('"time"', f'{{ column = "time", format = "{form}" }}')
    with pytest.raises(SourceError) as error:
        Mapping.from_text(text)
    assert message in str(error.value)


def test_mapping_takes_a_toml_time_as_constant():
    text = CONTACTS.replace('"time"', "2026-05-01T10:00:00+02:00")
    assert Mapping.from_text(text).parts[0].rows[0].fields["occurred_at"] == Field(constant="2026-05-01 10:00:00+02:00")


EMPLOYED = CONTACTS + 'employee = "agent"\n'


@pytest.mark.parametrize(
    ("text", "field"),
    [
        pytest.param(RATINGS + 'response_id = "customer"', "response_id", id="sheet"),
        pytest.param(RATINGS + 'response_id = { column = "customer", prefix = "R-" }', "response_id", id="prefix"),
        pytest.param(RATINGS + 'rating_id = { columns = ["customer", "time"] }', "rating_id", id="joined"),
        pytest.param(CONTACTS + 'contact_id = "customer"', "contact_id", id="contact"),
        pytest.param(CONTACTS + 'segment = { column = "customer", values = { "1" = "A" } }', "segment", id="values"),
        pytest.param(CONTACTS + 'sequence = "customer"', "sequence", id="number"),
        pytest.param(EMPLOYED + 'role = "agent"', "role", id="employee"),
    ],
)
def test_mapping_keeps_the_numbers_of_people_out_of_other_fields(text: str, field: str):
    with pytest.raises(SourceError) as error:
        Mapping.from_text(text)
    assert error.value.args[0].code == "E-MAPPING"
    assert error.value.args[0].values["field"] == field


@pytest.mark.parametrize(
    "line",
    [
        'segment = { column = "customer", values = { "1" = "A" }, default = "other" }',
        'outcome = { column = "customer", values = { "1" = "resolved" }, default = "" }',
        'direction = "customer"',
    ],
)
def test_mapping_lets_fields_read_a_persons_column_that_cannot_show_it(line: str):
    assert "customer" in Mapping.from_text(CONTACTS + line).parts[0].columns


def test_mapping_keeps_the_agent_out_of_the_rating_of_a_contact():
    rating = '[contacts.rating]\nscore = "score"\nmetric = { constant = "nps" }\nquestion = "agent"'
    with pytest.raises(SourceError, match="question reads 'agent' as employee does"):
        Mapping.from_text(EMPLOYED + rating)
