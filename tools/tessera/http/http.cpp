// tessera http: a request through the SDK's client, and what it went through.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <map>
#include <optional>

#include "command.hpp"
#include "console.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "http/explanation.hpp"
#include "http/http_advice.hpp"
#include "settings.hpp"
#include "store/secret_text.hpp"

namespace tessera::cli {
namespace {

constexpr std::int32_t kFirstBadStatus = 400;
constexpr double kLongestTimeout = 86'400;
constexpr std::int32_t kMostRepeats = 10'000;

struct HttpCommand {
  std::vector<std::string> request;
  std::vector<std::string> headers;
  std::string data;
  std::string json_data;
  std::string token_file;
  std::vector<std::string> secret_files;
  std::string config;
  OutputOptions output;
  bool explain = false;
  std::int32_t repeat = 1;
  double timeout_s = 0;
  std::int32_t max_attempts = 0;
};

/// What the options say, with what they refer to.
struct Prepared {
  std::string method, url, body;
  bool is_json = false;
  SecretText authorization;
  std::vector<std::pair<std::string, std::string>> headers;

  HttpOptions options(const HttpCommand& command) const {
    HttpOptions out;
    for (const auto& [name, value] : headers) out.headers.push_back({name, value});
    if (!authorization.empty()) out.headers.push_back({"Authorization", authorization.view()});
    (is_json ? out.json : out.body) = body;
    out.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(command.timeout_s * 1000));
    out.max_attempts = command.max_attempts;
    out.trace = command.explain;
    return out;
  }
};

bool is_name(std::string_view given, std::string_view name) {
  return std::ranges::equal(
      given, name, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// "NAME:VALUE", perhaps with spaces behind the colon.
std::pair<std::string, std::string> header_of(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos)
    throw Failure(kExitUsage, "a header has no name or no colon", "write it as NAME:VALUE");
  std::string name = text.substr(0, colon);
  if (is_name(name, "authorization"))
    throw Failure(kExitUsage, "others on this machine can read the command line, and with it the credential",
                  "put the token in a file and pass --token-file");
  const size_t value = text.find_first_not_of(" \t", colon + 1);
  return {std::move(name), value == std::string::npos ? std::string() : text.substr(value)};
}

/// The text itself, or the content of the file behind an '@'.
std::string data_of(const std::string& given) {
  return given.starts_with('@') ? read_file(given.substr(1)) : given;
}

/// A secret that people keep in a file of text: without the line breaks that editors put behind it.
SecretText secret_of(const std::string& path) {
  std::string text = read_secret_file(path);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) throw Failure(kExitUsage, path + " is empty", "put the secret in it");
  SecretText secret(text);
  wipe(text);
  return secret;
}

SecretText bearer_of(const std::string& path) {
  const SecretText token = secret_of(path);
  std::string field = "Bearer ";
  field.reserve(field.size() + token.view().size());  // or it would leave a copy behind
  field += token.view();
  SecretText secret(field);
  wipe(field);
  return secret;
}

/// By the names that the client asks for them, from "NAME=FILE".
std::map<std::string, SecretText> secrets_of(const std::vector<std::string>& given) {
  std::map<std::string, SecretText> out;
  for (const std::string& pair : given) {
    const size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == pair.size())
      throw Failure(kExitUsage, "a --secret-file has no name or no file", "write it as NAME=FILE");
    if (!out.emplace(pair.substr(0, equals), secret_of(pair.substr(equals + 1))).second)
      throw Failure(kExitUsage, "the secret " + pair.substr(0, equals) + " is given twice", "give it once");
  }
  return out;
}

Prepared prepare(const HttpCommand& command) {
  Prepared out;
  const bool has_body = !command.data.empty() || !command.json_data.empty();
  out.url = command.request.back();
  out.method = command.request.size() > 1 ? command.request.front() : has_body ? "POST" : "GET";
  out.is_json = !command.json_data.empty();
  out.body = data_of(out.is_json ? command.json_data : command.data);
  if (out.is_json && !Json::accept(out.body))
    throw Failure(kExitUsage, "the value of --json-data is not JSON", "correct it, or send it with --data");
  for (const std::string& header : command.headers) out.headers.push_back(header_of(header));
  if (!command.token_file.empty()) out.authorization = bearer_of(command.token_file);
  return out;
}

/// As an application with this configuration has it.
HttpClient open_client(const HttpCommand& command) {
  const Json config = read_config(command.config);
  Json http = config.value("http", Json::object());
  if (!http.is_object()) throw Failure(kExitUsage, "\"http\" must be an object", "check the configuration");
  if (const auto gateway = config.find("gateway"); gateway != config.end() && !http.contains("base_url"))
    http["base_url"] = *gateway;
  const std::map<std::string, SecretText> kept = secrets_of(command.secret_files);
  HttpSecrets secrets;
  for (const auto& [name, secret] : kept) secrets.emplace(name, secret.view());
  return HttpClient::open(JsonText(http.dump()), secrets);
}

Json response_json(const HttpResponse& response, const HttpCommand& command) {
  Json headers = Json::array();
  for (const HttpPair& header : response.headers()) {
    const std::string_view value = is_name(header.name, "set-cookie") ? "(hidden)" : header.value;
    headers.push_back({{"name", header.name}, {"value", value}});
  }
  Json out{{"status", response.status()},         {"url", without_query(response.url())},
           {"version", response.version()},       {"attempts", response.attempts()},
           {"from_cache", response.from_cache()}, {"headers", std::move(headers)}};
  if (command.output.path == kStandardStream) {
    out["body"] = response.body();
  } else {
    out["output"] = command.output.path;
  }
  if (command.explain) out["explanation"] = explained_json(response);
  return out;
}

/// Sends, and tells of it as it goes.
class Run {
 public:
  Run(const Session& session, const HttpCommand& command)
      : session_(session), command_(command), prepared_(prepare(command)), http_(open_client(command)) {}

  int run() {
    for (std::int32_t i = 0; i < command_.repeat; ++i) send();
    tell_standing();
    http_.close();
    if (session_.json) print_json(report_);
    if (failed_) throw Error(*failed_);
    if (bad_status_ == 0) return kExitOk;
    throw Failure(
        may_pass(bad_status_) ? kExitTryAgain : kExitFailed,
        without_query(prepared_.url) + ": the server answered with status " + std::to_string(bad_status_),
        std::string(next_step_of_status(bad_status_)));
  }

 private:
  void send() {
    Expected<HttpResponse> sent =
        http_.try_send(prepared_.method, prepared_.url, prepared_.options(command_));
    if (sent) return tell(*sent);
    failed_ = sent.error();
    if (session_.json) {
      report_["responses"].push_back({{"error", failed_->what()}, {"name", name(failed_->code())}});
    } else if (command_.explain) {
      print(printable(without_query(prepared_.url) + "\n  no response: " + failed_->what() + "\n"));
    }
  }

  void tell(const HttpResponse& response) {
    if (response.status() >= kFirstBadStatus) bad_status_ = response.status();
    const bool has_file = command_.output.path != kStandardStream;
    if (has_file) write_file(command_.output.path, response.body());
    if (session_.json) {
      report_["responses"].push_back(response_json(response, command_));
    } else if (command_.explain) {
      print(printable(explained(response)));
    } else if (!has_file) {
      // What a server sends must not drive the terminal.
      print(isatty(STDOUT_FILENO) == 1 ? printable(response.body()) : std::string(response.body()));
    }
  }

  void tell_standing() {
    if (!command_.explain) return;
    Json state = Json::parse(http_.state_json());
    Json metrics = Json::parse(http_.metrics_json());
    if (!session_.json) return print(printable(standing(state, metrics)));
    report_["state"] = std::move(state);
    report_["metrics"] = std::move(metrics);
  }

  const Session& session_;
  const HttpCommand& command_;
  const Prepared prepared_;
  HttpClient http_;
  Json report_{{"responses", Json::array()}};
  std::optional<Error> failed_;
  std::int32_t bad_status_ = 0;
};

int run(const Session& session, const HttpCommand& command) { return Run(session, command).run(); }

}  // namespace

void add_http(CLI::App& app, Session& session) {
  auto options = std::make_shared<HttpCommand>();
  CLI::App& command = *add_command(app, session, "http",
                                   "Send a request through the SDK's client, and explain it", options, run);
  command
      .add_option("REQUEST", options->request,
                  "METHOD URL, or a URL alone: GET, with a body POST; the URL may be below the gateway")
      ->required()
      ->expected(1, 2);
  add_list(command, "-H,--header", options->headers, "A header field, NAME:VALUE; may be repeated")
      ->type_name("FIELD");
  CLI::Option* const data =
      command.add_option("-d,--data", options->data, "The body: text, or '@' and the file that has it")
          ->type_name("TEXT");
  command.add_option("--json-data", options->json_data, "The same for a body of JSON")
      ->type_name("TEXT")
      ->excludes(data);
  command.add_option("--token-file", options->token_file, "File with a bearer token; '-' is standard input")
      ->type_name("FILE");
  add_list(command, "--secret-file", options->secret_files,
           "Secret that the configuration needs, private_key or proxy:HOST:PORT; may be repeated")
      ->type_name("NAME=FILE");
  command.add_flag("--explain", options->explain,
                   "Print what each policy did, and when, instead of the body");
  command.add_option("--repeat", options->repeat, "Send it so often, one after another")
      ->type_name("N")
      ->check(CLI::Range(1, kMostRepeats));
  command.add_option("--timeout", options->timeout_s, "Seconds until it fails for good, retries included")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, kLongestTimeout));
  command.add_option("--max-attempts", options->max_attempts, "Attempts at most; 1: it is not tried again")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_output_options(command, options->output);
  add_config_option(command, options->config);
}

}  // namespace tessera::cli
