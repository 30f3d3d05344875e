"""Descriptions of services for SOAP tools: document/literal WSDL, one operation a method (campaign 3.12)."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.campaign.access import admit, credentials_of
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.faults import SessionFault
from audience_gateway_sandbox.campaign.queries.row_format import escaped
from audience_gateway_sandbox.campaign.signatures import METHODS, PERSIST, SESSION, Method, Parameter

_LOGIN = "/nl/jsp/logon.jsp"
_TYPES = {"string": "string", "byte": "byte", "int64": "long", "boolean": "boolean", "datetime": "dateTime"}
_ANY = '<s:complexType mixed="true"><s:sequence><s:any processContents="skip"/></s:sequence></s:complexType>'
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"'
    ' xmlns:http="http://schemas.xmlsoap.org/wsdl/http/" xmlns:s="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="urn:{id}" targetNamespace="urn:{id}">'
)


class Descriptions:
    """Answers descriptions to who is logged on, and sends others to the login page."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    async def answer(self, request: web.Request) -> web.Response:
        """Describe the service of the query parameter `schema`."""
        try:
            admit(self._campaign, credentials_of(request))
        except SessionFault:
            return web.Response(status=web.HTTPFound.status_code, headers={"Location": _LOGIN})
        schema = request.query.get("schema", "")
        methods = methods_of(schema)
        if not methods and schema not in self._campaign.schemas:
            raise web.HTTPNotFound
        address = f"{request.scheme}://{request.host}/nl/jsp/soaprouter.jsp"
        return web.Response(text=wsdl(schema, methods, address), content_type="text/xml", charset="utf-8")


def methods_of(schema: str) -> list[Method]:
    """List the methods that a service answers; `xtk:session` implements those of `xtk:persist`."""
    services = {schema, PERSIST} if schema == SESSION else {schema}
    return [method for method in METHODS if method.service in services]


def wsdl(schema: str, methods: list[Method], address: str) -> str:
    """Write the description of a service at an address."""
    name = "".join(part[0].upper() + part[1:] for part in schema.split(":"))
    name = name[0].lower() + name[1:]
    elements = "".join(_elements(method) for method in methods)
    messages = "".join(_messages(method) for method in methods)
    operations = "".join(_operation(method) for method in methods)
    bound = "".join(_bound(schema, method) for method in methods)
    return (
        f"{_HEAD.format(id=schema)}"
        f'<types><s:schema elementFormDefault="qualified" targetNamespace="urn:{schema}">{elements}</s:schema></types>'
        f'{messages}<portType name="{name}MethodsSoap">{operations}</portType>'
        f'<binding name="{name}MethodsSoap" type="tns:{name}MethodsSoap">'
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>'
        f'{bound}</binding><service name="XtkService{name}">'
        f'<port name="{name}MethodsSoap" binding="tns:{name}MethodsSoap">'
        f'<soap:address location="{escaped(address)}"/></port></service></definitions>'
    )


def _elements(method: Method) -> str:
    document = "" if method.is_static else f'<s:element minOccurs="1" maxOccurs="1" name="entity">{_ANY}</s:element>'
    inputs = "".join(_element(each, each.name) for each in method.parameters if not each.is_output)
    outputs = "".join(_element(each, each.wire_name) for each in method.parameters if each.is_output)
    first = '<s:element minOccurs="1" maxOccurs="1" name="sessiontoken" type="s:string"/>'
    return _sequence(method.name, f"{first}{document}{inputs}") + _sequence(f"{method.name}Response", outputs)


def _sequence(name: str, inside: str) -> str:
    return f'<s:element name="{name}"><s:complexType><s:sequence>{inside}</s:sequence></s:complexType></s:element>'


def _element(parameter: Parameter, name: str) -> str:
    type_ = _TYPES.get(parameter.type)
    start = f'<s:element minOccurs="1" maxOccurs="1" name="{name}"'
    return f'{start} type="s:{type_}"/>' if type_ else f"{start}>{_ANY}</s:element>"


def _messages(method: Method) -> str:
    return "".join(
        f'<message name="{method.name}{way}"><part name="parameters" element="tns:{method.name}{element}"/></message>'
        for way, element in (("In", ""), ("Out", "Response"))
    )


def _operation(method: Method) -> str:
    inside = f'<input message="tns:{method.name}In"/><output message="tns:{method.name}Out"/>'
    return f'<operation name="{method.name}">{inside}</operation>'


def _bound(schema: str, method: Method) -> str:
    literal = '<soap:body encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" use="literal"/>'
    return (
        f'<operation name="{method.name}"><soap:operation soapAction="{schema}#{method.name}" style="document"/>'
        f"<input>{literal}</input><output>{literal}</output></operation>"
    )
