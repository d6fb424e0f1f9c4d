"""The dictionary: every column of every public table, from dbt's own descriptions."""

from reports.content import Page, Section, Table, Text, text
from warehouse import contract
from wording.rows import Row

CAPTION = "Every column of every public table"
COLUMNS = (
    text("Table", "table"),
    text("Column", "column"),
    text("Type", "type"),
    text("Meaning", "meaning"),
)


def rows() -> list[Row]:
    """One row per column, as dbt's contracts declare it."""
    return [
        {
            "table": contract.relation(name),
            "column": column.name,
            "type": column.data_type,
            "meaning": column.description,
        }
        for name, table in sorted(contract.public_tables().items())
        for column in table.columns
    ]


def build() -> Page:
    """Lay the page out."""
    tables = [
        {"table": contract.relation(name), "meaning": table.description}
        for name, table in sorted(contract.public_tables().items())
    ]
    table_columns = (text("Table", "table"), text("One row is", "meaning"))
    return Page(
        name="dictionary",
        label="Dictionary",
        title="What every column means",
        summary_heading="How to use this page",
        summary=[
            "Each table of a release with its columns, as the contracts of the warehouse declare them.",
            "The same texts stand as comments in the database, as field metadata in Parquet, and in dictionary.csv.",
        ],
        sections=[
            Section(
                "Columns",
                [
                    Text(["Search for a word, or sort by a heading."]),
                    Table(CAPTION, COLUMNS, rows(), is_searchable=True),
                ],
            )
        ],
        appendix=[Section("Tables", [Table("Every public table", table_columns, tables, is_searchable=True)])],
    )
