"""`GetEntityIfMoreRecent`: schemas as documents, of the data and of the methods (sandbox 3.4 to 3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import md5

from audience_gateway_sandbox.campaign.faults import unknown_schema
from audience_gateway_sandbox.campaign.queries.row_format import escaped
from audience_gateway_sandbox.campaign.schema import Attribute, Link, Schema
from audience_gateway_sandbox.campaign.signatures import METHODS, PERSIST, QUERY, SESSION, Method, Parameter

_SCHEMA = "xtk:schema"


def entity_if_more_recent(schemas: Mapping[str, Schema], key: str, known_md5: str, *, must_exist: bool) -> str:
    """Find an entity; empty if there is none or the caller has it already.

    Args:
        schemas: of the data.
        key: type of the entity, a stroke, and its name: `xtk:schema|nms:recipient`.
        known_md5: digest of the version that the caller has; empty for none.
        must_exist: whether a missing one is an error.

    Raises MethodError if it must exist and does not.
    """
    type_, _, name = key.replace("\\", "").partition("|")
    # Sources of schemas are not kept, only what they compile to.
    document, digest = _document(schemas, name) if type_ == _SCHEMA else ("", "")
    if must_exist and not document:
        raise unknown_schema(name)
    return "" if digest == known_md5 else document


def _document(schemas: Mapping[str, Schema], name: str) -> tuple[str, str]:
    if name in schemas:
        return _data_schema(schemas[name])
    return _OF_METHODS.get(name, ("", ""))


def _data_schema(schema: Schema) -> tuple[str, str]:
    keys = "".join(_key(name, attributes) for name, attributes in schema.keys.items())
    indexes = "".join(_index(attribute) for attribute in schema.indexes)
    published = [each for each in schema.attributes if not each.alias_of]
    attributes = "".join(_attribute(each, each.name) for each in published if "/" not in each.name)
    elements = "".join(_element(name, published) for name in _elements_of(published))
    links = "".join(_link(each) for each in schema.links)
    table = f'sqltable="{schema.namespace.title()}{schema.name[0].upper()}{schema.name[1:]}"'
    label = escaped(schema.label)
    return _sealed(
        f'namespace="{schema.namespace}" name="{schema.name}" label="{label}"'
        f' labelSingular="{escaped(schema.label_singular)}" mappingType="sql"',
        f'<element name="{schema.name}" label="{label}" {table}>{keys}{indexes}{attributes}{elements}{links}</element>'
        f"{_own_methods(schema.id)}",
    )


def _key(name: str, attributes: tuple[str, ...]) -> str:
    fields = "".join(f'<keyfield xpath="@{attribute}"/>' for attribute in attributes)
    return f'<key name="{name}">{fields}</key>'


def _index(attribute: str) -> str:
    return f'<dbindex name="{attribute}"><keyfield xpath="@{attribute}"/></dbindex>'


def _elements_of(attributes: Sequence[Attribute]) -> list[str]:
    return list(dict.fromkeys(each.name.partition("/@")[0] for each in attributes if "/" in each.name))


def _element(name: str, attributes: Sequence[Attribute]) -> str:
    inside = (each for each in attributes if each.name.startswith(f"{name}/"))
    written = "".join(_attribute(each, each.name.partition("/@")[2]) for each in inside)
    return f'<element name="{name}">{written}</element>'


def _attribute(attribute: Attribute, name: str) -> str:
    label = f' label="{escaped(attribute.label)}"' if attribute.label else ""
    not_null = ' notNull="true"' if attribute.required else ""
    return f'<attribute name="{name}" type="{attribute.kind.value}"{label}{not_null}/>'


def _link(link: Link) -> str:
    unbound = ' unbound="true"' if link.unbound else ""
    return (
        f'<element name="{link.name}" type="link" target="{link.target}" label="{escaped(link.label)}"{unbound}>'
        f'<join xpath-dst="@{link.there}" xpath-src="@{link.here}"/></element>'
    )


def _session_schema() -> tuple[str, str]:
    return _sealed(
        f'namespace="xtk" name="session" implements="{PERSIST}" label="Session" library="true"',
        f'<interface name="persist">{_methods(PERSIST)}</interface><element name="userInfo"/>{_own_methods(SESSION)}',
    )


def _query_schema() -> tuple[str, str]:
    return _sealed(
        'namespace="xtk" name="queryDef" label="Query"',
        f'<element name="queryDef"/>{_own_methods(QUERY)}',
    )


def _own_methods(service: str) -> str:
    methods = _methods(service)
    return f"<methods>{methods}</methods>" if methods else ""


def _methods(service: str) -> str:
    return "".join(_method(each) for each in METHODS if each.service == service)


def _method(method: Method) -> str:
    static = ' static="true"' if method.is_static else ""
    parameters = "".join(_parameter(each) for each in method.parameters)
    return f'<method name="{method.name}"{static}><parameters>{parameters}</parameters></method>'


def _parameter(parameter: Parameter) -> str:
    out = ' inout="out"' if parameter.is_output else ""
    return f'<param name="{parameter.name}" type="{parameter.type}"{out}/>'


def _sealed(attributes: str, inside: str) -> tuple[str, str]:
    """Write a schema with the digest of its content, and answer both."""
    digest = md5(f"{attributes}{inside}".encode(), usedforsecurity=False).hexdigest()
    return f'<schema {attributes} md5="{digest}" xtkschema="{_SCHEMA}">{inside}</schema>', digest


_OF_METHODS = {SESSION: _session_schema(), QUERY: _query_schema()}
