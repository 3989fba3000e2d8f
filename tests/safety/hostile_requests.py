"""Requests that nobody honest sends: bodies, headers, queries, ids and values of fields."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

Json = Any
Header = tuple[bytes, bytes]
KILO, DEEP, DIGITS = 1_000, 100_000, 5_000
JSON_TYPE = b"application/json"
FORM = b"application/x-www-form-urlencoded"
PARTS = b"multipart/form-data; boundary=B"


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    """Return one part of a form."""
    return b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name, more, value)


# What is wrong is in the body as a whole, whatever the route wants.
BODIES: Mapping[str, tuple[bytes, bytes]] = {
    "nothing": (JSON_TYPE, b""),
    "a space": (JSON_TYPE, b" "),
    "null": (JSON_TYPE, b"null"),
    "true": (JSON_TYPE, b"true"),
    "a number": (JSON_TYPE, b"7"),
    "a string": (JSON_TYPE, b'"x"'),
    "a list": (JSON_TYPE, b'[1, "x", null]'),
    "a list of lists": (JSON_TYPE, b'[["a", 1]]'),
    "NaN": (JSON_TYPE, b'{"name": NaN}'),
    "Infinity": (JSON_TYPE, b'{"name": -Infinity}'),
    "a raw NUL": (JSON_TYPE, b'{"name": "\x00"}'),
    "NUL in a key": (JSON_TYPE, b'{"\\u0000": 1}'),
    "NUL within": (JSON_TYPE, b'{"a": [{"b": "x\\u0000"}]}'),
    "a lone surrogate": (JSON_TYPE, b'{"name": "\\ud800"}'),
    "a lone surrogate as bytes": (JSON_TYPE, b'{"name": "\xed\xa0\x80"}'),
    "a lone surrogate in a key": (JSON_TYPE, b'{"\\udfff": 1}'),
    "invalid UTF-8": (JSON_TYPE, b'{"name": "\xff\xfe\xc0\x80"}'),
    "UTF-16": (b"application/json; charset=utf-16", '{"name": "x"}'.encode("utf-16")),
    "a byte order mark": (JSON_TYPE, b"\xef\xbb\xbf{}"),
    "a key twice": (JSON_TYPE, b'{"name": "a", "name": "b"}'),
    "lists 100,000 deep": (JSON_TYPE, b"[" * DEEP),
    "objects 100,000 deep": (JSON_TYPE, b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "a whole number of 5,000 digits": (JSON_TYPE, b'{"name": %s}' % (b"9" * DIGITS)),
    "1e999": (JSON_TYPE, b'{"name": 1e999}'),
    "a key of 100 kB": (JSON_TYPE, b'{"%s": 1}' % (b"k" * 100 * KILO)),
    "10,000 keys": (JSON_TYPE, json.dumps({f"k{n}": n for n in range(10_000)}).encode()),
    "cut off": (JSON_TYPE, b'{"name": "x'),
    "two values": (JSON_TYPE, b"{}{}"),
    "a comment": (JSON_TYPE, b"{} // x"),
    "a form": (FORM, b"name=x&name=%00&role=manager"),
    "a form of 2,000 fields": (FORM, b"&".join(b"f%d=1" % n for n in range(2_000))),
    "parts": (PARTS, part(b"name", b"x") + b"--B--\r\n"),
    "parts of 2,000 fields": (PARTS, b"".join(part(b"f%d" % n, b"1") for n in range(2_000))),
    "parts without an end": (PARTS, part(b"file", b"x" * KILO, b'; filename="a"')),
    "parts with a NUL in a value": (PARTS, part(b"split", b"\x00") + b"--B--\r\n"),
    "parts with a NUL in a file name": (
        PARTS,
        part(b"file", b"x", b'; filename="a\x00b/../\xed\xa0\x80.txt"') + b"--B--\r\n",
    ),
    "parts with an endless file name": (
        PARTS,
        part(b"file", b"x", b'; filename="%s.txt"' % (b"n" * 50 * KILO)) + b"--B--\r\n",
    ),
    "parts without a boundary": (b"multipart/form-data", b"--B--\r\n"),
    "parts with an odd boundary": (b"multipart/form-data; boundary=\xff\x00", b"--B--\r\n"),
    "plain text": (b"text/plain", b"{}"),
    "XML": (
        b"application/xml",
        b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
    ),
    "gzipped": (JSON_TYPE, gzip.compress(b"{}")),
    "no type": (b"", b"{}"),
    "a type that is none": (b";;;/,\xff", b"{}"),
    "a type of 100 kB": (b"application/" + b"x" * 100 * KILO, b"{}"),
    "a charset that is none": (b"application/json; charset=x-none", b"{}"),
    "a charset that is no text": (b"application/json; charset=base64", b"{}"),
    "a charset with NUL": (b"application/json; charset*=utf-8''%00", b"{}"),
    "a charset spelled in one that is none": (b"application/json; charset*=none''x", b"{}"),
}

# A body that is right, but for what the headers say of it.
HEADERS: Mapping[str, tuple[Header, ...]] = {
    "gzip": ((b"content-encoding", b"gzip"),),
    "a length that is none": ((b"content-length", b"abc"),),
    "a negative length": ((b"content-length", b"-1"),),
    "a length too short": ((b"content-length", b"1"),),
    "a length of 5,000 digits": ((b"content-length", b"9" * DIGITS),),
    "two lengths": ((b"content-length", b"1"), (b"content-length", b"2")),
    "a length in odd digits": ((b"content-length", "²".encode("latin-1")),),
    "accepts nothing there is": ((b"accept", b"image/png"),),
    "accepts what is none": ((b"accept", b";;q=\xff,*"),),
    "another host": ((b"host", b"evil.example"),),
    "a host that is none": ((b"host", b"\x00:x@[::"),),
    "an empty host": ((b"host", b""),),
    "a version that is none": ((b"if-match", b'"-1"'),),
    "a version in odd digits": ((b"if-match", "²".encode("latin-1")),),
    "a version beyond bigint": ((b"if-match", b"9" * 40),),
    "a version with NUL": ((b"if-match", b"\x00"),),
    "a key that is none": ((b"idempotency-key", b"{\xff}"),),
    "a session with NUL": ((b"cookie", rb'sessionid="abcdefgh\000"; csrftoken="\000"'),),
    "a session of 100 kB": ((b"cookie", b"sessionid=" + b"s" * 100 * KILO),),
    "cookies that are none": ((b"cookie", b"=;;;=\xff;sessionid"),),
    "another method": ((b"x-http-method-override", b"DELETE"),),
    "forwarded": ((b"x-forwarded-for", b"\x00,\xff"), (b"forwarded", b"for=x")),
    "another language": ((b"accept-language", b"\xff;q=x," * 500),),
    "a range": ((b"range", b"bytes=9-1"),),
    "a time that is none": ((b"if-modified-since", b"\xff 99"),),
    "a token without a key": ((b"authorization", b"Token"),),
    "a token of two keys": ((b"authorization", b"Token a b"),),
    "a token with NUL": ((b"authorization", b"Token \x00"),),
    "a token in odd letters": ((b"authorization", b"Token \xff"),),
    "a token of 100 kB": ((b"authorization", b"Token " + b"t" * 100 * KILO),),
    "a password that is none": ((b"authorization", b"Basic \xff"),),
    "an authorization that is none": ((b"authorization", b"\xff" * 100),),
    "an empty authorization": ((b"authorization", b""),),
}

# None of these is an id of anything; the program must say so, and nothing else.
IDS: tuple[str, ...] = (
    "0", "-1", str(2**31), str(2**63), str(2**64), str(10**40), "9" * 400, "9" * DIGITS, "1.0",
    "1e3", "0x1", "+1", "%201", "1%0a", quote("١"), quote("²"), quote("１"), "%00", "1%00",
    "%ff", "%ed%a0%80", "%2e%2e", "..", "null", "None", "*", "1'--", "%", "%u0031",
)  # fmt: skip


def _mine(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


def _pages(text: str) -> str:
    return b64encode(text.encode()).decode()


CURSORS: tuple[str, ...] = (
    "", "x", "=", "\x00", "é", "x" * 100 * KILO, "1:1", "0:0", "9" * DIGITS, "9:" + "9" * DIGITS,
    *map(_pages, (
        "p=", "p=x", "p=%00", f"p={2**63}", f"p={10**40}", "p=-1", "p=1.5", "p=nan", "o=-1",
        f"o={10**40}", "r=9&p=1", "r=x", "p=%ff", f"p={'9' * DIGITS}", "p=1&r=1&o=5", "p=2026",
    )),
    *map(_mine, (
        None, 1, [], {}, [None, None, None], [0.5, 1, 10**40], [0.5, 10**40, 1], [0.5, 10**40],
        [1e999, 1, 1], [1e999, 1], ["x", "y"], ["\x00", 1, 1], [True, True, True], [None, 2**63],
        [[], [], []], [float("nan"), 1], [float("nan"), 1, 1], [10**400, 1], [10**400, 1, 1],
        [0.5, 1.5, float("inf")], [0.5, float("inf")],
    )),
    urlsafe_b64encode(b"[" * DEEP).decode(), urlsafe_b64encode(b"9" * DIGITS).decode(),
)  # fmt: skip

WORDS: tuple[str, ...] = (
    "", " ", "\x00", "a\x00b", "\ud800", "x" * 100 * KILO, "é" * 70, "0", "-1", str(2**63),
    str(10**40), "9" * DIGITS, "1e999", "-1e999", "nan", "1.5", "１", "²", "١", "null", "[]",
    "true", "\u202e", "%", "_", "\\", "'", "\ufffe", "(" * 300, "*", "1" * 400 + ".5",
)  # fmt: skip


def spelled(text: str) -> str:
    """Spell a word in a query, lone surrogates as they are."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


# Queries that no route may take: they name parameters or values that none of them knows.
QUERIES: Mapping[str, str] = {
    "an unknown one": "colour=red",
    "an unknown one in odd letters": "%C3%A9%00=1",
    "NUL": "%00=%00",
    "lone surrogates": "%ed%a0%80=%ed%bf%bf",
    "bytes that are no UTF-8": "%ff=%fe",
    "bytes that were not spelled": "\xff\xfe=\x80",
    "1,001 of them": "&".join(f"p{n}=1" for n in range(1_001)),
    "one of 100 kB": "k" * 100 * KILO + "=v",
    "one without a value": "colour",
    "a page by number": "page=2&limit=9999&offset=1",
    "a field of the tables": "project__memberships__user__password__startswith=a",
    "another form": "format=xml",
    "broken percents": "%=%&%zz=%z",
}

# Values for every field of every body, nested ones, too: as JSON.
VALUES: tuple[bytes, ...] = (
    rb'"\u0000"', rb'"\ud800"', b'"\xed\xa0\x80"', b"NaN", b"1e999", b"-1e999", b"9" * DIGITS,
    str(2**63).encode(), str(-(2**63) - 1).encode(), b"1.5", b"-0.0", b"1e-400", b"true", b"null",
    b'""', b'" "', b'"x"', rb'"\u202e\ufffe\u2028"', '"²"'.encode(), '"１"'.encode(), b"[]", b"{}",
    b"[" * 25 + b"]" * 25, b'{"a": {"b": ["\\u0000"]}}', b'{"a": 1, "a": 2}', b"[[1, 2], {}]",
    b'["x", "x"]', b'{"x": "y"}', b'"%s"' % (b"x" * 100 * KILO), "𠮷".join('""').encode(),
)  # fmt: skip

# Bodies that are right, by route; a route that reads a body and has none here fails the test.
_SPAN = {"id": "e1", "start": 0, "end": 5, "type": "药物", "source": "human"}
_TYPE = {"name": "x", "label": "x", "color": "#112233", "key": "x"}
_LOGIN = {"username": "mei", "password": "wrong-horse-battery", "code": "123456"}
SAMPLES: Mapping[str, Json] = {
    "auth/preferences/": {
        "language": "zh", "theme": "system", "font_size": 22, "density": "comfortable",
        "suggestions": True, "keys": {"save": "s"},
    },
    "auth/second-factor/": {"code": "123456"},
    "auth/session/": _LOGIN,
    "auth/token/": _LOGIN,
    "projects/": {"name": "x", "template": "ch-ddi", "language": "zh"},
    "projects/{project_id}/": {
        "name": "x", "model": "tplinker_plus.v1", "encoder": "x", "speed": "fast",
        "strategy": "x", "control_share": 0.1, "blind_share": 0.1, "planted_share": 0.01,
        "gate_tolerance": 0.1,
    },
    "projects/{project_id}/graph/contradictions/review/": {
        "nodes": [{"name": "x", "type": "药物"}, {"name": "x", "type": "药物"}],
    },
    "projects/{project_id}/graph/opposites/": {"pairs": [["协同", "拮抗"]]},
    "projects/{project_id}/guidelines/": {"version": 1, "text": "# x", "types": {"药物": "x"}},
    "projects/{project_id}/members/": {"username": "olga", "role": "annotator"},
    "projects/{project_id}/members/{member_id}/": {"role": "reviewer"},
    "projects/{project_id}/next/": {"count": 1, "resume": True},
    "projects/{project_id}/policy/": {
        "automatic": True, "wanted": 20, "minutes": 30, "speed": "fast", "nightly_hour": 3,
        "labels": "gold",
    },
    "projects/{project_id}/runs/": {
        "model": "tplinker_plus.v1", "encoder": "tiny", "speed": "fast", "settings": {"epochs": 3},
    },
    "projects/{project_id}/runs/several/": {"choices": [{"settings": {"epochs": 3}}, {}]},
    "projects/{project_id}/schema/": {
        "version": 1, "entity_types": [_TYPE],
        "relation_types": [{**_TYPE, "symmetric": True, "pairs": [["x", "x"]]}],
    },
    "projects/{project_id}/schema/changes/": {
        "kind": "split", "of": "relation", "from": ["协同"], "into": "x", "extend_pairs": True,
        "where": {
            "head_type": "药物", "tail_type": "药物", "subject_contains": "x",
            "object_contains": "x", "surfaces": ["x"],
        },
    },
    "projects/{project_id}/suggestions/refusals/": {
        "statements": [{"sentence_id": 1, "key": "x"}],
    },
    "sentences/{sentence_id}/annotation/": {
        "version": 0, "entities": [_SPAN, {**_SPAN, "id": "e2", "start": 7, "end": 10}],
        "relations": [{"head": "e1", "tail": "e2", "type": "协同", "source": "human"}],
        "negatives": [{"head": "e2", "tail": "e1"}], "flags": ["x"], "comment": "x",
        "action": "save", "seconds": 1.5,
    },
    "sentences/{sentence_id}/comments/": {"text": "x"},
    "sentences/{sentence_id}/comments/{comment_id}/": {"text": "x"},
}  # fmt: skip


def with_each_value(sample: Json) -> Iterator[tuple[str, bytes]]:
    """Yield a body for each place in a sample and each value that it may hold there."""
    text = json.dumps(sample).encode()
    for place, changed in _marked(sample, ""):
        before, mark, after = json.dumps(changed).encode().partition(b'"\\u0001"')
        assert mark, text
        for value in VALUES:
            yield place, before + value + after


def _marked(value: Json, place: str) -> Iterator[tuple[str, Json]]:
    """Yield copies of a value, each with a mark in another place."""
    if place:
        yield place, "\x01"
    if isinstance(value, dict):
        for key, item in value.items():
            for inner, changed in _marked(item, f"{place}.{key}"):
                yield inner, {**value, key: changed}
    elif isinstance(value, list) and value:
        for inner, changed in _marked(value[0], f"{place}[0]"):
            yield inner, [changed, *value[1:]]
