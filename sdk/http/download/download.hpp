// A response as a file that is whole or not there, whatever happens on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "http/client/client.hpp"
#include "http/policy/retry.hpp"

namespace tessera::http {

struct DownloadConfig {
  std::string path;    // its folder exists; "<path>.part" and "<path>.part.json" lie beside it meanwhile
  std::string sha256;  // hex; empty: not checked
  std::optional<int64_t> size;
  std::optional<int64_t> max_bytes;
  int64_t sync_bytes = int64_t{8} << 20;  // a killed process loses no more than that
  int max_resumes = 10;                   // in a row that bring next to nothing
  RetryConfig retry;                      // the waits before them
};

struct DownloadResult {
  int64_t bytes = 0;         // of the file
  int64_t resumed_from = 0;  // bytes that an earlier download had left
  int resumes = 0;           // of this one
  std::string url;           // of the last redirect
  Headers headers;           // of the last response
};

/// `total` is -1 while it is unknown; false cancels. On a background thread, one after another.
using DownloadProgress = std::function<bool(int64_t done, int64_t total)>;
/// Once, on a background thread, the last call.
using DownloadDone = std::function<void(Result<DownloadResult>)>;

class DownloadHandle {
 public:
  virtual ~DownloadHandle() = default;
  /// Ends it with CANCELLED, from any thread; what is here stays for the next time.
  virtual void cancel() = 0;
};

/// Gets `request` into a file, as the bytes are sent (no content coding is asked for or undone). Goes on with
/// what an earlier download of the same address left, when the server confirms that it is the same content,
/// and with what it has when the connection breaks. The file gets its name when size and digest fit: PROTOCOL
/// with both in the detail when not, and then nothing is left. DISK_FULL and errors of the network leave the
/// part; LIMIT over `max_bytes`. `request` is a GET without body; its `total_ms` holds for all, without one
/// there is no limit. `client` stays until `done`, `progress` may be empty. Not told when this fails.
Result<std::shared_ptr<DownloadHandle>> download_async(Client& client, Request request, DownloadConfig config,
                                                       DownloadProgress progress, DownloadDone done);
/// The same, and waits. STATE on the client's thread and on a background one.
Result<DownloadResult> download(Client& client, Request request, DownloadConfig config,
                                DownloadProgress progress = {});

}  // namespace tessera::http
