"""What pushed profiles say of memberships (rtcdp 3, 4): a row for each audience, and each id of a namespace."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audience_gateway.sdk import Permanent, Push, PushedRow, PushFate

from audience_gateway_rtcdp.governance_settings import ConsentSettings
from audience_gateway_rtcdp.memberships import EXITED, REALIZED, status_of
from audience_gateway_rtcdp.receiver.pushed_consents import consent_of
from audience_gateway_rtcdp.receiver.pushed_times import moment_of
from audience_gateway_rtcdp.shared_devices import DEVICE, may_be_several

_LONGEST_ID = 1024
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no database keeps as text: zeros, and halves of characters."""


@dataclass(frozen=True, slots=True)
class ProfileReader:
    """Reads the body of a push: one profile or several.

    Attributes:
        audiences: ids of the audiences that are kept.
        namespaces: codes of the namespaces whose ids are kept, in small letters.
        consent: who has opted out.
        shares_devices: whether it is kept that somebody has joined who may be one of several people.
    """

    audiences: frozenset[str]
    namespaces: frozenset[str]
    consent: ConsentSettings
    shares_devices: bool = False

    def read(self, body: bytes) -> Push:
        """The rows. Raises Permanent for a body that is neither an object nor a list."""
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict | list):
            raise Permanent("found a body that is no profile, and no list of profiles, in JSON")
        rows, not_kept = list[PushedRow](), Counter[PushFate]()
        for each in content if isinstance(content, list) else [content]:
            for found in self._of_profile(each):
                if isinstance(found, PushFate):
                    not_kept[found] += 1
                else:
                    rows.append(found)
        return Push(rows, not_kept)

    def _of_profile(self, profile: object) -> Iterator[PushedRow | PushFate]:
        memberships = profile.get("segmentMembership") if isinstance(profile, dict) else None
        if not isinstance(profile, dict) or not isinstance(memberships, dict):
            yield PushFate.MALFORMED
            return
        ids, (out, when) = self._ids(profile.get("identityMap")), consent_of(profile, self.consent)
        for of_namespace in memberships.values():
            if not isinstance(of_namespace, dict):
                yield PushFate.MALFORMED
                continue
            for audience, membership in of_namespace.items():
                for found in self._of_membership(audience, membership, ids):
                    yield found if isinstance(found, PushFate) else replace(found, opted_out=out, consented=when)

    def _of_membership(
        self, audience: str, membership: object, ids: Mapping[str, Sequence[str]]
    ) -> Iterator[PushedRow | PushFate]:
        if audience not in self.audiences:
            yield PushFate.UNMAPPED
            return
        said = membership if isinstance(membership, dict) else {}
        status, since = status_of(said), moment_of(said.get("lastQualificationTime"))
        if since is None or status not in REALIZED | EXITED:
            yield PushFate.MALFORMED
            return
        for namespace in sorted(self.namespaces):
            if namespace not in ids:
                yield PushFate.WITHOUT_ID
            several = may_be_several(namespace, len(ids.get(namespace, ())), len(ids.get(DEVICE, ())))
            for id_ in ids.get(namespace, ()):
                if several and status in REALIZED and not self.shares_devices:
                    yield PushFate.AMBIGUOUS
                    continue
                yield PushedRow(
                    audience=audience,
                    id_kind=namespace,
                    id=id_,
                    is_member=status in REALIZED,
                    since=since,
                    mapped=moment_of(said.get("mappingCreatedAt")),
                )

    def _ids(self, identities: object) -> Mapping[str, Sequence[str]]:
        """The ids of a profile by namespace in small letters, as codes are written in different ways (rtcdp 2.1)."""
        found: dict[str, dict[str, None]] = {}
        for code, listed in identities.items() if isinstance(identities, dict) else ():
            for id_ in _values(listed) if str(code).lower() in self.namespaces | {DEVICE} else ():
                found.setdefault(str(code).lower(), {})[id_] = None
        return {namespace: list(ids) for namespace, ids in found.items()}


def _values(listed: Any) -> Iterator[str]:  # noqa: ANN401  # whatever JSON holds
    for each in listed if isinstance(listed, list) else ():
        id_ = each.get("id") if isinstance(each, dict) else None
        if isinstance(id_, str) and 0 < len(id_) <= _LONGEST_ID and not _NO_TEXT.search(id_):
            yield id_
