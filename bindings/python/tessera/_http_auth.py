"""The credentials of an API client."""

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol, Required, TypedDict

from . import _native
from ._config import Text, Time, encode
from ._enum import OpenIntEnum
from ._store_values import epoch_ms


class HttpAuthState(OpenIntEnum):
    """How the credentials of a client stand."""

    NONE = 0
    """It has none."""
    READY = 1
    """Requests get them."""
    REAUTHORISE = 2
    """The account has to be authorised again."""


class HttpToken(NamedTuple):
    """A token that the application has fetched."""

    token: Text
    expires_at: Time | None = None
    """An aware datetime or seconds since the epoch; None: unknown."""


class HttpTokenStore(Protocol):
    """Where the tokens of an account are kept by the application, also for several processes. Called on threads of the
    library, also several at once."""

    def load(self) -> Text | None:
        """What compare_and_swap() kept; None when that was nothing."""
        ...

    def compare_and_swap(self, expected: int, record: bytes) -> bool:
        """Keeps `record`, a JSON object and a secret, durably instead of that whose "version" is `expected` (0: of none),
        in one step; False, and no change, when another is kept."""
        ...


class HttpOAuthConfig(TypedDict, total=False):
    """What set_oauth() takes: docs/reference/http-config.md."""

    token_url: Required[str]
    grant: Literal["refresh_token", "client_credentials"]
    client_id: str
    client_auth: Literal["basic", "post", "none"]
    scope: str
    parameters: dict[str, str]
    renew_percent: int
    renew_margin_ms: int
    backoff_ms: int
    max_backoff_ms: int
    timeout_ms: int
    commit_grace_ms: int


TokenSource = Callable[[], Text | HttpToken]
Reauthorise = Callable[[str], object]


class HttpAuth:
    """What the requests of a client say about who sends them. A client has one kind of credentials at a time: setting
    another takes its place, also for requests that wait."""

    def __init__(self, client: _native.HttpClient) -> None:
        """For the package's own use: see HttpClient.auth."""
        self._client = client

    def set_token(self, token: Text, *, header: str | None = None, prefix: str | None = None) -> None:
        """Sends a secret that stays until another is set: an API key, a token from elsewhere. A 401 to it is the response.

        `header` is "Authorization" unless told otherwise; `prefix` stands before the secret: "Bearer " in that field,
        else nothing. Raises ArgError, StateError (closed), ForkedError.
        """
        self._client._set_token(token, header, prefix)

    def set_token_source(self, source: TokenSource) -> None:
        """Has bearer tokens fetched by `source()`, when there is none, before the last one ends, and after a 401.

        It gives a token, or an HttpToken. It is called on a thread of the library, one call at a time, and may take long;
        what it raises goes to sys.unraisablehook and the requests that wait raise CallbackError.
        Raises StateError (closed), ForkedError.
        """
        self._client._set_token_source(source)

    def set_oauth(
        self,
        config: HttpOAuthConfig,
        *,
        client_secret: Text | None = None,
        store: _native.Store | None = None,
        account: str | None = None,
        token_store: HttpTokenStore | None = None,
        on_reauthorise: Reauthorise | None = None,
    ) -> None:
        """Sends the access tokens of an OAuth 2.0 account, renewed before they end and kept before they are used: in
        `store` under the name `account`, by `token_store`, or, with neither, in memory.

        `on_reauthorise(why)` is called once, on a thread of the library, when the account has to be authorised again;
        until set_oauth_tokens() requests raise UnauthorizedError.
        Raises ArgError, StateError (closed), ForkedError.
        """
        self._client._set_oauth(encode(config), client_secret, store, account, token_store, on_reauthorise)

    def set_oauth_tokens(
        self, access_token: str, *, refresh_token: str = "", expires_at: Time | None = None, scope: str = ""
    ) -> None:
        """Keeps and uses the tokens that a new authorisation gave; requests that wait get them.

        Raises ArgError, StateError (without set_oauth()), CallbackError, BusyError, IoError, DiskFullError, CorruptError,
        ForkedError.
        """
        self._client._set_oauth_tokens(oauth_record(access_token, refresh_token, expires_at, scope))

    def set_license(self, license: _native.License) -> None:
        """Sends the licence's own token as bearer token: the one that is installed when a request is sent. Without one
        requests raise LicenseError. Raises StateError (closed), ForkedError."""
        self._client._set_license_auth(license)

    @property
    def state(self) -> HttpAuthState:
        """How the credentials stand. Raises ForkedError."""
        return HttpAuthState(self._client._auth_state())

    def clear(self) -> None:
        """Sends no credentials from now on; kept tokens stay where they are. Raises StateError (closed), ForkedError."""
        self._client._clear_auth()


def oauth_record(access_token: str, refresh_token: str, expires_at: Time | None, scope: str) -> bytes:
    record: dict[str, Any] = {
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_at_ms": epoch_ms(expires_at),
        "scope": scope,
    }
    return json.dumps(record).encode()


def token_parts(given: Text | HttpToken) -> tuple[Text, int]:
    """For the native half: the token, and when it ends."""
    if isinstance(given, HttpToken):
        return given.token, epoch_ms(given.expires_at)
    return given, 0
