"""Names and lines of outbound files, as the documents print them."""

from datetime import UTC, datetime

import pytest
from audience_gateway_sandbox.audience_manager.outbound.file_names import DEFAULT_NAME, FileNames, Transfer
from audience_gateway_sandbox.audience_manager.outbound.lines import DEFAULT_LINE, Lines, User
from audience_gateway_sandbox.audience_manager.outbound.template import Template, TemplateError

MADE = datetime.fromtimestamp(1449756724, UTC)


def transfer(**others):
    given = {"destination_id": 215, "data_source_id": 888, "master_id": 20915, "mode": "iter", "made": MADE}
    return Transfer(**given | others)


@pytest.mark.parametrize(
    ("template", "others", "name"),
    [
        (
            "<SYNC_TYPE>_<ORDER_ID>_<DPID>_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>.sync",
            {"sync_type": "ftp", "digits": 10},
            "ftp_215_888_iter_1449756724.sync",
        ),
        (
            "<SYNC_TYPE>_<ORDER_ID>_<DPID>_<MASTER_DPID>_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>.sync",
            {"sync_type": "http", "digits": 10, "mode": "full"},
            "http_215_888_20915_full_1449756724.sync",
        ),
        (
            "<SYNC_TYPE>_<ORDER_ID>_<MASTER_DPID>_<PIDALIAS>_<SYNC_MODE>_<TIMESTAMP><SPLITNUM>.sync.gz",
            {"alias": "XYZCustomer"},
            "s3_215_20915_XYZCustomer_iter_1449756724000.sync.gz",
        ),
        (
            '<ORDER_ID>_<TIMESTAMP; format="YYYYMMDDhhmmss"><SPLITNUM>.csv',
            {},
            "215_20151210141204.csv",
        ),
    ],
)
def test_a_name_follows_its_template(template, others, name):
    assert FileNames.of(template).data_file(transfer(**others)) == name


def test_all_parts_but_the_first_glue_three_digits_or_more_to_the_time():
    names = FileNames.of(DEFAULT_NAME)
    assert names.data_file(transfer(), 1) == "s3_215_20915_iter_1449756724000001.sync.gz"
    assert names.data_file(transfer(), 1000) == "s3_215_20915_iter_14497567240001000.sync.gz"


def test_the_control_file_shares_the_root_of_the_names():
    assert FileNames.of(DEFAULT_NAME).control_file(transfer()) == "s3_215_20915_iter_1449756724000.info"


@pytest.mark.parametrize("template", ["<ORDER_ID>.sync", "<TIMESTAMP>.sync", "<DP_UUID><TIMESTAMP><SPLITNUM>"])
def test_names_that_would_clash_or_name_people_are_refused(template):
    with pytest.raises(TemplateError):
        FileNames.of(template)


UUID = "59767559181262060060278870901087098252"
SEGMENTS = [{"sid": "24"}, {"sid": "26"}, {"sid": "27"}]
REMOVED = [{"sid": "25"}, {"sid": "28"}]
IDS = {1111: ["BBBB", "AAAA"], 2222: ["CCCC"]}


@pytest.mark.parametrize(
    ("template", "user", "line"),
    [
        (
            '<UUID> <SEGMENT_LIST; separator=","> <REMOVED_SEGMENT_LIST; separator=",">',
            User(dp_uuid="x", uuid=UUID, segments=SEGMENTS, removed=REMOVED),
            f"{UUID} 24,26,27 25,28",
        ),
        (
            '<DP_UUID> <SEGMENT_LIST;separator=" ">',
            User(dp_uuid="123456", segments=SEGMENTS),
            "123456 24 26 27",
        ),
        (
            "<DP_UUID><TAB><DP_UUID_LIST;separator=TAB>",
            User(dp_uuid="BBBB", ids=IDS),
            "BBBB\tBBBB\tAAAA",
        ),
        (
            (
                "<PID><TAB><UUID><TAB><DP_UUID><TAB><SET_ATTRIBUTES><TAB><OPT_OUT><TAB>"
                '<SEGMENT_LIST:{seg|<seg.type>,<seg.sid>,<OUTPUT_ATTRIBUTE_VALUE>,<seg.lastUpdateTime>}; separator="&">'
            ),
            User(
                dp_uuid="17t0aj01b120hp",
                uuid="00088008579683653741516297509717335000",
                segments=[{"type": "5", "sid": "103714", "lastUpdateTime": "1344114661000"}],
            ),
            "1159\t00088008579683653741516297509717335000\t17t0aj01b120hp\t1\t0\t5,103714,1,1344114661000",
        ),
        (
            (
                '{"TDID":"<DP_UUID>","Data":[<SEGMENT_LIST:{seg|<OPEN_CURLY_BRACKET>"Name":"<seg.sid>"'
                '<CLOSE_CURLY_BRACKET>}; separator=","><if(SEGMENT_LIST && REMOVED_SEGMENT_LIST)><COMMA><endif>'
                '<REMOVED_SEGMENT_LIST:{seg|<OPEN_CURLY_BRACKET>"Name":"<seg.sid>","TtlInMinutes":0'
                '<CLOSE_CURLY_BRACKET>}; separator=",">]}'
            ),
            User(dp_uuid="a", segments=[{"sid": "4321"}], removed=[{"sid": "987"}]),
            '{"TDID":"a","Data":[{"Name":"4321"},{"Name":"987","TtlInMinutes":0}]}',
        ),
        (
            '<DPUUIDS; format="dpids=1111|maxMappings=0|format=json">',
            User(dp_uuid="a", ids=IDS),
            '[["1111","BBBB"],["1111","AAAA"]]',
        ),
        (
            '<DPUUIDS; format="dpids=1111,2222|maxMappings=1|format=json">',
            User(dp_uuid="a", ids=IDS),
            '[["1111","BBBB"],["2222","CCCC"]]',
        ),
        (
            '<DPUUIDS; format="dpids=2222|maxMappings=2|format=json">',
            User(dp_uuid="a", ids=IDS),
            '[["2222","CCCC"]]',
        ),
        ("<MCID><ASCII_SOH><ORDER_ID>", User(dp_uuid="a", ecid=UUID), f"{UUID}\x01" + "888"),
        (DEFAULT_LINE, User(dp_uuid="crm-42", segments=SEGMENTS), "crm-42\t24,26,27"),
        (DEFAULT_LINE, User(dp_uuid="crm-42", segments=SEGMENTS, removed=REMOVED), "crm-42\t24,26,27 25,28"),
    ],
)
def test_a_line_follows_its_template(template, user, line):
    lines = Lines(Lines.read(template), {"PID": "1159", "ORDER_ID": "888"}, master_id=1111)
    assert lines.line(user) == line


@pytest.mark.parametrize(
    ("template", "finding"),
    [
        ("<DP_UUID", "has no >"),
        ("<NOBODY>", "no macro NOBODY"),
        ("<if(SEGMENT_LIST)>x", "has no <endif>"),
        ("x<endif>", "has no <if"),
        ("<if(DP_UUID)>x<endif>", "no list"),
        ('<SEGMENT_LIST; colour="red">', "neither a separator nor a format"),
        ("<SEGMENT_LIST:{seg|<other.sid>}>", "neither a field of seg"),
        ("a<NEW_LINE>b", "one line"),
        ("<dp uuid>", "is no macro"),
    ],
)
def test_a_template_that_breaks_the_notation_is_refused(template, finding):
    with pytest.raises(TemplateError, match=finding):
        Lines.read(template)


def test_a_template_keeps_its_text():
    assert Template("<TAB>", ()).text == "<TAB>"
