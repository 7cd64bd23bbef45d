#include "http_wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace tessera::test {

void Wire::FreeTls::operator()(ssl_st* tls) const { SSL_free(tls); }

void Wire::accept_tls(ssl_ctx_st* context) {
  tls_.reset(SSL_new(context));
  if (tls_ == nullptr || SSL_set_fd(tls_.get(), socket_.get()) != 1) throw Gone();
  while (again(SSL_accept(tls_.get()))) {
  }
}

std::string Wire::peer_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      tls_ == nullptr ? nullptr : SSL_get1_peer_certificate(tls_.get()), &X509_free);
  if (certificate == nullptr) return {};
  std::array<char, 128> name = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

bool Wire::again(int result) {
  if (result > 0) return false;
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) throw Gone();
  wait_until(error == SSL_ERROR_WANT_READ ? Until::kReadable : Until::kWritable);
  return true;
}

bool Wire::fill() {
  std::array<char, 16384> bytes;
  for (;;) {
    if (tls_ != nullptr) {
      const int size = SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (size <= 0 && SSL_get_error(tls_.get(), size) == SSL_ERROR_ZERO_RETURN) return false;
      if (again(size)) continue;
      input_.append(bytes.data(), static_cast<size_t>(size));
      return true;
    }
    const ssize_t size = recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size >= 0) {
      input_.append(bytes.data(), static_cast<size_t>(size));
      return size > 0;
    }
    if (errno != EAGAIN) throw Gone();
    wait_until(Until::kReadable);
  }
}

bool Wire::has_more() { return !input_.empty() || fill(); }

std::string Wire::take(size_t size) {
  std::string bytes = input_.substr(0, size);
  input_.erase(0, size);
  return bytes;
}

std::string Wire::read_some(size_t most) {
  has_more();
  return take(most);
}

std::string Wire::read_exactly(size_t size) {
  while (input_.size() < size) {
    if (!fill()) throw Gone();
  }
  return take(size);
}

std::string Wire::read_to(std::string_view end, size_t limit) {
  size_t place = 0;
  while ((place = input_.find(end)) == std::string::npos) {
    if (input_.size() > limit || !fill()) throw Gone();
  }
  std::string bytes = take(place);
  take(end.size());
  return bytes;
}

void Wire::write(std::string_view bytes) {
  if (tls_ == nullptr) return write_below_tls(bytes);
  while (!bytes.empty()) {
    const int size = static_cast<int>(std::min<size_t>(bytes.size(), 16384));
    const int written = SSL_write(tls_.get(), bytes.data(), size);
    if (!again(written)) bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void Wire::write_below_tls(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      bytes.remove_prefix(static_cast<size_t>(size));
    } else if (errno == EAGAIN) {
      wait_until(Until::kWritable);
    } else {
      throw Gone();
    }
  }
}

void Wire::wait(std::chrono::milliseconds time) {
  pollfd stop = {stop_.descriptor(), POLLIN, 0};
  poll(&stop, 1, static_cast<int>(time.count()));
  if (stop_.is_open()) throw Gone();
}

void Wire::wait(const Gate& gate) {
  while (!gate.is_open()) {
    pollfd events[] = {{gate.descriptor(), POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
    poll(events, 2, -1);
    if (stop_.is_open()) throw Gone();
  }
}

void Wire::wait_until(Until until) {
  constexpr std::array<short, 3> kEvents = {POLLIN, POLLOUT, POLLRDHUP};
  pollfd events[] = {{socket_.get(), kEvents[static_cast<size_t>(until)], 0},
                     {stop_.descriptor(), POLLIN, 0}};
  poll(events, 2, -1);
  if (stop_.is_open()) throw Gone();
}

void Wire::stall() {
  wait_until(Until::kGone);
  throw Gone();
}

void Wire::close() {
  if (tls_ != nullptr) SSL_shutdown(tls_.get());
  cut();
}

void Wire::cut() {
  tls_.reset();  // what comes is thrown away, whatever it says
  shutdown(socket_.get(), SHUT_WR);
  // A socket that is closed with something unread sends a reset.
  while (!read_some().empty()) {
  }
  throw Gone();
}

void Wire::reset() {
  socket_.reset();
  throw Gone();
}

}  // namespace tessera::test
