"""Another platform's columns under our names, what it lacks empty, and nothing guessed behind a person's back."""

from pathlib import Path

import pytest

from pipeline.landing.reading.column_map import read_map, template
from pipeline.landing.reading.options import Options
from tests.pipeline.landing.landing_cases import file_of, load_bytes, record, values
from warehouse import contract
from warehouse.errors import DataError, UsageError
from warehouse.settings import Settings

CLIPS = b"""clip_id,label,plays,hearts,speech,length_sec
71,misinformation,1000,10,"a clip about rivers, and more",30
72,Fine,200,5,a clip about the moon,12
73,unsure,30,,,8
"""
WITHOUT = b"clip_id,hearts,speech,length_sec\n71,10,a clip about rivers,30\n72,5,a clip about the moon,12\n"
MAP = """
video_id: clip_id
claim_status: {from: label, values: {misinformation: claim, fine: opinion, unsure: null}}
video_view_count: plays
video_like_count: hearts
video_transcription_text: speech
video_duration_sec: length_sec
absent: [verified_status, author_ban_status, video_share_count, video_download_count, video_comment_count]
"""


@pytest.fixture
def write(tmp_path: Path):
    def write_map(text: str) -> Path:
        path = tmp_path / "map.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_map


def test_another_platforms_columns_land_under_our_names(tmp_path, write) -> None:
    outcome = load_bytes(CLIPS, tmp_path, options=Options(columns=read_map(write(MAP))))
    assert outcome.rejects == []
    assert [(row["video_id"], row["claim_status"], row["video_view_count"]) for row in outcome.rows] == [
        (71, "claim", 1000),
        (72, "opinion", 200),
        (73, None, 30),
    ]
    assert {row["verified_status"] for row in outcome.rows} == {None}
    absent = [repair.column_name for repair in outcome.loaded.repairs if repair.repair_kind == "absent_column"]
    assert sorted(absent) == sorted(read_map(write(MAP)).absent)


def test_a_column_is_missed_until_the_map_calls_it_absent(tmp_path, write) -> None:
    lines = [line for line in MAP.splitlines() if not line.startswith(("claim_status", "video_view_count"))]
    less = "\n".join(lines)
    with pytest.raises(DataError, match=r"lacks the columns claim_status, video_view_count.*--columns"):
        load_bytes(WITHOUT, tmp_path, options=Options(columns=read_map(write(less))))
    more = less.replace("absent: [", "absent: [claim_status, video_view_count, ")
    outcome = load_bytes(WITHOUT, tmp_path, options=Options(columns=read_map(write(more))))
    assert [(row["claim_status"], row["video_view_count"]) for row in outcome.rows] == [(None, None)] * 2


def test_a_category_that_the_map_does_not_name_is_rejected(tmp_path, write) -> None:
    options = Options(columns=read_map(write(MAP.replace(", unsure: null", ""))))
    outcome = load_bytes(CLIPS, tmp_path, options=options, reject_limit_share=1.0)
    assert [reject["reject_reason"] for reject in outcome.rejects] == ["unknown_category"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a list", "no map"),
        ("video_id: {", "cannot be read as YAML"),
        ("plays: video_view_count", "names plays; the columns are"),
        ("absent: [video_id]", "nothing works without"),
        ("video_view_count: plays\nabsent: [video_view_count]", "Take one of the two away"),
        ("claim_status: {from: label, values: {fake: rumour}}", "no category 'rumour'; they are claim, opinion"),
        ("claim_status: {from: label, values: {claim: opinion}}", "is one of ours"),
        ("video_view_count: {from: plays, values: {many: 1000}}", "takes no values"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused_in_one_sentence(write, text, says) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        read_map(write(text))
    assert "\n" not in str(caught.value)


def test_a_first_map_is_written_with_guesses(tmp_path, write) -> None:
    (tmp_path / "clips.csv").write_bytes(CLIPS)
    text = template(tmp_path / "clips.csv", Settings(home=tmp_path / "var"))
    guessed, meant = read_map(write(text)), read_map(write(MAP))
    assert (guessed.names, guessed.absent) == (meant.names, meant.absent)
    (tmp_path / "cities.csv").write_text("city,inhabitants\nUlm,126000\n")
    assert "video_id: ???" in template(tmp_path / "cities.csv", Settings(home=tmp_path / "var"))


def test_a_map_of_one_column_leaves_our_own_names_to_themselves(tmp_path, write) -> None:
    ours = file_of(record(2, views="7")).replace(b"video_id", b"clip_id")
    outcome = load_bytes(ours, tmp_path, options=Options(columns=read_map(write("video_id: clip_id"))))
    plain = load_bytes(file_of(record(2, views="7")), tmp_path)
    assert values(outcome) == values(plain)
    assert outcome.extras == []


def test_a_map_beside_our_own_names_wins_and_the_other_column_is_kept_aside(tmp_path, write) -> None:
    content = b"\n".join(
        line + (b",plays_total" if number == 0 else b",41") for number, line in enumerate(file_of().splitlines())
    )
    options = Options(columns=read_map(write("video_view_count: plays_total")))
    outcome = load_bytes(content, tmp_path, options=options)
    assert {row["video_view_count"] for row in outcome.rows} == {41}
    assert {(extra["column_name"], extra["column_value"]) for extra in outcome.extras} == {("video_view_count", "1000")}
    named = Options(columns=read_map(write("claim_status: {values: {fake: claim}}\nvideo_id: video_id")))
    assert len(load_bytes(file_of(record(2, status="Fake")), tmp_path, options=named).rows) == 4


def test_only_the_id_is_indispensable(tmp_path, write) -> None:
    others = [column.name for column in contract.feeds()["videos"].columns if column.name != "video_id"]
    options = Options(columns=read_map(write(f"video_id: clip\nabsent: [{', '.join(others)}]")))
    outcome = load_bytes(b"clip\n71\n72\n", tmp_path, options=options)
    assert [row["video_id"] for row in outcome.rows] == [71, 72]
    assert {row[name] for row in outcome.rows for name in others} == {None}
