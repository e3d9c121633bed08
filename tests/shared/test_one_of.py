"""A column among several values: one statement however many they are, and of none, nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.dialects.postgresql import asyncpg

from shared import tenancy
from shared.ids import new_id
from shared.one_of import one_of
from shared.organisation import Organisation

TABLE = Table("things", MetaData(), Column("name", Text), Column("number", Integer))
NOTES = Table("notes", MetaData(), Column("organisation", Text), Column("words", Text))
SLOUGH = Organisation.council("E06000039")


def sent(values: list[str]) -> str:
    """The statement as the driver gets it, without its values."""
    return str(select(TABLE).where(one_of(TABLE.c.name, values)).compile(dialect=asyncpg.dialect()))


@given(st.lists(st.text(), max_size=40))
def test_as_many_values_as_may_be_are_one_statement(values: list[str]) -> None:
    assert sent(values) == sent(["one"])
    assert "ANY ($1::TEXT[])" in sent(values)


async def test_it_finds_the_rows_that_have_one_of_the_values_and_of_none_no_row(notes) -> None:
    databases = (await notes()).databases
    async with tenancy.transaction(databases, SLOUGH) as transaction:
        for words in ("a", "b", "c", 'it\'s 1 {odd}, "one"', ""):
            await transaction.driver.execute("INSERT INTO notes VALUES ($1, $2, $3)", str(SLOUGH), new_id(), words)
        for values in ([], ["a"], ["c", "a", "a", "z"], ['it\'s 1 {odd}, "one"', ""]):
            rows = await transaction.execute(select(NOTES.c.words).where(one_of(NOTES.c.words, values)))
            assert sorted(row.words for row in rows) == sorted(set(values) - {"z"})
