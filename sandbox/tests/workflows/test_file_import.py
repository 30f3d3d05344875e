"""How a signalled file becomes a list."""

import hashlib

import pytest

IMPORT = "wkfAudienceImport"


@pytest.fixture
def people(office):
    return office.rows("SELECT id, email FROM recipient WHERE email <> '' ORDER BY id LIMIT 3")


def put(office, text, name="gold.csv"):
    office.instance.files.put(name, text.encode())


def test_a_signal_makes_a_list_of_the_recipients_of_a_file(office, people):
    put(office, "email\n" + "".join(f"{email}\n" for _, email in people))
    office.signal(IMPORT, fileName="gold.csv", listName="gold")
    assert office.members("gold") == [recipient for recipient, _ in people]


def test_rows_of_nobody_are_rejected_into_a_file_of_their_own(office, people):
    put(office, f"email;city\n{people[0][1]};Oslo\nnobody@example.org;Rome\n")
    office.signal(IMPORT, fileName="gold.csv", listName="gold")
    assert office.instance.files.get("rejects/gold.csv") == b"email;city\nnobody@example.org;Rome\n"
    assert "2 rows, 1 of them rejected" in office.journal(IMPORT)[-1]


def test_a_file_adds_to_a_list_that_is_there(office, people):
    office.bind("gold", audience=0)
    office.put_in("gold", [people[0][0]])
    put(office, f"id\n{people[1][0]}\n")
    office.signal(IMPORT, fileName="gold.csv", listName="gold")
    assert office.members("gold") == [people[0][0], people[1][0]]


def test_a_purged_list_holds_only_what_is_in_the_file(office, people):
    office.bind("gold", audience=0)
    office.put_in("gold", [people[0][0]])
    put(office, f"id\n{people[1][0]}\n")
    office.signal(IMPORT, fileName="gold.csv", listName="gold", purge="true")
    assert office.members("gold") == [people[1][0]]


def test_who_exited_is_taken_out(office, people):
    office.bind("gold", audience=0)
    office.put_in("gold", [people[0][0], people[1][0]])
    put(office, f"id,segmentMembershipStatus\n{people[0][0]},exited\n{people[2][0]},realized\n")
    office.signal(IMPORT, fileName="gold.csv", listName="gold")
    assert office.members("gold") == [people[1][0], people[2][0]]


def test_identities_of_the_experience_platform_are_keys(office, people):
    digest = hashlib.sha256(people[0][1].strip().lower().encode()).hexdigest()
    put(office, f"email_lc_sha256\n{digest}\n")
    office.signal(IMPORT, fileName="gold.csv", listName="gold")
    assert office.members("gold") == [people[0][0]]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("", {"fileName": "gold.csv", "listName": "gold"}),
        ("id\n1\n", {"fileName": "absent.csv", "listName": "gold"}),
        ("id\n1\n", {"fileName": "gold.csv"}),
        ("unheard\n1\n", {"fileName": "gold.csv", "listName": "gold"}),
        ("id\n1\n", {"fileName": "gold.csv", "listName": "gold", "keyColumn": "email"}),
    ],
)
def test_what_is_wrong_is_only_in_the_journal(office, text, variables):
    put(office, text)
    office.signal(IMPORT, **variables)
    assert "cannot be" in office.journal(IMPORT)[-1]
    assert office.rows("SELECT id FROM list_group") == []


@pytest.mark.parametrize("name", ["../sandbox.json", "/etc/hostname", "", "."])
def test_no_file_outside_of_the_bucket_is_read(office, name):
    office.signal(IMPORT, fileName=name, listName="gold")
    assert "cannot be read" in office.journal(IMPORT)[-1]
