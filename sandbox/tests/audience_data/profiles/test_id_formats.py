"""Which ids are formally good."""

import pytest
from audience_gateway_sandbox.audience_manager.profiles.ecid import ecid_of, uuid_of
from audience_gateway_sandbox.audience_manager.profiles.id_formats import IdKind, is_declared_id, is_ecid, is_good


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("59767559181262060060278870901087098252", True),
        ("00088008579683653741516297509717335000", True),
        ("92233720368547758079223372036854775807", True),
        ("92233720368547758080000000000000000000", False),
        ("00000000000000000009223372036854775808", False),
        ("5976755918126206006027887090108709825", False),
        ("0578240750487542456854736923319946899715232", False),
        ("5976755918126206006027887090108709825X", False),
        ("NOTARGET", False),
    ],
)
def test_an_experience_cloud_id_has_two_halves_below_2_to_the_63(value, good):
    assert is_ecid(value) is good


@pytest.mark.parametrize(
    ("source", "value", "good"),
    [
        (20914, "e4fe9bde-caa0-47b6-908d-ffba3fa184f2", True),
        (20914, "E4FE9BDE-CAA0-47B6-908D-FFBA3FA184F2", False),
        (20915, "A53CC5A2-6AA1-4210-8DED-A88B29B6212A", True),
        (20915, "a53cc5a2-6aa1-4210-8ded-a88b29b6212a", False),
        (121963, "e4fe9bde-caa0-47b6-908d-ffba3fa184f2", True),
        (488258, "e4fe9bde-caa0-47b6-908d-ffba3fa184f", False),
        (1171489, "7XCBNROQJQPYW", True),
        (389146, "with blank", False),
    ],
)
def test_advertising_ids_have_the_form_of_their_data_source(source, value, good):
    assert is_good(IdKind.DEVICE, source, value) is good


@pytest.mark.parametrize(("value", "good"), [("crm-42", True), ("crm:42", False), ("crm%3A42", False), (" ", False)])
def test_a_customers_id_has_no_colon(value, good):
    assert is_declared_id(value) is good


def test_an_experience_cloud_id_is_the_same_for_the_same_device_and_organisation_only():
    uuid = "59767559181262060060278870901087098252"
    assert ecid_of("A@AdobeOrg", uuid) == ecid_of("A@AdobeOrg", uuid) != ecid_of("B@AdobeOrg", uuid)
    assert is_ecid(ecid_of("A@AdobeOrg", uuid))
    assert is_ecid(uuid_of("A@AdobeOrg", uuid))
