"""The audience's file of a day."""

from audience_gateway_sandbox.seeding import audience_of, populate


def test_the_same_number_and_seed_give_the_same_file():
    assert audience_of(populate(300, 5), 1).lines == audience_of(populate(300, 5), 1).lines


def test_another_seed_gives_another_file():
    assert audience_of(populate(300, 5), 0).lines != audience_of(populate(300, 6), 0).lines


def test_there_are_half_as_many_lines_as_recipients_and_some_of_other_segments(population):
    lines = audience_of(population, 0).lines
    of_others = [line for line in lines if line.endswith(b"\t25")]
    assert len(lines) - len(of_others) == 1000
    assert of_others


def test_some_ids_begin_with_several_zeros(population):
    assert any(line.startswith(b"0000") for line in audience_of(population, 0).lines)


def test_who_leaves_is_gone_or_in_another_segment_only(population):
    today = audience_of(population, 1)
    for left in today.leavers:
        lines = [line for line in today.lines if line.startswith(population.visitor_ids[left].encode())]
        assert lines in ([], [f"{population.visitor_ids[left]}\t25".encode()])


def test_each_kind_of_malformed_line_occurs(population):
    malformed = audience_of(population, 0).malformed
    assert {reason for _, reason in malformed} == {"invalid_id", "malformed_row", "invalid_encoding"}
    assert b"\t24" in [line for line, _ in malformed]


def test_lines_of_all_kinds_are_mixed(population):
    lines = audience_of(population, 0).lines
    unlike = {line for line, _ in audience_of(population, 0).malformed}
    positions = [position for position, line in enumerate(lines) if line in unlike]
    assert min(positions) < len(lines) // 2 < max(positions)
