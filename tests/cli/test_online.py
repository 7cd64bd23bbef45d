"""Activation over the network: against a service on loopback that signs with the tool itself."""

import http.server
import json
import threading

import workplace
from workplace import NOT_LICENSED, OK, TRY_AGAIN, USAGE, Workplace


class Service(http.server.ThreadingHTTPServer):
    """Answers by `answer(path, body)`, which gives status and text."""

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        status, text = self.server.answer(self.path, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Online(Workplace):
    def setUp(self):
        super().setUp()
        self.service = Service(self.sign)
        thread = threading.Thread(target=self.service.serve_forever, args=(0.05,))
        thread.start()
        self.addCleanup(self.service.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(self.service.shutdown)
        self.configure(gateway=self.service.url)
        (self.folder / "token.txt").write_text("s3cret\n")
        (self.folder / "token.txt").chmod(0o600)

    def sign(self, path, body):
        (self.folder / "asked.req").write_text(body)
        self.issue("answer.lic", request="asked.req")
        return 200, (self.folder / "answer.lic").read_text()

    def test_activation_and_renewal(self):
        out = self.run_tool("activate", "--account-token-file", "token.txt", "--note", "desk 4")
        self.assertRegex(out, r"^(OK|HW WEAK)")
        self.assertEqual(self.service.seen, [("/license/activate", "Bearer s3cret")])
        self.assertTrue(self.json("sync", "--renew")["usable"])
        self.assertEqual(self.service.seen[-1], ("/license/renew", None))

    def test_refusals(self):
        self.run_tool("activate", "--account-token-file", "token.txt")
        self.service.answer = lambda *_: (402, "")
        self.assertIn("expired", self.failure("sync", exit_code=NOT_LICENSED))
        self.service.answer = lambda *_: (200, "{}")
        self.assertIn("not signed", self.failure("sync", exit_code=NOT_LICENSED))
        self.service.answer = lambda *_: (500, "")
        self.assertIn("failed", self.failure("sync", exit_code=TRY_AGAIN))
        self.run_tool("explain", exit_code=OK)

    def test_without_a_service(self):
        self.configure()
        self.assertIn("gateway", self.failure("sync", exit_code=workplace.FAILED))
        self.assertIn("--license-key-file", self.failure("activate", exit_code=USAGE))
        self.configure(gateway="http://api.example.com")
        self.assertIn("gateway", self.failure("sync", exit_code=USAGE))

    def test_the_error_as_json(self):
        self.service.answer = lambda *_: (409, json.dumps({"code": "SEAT_LIMIT"}))
        done = self.start("activate", "--account-token-file", "token.txt", "--json")
        self.assertEqual(json.loads(done.stderr)["error"]["detail"]["license_name"], "SEAT_LIMIT")


if __name__ == "__main__":
    workplace.main()
