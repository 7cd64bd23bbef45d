// A server on loopback for the tests of the API client.
import { createServer } from "node:http";
import { once } from "node:events";
import { HttpClient } from "tessera-sdk";

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** What the first part of a path answers: (server, request, response, the rest of the path). */
const answers = {
  /** What came. */
  async echo(server, request, response) {
    const url = new URL(request.url, server.url);
    const body = await read(request);
    response.setHeader("Content-Type", "application/json");
    response.end(
      JSON.stringify({
        method: request.method,
        path: url.pathname,
        query: [...url.searchParams],
        headers: request.headers,
        body: body.toString("latin1"),
      }),
    );
  },
  status(server, request, response, status) {
    response.writeHead(Number(status), { "Content-Type": "application/problem+json" });
    response.end(JSON.stringify({ type: "https://example.com/out", title: "Sold out: café", status: Number(status), left: 0 }));
  },
  /** 500 until so many requests have come. */
  flaky(server, request, response, failures) {
    response.writeHead(server.requests <= Number(failures) ? 500 : 200).end();
  },
  bytes(server, request, response, count) {
    response.setHeader("Content-Length", count);
    response.end(Buffer.alloc(Number(count), "x"));
  },
  raw(server, request, response) {
    response.setHeader("X-Latin", "caf\u00e9");
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.setHeader("X-Many", ["1", "2"]);
    response.setHeader("X-Empty", "");
    response.end(Buffer.from([0xef, 0xbb, 0xbf, 0xc3, 0xbc, 0]));
  },
  cached(server, request, response) {
    response.setHeader("Cache-Control", "max-age=600");
    response.end(`${server.requests}`);
  },
  redirect(server, request, response) {
    response.writeHead(302, { Location: "/echo?from=redirect" }).end();
  },
  /** Answers once so many requests wait here at the same time. */
  together(server, request, response, count) {
    server.waiting.push(response);
    if (server.waiting.length === Number(count)) for (const each of server.waiting.splice(0)) each.end("together");
  },
  /** Answers nothing. */
  never(server, request, response) {
    server.emit("asked", request);
    response.on("close", () => server.emit("left"));
  },
  cut(server, request) {
    request.socket.destroy();
  },
  async slow(server, request, response) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    response.end("slow");
  },
};

/** Listens until the test `t` ends. Has `url`, and `requests`, how many came; emits "asked" and "left" of those to
 * "/never". `others` answers all other paths. */
export async function startServer(t, others) {
  const server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 65_536 }, (request, response) => {
    server.requests += 1;
    const [first, ...rest] = new URL(request.url, server.url).pathname.slice(1).split("/");
    // A client may go while its request is read.
    Promise.resolve((answers[first] ?? others)(server, request, response, ...rest)).catch(() => response.destroy());
  });
  server.requests = 0;
  server.waiting = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.url = `http://127.0.0.1:${server.address().port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

/** A server, and a client of it that is closed when the test ends. Waits between attempts are short. */
export async function start(t, config = {}, secrets = undefined, others = undefined) {
  const server = await startServer(t, others);
  const client = HttpClient.open({ baseUrl: server.url, retry: { transientBaseMs: 1 }, ...config }, secrets);
  t.after(() => client.close());
  return { server, client };
}
