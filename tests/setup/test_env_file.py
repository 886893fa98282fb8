"""The `.env` editor: what is asked for is set, and nothing else changes."""

import stat
import string
from pathlib import Path

import pytest
import structlog
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OperatorError, UserError
from bot.setup.env_file import EnvFile, quoted
from bot.terminal.serving import tell_of_slips

NAMES = st.sampled_from(("DISCORD_TOKEN", "COACH_MODEL", "INKCIRCLE_CONTACT", "COACH_API_KEY"))
VALUES = st.text(st.characters(codec="utf-8"), max_size=40)
FOREIGN = st.lists(
    st.one_of(
        st.just(""),
        st.builds("# {}".format, st.text(string.ascii_letters + " ='\"", max_size=30)),
        st.builds("#{}=".format, NAMES),
        st.builds("export PATH_{}='a b # c'".format, st.sampled_from(string.ascii_uppercase)),
        st.builds('MINE_{}="two words" # why'.format, st.sampled_from(string.ascii_uppercase)),
        st.builds("OTHER_{}=plain".format, st.sampled_from(string.ascii_uppercase)),
    ),
    max_size=12,
)


def takes(value: str) -> bool:
    try:
        quoted(value)
    except UserError:
        return False
    return True


@given(FOREIGN, st.lists(st.tuples(NAMES, VALUES.filter(takes)), max_size=5), st.sampled_from(("\n", "\r\n")))
def test_whatever_is_set_is_read_back_and_foreign_lines_stay(
    foreign: list[str], wishes: list[tuple[str, str]], newline: str
) -> None:
    file = EnvFile(Path(".env"), newline.join(foreign))
    for name, value in wishes:
        file.set(name, value)
    for name, value in dict(wishes).items():
        assert (file.get(name) or "") == value
    ours = {name for name, _ in wishes}
    left = [line for line in file.text.splitlines() if line.partition("=")[0] not in ours]
    assert [line for line in left if line] == [line for line in foreign if line]


@given(VALUES)
def test_a_value_is_written_so_that_it_is_read_back_or_refused(value: str) -> None:
    if not takes(value):
        assert not value.isprintable() or set(value) & set("'\"\\$`")
        return
    file = EnvFile(Path(".env"))
    file.set("X", value)
    assert (file.get("X") or "") == value
    assert "\n" not in file.text.removesuffix("\n")


@pytest.mark.parametrize(
    "value", ["two\nlines", "a\rb", "nul\0", "bell\a", "${HOME}", 'it\'s "both"', "\u2028"]
)
def test_what_no_line_can_hold_is_refused(value: str) -> None:
    file = EnvFile(Path(".env"), "A=1\n")
    with pytest.raises(UserError):
        file.set("X", value)
    assert file.text == "A=1\n"


def test_a_line_keeps_its_place_its_export_and_its_comment() -> None:
    file = EnvFile(Path(".env"), "# mine\n\nexport COACH_MODEL=old # the good one\nLAST='x # y'\n")
    file.set("COACH_MODEL", "new one")
    assert file.text == "# mine\n\nexport COACH_MODEL='new one' # the good one\nLAST='x # y'\n"
    file.set("LAST", "z")
    assert file.text.endswith("\nLAST=z\n")


def test_a_new_line_stands_below_its_commented_one() -> None:
    file = EnvFile(Path(".env"), "# The token.\n#DISCORD_TOKEN=\n\n# Folder.\n#INKCIRCLE_DATA=data\n")
    file.set("DISCORD_TOKEN", "abc")
    assert file.text == (
        "# The token.\n#DISCORD_TOKEN=\nDISCORD_TOKEN=abc\n\n# Folder.\n#INKCIRCLE_DATA=data\n"
    )


def test_an_older_line_of_the_same_name_goes_with_its_secret() -> None:
    file = EnvFile(Path(".env"), "discord_token=first\nA=1\nDISCORD_TOKEN=second\n")
    assert file.get("DISCORD_TOKEN") == "second"
    file.set("DISCORD_TOKEN", "third")
    assert file.text == "A=1\nDISCORD_TOKEN=third\n"
    file.remove("DISCORD_TOKEN")
    assert file.text == "A=1\n"


def test_a_file_without_a_last_line_end_and_with_windows_ones_stays_so() -> None:
    file = EnvFile(Path(".env"), "A=1\r\nB=2")
    file.set("C", "3")
    assert file.text == "A=1\r\nB=2\r\nC=3\r\n"


def test_a_broken_line_does_not_swallow_a_new_one() -> None:
    file = EnvFile(Path(".env"), 'A="open\n')
    with pytest.raises(OperatorError, match="quote"):
        file.set("X", "it's")
    assert file.text == 'A="open\n'
    file.set("X", "plain")
    assert file.get("X") == "plain"


def test_it_is_saved_whole_for_its_owner_alone_and_a_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "real.env"
    real.write_text("A=1\n")
    real.chmod(0o644)
    link = tmp_path / ".env"
    link.symlink_to(real)
    file = EnvFile.read(link)
    file.set("DISCORD_TOKEN", "abc")
    file.save()
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert dotenv_values(real) == {"A": "1", "DISCORD_TOKEN": "abc"}
    assert sorted(each.name for each in tmp_path.iterdir()) == [".env", "real.env"]


@pytest.mark.parametrize("there", [True, False])
def test_what_root_sets_up_for_a_service_is_the_service_s(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    there: bool,  # noqa: FBT001 - the table's
) -> None:
    given: list[tuple[int, int]] = []
    # By hand, since the tests need not be run as root.
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda _file, user, group: given.append((user, group)))
    if there:
        (tmp_path / ".env").write_text("A=1\n")
    file = EnvFile.read(tmp_path / ".env")
    file.set("A", "2")
    file.save()
    owner = (tmp_path if not there else tmp_path / ".env").stat()
    assert given == [(owner.st_uid, owner.st_gid)]


def test_what_is_found_wrong_in_the_new_file_keeps_the_old_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    file = EnvFile.read(tmp_path / ".env")
    file.set("A", "2")

    def check(draft: Path) -> None:
        assert draft.read_text() == "A=2\n"
        raise OperatorError("A is wrong.")

    with pytest.raises(OperatorError, match="A is wrong"):
        file.save(check)
    assert (tmp_path / ".env").read_text() == "A=1\n"
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


def test_a_folder_that_takes_nothing_leaves_nothing(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / "missing" / ".env")
    file.set("A", "1")
    with pytest.raises(OperatorError, match="nothing was changed"):
        file.save()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data", ["DISCORD_TOKEN=x".encode("utf-16"), "DISCORD_TOKEN=x".encode("utf-16-le"), b"A=\xff\n"]
)
def test_a_file_in_another_encoding_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(OperatorError, match="UTF-8"):
        EnvFile.read(tmp_path / ".env")


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(OperatorError, match="cannot be read"):
        EnvFile.read(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "line", "words", "serious"),
    [
        ("\ufeffA=1\n", 1, "byte-order mark", False),
        ("A=1\r\nB=2\r\n", 1, "Windows", False),
        ('A=1\n\nB="open\n', 3, "quote is not closed", True),
        ("A=1\nDISCORD_TOKEN: abc\n", 2, "NAME=value", True),
        ("# c\nJUST_A_NAME\n", 2, "no =", True),
        ("A=\u201cabc\u201d\n", 1, "typographic", True),
        ('A=abc"\n', 1, "quote at one end", True),
        ("A='abc '\n", 1, "space at one end", True),
        ("A=1\nB=2\na=3\n", 3, "set again; line 1", False),
    ],
)
def test_faults_of_form_are_named_with_their_line(
    text: str,
    line: int,
    words: str,
    serious: bool,  # noqa: FBT001 - from the table above
) -> None:
    (complaint,) = EnvFile(Path(".env"), text).complaints()
    assert (complaint.line, complaint.serious) == (line, serious)
    assert words in complaint.says


def test_a_start_tells_of_lines_by_which_a_setting_is_lost(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('DISCORD_TOKEN\nINKCIRCLE_CONTACT="open\nCOACH_MODLE=x\n')
    with structlog.testing.capture_logs() as told:
        tell_of_slips(tmp_path / ".env")
        tell_of_slips(tmp_path / "none")
    assert [(each["event"], each.get("line", each.get("name"))) for each in told] == [
        ("broken_line", 1),
        ("broken_line", 2),
        ("unknown_setting", "COACH_MODLE"),
    ]


def test_a_good_file_has_none() -> None:
    text = "# a comment\nexport A=1\nB='x y' # why\nC=\n\nD=a#b\n"
    assert EnvFile(Path(".env"), text).complaints() == ()
