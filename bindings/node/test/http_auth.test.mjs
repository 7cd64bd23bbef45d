// Credentials of an API client.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { HttpAuth } from "tessera-sdk";

import { start } from "./http_server.mjs";
import { openLicense, openStore, Vendor } from "./support.mjs";

const sentBy = async (client, options) => (await client.get("/echo", options)).json().headers;

test("a token that stays, in any field", async (t) => {
  const { client } = await start(t);
  assert.ok(client.auth instanceof HttpAuth);
  assert.equal(client.auth.state(), "none");
  client.auth.setToken("hush-1");
  assert.equal(client.auth.state(), "ready");
  assert.equal((await sentBy(client)).authorization, "Bearer hush-1");
  assert.equal((await sentBy(client, { skipAuth: true })).authorization, undefined);
  client.auth.setToken(Buffer.from("hush-2"), { header: "X-Key", prefix: "Key " });
  const headers = await sentBy(client);
  assert.deepEqual([headers.authorization, headers["x-key"]], [undefined, "Key hush-2"]);
  client.auth.clear();
  assert.equal((await sentBy(client))["x-key"], undefined);
  assert.throws(() => client.auth.setToken(undefined), TypeError);
  assert.throws(() => client.auth.setToken(""), { code: "arg" });
});

/** Answers with the token that came, 401 unless it is `server.token`. */
function guarded(server, request, response) {
  const token = request.headers.authorization;
  response.writeHead(token === `Bearer ${server.token}` ? 200 : 401).end(token);
}

for (const [how, later] of [["at once", (token) => token], ["later", (token) => new Promise((resolve) => setTimeout(resolve, 5, token))]]) {
  test(`a function gives tokens ${how}, and another after a 401`, async (t) => {
    const { client, server } = await start(t, {}, undefined, guarded);
    let count = 0;
    server.token = "hush-1";
    client.auth.setTokenSource(() => later({ token: `hush-${++count}`, expiresAt: new Date(Date.now() + 3_600_000) }));
    const all = await Promise.all(Array.from({ length: 8 }, () => client.get("/guarded")));
    assert.deepEqual([all.every(({ ok }) => ok), count], [true, 1]);
    server.token = "hush-2";
    const again = await Promise.all(Array.from({ length: 8 }, () => client.get("/guarded")));
    assert.deepEqual([again.every((response) => response.text() === "Bearer hush-2"), count], [true, 2]);
  });
}

test("what a function of tokens throws fails the requests that wait, and is a warning", async (t) => {
  const { client } = await start(t);
  for (const source of [() => { throw new Error("no token today"); }, async () => Promise.reject(new Error("no token today")), () => undefined]) {
    const warned = once(process, "warning");
    client.auth.setTokenSource(source);
    await assert.rejects(client.get("/echo"), (error) => /callback|unavailable/.test(error.code));
    assert.match((await warned)[0].message, /no token today|no token/);
  }
  assert.throws(() => client.auth.setTokenSource("token"), TypeError);
});

test("a client whose function of tokens waits for ever ends", async (t) => {
  const { client } = await start(t);
  const asked = new Promise((resolve) => client.auth.setTokenSource(() => new Promise(() => resolve())));
  const request = assert.rejects(client.get("/echo", { timeoutMs: 200 }), { code: "timeout" });
  await Promise.all([asked, request]);
});

/** A token endpoint whose tokens are numbered; it refuses the refresh token "old". */
function tokens(server, request, response) {
  if (request.url !== "/token") return response.end(request.headers.authorization);
  let form = "";
  request.on("data", (piece) => (form += piece));
  request.on("end", () => {
    const { grant_type: grant, refresh_token: refresh } = Object.fromEntries(new URLSearchParams(form));
    (server.asked ??= []).push([grant, refresh, request.headers.authorization]);
    response.setHeader("Content-Type", "application/json");
    if (refresh === "old") return response.writeHead(400).end('{"error": "invalid_grant"}');
    const number = server.asked.length;
    response.end(JSON.stringify({ access_token: `access-${number}`, refresh_token: `refresh-${number}`, token_type: "Bearer", expires_in: 3600 }));
  });
}

const account = (server) => ({ tokenUrl: `${server.url}/token`, clientId: "pos", clientSecret: "hush", commitGraceMs: 0 });

test("an OAuth client of its own", async (t) => {
  const { client, server } = await start(t, {}, undefined, tokens);
  client.auth.setOAuth({ ...account(server), grant: "client_credentials" });
  assert.equal((await client.get("/x")).text(), "Bearer access-1");
  assert.equal((await client.get("/x")).text(), "Bearer access-1");
  assert.deepEqual(server.asked, [["client_credentials", undefined, `Basic ${btoa("pos:hush")}`]]);
  assert.throws(() => client.auth.setOAuth({ clientId: "pos" }), { code: "arg" });
});

test("tokens that the application keeps", async (t) => {
  const { client, server } = await start(t, {}, undefined, tokens);
  let kept = JSON.stringify({ access_token: "", refresh_token: "given", version: 1 });
  const swaps = [];
  const tokenStore = {
    load: () => kept,
    async swap(expected, record) {
      swaps.push([expected, JSON.parse(record).version]);
      kept = record;
      return true;
    },
  };
  client.auth.setOAuth({ ...account(server), tokenStore });
  assert.equal((await client.get("/x")).text(), "Bearer access-1");
  assert.deepEqual([server.asked[0].slice(0, 2), swaps], [["refresh_token", "given"], [[1, 2]]]);
  assert.equal(JSON.parse(kept).refresh_token, "refresh-1");
});

test("an account that has to be authorised again", async (t) => {
  const { client, server } = await start(t, {}, undefined, tokens);
  const store = await openStore(t);
  const why = new Promise((resolve) => client.auth.setOAuth({ ...account(server), store, account: "ana", onReauthorise: resolve }));
  await client.auth.setOAuthTokens({ accessToken: "gone", refreshToken: "old", expiresAt: new Date(1000) });
  await assert.rejects(client.get("/x"), { code: "unauthorized" });
  assert.match(await why, /\w/);
  assert.equal(client.auth.state(), "reauthorise");
  await client.auth.setOAuthTokens({ accessToken: "new", refreshToken: "good", expiresAt: new Date(Date.now() + 3_600_000) });
  assert.equal((await client.get("/x")).text(), "Bearer new");
  assert.equal(client.auth.state(), "ready");
  await client.close();
});

test("tokens without an account are refused", async (t) => {
  const { client } = await start(t);
  await assert.rejects(client.auth.setOAuthTokens({ accessToken: "a" }), { code: "state" });
  await assert.rejects(client.auth.setOAuthTokens({ accessToken: "a", expiresAt: new Date(NaN) }), RangeError);
});

test("a licence speaks for its machine", async (t) => {
  const vendor = await Vendor.make();
  const { client } = await start(t);
  const license = await openLicense(t, vendor);
  client.auth.setLicense(license);
  await assert.rejects(client.get("/echo"), { code: "license" });
  await license.importBundle(vendor.file({ sku: "pro" }));
  assert.match((await sentBy(client)).authorization, /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  assert.throws(() => client.auth.setLicense({}), TypeError);
});
