import pyarrow as pa
import pytest
from audience_gateway.sdk import RECIPES, find_recipe
from hypothesis import given
from hypothesis import strategies as st

recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
texts = st.lists(st.none() | st.text(max_size=12) | st.emails())


def apply(label, *values):
    return RECIPES[label].apply(pa.array(values, pa.string())).to_pylist()


@pytest.mark.parametrize(
    ("label", "value", "canonical"),
    [
        ("exact@1", "  Ab ", "  Ab "),
        ("exact@1", "", None),
        ("trim@1", "\u00a0Ab c\u2003\r\n", "Ab c"),
        ("trim@1", " \t ", None),
        ("lower@1", " USER-123 ", "user-123"),
        ("lower@1", "ÄÖÜ", "äöü"),
        ("email@1", " JohnDoe@Example.COM\n", "johndoe@example.com"),
        ("email@1", "josé@example.com", "josé@example.com"),
        ("email@1", "johndoe", None),
        ("email@1", "@example.com", None),
        ("email@1", "johndoe@", None),
        ("email@1", "john@doe@example.com", None),
        ("email@1", "john doe@example.com", None),
        ("email@1", "john\u2003doe@example.com", None),
        ("email@1", "john\x00doe@example.com", None),
        ("phone@1", "+49 (0)30-123.456", "+49030123456"),
        ("phone@1", "+1 415 555 0100", "+14155550100"),
        ("phone@1", "030 123456", None),
        ("phone@1", "+0301234", None),
        ("phone@1", "+1234567890123456", None),
        ("phone@1", "+٤٩٣٠", None),
    ],
)
def test_recipe_makes_the_canonical_form(label, value, canonical):
    assert apply(label, value) == [canonical]


@recipes
def test_null_stays_null(recipe):
    assert recipe.apply(pa.array([None], pa.string())).to_pylist() == [None]


@recipes
def test_a_column_without_rows_stays_one(recipe):
    assert recipe.apply(pa.array([], pa.string())).equals(pa.array([], pa.string()))


@recipes
@given(values=texts)
def test_applying_a_recipe_twice_changes_nothing_more(recipe, values):
    once = recipe.apply(pa.array(values, pa.string()))
    assert recipe.apply(once).equals(once)


@recipes
@given(values=texts)
def test_a_recipe_answers_one_string_or_null_for_each_value(recipe, values):
    canonical = recipe.apply(pa.array(values, pa.string()))
    assert canonical.type == pa.string()
    assert len(canonical) == len(values)
    assert "" not in canonical.to_pylist()


def test_a_bare_name_finds_the_newest_version():
    assert find_recipe("email") is RECIPES["email@1"]


@pytest.mark.parametrize("name", ["", "e-mail", "email@0", "EMAIL"])
def test_an_unknown_name_finds_nothing(name):
    assert find_recipe(name) is None


@given(st.lists(st.none() | st.text(st.sampled_from("aB@. ~"), max_size=6)))
def test_an_email_is_valid_by_itself_as_it_is_among_texts_of_other_scripts(values):
    assert apply("email@1", *values) == apply("email@1", *values, "é")[:-1]
