"""Translations are compiled from their sources at each start: complete, or refused with the line that is wrong."""

import gettext
import io
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

import catalogues  # noqa: E402


class TestCatalogues:
    SOURCE = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

# a comment
msgid "Cancel"
msgstr "取消"

msgctxt "verb"
msgid "Book"
msgstr "预约"
msgid "one day"
msgid_plural "%(n)d days"
msgstr[0] "一天"
msgstr[1] "%(n)d 天"

#, fuzzy
msgid "Guessed"
msgstr "猜的"

msgid "Two "
"lines\n"
msgstr ""
"两行\n"

msgid "Untranslated"
msgstr ""
#~ msgid "Old"
#~ msgstr "旧"
"""

    def test_gettext_reads_what_was_compiled(self) -> None:
        told = gettext.GNUTranslations(io.BytesIO(catalogues.compiled(catalogues.read_catalogue(self.SOURCE))))
        assert told.gettext("Cancel") == "取消"
        assert told.pgettext("verb", "Book") == "预约"
        assert told.gettext("Book") == "Book"
        assert told.ngettext("one day", "%(n)d days", 1) == "一天"
        assert told.ngettext("one day", "%(n)d days", 3) == "%(n)d 天"
        assert told.gettext("Guessed") == "Guessed"
        assert told.gettext("Two lines\n") == "两行\n"
        assert told.gettext("Untranslated") == "Untranslated"
        assert told.gettext("Old") == "Old"

    def test_a_broken_line_is_named(self) -> None:
        with pytest.raises(ValueError, match="line 2"):
            catalogues.read_catalogue('msgid "a"\nmsgstr "b\n')

    def test_a_message_that_stands_twice_is_refused(self) -> None:
        with pytest.raises(ValueError, match="already exists"):
            catalogues.read_catalogue('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n')

    def test_one_that_is_being_read_is_never_half(self, tmp_path: Path) -> None:
        source = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        source.parent.mkdir(parents=True)
        source.write_text(self.SOURCE, encoding="utf-8")
        (written,) = catalogues.compile_stale(tmp_path)
        with written.open("rb") as reader:  # a process that began before
            source.write_text(self.SOURCE.replace("取消", "不了"), encoding="utf-8")
            os.utime(written, (0, 0))
            assert catalogues.compile_stale(tmp_path) == [written]
            assert gettext.GNUTranslations(reader).gettext("Cancel") == "取消"
        assert gettext.GNUTranslations(io.BytesIO(written.read_bytes())).gettext("Cancel") == "不了"
        assert catalogues.compile_stale(tmp_path) == []
        assert [file.name for file in source.parent.iterdir() if file != source] == ["django.mo"]

    def test_every_catalogue_of_ours_compiles(self) -> None:
        sources = [path for folder in catalogues.SOURCES for path in (ROOT / folder).glob("**/LC_MESSAGES/*.po")]
        assert sources
        for source in sources:
            gettext.GNUTranslations(
                io.BytesIO(catalogues.compiled(catalogues.read_catalogue(source.read_text(encoding="utf-8"))))
            )
