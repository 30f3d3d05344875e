"""Lines of inbound files: each one that the documents print, and what is wrong with the others."""

import pytest
from audience_gateway_sandbox.audience_manager.inbound.id_sync_lines import read_id_sync_line
from audience_gateway_sandbox.audience_manager.inbound.lines import BadLine, Items, Line, read_line
from audience_gateway_sandbox.audience_manager.inbound.names import read_name

VISITOR = "59767559181262060060278870901087098252"


@pytest.mark.parametrize(
    ("line", "items"),
    [
        (f"{VISITOR}\td_sid=24,d_sid=26,d_unsid=28", Items((24, 26), (28,), (), 3)),
        ("DBwFoc3dhfMNCFBh2M4F9ZkJEXMNnRDh2PXvnI1\t30608,50354", Items((), (), (("ic", "30608"), ("ic", "50354")), 2)),
        (
            'crm-42\t"gender"=m, model = "pickup truck"',
            Items((), (), (("gender", "m"), ("model", "pickup truck")), 2),
        ),
        ("crm-42\tic=Gold", Items((), (), (("ic", "gold"),), 1)),
        ("crm-42\t28:0,29:-1 , 30 : 0", Items((), (28, 29, 30), (), 3)),
        ("crm-42\t-product = camera", Items((), (), (("product", "camera"),), 1)),
        ("crm-42\td_sid = 24 , d_sid=25", Items((24, 25), (), (), 2)),
        ('crm-42\t"d_sid"="24"', Items((24,), (), (), 1)),
        (
            'crm-42\t"seen"="2013-01-26 00:00:00.000", a="1,2"',
            Items((), (), (("seen", "2013-01-26 00:00:00.000"), ("a", "1,2")), 2),
        ),
        ("crm-42\turl=http://x/?a=b", Items((), (), (("url", "http://x/?a=b"),), 1)),
        ("crm-42\td_sid=24\r", Items((24,), (), (), 1)),
    ],
)
def test_a_valid_line_tells_its_user_and_its_items(line, items):
    assert read_line(line.encode()) == Line(line.partition("\t")[0], items)


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("crm-42 d_sid=24", "one tab"),
        ("crm-42\td_sid=24\td_sid=26", "one tab"),
        ("crm-42\t", "no items"),
        ("\td_sid=24", "no user"),
        ("crm-42\td_sid=", "lacks its key or its value"),
        ("crm-42\t=x", "lacks its key or its value"),
        ("crm-42\td_sid=abc", "no number"),
        ("crm-42\td_sid=99999999999999999999", "no number"),
        ("crm-42\td_sid=24,", "empty"),
        ("crm-42\td_sid=24,,d_sid=25", "empty"),
        ("crm-42\tgold", "neither"),
        ("crm-42\t28:1", "neither"),
        ('crm-42\ta="open', "not closed"),
        ('crm-42\ta="x"y', "neither"),
        ("crm-42\tgender=\N{LEFT DOUBLE QUOTATION MARK}m\N{RIGHT DOUBLE QUOTATION MARK}", "curly"),
        ("crm-42\ta=" + "x" * 102_400, "longer than 102400 bytes"),
    ],
)
def test_an_invalid_line_is_refused_with_what_is_wrong(line, finding):
    with pytest.raises(BadLine, match=finding):
        read_line(line.encode())


def test_a_line_of_exactly_the_longest_length_is_read():
    assert read_line(b"u\ta=" + b"x" * (102_400 - 4)).items.count == 1


def test_a_line_that_is_no_utf_8_is_refused():
    with pytest.raises(BadLine, match="UTF-8"):
        read_line(b"crm-42\tcity=K\xf6ln")


def test_what_is_said_of_a_line_holds_nothing_of_it():
    with pytest.raises(BadLine) as refused:
        read_line(b"secret-person\tsecret-item")
    assert "secret" not in str(refused.value)


def test_a_user_without_items_is_only_for_overwrite_files():
    assert read_line(b"crm-42\t", may_be_empty=True) == Line("crm-42", Items())


def test_lines_of_oracle_data_cloud_tell_the_kind_of_their_device_id():
    line = read_line(b"idfa\tA53CC5A2-6AA1-4210-8DED-A88B29B6212A\td_sid=1", names_devices=True)
    assert (line.data_source_id, line.items.realized) == (20915, (1,))
    with pytest.raises(BadLine, match="kind of its device id"):
        read_line(b"crm-42\td_sid=1", names_devices=True)


PAIRS = read_name("adobe_id_0_12345_1476312152.sync")
TRIPLES = read_name("adobe_id_123_898_456_1454442149.sync")
HASHES = read_name("c2c_id_999999_987654_1560431657.sync")


@pytest.mark.parametrize(
    ("file", "line", "ids"),
    [
        (PAIRS, f"{VISITOR}\tcrm-42", (VISITOR, "crm-42")),
        (TRIPLES, "a\tb\tc\r", ("a", "b", "c")),
        (HASHES, "crm-42\th1\th2\th3", ("crm-42", "h1", "h2", "h3")),
        (PAIRS, "a\tb%09c", ("a", "b%09c")),
    ],
)
def test_a_valid_line_of_an_id_sync_file_tells_its_ids(file, line, ids):
    assert read_id_sync_line(line.encode(), file) == ids


@pytest.mark.parametrize(
    ("file", "line", "finding"),
    [
        (PAIRS, "a\tb\t", "ends with a tab or a blank"),
        (PAIRS, "a\tb ", "ends with a tab or a blank"),
        (PAIRS, "a\tb\tc", "2 columns"),
        (PAIRS, "a", "2 columns"),
        (TRIPLES, "a\tb", "3 columns"),
        (TRIPLES, "a\t\tc", "empty"),
        (HASHES, "crm-42\t" + "\t".join("abcdefghijk"), "columns"),
    ],
)
def test_an_invalid_line_of_an_id_sync_file_is_refused(file, line, finding):
    with pytest.raises(BadLine, match=finding):
        read_id_sync_line(line.encode(), file)
