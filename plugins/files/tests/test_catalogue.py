from __future__ import annotations

from audience_gateway.sdk import Capability, Severity, capabilities
from audience_gateway_files import FilesConnector


async def test_what_it_implements_is_what_it_can():
    assert capabilities(FilesConnector) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.READ_MEMBERS,
        Capability.REPLACE_MEMBERS,
        Capability.IDENTITY_INDEX,
        Capability.INCREMENTAL_INDEX,
        Capability.READ_ATTRIBUTES,
        Capability.READ_SEVERAL_IDS,
    }


async def test_files_of_a_known_format_are_audiences(opened, bucket):
    for name in ("b.csv", "a.TSV.gz", "c.parquet", "notes.txt", "deep/d.csv", ".hidden.csv", "e.csv.part"):
        await bucket.write(name, b"")
    assert [audience.id async for audience in (await opened()).list_audiences()] == ["a.TSV.gz", "b.csv", "c.parquet"]


async def test_one_audience_is_found_by_its_name(opened, bucket):
    await bucket.write("b.csv", b"")
    connector = await opened()
    found = await connector.get_audience("b.csv")
    assert found is not None
    assert found.updated is not None
    assert found.refreshed == found.updated
    assert [await connector.get_audience(name) for name in ("x.csv", "../b.csv", "b")] == [None, None, None]


async def test_a_check_counts_files_and_tries_the_crosswalk(opened, bucket):
    connector = await opened(index={"file": "owners.csv"})
    assert [(one.severity, one.path) for one in await connector.check()] == [
        (Severity.WARNING, "settings.bucket"),
        (Severity.ERROR, "settings.index"),
    ]
    await bucket.write("owners.csv", b"id,target\na,1\n")
    assert [one.severity for one in await connector.check()] == [Severity.INFO]
