import pytest

from tangente.contactlog.store import open_log
from tangente.errors import ContactLogError


def test_folder_that_was_never_a_log_is_refused(tmp_path):
    with pytest.raises(
        ContactLogError, match=r"is no contact log: it has no log\.toml; `tangente log append` makes one$"
    ):
        open_log(tmp_path)
