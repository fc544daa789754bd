"""Answers as engines give them -> our errors, with what to do."""

from __future__ import annotations

from typing import Any

import pytest
from elastic_transport import ApiError, ApiResponseMeta, ConnectionError, HttpHeaders, NodeConfig

from monitor.errors import (
    AccessRefused,
    Conflict,
    MappingConflict,
    NotFound,
    SchemaTooNew,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)
from monitor.store.elastic.refusals import newer_schema, of_document, passes, translated

NODE = NodeConfig("https", "search.example.org", 9200)


def said(status: int, kind: str, reason: str, *, signed: bool = True, **more: Any) -> StoreError | NotFound:
    body = {"error": {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}], **more}}
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NODE)
    return translated(ApiError(kind, meta, body), "https://search.example.org:9200", timeout=30, signed=signed)


FLOOD = "index [m-articles-v1-000001] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, {}];"


@pytest.mark.parametrize(
    ("status", "kind", "reason", "error", "message", "hint"),
    [
        (401, "security_exception", "unable to authenticate user [mara] for REST request [/]", AccessRefused,
         "refuses the credentials (401)", "password"),
        (403, "security_exception",
         "action [indices:data/write/bulk[s]] is unauthorized for user [reader] with effective roles [reader] on "
         "indices [m-articles], this action is granted by the index privileges [create_doc,create,write,all]",
         AccessRefused, "user 'reader' may not do indices:data/write/bulk[s] on m-articles",
         "the index privilege create_doc (or create, write, all)"),
        (403, "security_exception", "no permissions for [indices:data/write/index] and User [name=reader, roles=[]]",
         AccessRefused, "user 'reader' may not do indices:data/write/index", "a role that permits indices:data/write"),
        (429, "cluster_block_exception", FLOOD, StoreFull, "nearly full", "make room"),
        (403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];",
         StoreFull, "nearly full", "make room"),
        (403, "cluster_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];", StoreFull,
         "nearly full", "make room"),
        (403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/8/index write (api)];", StoreReadOnly,
         "can't be written", "index.blocks.write"),
        (503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
         StoreUnreachable, "still starting", "wait"),
        (429, "es_rejected_execution_exception", "rejected execution of coordinating operation", StoreBusy,
         "too much to do (429)", "later"),
        (503, "master_not_discovered_exception", "", StoreUnreachable, "can't answer now (503)", "starting or down"),
        (500, "node_closed_exception", "the node is closed", StoreBusy,
         "the engine failed (500 node_closed_exception): the node is closed", "tried again later"),
        (507, "", "", StoreUnreachable, "can't answer now (507)", "starting or down"),
        (404, "index_not_found_exception", "no such index [m-articles]", StoreError, "no such index [m-articles]",
         "monitor store init"),
        (404, "resource_not_found_exception", "it is gone", NotFound, "it is gone", ""),
        (409, "version_conflict_engine_exception", "[1]: version conflict", Conflict, "version conflict", ""),
        (400, "illegal_argument_exception", "mapper [site] cannot be changed from type [text] to [keyword]",
         MappingConflict, "mapping of an index is not the program's", "monitor store reindex"),
        (400, "strict_dynamic_mapping_exception", "mapping set to strict, dynamic introduction of [x] is not allowed",
         MappingConflict, "mapping of an index is not the program's", "index_prefix"),
        (400, "illegal_argument_exception",
         "index template [m-articles] has index patterns [m-articles-v*] matching patterns from existing templates "
         "[logs] with patterns (logs => [m*]) that have the same priority [200], multiple index templates may not "
         "match during index creation, please use a different priority",
         StoreError, "refuses the request (400 illegal_arg", "index_prefix"),
        (400, "validation_exception",
         "Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum "
         "normal shards open;", StoreError, "would add [2] shards", "cluster.max_shards_per_node"),
        (400, "validation_exception",
         "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [999]/[1000] "
         "maximum shards open;", StoreError, "would add [2] total", "cluster.max_shards_per_node"),
        (400, "parsing_exception", "unknown query [foo]", StoreError, "refuses the request (400 parsing_exc", ""),
        (400, "media_type_header_exception", "Invalid media-type", StoreError, "is no Elasticsearch", "store.url"),
    ],
)  # fmt: skip
def test_an_answer_becomes_one_error(
    status: int, kind: str, reason: str, error: type[StoreError], message: str, hint: str
) -> None:
    problem = said(status, kind, reason)
    assert type(problem) is error
    assert "search.example.org" in problem.message
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", "was closed"),
        ("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", "Connection reset by peer"),
        ("HTTPConnection(host='h', port=1): Failed to resolve 'h' ([Errno -2] Name or service not known)",
         "Name or service not known"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_a_connection_that_fails_is_told_without_the_words_of_a_library(why: str, said: str) -> None:
    problem = translated(ConnectionError(why), "https://there:9200", timeout=30, signed=True)
    assert type(problem) is StoreUnreachable
    assert said in problem.message
    assert "(" not in problem.message


def test_credentials_that_are_asked_for_and_not_set() -> None:
    problem = said(401, "security_exception", "missing authentication credentials for REST request [/]", signed=False)
    assert type(problem) is AccessRefused
    assert problem.message.endswith("asks for credentials (401): none are set")
    assert "user and password" in problem.hint


def test_the_cause_of_a_refusal_is_told() -> None:
    cause = {"reason": "failed", "caused_by": {"reason": "no date: [soon]"}}
    problem = said(400, "mapper_parsing_exception", "failed to parse " + "x" * 1000, caused_by=cause)
    assert "failed to parse xxx" in problem.message
    assert problem.message.endswith("...: no date: [soon]")


def test_a_long_answer_is_cut_to_one_line() -> None:
    assert len(said(400, "parsing_exception", "word\n" * 1000).message) < 450


def test_a_newer_schema_names_both() -> None:
    problem = newer_schema("m-articles-v3-000001", 3, 1)
    assert type(problem) is SchemaTooNew
    assert "has schema 3, this version knows up to 1" in problem.message


@pytest.mark.parametrize(
    ("kind", "reason", "expected", "said"),
    [
        ("no_shard_available_action_exception", "no shard for [a-articles-v1-000001]", StoreUnreachable, "no shard"),
        ("index_not_found_exception", "no such index [a-articles]", StoreError, "no such index [a-articles]"),
        (
            "security_exception",
            "action [indices:data/read/mget] is unauthorized for user [m] on indices [a-articles]",
            AccessRefused,
            "user 'm' may not do indices:data/read/mget on a-articles",
        ),
    ],
)
def test_a_document_that_can_not_be_given_is_an_error_of_its_own(
    kind: str, reason: str, expected: type[StoreError], said: str
) -> None:
    found = of_document("http://there:9200", {"_id": "a", "error": {"type": kind, "reason": reason}})
    assert type(found) is expected
    assert said in found.message


@pytest.mark.parametrize(("status", "later"), [(429, True), (500, True), (503, True), (400, False), (409, False)])
def test_what_says_nothing_about_the_request_passes(status: int, later: bool) -> None:
    assert passes(status) is later
