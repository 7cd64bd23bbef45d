"""`tessera http`: requests to a server of the test, and what is told of them."""

import base64
import http.server
import json
import os
import ssl
import stat
import subprocess
import threading

import workplace
from workplace import FAILED, TRY_AGAIN, USAGE, Folder


class Server(http.server.ThreadingHTTPServer):
    """Answers by path and keeps what it saw."""

    daemon_threads = True

    def __init__(self, tls=None):
        self.seen = []
        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        path = self.path.partition("?")[0]
        count = sum(seen[1] == self.path for seen in self.server.seen)
        status = {"/down": 500, "/none": 404}.get(path, 200)
        if path == "/shaky" and count == 1:
            status = 500
        content = b"\x1b[31m\xff" if path == "/bytes" else b"hello"
        self.send_response(status)
        if path == "/fresh":
            self.send_header("Cache-Control", "max-age=600")
        self.send_header("Set-Cookie", "session=hunter2")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815


class Http(Folder):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.configure()

    def serve(self, tls=None):
        server = Server(tls)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return server

    def keep(self, name, secret):
        path = self.folder / name
        path.write_text(secret)
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)

    def configure(self, **members):
        config = {"gateway": self.base, "http": {"retry": {"transient_base_ms": 1}} | members}
        (self.folder / "tessera.json").write_text(json.dumps(config))

    def test_prints_the_body(self):
        self.assertEqual(self.run_tool("http", "/page"), "hello")
        self.assertEqual(self.run_tool("http", "GET", self.base + "/page"), "hello")
        self.assertEqual([seen[:2] for seen in self.server.seen], [("GET", "/page")] * 2)

    def test_sends_fields_and_bodies(self):
        (self.folder / "body.bin").write_bytes(b"from a file")
        self.run_tool("http", "/page", "-H", "X-One: 1", "--header", "X-Two:", "--json-data", '{"a": 1}')
        self.run_tool("http", "PUT", "/page", "-d", "@body.bin")
        self.run_tool("http", "/page", "--data", "@-", stdin="typed")
        (method, _, fields, body), put, typed = self.server.seen
        self.assertEqual((method, body), ("POST", b'{"a": 1}'))
        self.assertEqual((fields["X-One"], fields["X-Two"], fields["Content-Type"]), ("1", "", "application/json"))
        self.assertEqual((put[0], put[3]), ("PUT", b"from a file"))
        self.assertEqual((typed[0], typed[3]), ("POST", b"typed"))

    def test_writes_the_body_to_a_file(self):
        self.assertEqual(self.run_tool("http", "/bytes", "-o", "body.bin"), "")
        self.assertEqual((self.folder / "body.bin").read_bytes(), b"\x1b[31m\xff")

    def test_a_token_comes_from_a_file(self):
        self.keep("token", "hunter3\n")
        shown = self.run_tool("http", "/page?key=hunter4", "--token-file", "token", "--explain", "--json")
        self.assertEqual(self.server.seen[0][2]["Authorization"], "Bearer hunter3")
        self.assertNotIn("hunter", shown)
        text = self.failure("http", "/page", "-H", "authorization: Bearer hunter3", exit_code=USAGE)
        self.assertIn("--token-file", text)
        self.assertNotIn("hunter", text)

    def test_a_proxy_gets_its_password_from_a_file(self):
        proxy = self.serve()
        address = f"127.0.0.1:{proxy.server_port}"
        self.configure(proxies={"urls": [f"http://{address}"]})
        self.keep("proxy", "ana:hunter5\n")
        shown = self.run_tool("http", "/page", "--secret-file", f"proxy:{address}=proxy", "--explain", "--json")
        ((_, path, fields, _),) = proxy.seen
        credential = base64.b64encode(b"ana:hunter5").decode()
        self.assertEqual((path, fields["Proxy-Authorization"]), (self.base + "/page", "Basic " + credential))
        self.assertEqual(self.server.seen, [])
        self.assertNotIn("hunter", shown)
        self.assertNotIn(credential, shown)

    def test_a_client_certificate_gets_its_key_from_a_file(self):
        subprocess.run([os.environ["TESSERA_CERTIFICATES"], self.folder], check=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        tls.load_verify_locations(self.folder / "ca.pem")
        tls.verify_mode = ssl.CERT_REQUIRED
        server = self.serve(tls)
        url = f"https://127.0.0.1:{server.server_port}/page"
        self.configure(tls={"ca_file": str(self.folder / "ca.pem"), "certificate_file": str(self.folder / "ana.pem")})
        text = self.failure("http", url, exit_code=USAGE)
        self.assertIn('"private_key"', text)
        self.assertIn("--secret-file", text)
        self.keep("ana.key", (self.folder / "ana.key").read_text())
        self.assertEqual(self.run_tool("http", url, "--secret-file", "private_key=ana.key"), "hello")
        self.assertEqual(len(server.seen), 1)

    def test_refuses_secrets_that_it_can_not_use(self):
        self.keep("secret", "hunter6")
        self.keep("nothing", "\n")
        for given in ("secret", "=secret", "private_key=", "private_key=nothing", "private_key=secret"):
            self.assertNotIn("hunter", self.failure("http", "/page", "--secret-file", given, exit_code=USAGE))
        twice = ["--secret-file", "private_key=secret"] * 2
        self.assertIn("twice", self.failure("http", "/page", *twice, exit_code=USAGE))
        self.failure("http", "/page", "--secret-file", "private_key=none", exit_code=FAILED)
        self.assertEqual(self.server.seen, [])

    def test_explains_what_it_went_through(self):
        text = self.run_tool("http", "/shaky?key=hunter4", "--explain")
        self.assertRegex(text, r"status 200, HTTP/1\.1, 2 attempts\n")
        self.assertRegex(text, r"(?s)attempt +1\n.*attempt +status 500\n.* ms  retry .*attempt +2\n.*attempt +status 200\n")
        self.assertRegex(text, r"connection: \w.*ended \d+\.\d ms\n")
        self.assertRegex(text, rf"{self.base}: breaker closed, ")
        self.assertRegex(text, r"counters:\n  .*1 x 2xx.*1 more attempt\n")
        self.assertNotIn("hello", text)
        self.assertNotIn("hunter", text)

    def test_repeats_through_one_client(self):
        report = self.json("http", "/fresh", "--repeat", "2", "--explain")
        self.assertEqual([response["from_cache"] for response in report["responses"]], [False, True])
        self.assertEqual([response["attempts"] for response in report["responses"]], [1, 0])
        self.assertEqual([response["body"] for response in report["responses"]], ["hello"] * 2)
        self.assertIn("cache", [event["stage"] for event in report["responses"][1]["explanation"]["trace"]])
        self.assertEqual(len(self.server.seen), 1)
        self.assertEqual(len(report["state"]["hosts"]), 1)
        self.assertTrue(report["metrics"]["routes"])

    def test_shows_a_breaker_that_opens(self):
        self.configure(breaker={"preset": "safety_switch", "max_failures": 1})
        done = self.start("http", "/down", "--max-attempts", "1", "--repeat", "2", "--explain")
        self.assertEqual(done.returncode, TRY_AGAIN)
        self.assertRegex(done.stdout, rf"{self.base}: breaker open until \d")
        self.assertIn("no response: ", done.stdout)
        self.assertRegex(done.stderr, r"^tessera: .*\n  next: \S")
        self.assertEqual(len(self.server.seen), 1)

    def test_exit_codes_tell_what_may_pass(self):
        self.assertIn("status 404", self.failure("http", "/none", exit_code=FAILED))
        self.assertIn("status 500", self.failure("http", "/down", "--max-attempts", "1", exit_code=TRY_AGAIN))
        self.failure("http", "http://127.0.0.1:1/", "--max-attempts", "1", exit_code=TRY_AGAIN)
        self.failure("http", "http://example.com/", exit_code=USAGE)
        self.failure("http", "/page", "--json-data", "{", exit_code=USAGE)
        self.failure("http", "/page", "-H", "no colon", exit_code=USAGE)
        self.failure("http", "/page", "-d", "a", "--json-data", "1", exit_code=USAGE)
        self.failure("http", "/page", "-d", f"@{os.sep}none", exit_code=FAILED)
        report = json.loads(self.start("http", "/none", "--json").stderr)["error"]
        self.assertEqual(report["exit_code"], FAILED)


if __name__ == "__main__":
    workplace.main()
