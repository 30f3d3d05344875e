"""SOAP envelopes: calls are read leniently, answers written exactly as callers expect (sandbox 3.1, 3.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from audience_gateway_sandbox.campaign.elements import Element, child, children, local_name, text_of
from audience_gateway_sandbox.campaign.faults import SoapFault, malformed
from audience_gateway_sandbox.campaign.queries.row_format import escaped
from audience_gateway_sandbox.campaign.signatures import Method

_HEAD = (
    "<?xml version='1.0'?>\n<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema'"
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:ns='{urn}'"
    " xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>"
)
_FOOT = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
_LITERAL_XML = "xsi:type='ns:Element' SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'"
_ENCODING = "SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'"
_XSD_TYPES = {"string": "xsd:string", "byte": "xsd:byte", "int64": "xsd:long", "datetime": "xsd:dateTime"}
_URN = "urn:"
_ACTION = re.compile(r"[\"' ]*([\w:|]+)#")


@dataclass(frozen=True, slots=True)
class Call:
    """A method call.

    Attributes:
        service: the schema of the method, or several with `|` between them.
        method: its name.
        session_token: the first parameter, which is empty with other credentials.
        parameters: the others; they count by position.
    """

    service: str
    method: str
    session_token: str = field(repr=False)
    parameters: Sequence[Element] = field(repr=False)

    def text(self, position: int) -> str:
        """Read a parameter as text; one that is missing is empty."""
        return text_of(self.parameters[position]) if position < len(self.parameters) else ""

    def document(self, position: int) -> Element | None:
        """Read a parameter as a document."""
        return child(self.parameters[position]) if position < len(self.parameters) else None


def read_call(content: bytes, action: str) -> Call:
    """Read an envelope; the header `SOAPAction` names the service if the method has no namespace. Raises SoapFault."""
    body = child(_parsed(content), "Body")
    method = None if body is None else child(body)
    if method is None:
        raise malformed("There is no envelope with a body with a method in it.")
    namespace = etree.QName(method).namespace or ""
    named = _ACTION.match(action)
    service = namespace.removeprefix(_URN) if namespace.startswith(_URN) else named[1] if named else ""
    token = child(method)
    text = "" if token is None else text_of(token)
    return Call(service, local_name(method), text, list(children(method))[1:])


def _parsed(content: bytes) -> Element:
    # The namespace of both services, `urn:xtk:persist|xtk:session`, is no valid URI: that alone is forgiven.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=True,
    )
    try:
        root: Element | None = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or any(entry.type != etree.ErrorTypes.WAR_NS_URI for entry in parser.error_log):
        raise malformed("The message is not well-formed XML.")
    if root.getroottree().docinfo.internalDTD is not None:
        raise malformed("A document type is not allowed.")
    return root


def response(service: str, method: Method, results: Sequence[str]) -> str:
    """Write the answer of a method: its output parameters in their order."""
    urn = _URN + escaped(service.rpartition("|")[2])
    outputs = [parameter for parameter in method.parameters if parameter.is_output]
    inside = "".join(
        _result(parameter.wire_name, parameter.type, value) for parameter, value in zip(outputs, results, strict=True)
    )
    name = f"{method.name}Response"
    return f"{_HEAD.format(urn=urn)}<{name} xmlns='{urn}' {_ENCODING}>{inside}</{name}>{_FOOT}"


def fault(error: SoapFault) -> str:
    """Write a fault."""
    return (
        f"{_HEAD.format(urn='urn:wpp:default')}<SOAP-ENV:Fault><faultcode>{error.code}</faultcode>"
        f"<faultstring xsi:type='xsd:string'>{escaped(error.text)}</faultstring>"
        f"<detail xsi:type='xsd:string'>{escaped(error.detail)}</detail></SOAP-ENV:Fault>{_FOOT}"
    )


def _result(name: str, type_: str, value: str) -> str:
    if type_ in _XSD_TYPES:
        return f"<{name} xsi:type='{_XSD_TYPES[type_]}'>{escaped(value)}</{name}>"
    return f"<{name} {_LITERAL_XML}>{value}</{name}>" if value else f"<{name} {_LITERAL_XML}/>"
