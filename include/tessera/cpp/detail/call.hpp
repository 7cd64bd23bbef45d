/// @file tessera/cpp/detail/call.hpp  From a status and its out-parameters to an Expected. Not for direct
/// use.
#ifndef TESSERA_CPP_DETAIL_CALL_HPP
#define TESSERA_CPP_DETAIL_CALL_HPP

#include <string>
#include <utility>

#include "tessera/cpp/detail/handle.hpp"
#include "tessera/cpp/expected.hpp"

namespace tessera::inline v1::detail {

using ErrorHandle = Handle<tsr_error, &tsr_error_free>;

/// The error object, or what its status alone tells: an expected outcome comes without an object.
inline Error to_error(tsr_status status, const tsr_error* error) {
  const auto code = static_cast<ErrorCode>(status);
  if (error == nullptr) return {code, {}, tsr_status_name(status), /*retryable=*/false, "{}"};
  return {code, tsr_error_domain(error), tsr_error_text(error), tsr_error_retryable(error) != 0,
          tsr_error_detail(error)};
}

/// Runs `call(tsr_error**)`.
template <typename Call>
Expected<void> run(Call&& call) {
  ErrorHandle error;
  const tsr_status status = std::forward<Call>(call)(error.out());
  if (status != TSR_OK) return to_error(status, error.get());
  return {};
}

/// Runs `call(Out, tsr_error**)` with the out-parameter of an owner, and gives the owner.
template <typename Owner, typename Call>
Expected<Owner> obtain(Call&& call) {
  Owner owner;
  Expected<void> done = run([&](tsr_error** error) { return std::forward<Call>(call)(owner.out(), error); });
  if (!done) return done.error();
  return owner;
}

/// Runs `call(tsr_buf*, tsr_error**)` and gives the text.
template <typename Call>
Expected<std::string> obtain_text(Call&& call) {
  Expected<Buffer> buffer = obtain<Buffer>(std::forward<Call>(call));
  if (!buffer) return buffer.error();
  return std::string(buffer->view());
}

/// Wraps the handle that `call` gives into the facade's class.
template <typename Class, typename Owner, typename Call>
Expected<Class> obtain_as(Call&& call) {
  Expected<Owner> owner = obtain<Owner>(std::forward<Call>(call));
  if (!owner) return owner.error();
  return Class(*std::move(owner));
}

}  // namespace tessera::inline v1::detail

#endif
