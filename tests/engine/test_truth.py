import pytest

from engine.commands.truth import read_truth
from engine.errors import SourceError


@pytest.fixture
def written(tmp_path):
    def write(content: bytes):
        path = tmp_path / "truth.csv"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        b"frame,count\n0,2\n3,4.5\n",
        b"\xef\xbb\xbfframe,count\r\n0,2\r\n3,4.5\r\n",
        b"Frame, Count ,note\n0,2,a\n\n 3 , 4.5 ,\n",
        b'"count","frame"\n"2","0"\n4.5,3',
    ],
    ids=["plain", "a spreadsheet's mark", "spaces, capitals and a note", "quotes, another order"],
)
def test_true_counts_are_read_as_people_write_them(written, content):
    assert read_truth(written(content)) == {0: 2.0, 3: 4.5}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "have no columns frame,count"),
        (b"frame;count\n0;2\n", "have no columns frame,count"),
        (b"frame,count\n0,nan\n", "line 2, hold no frame and count"),
        (b"frame,count\n0,2\n1,inf\n", "line 3, hold no frame and count"),
        (b"frame,count\n0,-1\n", "line 2, hold"),
        (b"frame,count\n-1,1\n", "line 2, hold"),
        (b"frame,count\n1.5,1\n", "line 2, hold"),
        (b"frame,count\n1\n", "line 2, hold"),
        (b"frame,count\n" + b"9" * 5000 + b",1\n", "line 2, hold"),
        (b"frame,count\n1," + b"9" * 500 + b"\n", "line 2, hold"),
        (b"frame,count\n\xff,1\n", "are no CSV in UTF-8"),
        (b"frame,count\n" + b"1" * 200_000, "are no CSV in UTF-8"),
    ],
    ids=["empty", "semicolons", "NaN", "infinite", "negative", "negative frame", "half a frame", "one cell", "digits",
         "large", "bytes", "long cell"],
)  # fmt: skip
def test_true_counts_that_cannot_be_are_refused_by_their_line(written, content, reason):
    with pytest.raises(SourceError, match=r"truth.csv.*, expected") as caught:
        read_truth(written(content))
    assert reason in str(caught.value)
