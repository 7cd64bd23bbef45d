import uuid
from typing import Annotated, Any

import tessera
from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

Field = Annotated[Any, Body()]


def issuing_server(issuer: tessera.Issuer, keys: str) -> FastAPI:
    """Sells licences of `issuer`; `keys` is the key set that lists its key."""
    sold: dict[str, tuple[str, dict[str, Any]]] = {}  # licence id -> installation, plan; a database in production
    revoked: list[str] = []
    server = FastAPI()

    @server.exception_handler(tessera.Error)
    def refuse(_: Request, error: tessera.Error) -> JSONResponse:
        code = error.license_code.name if error.license_code else error.code.name
        return JSONResponse({"code": code, "message": str(error)}, status_code=422)

    @server.post("/licenses", status_code=201)
    def issue(request: Field, sku: Field, days: Field) -> dict[str, str]:
        installation = issuer.read_request(request)["install_key"]  # verified before anything is written down
        plan = {"license_id": str(uuid.uuid4()), "sku": sku, "entitlements": {"copies.monthly": 50}, "allow_weak": True}
        file = f"{keys}\n{issuer.issue(request, **plan, days=days)}\n"
        sold[plan["license_id"]] = installation, plan
        return {"id": plan["license_id"], "file": file}

    @server.post("/licenses/{id}/renew")
    def renew(id: str, request: Field, days: Field) -> dict[str, str]:
        installation, plan = sold.get(id, (None, {}))
        if installation != issuer.read_request(request)["install_key"]:
            raise HTTPException(404)
        return {"id": id, "file": f"{keys}\n{issuer.issue(request, **plan, days=days)}\n"}

    @server.post("/licenses/{id}/revoke")
    def revoke(id: str) -> dict[str, str]:
        if sold.pop(id, None) is None:
            raise HTTPException(404)
        revoked.append(id)
        return {"file": f"{keys}\n{issuer.crl(seq=len(revoked), revoked=revoked, days=30)}\n"}

    return server
