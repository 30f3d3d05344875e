"""The facts hold against an independent account: line by line over the file, with the database's own answers."""

import hashlib
from collections import Counter

import pytest
from audience_gateway_sandbox.campaign.database import open_database
from audience_gateway_sandbox.seeding import audience_of, facts_of, fill_campaign, populate


class Account:
    """Shares files into one list, a line at a time, and remembers who is in it."""

    def __init__(self, database):
        self.owners = {}
        logs = database.execute(
            "SELECT source_id, recipient_id, blackList FROM tracking_log JOIN recipient ON recipient.id = recipient_id"
        )
        for source_id, recipient, opted_out in logs:
            self.owners.setdefault(source_id, {})[recipient] = bool(opted_out)
        self.members = set()

    def share(self, lines):
        reasons, seen, claimed = Counter(), set(), set()
        for line in lines:
            reason = self._reason(line, seen, claimed)
            if reason:
                reasons[reason] += 1
        left, self.members = self.members - claimed, claimed
        return reasons, left

    def _reason(self, line, seen, claimed):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return "invalid_encoding"
        id_, tab, segments = text.partition("\t")
        if not tab or not id_:
            return "malformed_row"
        if "24" not in segments.split(","):
            return None
        if not valid(id_):
            return "invalid_id"
        if id_ in seen:
            return "same_id"
        seen.add(id_)
        return self._claim(self.owners.get(id_, {}), claimed)

    def _claim(self, owners, claimed):
        if not owners:
            return "unknown_id"
        if all(owners.values()):
            return "opted_out"
        claims = {recipient for recipient, opted_out in owners.items() if not opted_out} - claimed
        claimed |= claims
        if not claims:
            return "same_target"
        return "added" if claims - self.members else "already_member"


def valid(id_):
    return len(id_) == 38 and id_.isdecimal() and max(int(id_[:19]), int(id_[19:])) < 2**63


def recounted(database, population, days):
    account = Account(database)
    for day in range(days):
        reasons, left = account.share(audience_of(population, day).lines)
        yield day, reasons, left, account.members


def test_the_account_of_each_day_is_the_one_foretold(database, population):
    for day, reasons, left, members in recounted(database, population, 4):
        facts = facts_of(population, day)
        assert facts.reasons == dict(reasons)
        assert facts.rows == reasons.total()
        assert facts.leavers == len(left)
        assert facts.list_members == len(members)


@pytest.mark.parametrize("recipients", [100, 101, 377])
def test_facts_hold_for_small_numbers_too(tmp_path, recipients):
    population = populate(recipients, seed=1)
    database = open_database(tmp_path / "campaign.sqlite")
    fill_campaign(database, population)
    for day, reasons, left, members in recounted(database, population, 3):
        facts = facts_of(population, day)
        assert (facts.reasons, facts.leavers, facts.list_members) == (dict(reasons), len(left), len(members))
    database.close()


def test_outcomes_are_seven_and_sum_to_the_rows(population):
    facts = facts_of(population, 1)
    assert len(facts.outcomes) == 7
    assert sum(facts.outcomes.values()) == sum(facts.reasons.values()) == facts.rows


def test_the_hash_is_over_the_members_ids_in_order_of_number(database, population):
    for day, _, _, members in recounted(database, population, 2):
        text = "\n".join(str(member) for member in sorted(members))
        assert facts_of(population, day).list_members_sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_members_with_an_email_are_those_that_can_be_shared_back_by_it(database, population):
    with_email = {id_ for (id_,) in database.execute("SELECT id FROM recipient WHERE email <> ''")}
    for day, _, _, members in recounted(database, population, 2):
        assert facts_of(population, day).list_members_with_email == len(members & with_email)


def test_two_hundredths_leave_and_as_many_join(population):
    facts = facts_of(population, 1)
    assert facts.leavers == facts.reasons["added"] == population.sizes.single_lines * 2 // 100


def test_famous_recipients_are_not_in_the_audience(database, population):
    for _, _, _, members in recounted(database, population, 2):
        assert members.isdisjoint(range(1000, 1004))
