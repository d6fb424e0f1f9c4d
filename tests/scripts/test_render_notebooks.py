"""Notebooks as pages: no heading without a text is left in a table, and code is dark enough to read."""

from scripts.render_notebooks import readable


def test_the_empty_corner_of_a_table_is_no_heading():
    html = '<tr style="text-align: right;">\n<th></th>\n<th>views</th></tr><tr><th class="x"> &nbsp;</th></tr>'
    assert readable(html) == (
        '<tr style="text-align: right;">\n<td></td>\n<th>views</th></tr><tr><td class="x"></td></tr>'
    )


def test_code_is_dark_enough_to_read():
    assert readable("--operator-color: #a2f; --number-color: #080;") == (
        "--operator-color: #7928a1; --number-color: #006b00;"
    )
