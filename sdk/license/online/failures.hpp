// What calls of a licence service come to when there is no signed answer.
#pragma once

#include "license/license_code.hpp"
#include "license/online/transport.hpp"

namespace tessera {

/// Of a transport: NET_OFFLINE, NET_TIMEOUT, NET_TLS, NET_PROXY, SERVER_ERROR or TOKEN_TOO_LARGE is added to
/// its detail. CANCELLED, STATE and other mistakes stay as they are.
Error contact_error(const Error& error);
/// Of an answer that is no 200. Nobody signed it: it tells what to do, and changes no licence.
Error answer_error(const ServiceAnswer& answer);
/// When the service wants to be asked again, as an error's detail has it.
std::optional<int64_t> retry_after_of(const Error& error);

}  // namespace tessera
