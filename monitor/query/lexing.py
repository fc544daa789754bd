"""Tokens of a search text: luqum's, with what it tears apart put together, and checked in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from luqum.exceptions import IllegalCharacterError
from luqum.head_tail import TokenValue
from luqum.parser import lexer as luqum_lexer
from luqum.tree import Word

from monitor.errors import QueryError
from monitor.query.checking import Check

MAX_LENGTH = 10_000  # characters; longer ones are no question: a page pasted in

# Skips escaped signs and quotations; finds what stands for another sign (! for -, “ for ") of the same length, so that
# columns stay.
_STAND_INS = re.compile(
    r'\\.[!+-]*|"(?:[^\\"]|\\.)*"|(?P<signs>(?<![^\s(:])[!+-]*![!+-]*)|(?P<quote>[“”„‟])', re.DOTALL
)
_OFFSET = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[Tt]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?[+-]\d\d")
_SIGNS = {"&&": "AND_OP", "||": "OR_OP"}


def lex(text: str) -> list[Any]:
    """luqum's tokens (type, value, lexpos), ready for its grammar. Raises QueryError."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH:,} characters", text=text, column=MAX_LENGTH)
    tokens = list(_merged(list(_tokens(text))))
    Check(text, tokens).run()
    return tokens


def _tokens(text: str) -> Iterator[Any]:
    lexer = luqum_lexer.clone()  # PLY keeps its place in the lexer: one for each reading
    quotes = _STAND_INS.sub(lambda match: '"' if match["quote"] else match[0], text)
    lexer.input(_STAND_INS.sub(lambda match: match[0].replace("!", "-") if match["signs"] else match[0], quotes))
    while True:
        try:
            token = lexer.token()
        except IllegalCharacterError as error:
            raise _illegal(text, lexer.lexpos) from error
        if token is None:
            return
        yield token


def _illegal(text: str, at: int) -> QueryError:
    message, hint = {
        '"': ("the quotation that begins here is not closed", 'write \\" for the sign itself'),
        "\\": ("there is nothing after the backslash", "write \\\\ for the sign itself"),
        "/": (
            "a word can't begin with a slash; /regular expressions/ are not supported",
            "write \\/ for the sign itself",
        ),
        "'": ("a word can't begin with an apostrophe", "quotations are written with double quotes; or write \\'"),
    }.get(text[at], (f"{text[at]!r} is not understood here", ""))
    if text[at] in "“”„‟":
        message, hint = "the quotation that begins here is not closed", f"write \\{text[at]} for the sign itself"
    return QueryError(message, text=text, column=at, hint=hint)


def _merged(tokens: list[Any]) -> Iterator[Any]:
    """Puts together what luqum tears apart: zones ("+02" ":" "00"), "*:*"; gives && and || their meaning."""
    at = 0
    while at < len(tokens):
        token, more = tokens[at], tokens[at + 1 : at + 3]
        at += 1
        if token.type != "TERM":
            yield token
            continue
        word = token.value.value
        if [t.type for t in more] == ["COLUMN", "TERM"] and _adjoin(token, *more):
            minutes = more[1].value.value
            if _OFFSET.fullmatch(word) and re.fullmatch(r"\d\d", minutes):
                word, at = f"{word}:{minutes}", at + 2
            elif word == minutes == "*":
                at += 2
        if word in _SIGNS:
            token.type, token.value = _SIGNS[word], _placed(TokenValue(word), token)
        elif word != token.value.value:
            token.value = _placed(Word(word), token)
        yield token


def _placed(value: Any, token: Any) -> Any:
    value.pos, value.size, value.head, value.tail = token.lexpos, len(value.value), token.value.head, ""
    return value


def _adjoin(*tokens: Any) -> bool:
    """Do they stand side by side without a blank?"""
    return not any(token.value.tail for token in tokens[:-1])
