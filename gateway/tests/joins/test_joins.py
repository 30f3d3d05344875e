"""What every join does, whoever implements it: each id has its records or one reason, whatever the partition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import ASKED, FOUND, MISSED, Join, Question
from audience_gateway.identity.partitions import Partition
from audience_gateway.sdk import CandidatePolicy, Reason
from audience_gateway.storage.relations import QueryLimits, Relations, files, literal

ALL, LATEST, REJECT = CandidatePolicy.ALL, CandidatePolicy.LATEST, CandidatePolicy.REJECT
LOW, HIGH = UUID(int=1), UUID(int=(1 << 128) - 1)
WHOLE, LOWER, UPPER = Partition(), Partition(0, 1), Partition(1, 1)
OLDEST = datetime(2026, 1, 10, tzinfo=UTC)

Asked = tuple[int, UUID, bool]
Entry = tuple[UUID, str, int | None, bool | None]
Answer = tuple[list[tuple[int, str]], list[tuple[int, str]]]
Find = Callable[..., Answer]


@pytest.fixture
def relations(tmp_path):
    with Relations(tmp_path / "scratch", QueryLimits(threads=1)) as relations:
        yield relations


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def join(request) -> Join:
    return DuckDBJoin() if request.param == "duckdb" else request.getfixturevalue("spark_join")


@pytest.fixture
def find(join, relations, tmp_path) -> Find:
    """Asks a join: the records that were found and the reasons of those that were missed, by row."""

    def asking(
        asked: Sequence[Asked],
        entries: Sequence[Entry],
        policy: CandidatePolicy = ALL,
        oldest: datetime | None = None,
        *,
        partition: Partition = WHOLE,
        barred: Sequence[str] = (),
        too_many_people: int = 10_000,
    ) -> Answer:
        ids, index = tmp_path / "asked.parquet", tmp_path / "index.parquet"
        write(relations, ids, "row BIGINT, key UUID, leaves BOOLEAN", asked)
        seen = [(key, target, day and datetime(2026, 1, day, tzinfo=UTC), out) for key, target, day, out in entries]
        write(relations, index, "key UUID, target VARCHAR, last_seen TIMESTAMPTZ, opted_out BOOLEAN", seen)
        if barred:
            write(relations, tmp_path / "barred.parquet", "target VARCHAR", [(record,) for record in barred])
        question = Question(
            entries=[index],
            partition=partition,
            policy=policy,
            oldest=oldest,
            barred=tmp_path / "barred.parquet",
            too_many_people=too_many_people,
        )
        found, missed = tmp_path / "found.parquet", tmp_path / "missed.parquet"
        with relations.session() as session:
            session.view("first", files([ids], ASKED))
            join.find(session, question, found, missed)
        assert keys(found) <= {(row, key) for row, key, _ in asked}
        return pairs(found, FOUND, "target"), pairs(missed, MISSED, "reason")

    return asking


def write(relations: Relations, path: Path, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    names = ", ".join(column.split()[0] for column in columns.split(", "))
    types = [column.split()[1] for column in columns.split(", ")]
    values = [
        ", ".join(
            f"CAST({'NULL' if value is None else literal(str(value))} AS {type_})"
            for value, type_ in zip(row, types, strict=True)
        )
        for row in rows
    ]
    nothing = ", ".join(f"CAST(NULL AS {type_})" for type_ in types)
    given = " UNION ALL ".join(f"SELECT {row}" for row in values) or f"SELECT {nothing} WHERE false"
    with relations.session() as session:
        session.write(f"SELECT * FROM ({given}) AS given({names})", path)


def keys(path: Path) -> set[tuple[int, UUID]]:
    """The ids of the rows."""
    found = pq.read_table(path, columns=["row", "key"])
    return set(zip(found.column("row").to_pylist(), found.column("key").to_pylist(), strict=True))


def pairs(path: Path, columns: Mapping[str, str], column: str) -> list[tuple[int, str]]:
    table = pq.read_table(path)
    assert table.column_names == list(columns)
    return sorted(zip(table.column("row").to_pylist(), table.column(column).to_pylist(), strict=True))


def test_an_id_has_all_its_records_and_one_without_any_is_unknown(find):
    found, missed = find([(1, LOW, False), (2, HIGH, False)], [(LOW, "ada", None, False), (LOW, "bob", 1, False)])
    assert found == [(1, "ada"), (1, "bob")]
    assert missed == [(2, Reason.UNKNOWN_ID)]


def test_a_record_that_the_index_has_twice_is_found_once(find):
    found, _ = find([(1, LOW, False)], [(LOW, "ada", 1, False), (LOW, "ada", 2, False)])
    assert found == [(1, "ada")]


def test_two_ids_of_one_record_both_find_it(find):
    found, _ = find([(1, LOW, False), (2, HIGH, False)], [(LOW, "ada", 1, False), (HIGH, "ada", 1, False)])
    assert found == [(1, "ada"), (2, "ada")]


@pytest.mark.parametrize(
    ("policy", "found", "missed"),
    [
        (ALL, [(1, "ada"), (1, "bob")], []),
        (LATEST, [(1, "bob")], []),
        (REJECT, [], [(1, Reason.AMBIGUOUS_ID)]),
    ],
)
def test_the_policy_says_what_an_id_of_several_records_does(find, policy, found, missed):
    assert find([(1, LOW, False)], [(LOW, "ada", 1, False), (LOW, "bob", 2, False)], policy) == (found, missed)


def test_of_two_records_seen_at_once_the_latest_is_the_first_by_name(find):
    found, _ = find([(1, LOW, False)], [(LOW, "bob", 1, False), (LOW, "ada", 1, False)], LATEST)
    assert found == [(1, "ada")]


@pytest.mark.parametrize("policy", [ALL, LATEST, REJECT])
def test_a_record_that_opted_out_by_any_entry_is_not_taken(find, policy):
    entries = [(LOW, "ada", 1, True), (LOW, "ada", 2, False)]
    assert find([(1, LOW, False)], entries, policy) == ([], [(1, Reason.OPTED_OUT)])


def test_whoever_leaves_is_found_although_opted_out(find):
    assert find([(1, LOW, True)], [(LOW, "ada", 1, True)]) == ([(1, "ada")], [])


def test_a_barred_record_counts_as_opted_out_for_all_of_its_ids(find):
    entries = [(LOW, "ada", 1, False), (HIGH, "ada", 1, False), (HIGH, "bob", 1, False)]
    found, missed = find([(1, LOW, False), (2, HIGH, False)], entries, barred=["ada"])
    assert (found, missed) == ([(2, "bob")], [(1, Reason.OPTED_OUT)])


def test_records_that_were_all_seen_too_long_ago_make_an_id_expired(find):
    entries = [(LOW, "ada", 9, False), (LOW, "bob", 1, False), (HIGH, "cyd", 9, False), (HIGH, "dan", 10, False)]
    found, missed = find([(1, LOW, False), (2, HIGH, False)], entries, ALL, OLDEST)
    assert (found, missed) == ([(2, "dan")], [(1, Reason.EXPIRED_ID)])


def test_a_record_whose_last_sighting_is_not_known_does_not_expire(find):
    assert find([(1, LOW, False)], [(LOW, "ada", None, False)], ALL, OLDEST) == ([(1, "ada")], [])


def test_what_has_expired_makes_no_id_ambiguous(find):
    entries = [(LOW, "ada", 1, False), (LOW, "bob", 11, False)]
    assert find([(1, LOW, False)], entries, REJECT, OLDEST) == ([(1, "bob")], [])


def test_entries_of_other_partitions_are_left_alone(find):
    entries = [(LOW, "ada", 1, False), (HIGH, "bob", 1, False)]
    assert find([(2, HIGH, False)], entries, partition=UPPER) == ([(2, "bob")], [])


def test_keys_that_differ_in_their_lowest_bit_find_different_records(find):
    near = [UUID(int=(1 << 127) + bit) for bit in (0, 1)]
    found, _ = find(
        [(1, near[0], False), (2, near[1], False)], [(near[0], "ada", 1, False), (near[1], "bob", 1, False)]
    )
    assert found == [(1, "ada"), (2, "bob")]


def test_an_answer_has_the_columns_that_joins_agree_on(find, relations, tmp_path):
    find([(1, LOW, False), (2, HIGH, False)], [(LOW, "ada", 1, False)])
    with relations.session() as session:
        for name, columns in [("found", FOUND), ("missed", MISSED)]:
            told = session.rows(f"DESCRIBE FROM read_parquet({literal(str(tmp_path / f'{name}.parquet'))})")
            assert {column: type_ for column, type_, *_ in told} == columns


def test_nothing_but_the_answer_is_left(find, tmp_path):
    find([(1, LOW, False)], [(LOW, "ada", 1, False)])
    files = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert files == {"asked.parquet", "index.parquet", "found.parquet", "missed.parquet"}
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"scratch"}


def test_nobody_asked_is_nobody_found(find):
    assert find([], [(LOW, "ada", 1, False)]) == ([], [])


def test_an_answer_that_is_there_counts(find):
    first = find([(1, LOW, False)], [(LOW, "ada", 1, False)])
    assert find([(1, LOW, False)], [(LOW, "bob", 1, False)]) == first


@pytest.mark.parametrize("policy", [ALL, LATEST, REJECT])
def test_an_id_that_too_many_people_have_finds_nobody_whatever_the_policy(find, policy):
    entries = [(LOW, person, 12, person == "cleo") for person in ("ada", "bob", "cleo")]
    asked = [(1, LOW, False), (2, HIGH, True)]
    found, missed = find(asked, [*entries, (HIGH, "ada", 12, False)], policy, too_many_people=2)
    assert (found, missed) == ([(2, "ada")], [(1, Reason.CROWDED_ID)])


def test_people_count_once_for_an_id_and_not_when_they_were_seen_too_long_ago(find):
    entries = [(LOW, "ada", 12, False), (LOW, "ada", 13, False), (LOW, "bob", 12, False), (LOW, "cleo", 1, False)]
    found, _ = find([(1, LOW, False)], entries, ALL, OLDEST, too_many_people=2)
    assert found == [(1, "ada"), (1, "bob")]


def test_a_record_of_which_nobody_knows_whether_it_opted_out_is_not_taken(find):
    assert find([(1, LOW, False)], [(LOW, "ada", 1, None)]) == ([], [(1, Reason.OPTED_OUT)])
