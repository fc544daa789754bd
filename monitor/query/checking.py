"""What can be told from the order of the tokens alone is told here, with its column, before luqum's grammar runs.

The grammar knows the place of an error only sometimes ("unexpected end of expression"), and lets pass what we refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

from monitor.errors import QueryError
from monitor.query.nodes import FIELDS

# Limits against texts that are no question: a page pasted in, a generated tree.
MAX_NESTING = 50  # groups, signs and fields inside each other; the tree is walked by recursion
MAX_TERMS = 1_000
MAX_SLOP = 1_000  # moves between the words of a phrase

_PREFIXES = ("NOT", "PLUS", "MINUS")
_COMPARISONS = ("GREATERTHAN", "LESSTHAN")
_OPERATORS = ("AND_OP", "OR_OP")


def unescaped(text: str, signs: str) -> Iterator[int]:
    """Positions of the signs that no backslash takes the meaning from."""
    for match in re.finditer(rf"\\.|([{re.escape(signs)}])", text, re.DOTALL):
        if match[1]:
            yield match.start()


class Check:
    """Walks the tokens once and raises where the order can't be read. `open` are the groups around the place."""

    def __init__(self, text: str, tokens: list[Any]) -> None:
        self.text, self.tokens, self.at = text, tokens, 0
        self.open: list[tuple[int, int]] = []  # column, depth that this group adds
        self.run_of_prefixes = 0
        self.terms = 0

    def fail(self, message: str, column: int, hint: str = "") -> NoReturn:
        raise QueryError(message, text=self.text, column=column, hint=hint)

    def peek(self, step: int = 0) -> Any:
        at = self.at + step
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def kind(self, step: int = 0) -> str:
        token = self.peek(step)
        return token.type if token else ""

    def run(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            _CHECKS.get(token.type, Check.word)(self, token)
            if token.type not in (*_PREFIXES, "COLUMN", "LPAREN") and self.kind(1) != "COLUMN":
                self.run_of_prefixes = 0
            self.at += 1
        if self.open:
            self.fail("the group that begins here is not closed", self.open[-1][0], "add a )")

    def deeper(self, token: Any) -> None:
        self.run_of_prefixes += 1
        if sum(depth for _, depth in self.open) + self.run_of_prefixes > MAX_NESTING:
            self.fail(f"more than {MAX_NESTING} groups and signs inside each other", token.lexpos)

    def needs_operand(self, token: Any, name: str) -> None:
        following = self.kind(1)
        if following in ("", "RPAREN", *_OPERATORS):
            self.fail(f"there is nothing after {name}", token.lexpos)

    def sign(self, token: Any) -> None:
        name = token.value.value if token.type == "NOT" else self.text[token.lexpos]
        self.deeper(token)
        if token.type != "NOT" and token.value.tail:
            self.fail(
                f"{name} stands directly before what it is about", token.lexpos, f"without the blank, or write \\{name}"
            )
        self.needs_operand(token, name)

    def operator(self, token: Any) -> None:
        name = token.value.value
        if self.kind(-1) in ("", "LPAREN"):
            self.fail(f"there is nothing before {name}", token.lexpos)
        self.needs_operand(token, name)

    def group(self, token: Any) -> None:
        self.deeper(token)
        self.open.append((token.lexpos, self.run_of_prefixes))
        self.run_of_prefixes = 0
        if self.kind(1) == "RPAREN":
            self.fail("the group is empty", token.lexpos)

    def end_of_group(self, token: Any) -> None:
        if not self.open:
            self.fail("there is no ( for this )", token.lexpos, "write \\) for the sign itself")
        self.open.pop()

    def word(self, token: Any) -> None:
        if self.kind(1) == "COLUMN":
            return self.field(token)
        self.count(token)
        if token.type == "TO":
            return None
        value = token.value.value
        if (comparison := re.match(r"(\w+)[<>]", value)) and comparison[1] in FIELDS:
            name = comparison[1]
            hint = f"write {name}:{value[len(name) :]}"
            self.fail("a colon is missing before the comparison", token.lexpos + len(name), hint)
        for at in unescaped(value, '"'):
            self.fail("a quotation can't begin inside a word", token.lexpos + at, 'put a blank before it, or write \\"')
        self.wildcards(token, value)
        return None

    def count(self, token: Any) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            self.fail(f"more than {MAX_TERMS:,} words", token.lexpos)

    def wildcards(self, token: Any, value: str) -> None:
        for at in unescaped(value, "*?"):
            column = token.lexpos + at
            if value[at] == "?":
                self.fail("? is not supported as a wildcard", column, "write \\? for the sign itself, or end with *")
            if at != len(value) - 1:
                self.fail("a * can only stand at the end of a word", column, "write \\* for the sign itself")

    def phrase(self, token: Any) -> None:
        self.count(token)
        end = token.lexpos + len(token.value.value)
        following = self.peek(1)
        if following and following.type in ("TERM", "PHRASE", "LPAREN", "PLUS", "MINUS") and following.lexpos == end:
            self.fail("a blank is missing after the quotation", end)

    def field(self, token: Any) -> None:
        name, column = token.value.value, token.lexpos
        if name.lower() in ("http", "https") and self.text.startswith("//", self.peek(1).lexpos + 1):
            self.address(column)
        if name not in FIELDS:
            self.unknown_field(name, column)
        self.deeper(token)

    def address(self, column: int) -> NoReturn:
        address = self.text[column:].split()[0].rstrip(")")
        before = self.text[:column].rstrip()
        named = next((name for name in FIELDS if before.endswith(f"{name}:")), "")
        hint = f'write {named or "url"}:"{address}"'
        self.fail("an address has to stand in quotes" if named else "an address is no word", column, hint)

    def unknown_field(self, name: str, column: int) -> NoReturn:
        near = get_close_matches(name.lower(), FIELDS, n=3, cutoff=0.6)
        hint = f"did you mean {', '.join(near)}?" if near else f"fields are {', '.join(FIELDS)}; write \\: for the sign"
        if re.fullmatch(r"\d+", name) or not re.fullmatch(r"\w+", name):
            rest = self.text[self.peek(1).lexpos + 1 :].split()
            pasted = f"{name}:{rest[0].rstrip(')')}" if rest else f"{name}:"
            hint = f'for the sign itself write "{pasted}"'
        self.fail(f"there is no field {name!r}", column, hint)

    def colon(self, token: Any) -> None:
        if self.kind(-1) != "TERM":
            self.fail("there is no field before the colon", token.lexpos, "write \\: for the sign itself")
        self.needs_operand(token, f"{self.peek(-1).value.value}:")

    def comparison(self, token: Any) -> None:
        sign = token.value.value
        if self.kind(-1) != "COLUMN":
            self.fail(f"{sign} needs a field before it", token.lexpos, f"for example published:{sign}2024-05-16")
        if self.kind(1) not in ("TERM", "PHRASE"):
            self.fail(f"there is no value after {sign}", token.lexpos)

    def range(self, token: Any) -> None:
        """`[low TO high]` as a whole; luqum reads it, here it is only made sure that it can."""
        hint = "for example published:[2024-01-01 TO 2024-02-01}, or [now-7d TO *]"
        if self.kind(-1) != "COLUMN":
            self.fail(
                "a range needs a field before it", token.lexpos, f"{hint}; write \\{token.value.value} for the sign"
            )
        for expected in ("TERM", "TO", "TERM", "RBRACKET"):
            self.at += 1
            if expected == "TERM" and self.kind() == "MINUS":
                self.at += 1
            found = self.peek()
            if found is None:
                self.fail("the range that begins here is not closed", token.lexpos, hint)
            if found.type != expected and not (expected == "TERM" and found.type == "PHRASE"):
                self.fail("a range is written [from TO to]", found.lexpos, hint)
            if expected == "TERM":
                self.count(found)

    def stray_bracket(self, token: Any) -> None:
        sign = token.value.value
        self.fail(f"there is no range for this {sign}", token.lexpos, f"write \\{sign} for the sign itself")

    def approximation(self, token: Any) -> None:
        if self.kind(-1) != "PHRASE":
            self.fail(
                "~ for similar words is not supported; it stands after a quotation",
                token.lexpos,
                'for example "first last"~3; write \\~ for the sign itself',
            )
        moves = token.value.value or ""
        if not moves.isdecimal() or int(moves) > MAX_SLOP:
            self.fail(f"~ needs a whole number up to {MAX_SLOP:,} after it", token.lexpos, 'for example "first last"~3')
        if self.kind(1) in ("TERM", "PHRASE") and not token.value.tail:
            self.fail(f"~ needs a whole number up to {MAX_SLOP:,} after it", token.lexpos, 'for example "first last"~3')

    def boost(self, token: Any) -> None:
        self.fail("^ to weigh words is not supported", token.lexpos, "write \\^ for the sign itself")

    def regex(self, token: Any) -> None:
        self.fail("regular expressions are not supported", token.lexpos, "write \\/ for the sign itself")


_CHECKS: dict[str, Callable[[Check, Any], None]] = {
    **dict.fromkeys(_PREFIXES, Check.sign),
    **dict.fromkeys(_OPERATORS, Check.operator),
    **dict.fromkeys(_COMPARISONS, Check.comparison),
    "LPAREN": Check.group,
    "RPAREN": Check.end_of_group,
    "PHRASE": Check.phrase,
    "COLUMN": Check.colon,
    "LBRACKET": Check.range,
    "RBRACKET": Check.stray_bracket,
    "APPROX": Check.approximation,
    "BOOST": Check.boost,
    "REGEX": Check.regex,
}
