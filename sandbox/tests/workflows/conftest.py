"""An instance whose lists are filled by workflows."""

import gzip
from contextlib import closing
from datetime import timedelta

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.instance import Instance
from audience_gateway_sandbox.people import Drop, control_file, drop_files

HOUR = timedelta(hours=1)
SEGMENT = 77


class Office:
    """Somebody who works with an instance, by its database, its buckets and its clock."""

    def __init__(self, instance):
        self.instance = instance
        self.database = instance.campaign.database

    def rows(self, query, *parameters):
        return self.database.execute(query, parameters).fetchall()

    def seen(self, count):
        """Some Visitor IDs of one recipient each, by the recipient."""
        query = (
            "SELECT recipient_id, source_id FROM tracking_log WHERE source_id IN"
            " (SELECT source_id FROM tracking_log GROUP BY source_id HAVING count(DISTINCT recipient_id) = 1)"
            " ORDER BY recipient_id"
        )
        return dict(list(dict(self.rows(query)).items())[:count])

    def bind(self, name, audience=SEGMENT, source=1):
        """Make a list that is bound to a shared audience."""
        with self.database:
            self.database.execute(
                "INSERT INTO list_group (name, label, shared_audience_id, data_source_id) VALUES (?, ?, ?, ?)",
                (name, name, audience, source),
            )

    def put_in(self, name, recipients):
        with self.database:
            self.database.executemany(
                "INSERT INTO membership (group_id, recipient_id) SELECT id, ? FROM list_group WHERE name = ?",
                [(recipient, name) for recipient in recipients],
            )

    def members(self, name):
        query = (
            "SELECT recipient_id FROM membership JOIN list_group ON list_group.id = group_id"
            " WHERE name = ? ORDER BY recipient_id"
        )
        return [recipient for (recipient,) in self.rows(query, name)]

    def drop(self, ids, *, parts=1, control=True, leave_out=(), hours=0):
        """Drop a full batch; answer its files."""
        made = Drop(4711, 38888, self.instance.now().replace(microsecond=0) + hours * HOUR)
        files = drop_files(made, [f"{id_}\t{SEGMENT}".encode() for id_ in ids], parts)
        control_files = [control_file(made, files)] if control else []
        for file in [*control_files, *(file for part, file in enumerate(files) if part not in leave_out)]:
            self.instance.buckets.imported.put(file.name, file.content)
        return files

    def arrive(self, file):
        self.instance.buckets.imported.put(file.name, file.content)

    def exported(self):
        bucket = self.instance.buckets.exported
        return {file.key: gzip.decompress(bucket.get(file.key)).decode().splitlines() for file in bucket.files()}

    def an_hour_passes(self, hours=1):
        self.instance.clock.advance(hours * HOUR)
        self.instance.run_due()

    def journal(self, workflow):
        return self.instance.workflows.journal(workflow)

    def signal(self, workflow, **variables):
        self.instance.workflows.post_event(workflow, "signal", variables)
        self.instance.run_due()


@pytest.fixture
def opened(tmp_path):
    """Open an instance of 100 recipients, with assumptions if need be."""
    instances = []

    def open_(**assumptions):
        instance = Instance.opened(tmp_path, recipients=100, seed=1, assumptions=Assumptions(**assumptions))
        instances.append(closing(instance))
        return Office(instance)

    yield open_
    for instance in instances:
        with instance:
            pass


@pytest.fixture
def office(opened):
    return opened()
