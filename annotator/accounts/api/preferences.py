"""How a person likes the pages, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.accounts.models import LARGEST_FONT, SMALLEST_FONT, Density, Theme
from annotator.accounts.selectors import preferences_json
from annotator.accounts.services import set_preferences
from annotator.core.doors import logged_in
from annotator.core.http import Body, read

MOST_KEYS, LONGEST_NAME, LONGEST_KEY = 60, 40, 30


class PreferencesIn(Body):
    """How a person likes the pages; what is not named goes back to its default."""

    language = serializers.ChoiceField(choices=["zh", "en"], allow_null=True, default=None)
    theme = serializers.ChoiceField(choices=Theme.choices, default=Theme.SYSTEM.value)
    font_size = serializers.IntegerField(
        min_value=SMALLEST_FONT, max_value=LARGEST_FONT, default=22
    )
    density = serializers.ChoiceField(choices=Density.choices, default=Density.COMFORTABLE.value)
    suggestions = serializers.BooleanField(default=True)
    keys = serializers.DictField(child=serializers.CharField(max_length=LONGEST_KEY), default=dict)

    def validate_keys(self, keys: dict[str, str]) -> dict[str, str]:
        """Refuse more entries than there can be commands, and names that no command has."""
        if len(keys) > MOST_KEYS:
            raise serializers.ValidationError(f"At most {MOST_KEYS} commands have keys")
        if any(not 0 < len(name) <= LONGEST_NAME for name in keys):
            raise serializers.ValidationError(f"A name has 1 to {LONGEST_NAME} characters")
        return keys


class PreferencesOut(serializers.Serializer[Any]):
    """How a person likes the pages; without `saved_at` these are the defaults."""

    language = serializers.ChoiceField(choices=["zh", "en"], allow_null=True)
    theme = serializers.ChoiceField(choices=Theme.choices)
    font_size = serializers.IntegerField()
    density = serializers.ChoiceField(choices=Density.choices)
    suggestions = serializers.BooleanField()
    keys = serializers.DictField(child=serializers.CharField())
    saved_at = serializers.DateTimeField(allow_null=True)


@extend_schema(methods=["GET"], responses=PreferencesOut)
@extend_schema(methods=["PUT"], request=PreferencesIn, responses=PreferencesOut)
@api_view(["GET", "PUT"])
@logged_in
def preferences(request: Request) -> Response:
    """Show the caller's preferences; replace the caller's preferences."""
    if request.method == "PUT":
        set_preferences(user=caller(request), wanted=read(PreferencesIn, request))
    return Response(preferences_json(caller(request)))
