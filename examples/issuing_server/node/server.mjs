import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { TesseraError } from "tessera-sdk";

/** Sells licences of `issuer`, an Issuer; `keys` is the key set that lists its key. */
export function issuingServer(issuer, keys) {
  const sold = new Map(); // licence id -> what was sold and to which installation; a database in production
  const revoked = [];
  const server = Fastify();

  const licence = (request, spec) => `${keys}\n${issuer.issue(request, spec)}\n`;

  server.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof TesseraError)) return reply.send(error);
    return reply.code(422).send({ code: error.code, licenseCode: error.licenseCode, message: error.message });
  });

  server.post("/licenses", async ({ body: { request, sku, days } }, reply) => {
    const { installKey } = issuer.readRequest(request); // verified before anything is written down
    const spec = { licenseId: randomUUID(), sku, entitlements: { "copies.monthly": 50 }, allowWeak: true };
    sold.set(spec.licenseId, { installKey, spec });
    return reply.code(201).send({ id: spec.licenseId, file: licence(request, { ...spec, days }) });
  });

  server.post("/licenses/:id/renew", async ({ params: { id }, body: { request, days } }, reply) => {
    const known = sold.get(id);
    if (known?.installKey !== issuer.readRequest(request).installKey) return reply.code(404).send();
    return { id, file: licence(request, { ...known.spec, days }) };
  });

  server.post("/licenses/:id/revoke", async ({ params: { id } }, reply) => {
    if (!sold.delete(id)) return reply.code(404).send();
    revoked.push(id);
    return { file: `${keys}\n${issuer.crl({ seq: revoked.length, revoked, days: 30 })}\n` };
  });

  return server;
}
