"""Objects in an S3-compatible store: put, read, list, and what its refusals mean.

Address and keys come from the environment as every S3 client reads them (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL_S3`, …). The client is only imported where a store is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from annotator.core.errors import DomainError
from annotator.core.files import BLOCK

ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9._-]+)*)/?")
PROBE = "writable"  # what a start that will write has written; the same bytes each time
PART_BYTES = 16 << 20
MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
BUSY = frozenset({"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "503"})


class StoreAwayError(DomainError):
    """The model store does not answer just now."""

    code = "store_away"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class StoreRefusedError(DomainError):
    """The model store does not let us in; a setting is wrong."""

    code = "store_refused"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class NoSuchObjectError(Exception):
    """The store has no object of this name."""


class Bucket:
    """The part of a store below `s3://bucket/prefix`; names are given without the prefix."""

    def __init__(self, address: str) -> None:
        match = ADDRESS.fullmatch(address)
        if match is None:
            raise StoreRefusedError(f"{address} is no address of a store; write s3://bucket/prefix")
        self.address = address
        self.name = match[1]
        self.prefix = match[2].removeprefix("/") + "/" if match[2] else ""

    def check(self, *, writes: bool = False) -> None:
        """Raise unless the store answers, lets us read and, if asked, lets us write."""
        with self._translated():
            self._client.list_objects_v2(Bucket=self.name, Prefix=self.prefix, MaxKeys=1)
            if writes:
                self._client.put_object(Bucket=self.name, Key=self.prefix + PROBE, Body=b"yes\n")

    def put(self, path: Path, name: str) -> None:
        """Store a file under a name; a large one goes in parts that appear together."""
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - where a store is set

        config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
        with self._translated():
            self._client.upload_file(str(path), self.name, self.prefix + name, Config=config)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an object."""
        with self._translated():
            body = self._client.get_object(Bucket=self.name, Key=self.prefix + name)["Body"]
            try:
                yield from body.iter_chunks(BLOCK)
            finally:
                body.close()

    def folders(self) -> Iterator[str]:
        """Yield what stands before the first slash of the names, each once."""
        with self._translated():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=self.prefix, Delimiter="/"):
                for one in page.get("CommonPrefixes", []):
                    yield one["Prefix"].removeprefix(self.prefix).removesuffix("/")

    @property
    def _client(self) -> Any:
        return _client(os.getpid(), endpoint())

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what an error of the client means; what it says can hold keys."""
        from boto3.exceptions import S3UploadFailedError  # noqa: PLC0415 - where a store is set
        from botocore.exceptions import (  # noqa: PLC0415 - likewise
            BotoCoreError,
            ClientError,
            NoCredentialsError,
            PartialCredentialsError,
        )

        try:
            yield
        except ClientError as error:
            raise self._refusal(error) from error
        except S3UploadFailedError as error:
            cause = error.__context__ if isinstance(error.__context__, ClientError) else None
            raise self._refusal(cause) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise StoreRefusedError(
                f"There are no keys for the model store {self.address}; set AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY"
            ) from error
        except BotoCoreError as error:
            raise self._away(type(error).__name__) from error

    def _refusal(self, error: Any) -> Exception:
        code = str(error.response["Error"].get("Code", "")) if error is not None else ""
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) if error else 0
        if code in MISSING:
            return NoSuchObjectError()
        if code in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR or not code:
            return self._away(code or "upload failed")
        if code == "NoSuchBucket":
            return StoreRefusedError(
                f"The model store {self.address} has no such bucket; make it, or mend"
                " RELATA_MODEL_STORE"
            )
        return StoreRefusedError(
            f"The model store {self.address} refuses us ({code}); its keys need s3:ListBucket,"
            " s3:GetObject and, for trainings, s3:PutObject"
        )

    def _away(self, reason: str) -> StoreAwayError:
        place = endpoint() or "the endpoint of AWS"
        return StoreAwayError(
            f"The model store {self.address} does not answer at {place} ({reason}); start it, or"
            " mend AWS_ENDPOINT_URL_S3"
        )


def endpoint() -> str | None:
    """Return the address of a store that is not Amazon's, as every S3 client reads it."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None


@lru_cache(maxsize=2)
def _client(_process: int, address: str | None) -> Any:
    """Make a client, a new one in each process: connections do not survive a fork."""
    import boto3  # noqa: PLC0415 - where a store is set
    from botocore.config import Config  # noqa: PLC0415 - likewise

    how = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 3},
        s3={"addressing_style": "path" if address else "auto"},
        # Older servers know no checksums in headers; ours are in the manifest.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = boto3.session.Session()
    region = session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=address, region_name=region, config=how)
