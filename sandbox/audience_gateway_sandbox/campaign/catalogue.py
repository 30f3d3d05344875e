"""The schemas of the emulated instance (sandbox 3.6, campaign 1.2, 1.3, 3.8)."""

from __future__ import annotations

from dataclasses import replace

from audience_gateway_sandbox.campaign.schema import Attribute, Kind, Link, Schema

_ID = Attribute("id", Kind.LONG, label="Primary key", required=True)
_FOLDER_ID = Attribute("folder-id", Kind.LONG, label="Folder")
_FOLDER = Link("folder", "xtk:folder", there="id", here="folder-id", label="Folder")
_STAMPS = (
    Attribute("created", Kind.DATETIME, label="Created"),
    Attribute("lastModified", Kind.DATETIME, label="Changed"),
)


def _flags(*names: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, Kind.BOOLEAN) for name in names)


def _texts(*names: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name) for name in names)


_RECIPIENT = Schema(
    "nms:recipient",
    "recipient",
    "Recipients",
    "Recipient",
    (
        _ID,
        Attribute("email", label="Email", required=True),
        *_texts("firstName", "lastName", "middleName", "salutation", "mobilePhone", "phone", "fax", "language"),
        *(Attribute(f"location/@{name}", column=name) for name in ("city", "zipCode", "stateCode", "countryCode")),
        Attribute("birthDate", Kind.DATE),
        Attribute("gender", Kind.BYTE),
        Attribute("emailFormat", Kind.BYTE),
        Attribute("blackList", Kind.BOOLEAN, label="No longer contact", required=True),
        *_flags("blackListEmail", "blackListMobile", "blackListPhone", "blackListFax", "blackListPostalMail"),
        _FOLDER_ID,
        *_STAMPS,
    ),
    {"id": ("id",)},
    (
        _FOLDER,
        Link("rcpGrpRel", "nms:rcpGrpRel", there="recipient-id", here="id", unbound=True, label="Lists"),
        Link(
            "trackingLog",
            "nms:trackingLogRcp",
            there="recipient-id",
            here="id",
            unbound=True,
            label="Tracking logs",
            looked_up_first=True,
        ),
    ),
)

_GROUP = Schema(
    "nms:group",
    "list_group",
    "Groups",
    "Group",
    (
        _ID,
        Attribute("name", label="Internal name", required=True),
        Attribute("label", label="Label"),
        Attribute("type", Kind.BYTE, required=True),
        _FOLDER_ID,
        *_STAMPS,
        # How a list is bound to a shared audience is documented only as a form (campaign 1.4): assumptions.
        Attribute("sharedAudienceId", Kind.LONG, column="shared_audience_id", label="Shared audience", required=True),
        Attribute("amcDataSource-id", Kind.LONG, column="data_source_id", label="AMC Data source", required=True),
    ),
    {"id": ("id",), "name": ("name",)},
    (
        _FOLDER,
        Link("rcpGrpRel", "nms:rcpGrpRel", there="rcpGroup-id", here="id", unbound=True, label="Recipients"),
        Link("amcDataSource", "nms:amcDataSource", there="id", here="amcDataSource-id", label="AMC Data source"),
    ),
)

_MEMBERSHIP = Schema(
    "nms:rcpGrpRel",
    "membership",
    "Recipients of groups",
    "Recipient of a group",
    (
        Attribute("rcpGroup-id", Kind.LONG, column="group_id", label="Group", required=True),
        Attribute("recipient-id", Kind.LONG, label="Recipient", required=True),
        Attribute("group-id", Kind.LONG, label="Group", required=True, alias_of="rcpGroup-id"),
    ),
    {"id": ("rcpGroup-id", "recipient-id")},
    (
        Link("rcpGroup", "nms:group", there="id", here="rcpGroup-id", label="Group"),
        Link("recipient", "nms:recipient", there="id", here="recipient-id", label="Recipient"),
    ),
)

_TRACKING_LOG = Schema(
    "nms:trackingLogRcp",
    "tracking_log",
    "Recipient tracking logs",
    "Recipient tracking log",
    (
        _ID,
        Attribute("sourceId", column="source_id", label="Requester UUID", required=True),
        Attribute("recipient-id", Kind.LONG, label="Recipient", required=True),
        Attribute("logDate", Kind.DATETIME, column="log_date", label="Date"),
    ),
    {"id": ("id",)},
    (Link("recipient", "nms:recipient", there="id", here="recipient-id", label="Recipient"),),
    indexes=("sourceId",),
)

_FOLDERS = Schema(
    "xtk:folder",
    "folder",
    "Folders",
    "Folder",
    (_ID, Attribute("name", label="Internal name", required=True), Attribute("label", label="Label")),
    {"id": ("id",), "name": ("name",)},
)

_EXTERNAL_ACCOUNT = Schema(
    "nms:extAccount",
    "ext_account",
    "External accounts",
    "External account",
    (
        _ID,
        Attribute("name", label="Internal name", required=True),
        Attribute("label", label="Label"),
        Attribute("type", Kind.BYTE, required=True),
        Attribute("active", Kind.BOOLEAN, required=True),
        *_texts("account", "server"),
        Attribute("port", Kind.LONG),
        *_texts("awsKey", "awsRegion"),
        *_flags("useServerSideEncryption"),
        *_texts("imsServer", "imsOrgId", "clientId", "tenant", "productContext", "callbackServer", "imsRightsMask"),
        *_texts("userScope", "azureTenant"),
        Attribute("encryptionType", Kind.BYTE),
    ),
    {"id": ("id",), "name": ("name",)},
)

_OPTION = Schema(
    "xtk:option",
    "option",
    "Options",
    "Option",
    (
        Attribute("name", label="Internal name", required=True),
        Attribute("stringValue", column="value", required=True),
        Attribute("dataType", Kind.BYTE, column="type", required=True),
    ),
    {"name": ("name",)},
)

# Adobe does not document the id of this schema (campaign 1.3): an assumption.
_DATA_SOURCE = Schema(
    "nms:amcDataSource",
    "data_source",
    "AMC Data sources",
    "AMC Data source",
    (
        _ID,
        Attribute("name", label="Internal name", required=True),
        *_texts("label", "targetingDimension", "reconciliationKey"),
        Attribute("aamDataSourceId", Kind.LONG, label="AAM Data source ID", required=True),
        Attribute("aamDestinationId", Kind.LONG, label="AAM Destination ID", required=True),
        Attribute("hashAlgorithm", label="Hash algorithm", required=True),
    ),
    {"id": ("id",), "name": ("name",)},
)

_WORKFLOW = Schema(
    "xtk:workflow",
    "workflow",
    "Workflows",
    "Workflow",
    (
        _ID,
        Attribute("internalName", label="Internal name", required=True),
        Attribute("label", label="Label"),
        Attribute("state", Kind.BYTE, label="State", required=True),
    ),
    {"id": ("id",), "internalName": ("internalName",)},
)

_WORKFLOW_LOG = Schema(
    "xtk:workflowLog",
    "workflow_log",
    "Workflow journals",
    "Line of a workflow journal",
    (
        _ID,
        Attribute("workflow-id", Kind.LONG, label="Workflow", required=True),
        Attribute("logDate", Kind.DATETIME, column="log_date", label="Date"),
        Attribute("logType", Kind.BYTE, column="log_type", label="Type", required=True),
        Attribute("message", label="Message"),
    ),
    {"id": ("id",)},
    (Link("workflow", "xtk:workflow", there="id", here="workflow-id", label="Workflow"),),
)


def _event(schema: str, table: str, label: str, label_singular: str) -> Schema:
    texts = ("email", "origin", "wishedChannel", "externalId", "mobilePhone", "emailFormat", "scheduled")
    type_ = Attribute("type", label="Type", required=True)
    created = Attribute("created", Kind.DATETIME, label="Created")
    return Schema(schema, table, label, label_singular, (_ID, type_, *_texts(*texts), created), {"id": ("id",)})


def _with_uuid_keys(schema: Schema) -> Schema:
    return replace(schema, attributes=tuple(_with_uuid(each) for each in schema.attributes))


def _with_uuid(attribute: Attribute) -> Attribute:
    is_key = attribute.kind is Kind.LONG and (attribute.name == "id" or attribute.name.endswith("-id"))
    return replace(attribute, kind=Kind.UUID) if is_key else attribute


SCHEMAS: dict[str, Schema] = {
    schema.id: schema
    for schema in (
        _RECIPIENT,
        _GROUP,
        _MEMBERSHIP,
        _TRACKING_LOG,
        _FOLDERS,
        _EXTERNAL_ACCOUNT,
        _OPTION,
        _DATA_SOURCE,
        _WORKFLOW,
        _WORKFLOW_LOG,
        _event("nms:rtEvent", "rt_event", "Real-time events", "Real-time event"),
        _event("nms:batchEvent", "batch_event", "Batch events", "Batch event"),
    )
}
UUID_SCHEMAS: dict[str, Schema] = {name: _with_uuid_keys(schema) for name, schema in SCHEMAS.items()}
"""The same with the primary keys of v8 (campaign 3.8)."""
