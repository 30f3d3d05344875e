"""What fuzzing begins with: a sound file of every kind."""

from __future__ import annotations

from collections.abc import Iterator

from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file

_UUID = b"59767559181262060060278870901087098252"
_TEXTS: dict[int, tuple[bytes, ...]] = {
    0: (
        _UUID + b"\td_sid=24,d_sid=26,d_unsid=28\n",
        b'crm-42\t"gender"=m, model = "pickup truck"\ncrm-43\t24:0,26:-1\r\ncrm-44\t30608,ic=7\n',
        b'crm-42\tat="2013-01-26 00:00:00.000",-product=camera\n\ncrm-43\t\ncrm:44\td_sid=24\n',
        b'crm-42\tat="1, 2","a,b"=c,"-d_sid"=24\ncrm-43\t--a=b\ncrm-44\td_sid=x\ncrm-45\t""=v\n',
        b"idfa\tA53CC5A2\td_sid=24\ngaid\te4fe9bde\td_unsid=24\n",
    ),
    1: (_UUID + b" 24,26,27 25,28\n", b"a\t24\t25\nb\t25\t24\nc\t\t24\n", b"7||a|24;25\n7|24|b|\n"),
    2: (b"a\tb\nc\td\n", _UUID + b"\tcrm-42\n", b"crm-42\t" + b"\t".join([b"0123abcd"] * 10) + b"\n"),
    3: (
        b"ftp_dpm_478_567_1366545717.sync.1.gz",
        b"ftp_dpm_odc_478_1366545717.overwrite.pgp",
        b"adobe_id_123_898_456_1454442149.sync.1.gz",
        b"S3_1234_20914_XYZCustomer_iter_1486140844000001.sync.gz",
        b"aws/example/date=2026-01-02/ftp_dpm_478_1366545717.sync",
    ),
    4: (b"<SYNC_TYPE>_<DID>[_<PID_ALIAS>]_<TIMESTAMP><SPLITNUM>", b"<MCID><TAB><SEGMENT_LIST>"),
    5: (
        control_file("S3_1_2_full_3", [ListedFile(name="S3_1_2_full_3.sync", size=1, lines=1, md5="0" * 32)]),
        b'{Files: [{FileByteSize: 1, FileLineCount: 1, FileName: "a", md5: "' + b"0" * 32 + b'"},]}',
    ),
    6: (b"a\t24\t25\nb\t25\t24\n", b"a 24,26 25\n", b"7||a|24;25\n"),
    7: (b"a\x1fb\x1fa\x1fc:d\x1f\x1fe\tf", b"zo\xc3\xab\x1f100%3A\x1f100%"),
}


def seeds() -> Iterator[bytes]:
    """Each text with a few variants of its property."""
    for number, texts in _TEXTS.items():
        for text in texts:
            for choice in (0, 1, 2, 4, 8, 33, 160, 255):
                yield bytes([number, choice]) + text
