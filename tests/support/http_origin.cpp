#include "http_origin.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <stdexcept>

namespace tessera::test {

namespace {

constexpr size_t kHeadLimit = size_t{4} << 20;
constexpr std::chrono::seconds kPatience(60);  // of a test that waits for what does not come

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string as_text(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += name + ": " + value + "\r\n";
  return text;
}

bool has(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return is_same(field.first, name); });
}

/// Nothing where it is not one number, all of it.
std::optional<size_t> number(std::string_view text, int base) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// False where the head is none of HTTP/1.
bool parse_head(std::string_view head, Seen* request) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || !line.substr(last).starts_with(" HTTP/1."))
    return false;
  request->method = line.substr(0, first);
  request->target = line.substr(first + 1, last - first - 1);
  head.remove_prefix(std::min(head.size(), line.size() + 2));
  while (!head.empty()) {
    const std::string_view field = head.substr(0, head.find("\r\n"));
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) return false;
    const size_t value = std::min(field.find_first_not_of(" \t", colon + 1), field.size());
    request->headers.emplace_back(field.substr(0, colon), field.substr(value));
    head.remove_prefix(std::min(head.size(), field.size() + 2));
  }
  return true;
}

/// Gone where the client leaves in the midst of it; `body` then holds what came.
void read_body(Wire& wire, const Seen& request, std::string* body) {
  if (is_same(request.header("Transfer-Encoding"), "chunked")) {
    for (;;) {
      const std::string line = wire.read_to("\r\n", kHeadLimit);
      const std::optional<size_t> size = number(std::string_view(line).substr(0, line.find(';')), 16);
      if (!size) throw Gone();
      if (*size == 0) break;
      *body += wire.read_exactly(*size);
      wire.read_to("\r\n", 2);
    }
    while (!wire.read_to("\r\n", kHeadLimit).empty()) {
    }
    return;
  }
  size_t left = number(request.header("Content-Length"), 10).value_or(0);
  while (left > 0) {
    const std::string part = wire.read_some(left);
    if (part.empty()) throw Gone();
    *body += part;
    left -= part.size();
  }
}

class Gzip {
 public:
  Gzip() {
    constexpr int kGzipFormat = 15 + 16;
    if (deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::runtime_error("zlib could not start");
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream_); }

  void add(std::string_view text) { pass(text, Z_NO_FLUSH); }
  std::string finish() {
    pass({}, Z_FINISH);
    return std::move(packed_);
  }

 private:
  void pass(std::string_view text, int flush) {
    Bytef output[16384];
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = output;
      stream_.avail_out = sizeof output;
      deflate(&stream_, flush);
      packed_.append(reinterpret_cast<const char*>(output), sizeof output - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_ = {};
  std::string packed_;
};

int choose_http_1_1(SSL*, const uint8_t** chosen, uint8_t* size, const uint8_t* offered,
                    unsigned offered_size, void*) {
  static constexpr uint8_t kHttp[] = "\x08http/1.1";
  uint8_t* found = nullptr;
  if (SSL_select_next_proto(&found, size, kHttp, sizeof kHttp - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string Seen::path() const {
  std::string_view rest = target;
  if (const size_t scheme = rest.find("://"); scheme != std::string_view::npos && !rest.starts_with('/'))
    rest.remove_prefix(std::min(rest.find('/', scheme + 3), rest.size()));
  return std::string(rest.substr(0, rest.find('?')));
}

std::string Seen::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (is_same(field, name)) return value;
  }
  return {};
}

size_t Seen::count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(headers.begin(), headers.end(),
                                           [&](const auto& field) { return is_same(field.first, name); }));
}

Answer Answer::chunked(std::vector<std::string> chunks, Fields headers, Fields trailers) {
  headers.emplace_back("Transfer-Encoding", "chunked");
  Answer answer(200, {}, std::move(headers));
  for (const std::string& chunk : chunks) {
    char size[16];
    const auto end = std::to_chars(size, size + sizeof size, chunk.size(), 16).ptr;
    answer.send(std::string(size, end) + "\r\n" + chunk + "\r\n");
  }
  return answer.send("0\r\n" + as_text(trailers) + "\r\n");
}

Answer& Answer::respond(int status, std::string body, Fields headers) {
  steps_.push_back([=](Wire& wire, const Seen& request) {
    const bool has_no_length = status < 200 || status == 204 || status == 304 ||
                               has(headers, "Content-Length") || has(headers, "Transfer-Encoding");
    const bool has_no_body = request.method == "HEAD" || status < 200 || status == 204 || status == 304;
    wire.write("HTTP/1.1 " + std::to_string(status) + " Scripted\r\n" + as_text(headers) +
               (has_no_length ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
               (has_no_body ? "" : body));
  });
  return *this;
}

Answer& Answer::send(std::string bytes) {
  return then([=](Wire& wire) { wire.write(bytes); });
}

Answer& Answer::repeat(std::string bytes, uint64_t times) {
  return then([=](Wire& wire) {
    std::string many;
    while (many.size() < 16384) many += bytes;  // a call for a few bytes each would take its time
    const uint64_t count = many.size() / bytes.size();
    for (uint64_t left = times; left > 0; left -= std::min(left, count))
      wire.write(std::string_view(many).substr(0, std::min(left, count) * bytes.size()));
  });
}

Answer& Answer::wait(std::chrono::milliseconds time) {
  return then([=](Wire& wire) { wire.wait(time); });
}

Answer& Answer::wait(const Gate& gate) {
  return then([&gate](Wire& wire) { wire.wait(gate); });
}

Answer& Answer::then(std::function<void(Wire&)> step) {
  steps_.push_back([step = std::move(step)](Wire& wire, const Seen&) { step(wire); });
  return *this;
}

std::string gzip(std::string_view text) {
  Gzip packed;
  packed.add(text);
  return packed.finish();
}

std::string gzip_zeros(size_t size) {
  const std::string piece(size_t{1} << 16, '\0');  // so that only what is packed takes room
  Gzip packed;
  for (size_t left = size; left > 0; left -= std::min(left, piece.size()))
    packed.add(std::string_view(piece).substr(0, left));
  return packed.finish();
}

void Origin::FreeContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Origin::Context Origin::make_context(const OriginTls& tls) {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const raw = context.get();
  const auto read = [](const std::string& pem) {
    return std::unique_ptr<BIO, decltype(&BIO_free)>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  };
  const auto certificate_of = [&](const std::string& pem) {
    return std::unique_ptr<X509, decltype(&X509_free)>(
        PEM_read_bio_X509(read(pem).get(), nullptr, nullptr, nullptr), &X509_free);
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(read(tls.identity.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (SSL_CTX_use_certificate(raw, certificate_of(tls.identity.certificate).get()) != 1 ||
      SSL_CTX_use_PrivateKey(raw, key.get()) != 1)
    throw std::runtime_error("the origin's certificate does not fit its key");
  SSL_CTX_set_min_proto_version(raw, tls.versions == TlsVersions::kOnly13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(raw, tls.versions == TlsVersions::kOnly12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(raw, &choose_http_1_1, nullptr);
  if (!tls.client_authority.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(raw), certificate_of(tls.client_authority).get());
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_id_context(raw, reinterpret_cast<const uint8_t*>("test"), 4);
  }
  return context;
}

Origin::Origin(const OriginTls& tls) : Origin(make_context(tls)) {}

Origin::Origin(Context context) : context_(std::move(context)), listener_(bind_to_loopback()) {
  listen_at(listener_);
  acceptor_ = std::thread([this] { accept_all(); });
}

Origin::~Origin() {
  stop_.open();
  acceptor_.join();
}

void Origin::on(std::string method, std::string path, Handler handler) {
  const std::lock_guard lock(mutex_);
  routes_[{std::move(method), std::move(path)}] = {std::move(handler), false};
}

void Origin::on_head(std::string method, std::string path, Handler handler) {
  const std::lock_guard lock(mutex_);
  routes_[{std::move(method), std::move(path)}] = {std::move(handler), true};
}

std::string Origin::url(std::string_view path, std::string_view host) const {
  return (context_ == nullptr ? "http://" : "https://") + std::string(host) + ":" + std::to_string(port()) +
         std::string(path);
}

std::vector<Seen> Origin::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

Seen Origin::wait_for(size_t number) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= number; }))
    throw std::runtime_error("the origin saw " + std::to_string(seen_.size()) + " requests, not " +
                             std::to_string(number));
  return seen_[number - 1];
}

int Origin::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void Origin::wait_for_open(int count) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return open_ == count; }))
    throw std::runtime_error("the origin has " + std::to_string(open_) + " open connections, not " +
                             std::to_string(count));
}

int Origin::failed_handshakes() const {
  const std::lock_guard lock(mutex_);
  return failed_handshakes_;
}

void Origin::accept_all() {
  ignore_broken_pipes_in_this_thread();
  std::list<Service> services;
  while (!stop_.is_open()) {
    pollfd events[] = {{listener_.get(), POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
    poll(events, 2, -1);
    services.remove_if([](Service& service) {
      if (!service.is_done) return false;
      service.thread.join();
      return true;
    });
    Descriptor socket = accept_from(listener_);
    if (!socket.is_open()) continue;
    int connection = 0;
    {
      const std::lock_guard lock(mutex_);
      connection = ++connections_;
      ++open_;
    }
    Service& service = services.emplace_back();
    service.thread = std::thread([this, connection, &service, socket = std::move(socket)]() mutable {
      serve(std::move(socket), connection);
      service.is_done = true;
    });
  }
  for (Service& service : services) service.thread.join();
}

void Origin::serve(Descriptor socket, int connection) {
  ignore_broken_pipes_in_this_thread();
  {
    Wire wire(std::move(socket), stop_);
    try {
      if (context_ != nullptr) agree(wire);
      while (serve_one(wire, connection)) {
      }
      wire.close();
    } catch (const Gone&) {
    }
  }
  const std::lock_guard lock(mutex_);
  --open_;
  changed_.notify_all();
}

void Origin::agree(Wire& wire) {
  try {
    wire.accept_tls(context_.get());
  } catch (const Gone&) {
    {
      const std::lock_guard lock(mutex_);
      ++failed_handshakes_;
      changed_.notify_all();
    }
    wire.cut();  // so that an alert arrives
  }
}

bool Origin::serve_one(Wire& wire, int connection) {
  if (!wire.has_more()) return false;
  Seen request;
  request.connection = connection;
  request.client = wire.peer_name();
  const std::string head = wire.read_to("\r\n\r\n", kHeadLimit);
  if (!parse_head(head, &request)) {
    request.target = head;
    keep(request);
    wire.write("HTTP/1.1 400 Not understood\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
  }
  const Route route = route_of(request);
  if (!route.is_early) {
    if (is_same(request.header("Expect"), "100-continue")) wire.write("HTTP/1.1 100 Continue\r\n\r\n");
    try {
      read_body(wire, request, &request.body);
    } catch (const Gone&) {
      request.is_whole = false;
      keep(request);
      throw;
    }
  }
  keep(request);
  const Answer answer = ask(route.handler, request);
  for (const auto& step : answer.steps_) step(wire, request);
  return !route.is_early && !is_same(request.header("Connection"), "close");
}

Origin::Route Origin::route_of(const Seen& request) const {
  const std::lock_guard lock(mutex_);
  for (const std::string& method : {request.method, std::string("*")}) {
    const auto route = routes_.find({method, request.path()});
    if (route != routes_.end()) return route->second;
  }
  return {[](const Seen&) { return Answer(404, "no such route"); }, false};
}

Answer Origin::ask(const Handler& handler, const Seen& request) {
  const std::lock_guard one_at_a_time(handling_);
  try {
    return handler(request);
  } catch (const std::exception& error) {
    return {500, error.what()};
  }
}

void Origin::keep(Seen& request) {
  const std::lock_guard lock(mutex_);
  request.number = static_cast<int>(seen_.size()) + 1;
  seen_.push_back(request);
  changed_.notify_all();
}

}  // namespace tessera::test
