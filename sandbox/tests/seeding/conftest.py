"""A seeded Campaign database."""

import pytest
from audience_gateway_sandbox.campaign.database import open_database
from audience_gateway_sandbox.seeding import fill_campaign, populate


@pytest.fixture(scope="session")
def population():
    return populate(2000, seed=7)


@pytest.fixture(scope="session")
def database(population, tmp_path_factory):
    connection = open_database(tmp_path_factory.mktemp("campaign") / "campaign.sqlite")
    fill_campaign(connection, population)
    yield connection
    connection.close()
