from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import Arrival, ArrivalStage, Capability, capabilities

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def stage(name="ingested", within=timedelta(hours=24)):
    return ArrivalStage(name=name, meaning="The files were read.", within=within)


class Slow:
    def arrival_stages(self, audience, source):
        return [stage()]

    async def poll_arrivals(self, request):
        return [Arrival(stage="ingested", reached=NOON)]


def test_a_connector_that_says_how_a_delivery_arrives_can_be_polled():
    assert capabilities(Slow) == {Capability.POLL_ARRIVALS}


@pytest.mark.parametrize("name", ["delivered", "", "In use", "1st", "x" * 32, "visible\n"])
def test_a_stage_has_a_plain_name_of_its_own(name):
    with pytest.raises(ValueError, match="the name of a stage"):
        stage(name)


def test_a_stage_is_not_due_before_the_delivery():
    with pytest.raises(ValueError, match="before the delivery"):
        stage(within=timedelta(seconds=-1))


def test_a_stage_that_was_reached_has_not_failed():
    with pytest.raises(ValueError, match="has not failed"):
        Arrival(stage="ingested", reached=NOON, failed=True)


@pytest.mark.parametrize("time", ["reached", "due"])
def test_times_have_a_zone(time):
    with pytest.raises(ValueError, match="time zone"):
        Arrival(stage="ingested", **{time: NOON.replace(tzinfo=None)})


def test_counts_of_one_arrival_cannot_reach_another():
    with pytest.raises(TypeError):
        Arrival(stage="ingested").counts["lines"] = 1
