"""`receipts`: files of signed receipts, to be verified without the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audience_gateway.cli.client import gateway
from audience_gateway.cli.errors import CommandError
from audience_gateway.cli.names import resource_name
from audience_gateway.cli.receipt_check import check
from audience_gateway.cli.receipt_files import read, write
from audience_gateway.transfers.signing import NotEd25519, VerifyingKey
from audience_gateway.v1 import transfer_service_pb2

app = typer.Typer(help="Signed receipts as files.", no_args_is_help=True)

_SIGNATURE = ".sig"


@app.command("export")
def export_receipt(
    context: typer.Context,
    transfer: Annotated[str, typer.Argument(help="The transfer's id.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", help="The file; its signature goes beside it, with .sig behind.")],
) -> None:
    """Write a receipt, byte for byte as it is kept, and its signature."""
    with gateway(context) as client:
        request = transfer_service_pb2.GetReceiptRequest(name=resource_name("transfers", transfer))
        receipt = client.transfers.GetReceipt(request).receipt
    if not receipt.signature:
        raise CommandError("the receipt was written before receipts were signed", "Use `transfers receipt --json`.")
    write(output, receipt.canonical_json.encode())
    write(_beside(output), receipt.signature)
    typer.echo(f"{output} is signed with key {receipt.key_id}.")


@app.command("key")
def export_key(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", help="The file.")],
) -> None:
    """Write the public key that receipts can be verified with, as PEM."""
    with gateway(context) as client:
        key = client.transfers.GetReceiptKey(transfer_service_pb2.GetReceiptKeyRequest()).key
    write(output, key.pem.encode())
    typer.echo(f"{output} is key {key.id}.")


@app.command("verify")
def verify_receipt(
    receipt: Annotated[Path, typer.Argument(help="The receipt as `receipts export` wrote it.", show_default=False)],
    key: Annotated[Path, typer.Option("--key", help="The public key as `receipts key` wrote it.")],
    signature: Annotated[
        Path | None, typer.Option("--signature", help="The signature; the receipt's name with .sig behind by default.")
    ] = None,
) -> None:
    """Verify, without a gateway, that a receipt was signed with the key and not changed, and that it adds up."""
    text = read(receipt)
    if not _key(key).verifies(read(signature or _beside(receipt)), text):
        raise CommandError(
            f"{receipt} was not signed with this key, or was changed since",
            "See that key, receipt and signature belong together.",
        )
    faults = check(text)
    if faults:
        raise CommandError(
            f"{receipt} is signed, and does not add up: {'; '.join(faults)}", "Report this: no row may be lost."
        )
    typer.echo(f"{receipt} is signed with this key, and its counts add up.")


def _key(path: Path) -> VerifyingKey:
    try:
        return VerifyingKey.of_pem(read(path))
    except NotEd25519:
        raise CommandError(f"{path} holds no public key of Ed25519 as PEM", "`receipts key` writes one.") from None


def _beside(receipt: Path) -> Path:
    return receipt.with_name(receipt.name + _SIGNATURE)
