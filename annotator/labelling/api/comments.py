"""The thread of comments at a sentence, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.errors import InvalidError
from annotator.core.http import Body, read
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.labelling.access import role_in, sentence_for
from annotator.labelling.selectors import comment_json, comments_of
from annotator.labelling.services.comments import (
    add_comment,
    remove_comment,
    resolve_comment,
    rewrite_comment,
)

LONGEST = 4000


class CommentIn(Body):
    """What to say."""

    text = serializers.CharField(max_length=LONGEST)


class CommentPatch(Body):
    """Other words (by the author), or settled and opened again (by any member)."""

    text = serializers.CharField(max_length=LONGEST, required=False)
    resolved = serializers.BooleanField(required=False)


class CommentOut(serializers.Serializer[Any]):
    """A comment; `resolved_by` is a name."""

    id = serializers.IntegerField()
    author_id = serializers.IntegerField()
    author = serializers.CharField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(allow_null=True)


class CommentPage(serializers.Serializer[Any]):
    """One page of a thread, oldest first."""

    results = CommentOut(many=True)
    next = serializers.CharField(allow_null=True)


@takes(pages=True)
@extend_schema(methods=["GET"], responses=CommentPage)
@extend_schema(methods=["POST"], request=CommentIn, responses={201: CommentOut})
@api_view(["GET", "POST"])
@logged_in
def comments(request: Request, sentence_id: int) -> Response:
    """Show the comments on a sentence; add a comment."""
    user = caller(request)
    sentence = sentence_for(user, sentence_id)
    if request.method == "POST":
        wanted = read(CommentIn, request)
        comment = add_comment(sentence=sentence, author=user, text=wanted["text"])
        return Response(comment_json(comment), status=201)
    return page(comments_of(sentence), request, ("id",), comment_json)


@extend_schema(methods=["PATCH"], request=CommentPatch, responses=CommentOut)
@extend_schema(methods=["DELETE"], request=None, responses={204: None})
@api_view(["PATCH", "DELETE"])
@logged_in
def comment(request: Request, sentence_id: int, comment_id: int) -> Response:
    """Change or settle a comment; remove a comment."""
    user = caller(request)
    sentence = sentence_for(user, sentence_id)
    if request.method == "DELETE":
        remove_comment(sentence=sentence, comment_id=comment_id, actor=user, role=role_in(sentence))
        return Response(status=204)
    wanted = read(CommentPatch, request)
    if len(wanted) != 1:
        raise InvalidError("Send either text or resolved", fields=sorted(wanted))
    if "text" in wanted:
        changed = rewrite_comment(
            sentence=sentence, comment_id=comment_id, actor=user, text=wanted["text"]
        )
    else:
        changed = resolve_comment(
            sentence=sentence, comment_id=comment_id, actor=user, is_resolved=wanted["resolved"]
        )
    return Response(comment_json(changed))
