"""Who has opted out by the consents that an activation maps (rtcdp 8.3)."""

from __future__ import annotations

GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"
HEADER = "crmId,consents.marketing.any.val,consents_marketing_email_val"


async def rows(drops):
    found = [row for page in await drops.pages() for row in page.members.columns.to_pylist()]
    return [(row["id"], row["opted_out"]) for row in found]


async def test_a_no_in_any_mapped_column_counts_whatever_its_name_is_written_like(drops):
    drops.drop(drops.name(), HEADER, "ada,y,y", "bob,n,y", "cid,,n", "dora,,")
    assert await rows(drops) == [("ada", False), ("bob", True), ("cid", True), ("dora", False)]


async def test_where_no_consent_is_mapped_nobody_is_known_to_have_opted_out(drops):
    drops.drop(drops.name(), "crmId,firstName", "ada,n")
    assert await rows(drops) == [("ada", False)]


async def test_of_an_export_with_changes_the_newest_row_of_a_person_counts(drops):
    first = drops.now.replace(hour=6)
    drops.settings["incremental"] = {GOLD: first.isoformat()}
    header = "crmId,segmentMembership_status,consents_marketing_email_val"
    drops.drop(drops.name(first), header, "ada,realized,y", "bob,realized,n", hours=6)
    drops.drop(drops.name(first.replace(hour=9)), header, "ada,realized,n", hours=3)
    assert [row for row in await rows(drops) if row[0]] == [("bob", True), ("ada", True)]
