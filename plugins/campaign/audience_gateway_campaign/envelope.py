"""SOAP 1.1 envelopes as Campaign writes and reads them (campaign 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for its type of elements

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True, slots=True)
class Call:
    """A method call. Parameters count by position; their names are for readers of the wire only.

    Attributes:
        service: schema of the method, e.g. `xtk:queryDef`.
        method: name of the method.
        parameters: texts, or documents in no namespace; the session token is not among them.
    """

    service: str
    method: str
    parameters: Mapping[str, str | Element] = field(default_factory=dict, repr=False)

    @property
    def action(self) -> str:
        """What the header `SOAPAction` says."""
        return f"{self.service}#{self.method}"


def request_body(call: Call, session_token: str) -> bytes:
    """Write the call as an envelope; the first parameter is always the session token, be it empty."""
    namespace = f"urn:{call.service}"
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soapenv": _SOAP, "urn": namespace})
    etree.SubElement(envelope, f"{{{_SOAP}}}Header")
    body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
    method = etree.SubElement(body, f"{{{namespace}}}{call.method}")
    etree.SubElement(method, f"{{{namespace}}}sessiontoken").text = session_token
    for name, value in call.parameters.items():
        parameter = etree.SubElement(method, f"{{{namespace}}}{name}")
        if isinstance(value, str):
            parameter.text = value
        else:
            parameter.append(deepcopy(value))
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def response_body(content: bytes) -> Element | None:
    """Find the child of the envelope's body; None if the content is no SOAP envelope or has a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        envelope = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None
    if envelope.getroottree().docinfo.internalDTD is not None or local_name(envelope) != "Envelope":
        return None
    body = child(envelope, "Body")
    return None if body is None else first_child(body)


def local_name(element: Element) -> str:
    """Answer the element's name without its namespace, which Campaign does not keep stable."""
    return etree.QName(element).localname


def child(element: Element, name: str) -> Element | None:
    """Find the first child of a local name."""
    return next(element.iterchildren(f"{{*}}{name}"), None)


def first_child(element: Element) -> Element | None:
    """Find the first child element."""
    return next(element.iterchildren("*"), None)
