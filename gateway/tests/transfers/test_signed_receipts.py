"""A receipt is signed when it is written, however its transfer ends, and so that anybody can verify it."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from audience_gateway.storage.schema import TRANSFERS
from audience_gateway.transfers.model import Receipt
from audience_gateway.transfers.signing import NotEd25519, SigningKey, VerifyingKey
from systems import Ids, Row, Systems
from test_control import Gated, people

from conftest import request


def verifies(receipt: Receipt, key: VerifyingKey) -> bool:
    return key.verifies(receipt.signature, receipt.canonical_json.encode()) and receipt.key_id == key.id


async def test_the_receipt_of_a_transfer_verifies(gateway):
    async with gateway(Systems({"source": people("ab"), "target": Ids()})) as opened:
        receipt = await opened.receipt(await opened.share())
        key = opened.transfers.receipt_key()
    assert verifies(receipt, key)


async def test_so_does_that_of_one_that_was_cancelled_before_it_began(gateway):
    target = Gated()
    async with gateway(Systems({"source": people("a"), "target": target})) as opened:
        first = await opened.transfers.start(request())
        await target.reached.wait()
        cancelled = await opened.transfers.cancel((await opened.transfers.start(request())).id)
        target.opened.set()
        await opened.ended(first)
        receipt, key = await opened.receipt(cancelled), opened.transfers.receipt_key()
    assert verifies(receipt, key)


async def test_a_receipt_that_is_changed_where_it_is_kept_verifies_no_more(gateway):
    async with gateway(Systems({"source": Ids([Row("a"), Row("bad")]), "target": Ids()})) as opened:
        ended = await opened.share()
        receipt = await opened.receipt(ended)
        await asyncio.to_thread(prettify, opened.transfers._ledger.engine, receipt)
        changed, key = await opened.receipt(ended), opened.transfers.receipt_key()
    assert changed.canonical_json != receipt.canonical_json
    assert not verifies(changed, key)


def prettify(engine: sa.Engine, receipt: Receipt) -> None:
    text = receipt.canonical_json.replace('"rows_read":2', '"rows_read":1')
    with engine.begin() as connection:
        connection.execute(TRANSFERS.update().values(receipt=text))


def test_another_key_verifies_nothing():
    signature = SigningKey.new().sign("{}")
    assert not SigningKey.new().verifying.verifies(signature.value, b"{}")


def test_a_key_reads_back_as_the_same():
    key = SigningKey.new()
    assert SigningKey.of_pem(key.to_pem()).sign("text") == key.sign("text")
    assert VerifyingKey.of_pem(key.verifying.pem.encode()).id == key.verifying.id


@pytest.mark.parametrize(
    "pem", [b"", b"no key", SigningKey.new().verifying.pem.encode()], ids=["nothing", "no PEM", "a public key"]
)
def test_nothing_else_is_read_as_a_private_key(pem):
    with pytest.raises(NotEd25519) as raised:
        SigningKey.of_pem(pem)
    assert not str(raised.value)


def test_a_private_key_is_no_public_one():
    with pytest.raises(NotEd25519):
        VerifyingKey.of_pem(SigningKey.new().to_pem())
