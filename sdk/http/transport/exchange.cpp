#include "http/transport/exchange.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr long kStallBytesPerSecond = 1;

/// The first that is not CURLE_OK, so that a row of options reads as one.
class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}
  template <class T>
  Options& set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_, option, value);
    return *this;
  }
  CURLcode code() const { return code_; }

 private:
  CURL* handle_;
  CURLcode code_ = CURLE_OK;
};

curl_blob blob(ByteView bytes) {
  // Copied by libcurl.
  return {const_cast<uint8_t*>(bytes.data()), bytes.size(), CURL_BLOB_COPY};
}

std::string as_string(const SecretBytes& secret) { return std::string(as_text(secret.view())); }

int64_t microseconds(CURL* handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

long number(CURL* handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

/// "HTTP/1.1 200 OK": libcurl has checked its form.
int status_of(std::string_view line) {
  const size_t space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  }
  return status;
}

}  // namespace

EasyHandle EasyHandle::make() {
  EasyHandle made;
  made.handle_ = curl_easy_init();
  if (made.handle_ == nullptr) return made;
  const CURLcode code = Options(made.handle_)
                            .set(CURLOPT_NOSIGNAL, 1L)
                            .set(CURLOPT_NOPROGRESS, 1L)
                            .set(CURLOPT_QUICK_EXIT, 1L)  // a slow name server must not hold the thread
                            .set(CURLOPT_FOLLOWLOCATION, 0L)
                            .set(CURLOPT_PROTOCOLS_STR, "http,https")
                            .set(CURLOPT_SSL_VERIFYPEER, 1L)
                            .set(CURLOPT_SSL_VERIFYHOST, 2L)
                            .set(CURLOPT_PROXY_SSL_VERIFYPEER, 1L)
                            .set(CURLOPT_PROXY_SSL_VERIFYHOST, 2L)
                            .set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS))
                            .set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L)
                            .set(CURLOPT_TCP_NODELAY, 1L)
                            .set(CURLOPT_PROXY, "")  // null would ask the environment
                            .set(CURLOPT_HEADERFUNCTION, &Exchange::on_header)
                            .set(CURLOPT_WRITEFUNCTION, &Exchange::on_body)
                            .code();
  if (code != CURLE_OK) curl_easy_cleanup(std::exchange(made.handle_, nullptr));
  return made;
}

EasyHandle::EasyHandle(EasyHandle&& other) noexcept { *this = std::move(other); }

EasyHandle& EasyHandle::operator=(EasyHandle&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(timeouts, other.timeouts);
  std::swap(tls, other.tls);
  std::swap(proxy, other.proxy);
  std::swap(is_decoded, other.is_decoded);
  std::swap(is_secure, other.is_secure);
  std::swap(is_plain_get, other.is_plain_get);
  std::swap(has_trust, other.has_trust);
  return *this;
}

EasyHandle::~EasyHandle() {
  if (handle_ != nullptr) curl_easy_cleanup(handle_);
}

Exchange::~Exchange() { curl_slist_free_all(fields_); }

CURLcode Exchange::prepare(EasyHandle handle) {
  handle_ = std::move(handle);
  if (curl() == nullptr) return CURLE_OUT_OF_MEMORY;
  for (const auto set : {&Exchange::set_transfer, &Exchange::set_method, &Exchange::set_fields,
                         &Exchange::set_tls, &Exchange::set_proxy}) {
    const CURLcode code = (this->*set)();
    if (code != CURLE_OK) return code;
  }
  return CURLE_OK;
}

CURLcode Exchange::set_transfer() {
  Options options(curl());
  options.set(CURLOPT_PRIVATE, this)
      .set(CURLOPT_ERRORBUFFER, error_)
      .set(CURLOPT_URL, request_.url.c_str())
      .set(CURLOPT_HEADERDATA, this)
      .set(CURLOPT_WRITEDATA, this);
  if (handle_.is_decoded != static_cast<int8_t>(request_.is_decoded)) {
    handle_.is_decoded = static_cast<int8_t>(request_.is_decoded);
    options.set(CURLOPT_ACCEPT_ENCODING, request_.is_decoded ? "" : nullptr);
  }
  const bool is_secure = request_.url.starts_with("https");
  if (handle_.is_secure != static_cast<int8_t>(is_secure)) {
    handle_.is_secure = static_cast<int8_t>(is_secure);
    options.set(CURLOPT_PIPEWAIT, is_secure ? 1L : 0L);  // the first answer tells whether it is HTTP/2
  }
  const WireTimeouts& times = request_.timeouts;
  if (handle_.timeouts != times) {
    handle_.timeouts = times;
    options.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(times.connect_ms))
        .set(CURLOPT_TIMEOUT_MS, static_cast<long>(times.attempt_ms))
        .set(CURLOPT_LOW_SPEED_LIMIT, times.stall_ms > 0 ? kStallBytesPerSecond : 0L)
        .set(CURLOPT_LOW_SPEED_TIME, static_cast<long>((times.stall_ms + 999) / 1000));
  }
  return options.code();
}

CURLcode Exchange::set_method() {
  const std::string& method = request_.method;
  const bool has_body = request_.source != nullptr || !request_.body.empty();
  const bool is_plain_get = method == "GET" && !has_body;
  if (is_plain_get && handle_.is_plain_get) return CURLE_OK;
  handle_.is_plain_get = is_plain_get;
  Options options(curl());
  // These undo what the handle's last transfer was.
  options.set(CURLOPT_HTTPGET, 1L).set(CURLOPT_CUSTOMREQUEST, nullptr);
  if (request_.source != nullptr) {
    options.set(CURLOPT_UPLOAD, 1L)
        .set(CURLOPT_READFUNCTION, &Exchange::on_read)
        .set(CURLOPT_READDATA, this)
        .set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.source->size()));
    if (method != "PUT") options.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  } else if (has_body || method == "POST" || method == "PUT" || method == "PATCH") {
    const char* const body = reinterpret_cast<const char*>(request_.body.data());
    options.set(CURLOPT_POST, 1L)
        .set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()))
        .set(CURLOPT_POSTFIELDS, request_.body.empty() ? "" : body);
    if (method != "POST") options.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  } else if (method == "HEAD") {
    options.set(CURLOPT_NOBODY, 1L);
  } else if (method != "GET") {
    options.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  return options.code();
}

CURLcode Exchange::set_fields() {
  const auto append = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(fields_, line.c_str());
    if (longer == nullptr) return false;
    fields_ = longer;
    return true;
  };
  std::string line;
  for (size_t i = 0; i < request_.headers.size(); ++i) {
    const Field field = request_.headers[i];
    // With a semicolon libcurl sends a field without value; a colon alone would leave it out.
    line.assign(field.name).append(field.value.empty() ? ";" : ": ").append(field.value);
    if (!append(line)) return CURLE_OUT_OF_MEMORY;
  }
  if (!handle_.is_plain_get) {
    // What libcurl would add by itself: a wait for 100, a form's type.
    if (!append("Expect:")) return CURLE_OUT_OF_MEMORY;
    if (!request_.headers.has("content-type") && !append("Content-Type:")) return CURLE_OUT_OF_MEMORY;
  }
  return curl_easy_setopt(curl(), CURLOPT_HTTPHEADER, fields_);
}

CURLcode Exchange::set_tls() {
  if (handle_.has_trust && handle_.tls == request_.tls) return CURLE_OK;
  handle_.has_trust = true;
  handle_.tls = request_.tls;
  const TlsSettings* const tls = request_.tls.get();
  const bool takes_12 = tls != nullptr && tls->least == TlsVersion::k12;
  const bool has_pins = tls != nullptr && !tls->pins.empty();
  Options options(curl());
  options
      .set(CURLOPT_SSLVERSION,
           static_cast<long>(takes_12 ? CURL_SSLVERSION_TLSv1_2 : CURL_SSLVERSION_TLSv1_3))
      .set(CURLOPT_PINNEDPUBLICKEY, has_pins ? tls->pins.c_str() : nullptr);
  const auto give = [&options](CURLoption option, ByteView pem) {
    if (pem.empty()) {
      options.set(option, nullptr);
    } else {
      curl_blob content = blob(pem);
      options.set(option, &content);
    }
  };
  give(CURLOPT_CAINFO_BLOB, tls == nullptr ? ByteView() : ByteView(tls->ca_pem));
  give(CURLOPT_SSLCERT_BLOB, tls == nullptr ? ByteView() : ByteView(tls->certificate_pem));
  give(CURLOPT_SSLKEY_BLOB, tls == nullptr ? ByteView() : tls->private_key_pem.view());
  return options.code();
}

CURLcode Exchange::set_proxy() {
  if (handle_.proxy == request_.proxy) return CURLE_OK;
  handle_.proxy = request_.proxy;
  Options options(curl());
  if (request_.proxy == nullptr) {
    return options.set(CURLOPT_PROXY, "")
        .set(CURLOPT_PROXYUSERNAME, nullptr)
        .set(CURLOPT_PROXYPASSWORD, nullptr)
        .code();
  }
  const ProxySettings& proxy = *request_.proxy;
  const bool has_user = !proxy.user.empty();
  std::string password = as_string(proxy.password);
  const CURLcode code = options.set(CURLOPT_PROXY, proxy.url.c_str())
                            .set(CURLOPT_NOPROXY, "")
                            .set(CURLOPT_PROXYUSERNAME, has_user ? proxy.user.c_str() : nullptr)
                            .set(CURLOPT_PROXYPASSWORD, has_user ? password.c_str() : nullptr)
                            .code();
  wipe(password.data(), password.size());
  return code;
}

size_t Exchange::on_header(char* data, size_t size, size_t count, void* self) {
  const size_t bytes = size * count;
  return static_cast<Exchange*>(self)->take_header_line({data, bytes}) ? bytes : 0;
}

bool Exchange::take_header_line(std::string_view line) {
  header_bytes_ += static_cast<int64_t>(line.size());
  if (header_bytes_ > request_.limits.header_bytes) {
    stopped_because_ = Failure::kTooLarge;
    return false;
  }
  if (head_is_given_) return true;  // trailers
  if (line.starts_with("HTTP/")) {
    head_.headers.clear();
    head_.status = status_of(line);
    return true;
  }
  const std::string_view text = trim_ascii(line);
  if (text.empty()) return head_.status < 200 || give_head();
  const size_t colon = text.find(':');
  // A name may not be empty, and a line without a colon is the rest of one that was folded.
  if (colon == 0 || colon == std::string_view::npos) {
    stopped_because_ = Failure::kProtocol;
    return false;
  }
  head_.headers.add(text.substr(0, colon), trim_ascii(text.substr(colon + 1)));
  return true;
}

HttpVersion Exchange::version() const {
  switch (number(curl(), CURLINFO_HTTP_VERSION)) {
    case CURL_HTTP_VERSION_2_0:
      return HttpVersion::k2;
    case CURL_HTTP_VERSION_1_0:
      return HttpVersion::k10;
    default:
      return HttpVersion::k11;
  }
}

bool Exchange::give_head() {
  head_is_given_ = true;
  head_.version = version();
  switch (sink_.on_head(std::move(head_))) {
    case Flow::kGo:
      return true;
    case Flow::kPause:
      return curl_easy_pause(curl(), CURLPAUSE_RECV) == CURLE_OK;
    case Flow::kAbort:
      break;
  }
  stopped_because_ = Failure::kCallback;
  return false;
}

size_t Exchange::on_body(char* data, size_t size, size_t count, void* self) {
  return static_cast<Exchange*>(self)->give_body(as_bytes({data, size * count}));
}

size_t Exchange::give_body(ByteView piece) {
  if (is_bomb(piece.size())) {
    stopped_because_ = Failure::kTooLarge;
    return CURL_WRITEFUNC_ERROR;
  }
  switch (sink_.on_body(piece)) {
    case Flow::kGo:
      body_bytes_ += static_cast<int64_t>(piece.size());
      return piece.size();
    case Flow::kPause:
      return CURL_WRITEFUNC_PAUSE;
    case Flow::kAbort:
      break;
  }
  stopped_because_ = Failure::kCallback;
  return CURL_WRITEFUNC_ERROR;
}

bool Exchange::is_bomb(size_t piece_bytes) {
  const WireLimits& limits = request_.limits;
  const int64_t bytes = body_bytes_ + static_cast<int64_t>(piece_bytes);
  if (bytes > limits.body_bytes) return true;
  if (bytes <= limits.expansion_from_bytes) return false;
  curl_off_t received = 0;
  curl_easy_getinfo(curl(), CURLINFO_SIZE_DOWNLOAD_T, &received);
  return bytes / limits.expansion > received;
}

size_t Exchange::on_read(char* out, size_t size, size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  size_t filled = 0;
  switch (exchange->request_.source->read({reinterpret_cast<uint8_t*>(out), size * count}, &filled)) {
    case Flow::kGo:
      return filled;
    case Flow::kPause:
      return CURL_READFUNC_PAUSE;
    case Flow::kAbort:
      break;
  }
  exchange->stopped_because_ = Failure::kCallback;
  return CURL_READFUNC_ABORT;
}

Failure Exchange::classify(CURLcode code) const {
  if (stopped_because_ != Failure::kNone) return stopped_because_;
  const long through_proxy = number(curl(), CURLINFO_HTTP_CONNECTCODE);
  if (code != CURLE_OK && through_proxy != 0 && through_proxy / 100 != 2) return Failure::kProxy;
  switch (code) {
    case CURLE_OK:
      // Ended inside the head, which libcurl lets pass.
      return head_is_given_ ? Failure::kNone : Failure::kReset;
    case CURLE_OUT_OF_MEMORY:
      // Its word for a line of the head over 100 KiB.
      return header_bytes_ > 0 && !head_is_given_ ? Failure::kTooLarge : Failure::kProtocol;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::kResolve;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return Failure::kProxy;
    case CURLE_COULDNT_CONNECT: {
      if (request_.proxy != nullptr) return Failure::kProxy;
      const long reason = number(curl(), CURLINFO_OS_ERRNO);
      return reason == ENETUNREACH || reason == ENETDOWN ? Failure::kNoRoute : Failure::kConnect;
    }
    case CURLE_OPERATION_TIMEDOUT:
      return microseconds(curl(), CURLINFO_PRETRANSFER_TIME_T) == 0 ? Failure::kConnect : Failure::kTimeout;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Failure::kPin;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_USE_SSL_FAILED:
      return Failure::kTls;
    case CURLE_RECV_ERROR:
      return std::strstr(error_, "chunked-encoding") != nullptr ? Failure::kProtocol : Failure::kReset;
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return Failure::kReset;
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return std::strstr(error_, "REFUSED_STREAM") != nullptr ? Failure::kRefused : Failure::kReset;
    default:
      return Failure::kProtocol;
  }
}

WireResult Exchange::result(CURLcode code) {
  WireResult result;
  if (curl() == nullptr) {
    result.attempt = {Failure::kProtocol, 0, true};
    result.text = curl_easy_strerror(code);
    return result;
  }
  result.attempt.failure = classify(code);
  result.attempt.status =
      result.attempt.failure == Failure::kNone ? static_cast<int>(number(curl(), CURLINFO_RESPONSE_CODE)) : 0;
  result.attempt.is_unsent = number(curl(), CURLINFO_REQUEST_SIZE) == 0;
  if (result.attempt.failure != Failure::kNone) {
    result.text =
        stopped_because_ == Failure::kNone ? curl_easy_strerror(code) : failure_name(stopped_because_);
  }
  WireTimings& times = result.timings;
  times.resolved = microseconds(curl(), CURLINFO_NAMELOOKUP_TIME_T);
  times.connected = microseconds(curl(), CURLINFO_CONNECT_TIME_T);
  times.secured = microseconds(curl(), CURLINFO_APPCONNECT_TIME_T);
  times.sent = microseconds(curl(), CURLINFO_PRETRANSFER_TIME_T);
  times.first_byte = microseconds(curl(), CURLINFO_STARTTRANSFER_TIME_T);
  times.total = microseconds(curl(), CURLINFO_TOTAL_TIME_T);
  result.sent_bytes = microseconds(curl(), CURLINFO_SIZE_UPLOAD_T) + number(curl(), CURLINFO_REQUEST_SIZE);
  result.received_bytes = microseconds(curl(), CURLINFO_SIZE_DOWNLOAD_T) + header_bytes_;
  result.version = version();
  result.is_reused = number(curl(), CURLINFO_NUM_CONNECTS) == 0;
  return result;
}

EasyHandle Exchange::take_handle() {
  // It may not point to what goes with this.
  Options options(curl());
  options.set(CURLOPT_ERRORBUFFER, nullptr).set(CURLOPT_HTTPHEADER, nullptr);
  if (!handle_.is_plain_get) options.set(CURLOPT_POSTFIELDS, nullptr);
  return std::move(handle_);
}

}  // namespace tessera::http
