"""Names of exported files, written as the documents show them (rtcdp 6.4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.files.name_templates import NameTemplate
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"
APRIL = datetime(2020, 4, 8, 6, 18, 4, tzinfo=UTC)
DEFAULT = NameTemplate()
STATIC = NameTemplate(name="%DESTINATION_NAME%_%SEGMENT_ID%")


def template(time: str) -> str:
    return f"%DESTINATION_NAME%_%SEGMENT_ID%_{time}"


@pytest.mark.parametrize(
    ("name", "key", "time"),
    [
        (DEFAULT.name, f"Salesforce_Marketing_Cloud_segment{GOLD}_20200408061804.csv", APRIL),
        (template("%DATETIME(YYYYMMdd_HHmmss)%"), f"Amazon_S3_{GOLD}_20200408_061804.csv", APRIL),
        (template("%DATETIME(YYYYMMDD_HHMMSS)%"), f"Amazon_S3_{GOLD}_20200408_061804.csv", APRIL),
        (template("%DATETIME(MMDDYYYY_HHMMSS)%"), f"Amazon_S3_{GOLD}_04082020_061804.csv", APRIL),
        (template("%DATETIME(yyyymmddhhmmss)%"), f"Amazon_S3_{GOLD}_20200408061804.csv", APRIL),
        (template("%DATETIME%"), f"Amazon_S3_{GOLD}_20200408_061804.csv", APRIL),
        (template("%DATETIME(yyyy-MM-dd)%"), f"Amazon_S3_{GOLD}_2020-04-08.csv", datetime(2020, 4, 8, tzinfo=UTC)),
        (template("%TIMESTAMP%"), f"Amazon_S3_{GOLD}_1586326684.csv", APRIL),
        (template("%SEGMENT_NAME%_%TIMESTAMP%"), f"Amazon_S3_{GOLD}_Gold_tier_1586326684.csv", APRIL),
        ("%ORGANIZATION_NAME%-%SANDBOX_NAME%-%SEGMENT_ID%-%DATETIME%", f"Acme-prod-{GOLD}-20200408_061804.csv", APRIL),
        (STATIC.name, f"Amazon_S3_{GOLD}.csv", None),
        ("for campaign_%SEGMENT_ID%", f"for campaign_{GOLD}.csv", None),
    ],
)
def test_names_are_read_by_their_template(name, key, time):
    found = NameTemplate(name=name).parse(key, GOLD)
    assert found is not None
    assert (found.time, found.part, found.suffix, found.gzipped) == (time, 1, "csv", False)


@pytest.mark.parametrize(
    ("suffix", "part", "kind", "gzipped"),
    [
        (".csv", 1, "csv", False),
        ("_2.csv", 2, "csv", False),
        ("_3.csv.gz", 3, "csv", True),
        ("_12.CSV", 12, "csv", False),
        (".txt", 1, "txt", False),
        (".parquet", 1, "parquet", False),
    ],
)
def test_parts_are_numbered_behind_the_name_and_the_suffix_tells_the_kind(suffix, part, kind, gzipped):
    found = STATIC.parse(f"Amazon_S3_{GOLD}{suffix}", GOLD)
    assert found is not None
    assert (found.part, found.suffix, found.gzipped, found.root) == (part, kind, gzipped, f"Amazon_S3_{GOLD}")


@pytest.mark.parametrize(
    "key",
    [
        f"Adobe_segment{GOLD}_20201308061804.csv",  # a 13th month
        f"Adobe_segment{GOLD}_2020040806180.csv",
        f"Adobe_segment{GOLD}_20200408061804_1.csv",  # the first part bears no number
        f"Adobe_segment{GOLD}_20200408061804.json",
        f"Adobe_segment{GOLD[:-1]}a_20200408061804.csv",
        f"deep/Adobe_segment{GOLD}_20200408061804.csv",
        f"Adobe_segment{GOLD}_20200408061804.csv.pgp",
    ],
)
def test_what_is_no_file_of_the_audience(key):
    assert DEFAULT.parse(key, GOLD) is None


def test_the_folder_may_tell_the_audience():
    names = NameTemplate("drops/%SEGMENT_NAME%/%SEGMENT_ID%", "members_%DATETIME(YYYYMMdd)%")
    found = names.parse(f"drops/Gold/{GOLD}/members_20200408.csv", GOLD)
    assert found is not None
    assert found.time == datetime(2020, 4, 8, tzinfo=UTC)
    assert names.parse(f"drops/Gold/Silver/{GOLD}/members_20200408.csv", GOLD) is None
    assert names.prefix(GOLD) == "drops/"


def test_a_macro_that_stands_twice_stands_for_the_same_text():
    names = NameTemplate("%SEGMENT_NAME%", "%SEGMENT_NAME%_%SEGMENT_ID%")
    assert names.parse(f"Gold/Gold_{GOLD}.csv", GOLD)
    assert names.parse(f"Gold/Silver_{GOLD}.csv", GOLD) is None


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("%DESTINATION_NAME%_%DATETIME%", "SEGMENT_ID"),
        ("%SEGMENT_ID%_%WEATHER%", "unknown macro, %WEATHER%"),
        ("%SEGMENT_ID%_%DATETIME%_%TIMESTAMP%", "one of %DATETIME% and %TIMESTAMP%"),
        ("%SEGMENT_ID%_%TIMESTAMP%_%TIMESTAMP%", "one of %DATETIME% and %TIMESTAMP%"),
        ("%SEGMENT_ID%_%SEGMENT_NAME%", "does not end with a name"),
        ("%SEGMENT_ID%_%DATETIME(YYYYMMddQQ)%", "has a field that is not known"),
        ("%SEGMENT_ID%_%DATETIME(YYMMdd)%", "another length"),
        ("%SEGMENT_ID%_%DATETIME(HHmmss)%", "does not tell a day"),
        ("%SEGMENT_ID%_%SANDBOX_NAME(x)%-", "only %DATETIME% has a format"),
        ("a/%SEGMENT_ID%", "no slash"),
        ("%SEGMENT_ID%" + "x" * 250, "255"),
    ],
)
def test_a_template_by_which_nothing_could_be_read_is_refused_as_a_setting(name, finding):
    with pytest.raises(ValidationError, match=finding):
        FileSettings(bucket="file:///drops", id_columns={"crm": "crmId"}, name=name)


_MACROS = {"SEGMENT_NAME": "Gold", "DESTINATION_NAME": "Adobe_Campaign", "SANDBOX_NAME": "prod"}
_FORMS = {"YYYYMMDDHHMMSS": "%Y%m%d%H%M%S", "MMddYYYY_HHmmss": "%m%d%Y_%H%M%S"}
TEXT = st.text("ab-. (+)[", max_size=4)


@given(
    st.lists(st.sampled_from(sorted(_MACROS)), unique=True),
    st.lists(TEXT, min_size=6, max_size=6),
    st.sampled_from(sorted(_FORMS)),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001  # hypothesis adds the zone itself
    st.integers(1, 200),
)
def test_whatever_a_template_writes_it_reads(macros, texts, form, moment, part):
    name = "".join(f"%{macro}%{text}" for macro, text in zip(macros, texts, strict=False))
    filled = "".join(f"{_MACROS[macro]}{text}" for macro, text in zip(macros, texts, strict=False))
    number = f"_{part}" if part > 1 else ""
    time = moment.replace(microsecond=0, tzinfo=UTC)
    key = f"{filled}_{GOLD}_{time.strftime(_FORMS[form])}{number}.csv"
    found = NameTemplate(name=f"{name}_%SEGMENT_ID%_%DATETIME({form})%").parse(key, GOLD)
    assert found is not None
    assert (found.time, found.part) == (time, part)
