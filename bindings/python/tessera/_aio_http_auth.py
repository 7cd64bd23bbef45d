"""The credentials of an API client for asyncio."""

from typing import TYPE_CHECKING

from . import _http_auth
from ._aio_ops import on_loop, result
from ._aio_store import Store
from ._config import Text, Time
from ._http_auth import HttpAuthState, HttpOAuthConfig, HttpTokenStore, Reauthorise, TokenSource, oauth_record

if TYPE_CHECKING:
    from .aio import License


class HttpAuth:
    """tessera.HttpAuth for asyncio. What sets credentials waits for nothing, and so is no coroutine."""

    def __init__(self, auth: _http_auth.HttpAuth) -> None:
        """For the package's own use: see HttpClient.auth."""
        self._auth = auth

    def set_token(self, token: Text, *, header: str | None = None, prefix: str | None = None) -> None:
        """See tessera.HttpAuth.set_token()."""
        self._auth.set_token(token, header=header, prefix=prefix)

    def set_token_source(self, source: TokenSource) -> None:
        """See tessera.HttpAuth.set_token_source(): `source` is called on a thread of the library here too."""
        self._auth.set_token_source(source)

    def set_oauth(
        self,
        config: HttpOAuthConfig,
        *,
        client_secret: Text | None = None,
        store: Store | None = None,
        account: str | None = None,
        token_store: HttpTokenStore | None = None,
        on_reauthorise: Reauthorise | None = None,
    ) -> None:
        """See tessera.HttpAuth.set_oauth(). `on_reauthorise` is called on the event loop; `token_store` on threads of the
        library."""
        self._auth.set_oauth(
            config,
            client_secret=client_secret,
            store=None if store is None else store._store,
            account=account,
            token_store=token_store,
            on_reauthorise=None if on_reauthorise is None else on_loop(on_reauthorise),
        )

    async def set_oauth_tokens(
        self, access_token: str, *, refresh_token: str = "", expires_at: Time | None = None, scope: str = ""
    ) -> None:
        """See tessera.HttpAuth.set_oauth_tokens()."""
        record = oauth_record(access_token, refresh_token, expires_at, scope)
        await result(self._auth._client._start_set_oauth_tokens, record)

    def set_license(self, license: "License") -> None:
        """See tessera.HttpAuth.set_license()."""
        self._auth.set_license(license._license)

    @property
    def state(self) -> HttpAuthState:
        """See tessera.HttpAuth.state; a memory read."""
        return self._auth.state

    def clear(self) -> None:
        """See tessera.HttpAuth.clear()."""
        self._auth.clear()
