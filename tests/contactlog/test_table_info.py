from tangente.contactlog.table_info import TableInfo, table_info


def test_info_of_an_empty_log_is_empty(store):
    assert table_info(store)["ratings"] == TableInfo(0, 0, 0, 0, None, None)
