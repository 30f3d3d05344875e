"""What is forgotten, and when."""

from audience_gateway_sandbox.audience_manager.profiles.privacy import erase
from audience_gateway_sandbox.audience_manager.store import milliseconds

PEOPLE = 200


def visitor(number):
    return f"{number:038d}"


def profiles(office):
    with office.data.database.transaction() as db:
        return [value for (value,) in db.execute("SELECT coalesce(ecid, value) FROM profile ORDER BY 1")]


def links(office):
    with office.data.database.transaction() as db:
        return db.execute("SELECT count(*) FROM link").fetchone()[0]


def test_devices_and_links_go_after_120_days_and_customers_after_720_on_a_sunday(office):
    office.link(1, "crm-1")
    office.wait(days=120)
    assert (profiles(office), links(office)) == ([visitor(1), "crm-1"], 1)
    office.wait(days=1)
    assert (profiles(office), links(office)) == (["crm-1"], 0)
    office.wait(days=598)
    assert profiles(office) == ["crm-1"]
    office.wait(days=7)
    assert profiles(office) == []


def test_a_deletion_reaches_the_devices_of_a_customer(office):
    office.link(1, "crm-1")
    office.link(2, "crm-1")
    office.know_visitors(3)
    with office.data.database.transaction() as db:
        db.execute("INSERT INTO qualification SELECT id, 24, 100, 1, 1, 1 FROM profile")
        customer = office.data.identities.seen_id(db, milliseconds(office.now), PEOPLE, "crm-1")
        assert erase(db, customer, milliseconds(office.now)) == 3
        kept = db.execute("SELECT ecid FROM profile JOIN qualification ON profile = id").fetchall()
        out = db.execute("SELECT count(*) FROM profile WHERE opted_out > 0").fetchone()
    assert (kept, out, links(office)) == ([(visitor(3),)], (3,), 0)
