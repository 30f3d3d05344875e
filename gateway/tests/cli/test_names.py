import pytest
import typer
from audience_gateway.cli.names import audience_name, resource_name, short_name


@pytest.mark.parametrize("text", ["people/gold", "connections/people/audiences/gold"])
def test_an_audience_is_named_short_or_in_full(text):
    assert audience_name(text) == "connections/people/audiences/gold"


@pytest.mark.parametrize("text", ["", "gold", "people/", "/gold", "people/gold/24", "connections/people/lists/gold"])
def test_any_other_audience_name_is_refused(text):
    with pytest.raises(typer.BadParameter, match="CONNECTION/AUDIENCE"):
        audience_name(text)


@pytest.mark.parametrize("text", ["visitor-id", "dataSources/visitor-id"])
def test_a_resource_is_named_short_or_in_full(text):
    assert resource_name("dataSources", text) == "dataSources/visitor-id"


@pytest.mark.parametrize("text", ["", "dataSources/", "connections/campaign"])
def test_a_name_of_another_collection_is_refused(text):
    with pytest.raises(typer.BadParameter, match="dataSources"):
        resource_name("dataSources", text)


@pytest.mark.parametrize(
    ("name", "short"),
    [("connections/people/audiences/gold", "people/gold"), ("transfers/t-1", "t-1"), ("", "")],
)
def test_the_short_name_of_a_resource(name, short):
    assert short_name(name) == short
